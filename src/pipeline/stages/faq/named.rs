//! A department that somebody types instead of clicking "Go to …".

use crate::{
    model::{Spoken, TenantId},
    pipeline::{cx::Cx, directory::Tenant, flow::Flow, language::fill, typed::normal},
};

/// The department of these that a word names: as its button does, by its name in whatever language,
/// or by its short name, as in "it".
pub(super) fn of(
    cx: &Cx<'_>,
    moves: Vec<(TenantId, String)>,
    word: &str,
) -> Option<(TenantId, String)> {
    let is_word = |name: &str| normal(name) == word;
    moves.into_iter().find(|(id, name)| {
        is_word(&fill(cx.phrases().faq.go, &[("name", name)]).plain())
            || cx.facts.directory.tenant(id).is_some_and(|to| is_called(to, word))
    })
}

/// Back to the menu from which the guest came, when a word names a department that has none of the
/// answers on the card: it is chosen there, as if it had been typed there.
pub(super) fn elsewhere(cx: &mut Cx<'_>, typed: &str, word: &str) -> Option<Flow> {
    let menu = cx.session().last_menu.clone()?;
    let mut others = cx.facts.directory.reachable_from(cx.tenant);
    others.find(|to| is_called(to, word))?;
    cx.session_mut().spoken = Some(Spoken::words(typed));
    Some(Flow::Goto { exit: "named".to_owned(), stage: menu })
}

/// By its name in whatever language, or by its short ones.
fn is_called(tenant: &Tenant, word: &str) -> bool {
    let is_word = |name: &str| normal(name) == word;
    is_word(tenant.id.as_str()) || is_word(&tenant.reference) || tenant.is_called(is_word)
}
