//! The help card: what works here and now.

use serde_json::{Map, Value, json};

use super::begin::outside;
use crate::{
    model::{Letter, Token, Words},
    pipeline::{
        card::Face,
        cx::object,
        directory::Tenant,
        facts::Facts,
        language::{fill, phrases},
    },
};

/// The stage that the buttons of a help card name which was sent while no matter was open.
pub(super) const HELP: &str = "help";

/// The card while no matter is open in which the guest is; `lies` that one of theirs lies at a desk.
pub(super) fn outside_of_all(facts: &Facts<'_>, front: &Tenant, lies: bool) -> Letter {
    let (own, summary) = card(facts, front, None, lies);
    let token = Token {
        session: None,
        stage: HELP.to_owned(),
        version: front.version.clone(),
        nonce: facts.fresh.nonce(),
    };
    outside(facts, front, Face { template: "help", own, summary, token: Some(token) })
}

/// What the help card shows: what works here and now. `open` is the matter in which the guest is, if
/// any; `lies` that one of theirs lies at a desk.
pub(super) fn card(
    facts: &Facts<'_>,
    tenant: &Tenant,
    open: Option<Open>,
    lies: bool,
) -> (Map<String, Value>, Words) {
    let (phrases, directory) = (phrases(facts.locale(tenant)), facts.directory);
    let text = fill(phrases.help, &[("company", &directory.company)]);
    let mut others = directory.reachable_from(tenant).peekable();
    let is_open = open.is_some();
    let lines = [
        (is_open || lies, phrases.help_status),
        (others.peek().is_some(), phrases.help_departments),
        (tenant.has_desk, phrases.help_agent),
        (!tenant.has_desk && others.any(|to| to.has_desk), phrases.help_people),
        (open.is_some_and(|open| open.can_undo), phrases.help_back),
        (is_open, phrases.help_restart),
        (is_open, phrases.help_end),
    ];
    let slash = if open.is_some_and(|open| open.with_slash) { "/" } else { "" };
    let lines: Vec<String> = lines
        .into_iter()
        .filter(|(works, _)| *works)
        .map(|(_, line)| format!("{slash}{line}"))
        .collect();
    let mut own = object(json!({ "text": text.variable(), "lines": lines }));
    own.insert("commands".to_owned(), buttons(&own));
    (own, text)
}

/// What the help card says of a matter that is open.
#[derive(Clone, Copy)]
pub(super) struct Open {
    /// The latest move can be taken back.
    pub(super) can_undo: bool,
    /// A command needs its slash here.
    pub(super) with_slash: bool,
}

/// The lines of the help card as buttons: what is before the colon is typed.
fn buttons(own: &Map<String, Value>) -> Value {
    let lines = own.get("lines").and_then(Value::as_array).into_iter().flatten();
    let pairs = lines.filter_map(|line| line.as_str()?.split_once(": "));
    pairs.map(|(word, text)| json!({ "title": word, "text": text, "value": word })).collect()
}
