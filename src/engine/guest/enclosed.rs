//! What came along with a message and can be read becomes part of its words: nobody on the other
//! side sees an empty message.

use crate::{
    cards,
    model::{Enclosed, File, FileKind, Inbound, What, Words},
};

/// Characters of one enclosure: enough to know what it is.
const MOST: usize = 2000;

/// The activity with its enclosures said in words.
pub(in crate::engine) fn in_words(mut inbound: Inbound) -> Inbound {
    let is_wordless = inbound.what == What::Wordless;
    if !is_wordless && !matches!(inbound.what, What::Text(_) | What::Edited(_)) {
        return inbound;
    }
    let is_silent = |enclosed: &&Enclosed| matches!(enclosed, Enclosed::Card(card) if cards::draw(card).trim().is_empty());
    let silent = inbound.enclosed.iter().filter(is_silent).count();
    inbound.files.extend(std::iter::repeat_with(card).take(silent));
    let drawn = |enclosed: &Enclosed| match enclosed {
        Enclosed::Card(card) => cut(cards::draw(card).trim()),
        // What is only answered was read before, and may be a note: it is not said again.
        Enclosed::Message { forwarded: false, .. } => String::new(),
        Enclosed::Message { by, text, .. } => {
            let by = by.as_ref().map(|by| format!("{by}: ")).unwrap_or_default();
            format!("{by}“{}”", cut(text))
        }
    };
    let parts: Vec<String> =
        inbound.enclosed.iter().map(drawn).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return inbound;
    }
    let more = parts.join("\n\n");
    if let Some(formatted) = &mut inbound.formatted {
        formatted.push_str("\n\n");
        formatted.push_str(&Words::typed(&more).markdown());
    }
    match &mut inbound.what {
        What::Text(words) | What::Edited(words) => {
            words.push_str("\n\n");
            words.push_str(&more);
        }
        what => *what = What::Text(more),
    }
    inbound
}

/// A card that says nothing in words: it cannot be carried, and whoever sent it is told.
fn card() -> File {
    File {
        name: "card".to_owned(),
        content_type: String::new(),
        url: String::new().into(),
        kind: FileKind::Foreign,
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= MOST {
        text.to_owned()
    } else {
        text.chars().take(MOST - 1).chain(['…']).collect()
    }
}
