//! The numbers of chats (`IT-4821`), as agents write them in front of their words.

use crate::{engine::running::Running, model::Inbound};

/// True for what looks like the number of a chat, also with a colon.
pub(super) fn is_reference(running: &Running, first: &str) -> bool {
    running.company.directory.tenants.values().any(|tenant| {
        let number = first.trim_end_matches(':').to_uppercase();
        let number = number
            .strip_prefix(&format!("{}-", tenant.reference.to_uppercase()))
            .map(str::to_owned);
        number.is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    })
}

/// The activity with its formatted words behind their first one; without those when that one is
/// formatted itself.
pub(super) fn without(inbound: &Inbound, first: &str) -> Inbound {
    let rest = |formatted: &String| {
        Some(formatted.strip_prefix(first)?.trim_start().to_owned()).filter(|rest| !rest.is_empty())
    };
    Inbound { formatted: inbound.formatted.as_ref().and_then(rest), ..inbound.clone() }
}
