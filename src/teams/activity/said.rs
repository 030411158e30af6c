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
    /// They without the names of those who are called, when there are any.
    pub(super) uncalled: Option<String>,
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
    let is_note = is_note(&mentions, &plain)
        || is_note(&mentions, &repeated)
        || begins_as_note(&mentions, &rich)
        || is_behind_tags(&mentions, &parts);
    let is_html = rich.repeats() || rich.says_more_than(&plain);
    let words = if is_html { repeated } else { plain };
    let uncalled =
        mentions.without_calls(&if is_html { rich.uncalled() } else { uncalled(&parts) });
    Said {
        uncalled: Some(uncalled).filter(|uncalled| *uncalled != words),
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
    let mut rest = mark::trimmed(words);
    loop {
        let behind = mark::trimmed(mentions.without_call(rest));
        if behind.len() == rest.len() {
            return rest.to_owned();
        }
        rest = behind;
    }
}

/// True for words that are a note, also behind the bot's name.
fn is_note(mentions: &Mentions, words: &str) -> bool {
    let mut rest = words;
    loop {
        if mark::note(rest).is_some() {
            return true;
        }
        let is_name = |c: char| {
            matches!(c, '@' | '\u{FF20}') || c.is_alphanumeric() && !mark::is_invisible(c)
        };
        let Some(at) = rest.find(is_name) else { return false };
        let behind = mentions.without_call(&rest[at..]);
        if behind.len() == rest.len() - at {
            return false;
        }
        rest = behind;
    }
}

/// True for HTML that is a note behind quotes and names.
fn begins_as_note(mentions: &Mentions, rich: &Rich) -> bool {
    rich.beginnings(|line| said(mentions, line)).iter().any(|line| is_note(mentions, line))
}

/// True for a text that is a note behind tags of any kind, escaped or not: those that call somebody,
/// quotes as HTML, and whatever else looks like one.
fn is_behind_tags(mentions: &Mentions, parts: &[Part<'_>]) -> bool {
    let text = uncalled(parts);
    let is_note = |text: &str| {
        is_note(mentions, text) || begins_as_note(mentions, &Rich::read(text, Call::default()))
    };
    is_note(&text) || text.contains('&') && is_note(&seen(&text))
}

/// A text without its tags.
fn uncalled(parts: &[Part<'_>]) -> String {
    let words = parts.iter().map(|part| match part {
        Part::Words(words) => words,
        Part::Quote | Part::Name { .. } => " ",
    });
    words.collect()
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
