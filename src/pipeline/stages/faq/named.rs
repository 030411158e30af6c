//! A department that somebody types instead of clicking "Go to …".

use crate::{
    model::TenantId,
    pipeline::{cx::Cx, language::fill, typed::normal},
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
            || is_word(id.as_str())
            || cx
                .facts
                .directory
                .tenant(id)
                .is_some_and(|to| is_word(&to.reference) || to.is_called(is_word))
    })
}
