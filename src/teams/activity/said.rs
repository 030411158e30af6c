//! The one reader of an activity's words. Whatever looks at words (a note, the number of a chat, a
//! command, a choice) takes its result; nobody else takes anything away from what was written.

use serde_json::{Map, Value};

use super::{
    fields::{entities, items, text},
    mentions::Mentions,
};
use crate::{
    model::{Account, mark},
    teams::{
        rich::{Call, Picture, Rich},
        tags::{Part, parts, seen},
    },
};

/// What somebody wrote.
#[derive(Default)]
pub(super) struct Said {
    /// The words. Empty when there are none.
    pub(super) words: String,
    /// They are a note, whatever stands before its mark that is no word.
    pub(super) is_note: bool,
    /// The words as Markdown, when that says more.
    pub(super) formatted: Option<String>,
    /// The pictures and emoji of the formatted form.
    pub(super) pictures: Vec<Picture>,
    /// An entity calls the bot.
    pub(super) calls_bot: bool,
    /// There is a text or its formatted form, even if it says nothing.
    pub(super) is_there: bool,
}

/// Reads the words of an activity: `text`, and the HTML with which Teams repeats it. Either may lack
/// what the other has. When the HTML says something that the text lacks (all of it, an address in
/// angle brackets, the end of a line, what stands for an emoji or a GIF), its words are the words.
pub(super) fn read(activity: &Map<String, Value>, bot: &Account) -> Said {
    let mentions = Mentions::read(activity, bot);
    let raw = text(activity, "text");
    let html = html(activity);
    if raw.is_none() && html.is_empty() {
        return Said { calls_bot: mentions.bot, ..Said::default() };
    }
    let raw = raw.unwrap_or_default();
    let parts = parts(raw);
    let answers =
        parts.contains(&Part::Quote) || entities(activity, "quotedReply").next().is_some();
    let rich = Rich::read(&html, Call { own: mentions.names(), answers });
    let plain = said(&mentions, &mentions.words(&parts));
    let repeated = said(&mentions, &rich.plain());
    let is_note = [&*plain, &*repeated, &*rich.head()].iter().any(|it| mark::note(it).is_some())
        || begins_as_note(&parts);
    let words = if rich.repeats() || rich.says_more_than(&plain) { repeated } else { plain };
    Said {
        formatted: rich.markdown(&words).map(|markdown| said(&mentions, &markdown)),
        words,
        is_note,
        pictures: rich.pictures().to_vec(),
        calls_bot: mentions.bot,
        is_there: true,
    }
}

/// Without what is no word of the writer's at the start and nothing at the end.
fn said(mentions: &Mentions, words: &str) -> String {
    let words = mark::trimmed(words);
    mark::trimmed(mentions.without_call(words)).to_owned()
}

/// True for a text that is a note behind tags of any kind, escaped or not: those that call somebody,
/// quotes as HTML, and whatever else looks like one.
fn begins_as_note(parts: &[Part<'_>]) -> bool {
    let text: String = parts
        .iter()
        .map(|part| match part {
            Part::Words(words) => words,
            Part::Quote | Part::Name { .. } => " ",
        })
        .collect();
    let is_note = |text: &str| {
        mark::note(text).is_some()
            || mark::note(&Rich::read(text, Call::default()).head()).is_some()
    };
    is_note(&text) || text.contains('&') && is_note(&seen(&text))
}

/// The text once more as HTML, with its form.
fn html(activity: &Map<String, Value>) -> String {
    let is_html = |kind: &str| {
        let kind = kind.split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("text/html")
    };
    items(activity, "attachments")
        .filter(|attachment| text(attachment, "contentType").is_some_and(is_html))
        .filter_map(|it| text(it, "content"))
        .collect()
}
