//! What somebody at a desk wrote, as every room of the desks takes it.

use std::borrow::Cow;

use super::means::{Incoming, Means};
use crate::{
    engine::unkept::done,
    model::{Inbound, What, Words, mark},
    store::Answer,
};

/// The words of a message or an edit; a note begins with its mark, wherever that stood. Empty when
/// there are none.
pub(super) fn words_of(inbound: &Inbound) -> Cow<'_, str> {
    let (What::Text(words) | What::Edited(words)) = &inbound.what else { return Cow::default() };
    if inbound.is_note && mark::note(words).is_none() {
        Cow::Owned(format!("// {words}"))
    } else {
        Cow::Borrowed(words)
    }
}

/// Nothing was done with what came, and whoever wrote it is told why; once, however often Teams
/// delivers it.
pub(super) fn told(means: &Means, incoming: &Incoming<'_>, words: &Words) -> Answer {
    let inbound = incoming.inbound;
    if means.unkept.is_first_answer(inbound) {
        means.unkept.say(inbound, words);
    }
    done(inbound, None)
}
