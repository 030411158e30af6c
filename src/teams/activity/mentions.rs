//! Who is called by name in a message.

use serde_json::{Map, Value};

use super::fields::{entities, object, same, text};
use crate::{
    model::Account,
    teams::tags::{Part, normal, parts, seen},
};

/// Who is called by name in a message.
#[derive(Default)]
pub(super) struct Mentions {
    /// True when an entity calls the bot.
    pub(super) bot: bool,
    /// The names of the bot as [`normal`] has them. Every tag with one of them goes, and so does
    /// `@name` at the start: calling it is no part of what was said.
    own: Vec<String>,
    /// The bot as entities call it where that is no tag, as it stands in the text.
    bare: Vec<String>,
    /// Other people: what stands in the text, and what the writer saw instead: that is part of what
    /// was said.
    others: Vec<(String, String)>,
}

impl Mentions {
    /// Teams sometimes leaves an entity's text null; then it is what the client would have written.
    pub(super) fn read(activity: &Map<String, Value>, bot: &Account) -> Self {
        let mut mentions = Self::default();
        mentions.own.extend(bot.name.as_deref().map(normal));
        for entity in entities(activity, "mention") {
            let Some(mentioned) = object(entity, "mentioned") else { continue };
            let name = text(mentioned, "name");
            let written = text(entity, "text").filter(|text| !text.trim().is_empty());
            let inner = written.and_then(inner);
            if text(mentioned, "id").is_some_and(|id| same(id, &bot.id)) {
                mentions.bot = true;
                mentions.own.extend(name.map(normal));
                mentions.own.extend(inner.map(normal));
                mentions.bare.extend(written.filter(|_| inner.is_none()).map(str::to_owned));
            } else if let Some(name) = if written.is_some() { inner } else { name } {
                let tag = written.map_or_else(|| format!("<at>{name}</at>"), str::to_owned);
                mentions.others.push((tag, seen(name)));
            }
        }
        mentions.own.retain(|name| !name.is_empty());
        mentions
    }

    /// What a reader sees where the bot is called, as [`normal`] has it.
    pub(super) fn names(&self) -> &[String] {
        &self.own
    }

    /// What was said, of the parts of a text.
    pub(super) fn words(&self, parts: &[Part<'_>]) -> String {
        let mut words = String::new();
        let mut was_taken = false;
        for part in parts {
            match part {
                Part::Words(more) => {
                    let more = if was_taken { without_gap(&words, more) } else { more };
                    words.push_str(more);
                    was_taken = false;
                }
                Part::Quote => was_taken = true,
                Part::Name { tag, name } => match self.shown(tag, name) {
                    Shown::Nothing => was_taken = true,
                    Shown::Name(name) => words.push_str(name),
                    Shown::Typed => words.push_str(tag),
                },
            }
        }
        // The entity is U+00A0's spelling in HTML.
        words.replace("&nbsp;", " ")
    }

    fn shown(&self, tag: &str, name: &str) -> Shown<'_> {
        let name = normal(name);
        let is_own = self.own.contains(&name);
        let other = self
            .others
            .iter()
            .find(|(written, shown)| written == tag || !is_own && normal(shown) == name);
        match other {
            _ if is_own => Shown::Nothing,
            Some((_, name)) => Shown::Name(name),
            None => Shown::Typed,
        }
    }

    /// Without the bot's name wherever it stands without a tag.
    pub(super) fn without_calls(&self, words: &str) -> String {
        let mut out = String::with_capacity(words.len());
        let mut rest = words;
        while let Some(at) = rest.find(['@', '\u{FF20}']) {
            out.push_str(&rest[..at]);
            let behind = self.without_call(&rest[at..]);
            let taken = rest.len() - at - behind.len();
            let sign = rest[at..].chars().next().map_or(0, char::len_utf8);
            if taken == 0 {
                out.push_str(&rest[at..at + sign]);
            }
            rest = &rest[at + taken.max(sign)..];
        }
        out + rest
    }

    /// Without the bot's name at the start, where it stands there without a tag.
    pub(super) fn without_call<'a>(&self, words: &'a str) -> &'a str {
        let bare = self.bare.iter().find_map(|name| words.strip_prefix(name.trim()));
        let called = || {
            let behind = words.strip_prefix(['@', '\u{FF20}'])?;
            self.own.iter().find_map(|name| strip_name(behind, name))
        };
        let is_end = |rest: &&str| !rest.starts_with(char::is_alphanumeric);
        bare.or_else(called).filter(is_end).unwrap_or(words)
    }
}

enum Shown<'a> {
    Nothing,
    Name(&'a str),
    Typed,
}

/// What stands behind a name that is as long as this one and is the same.
fn strip_name<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let count = name.chars().count();
    let end = text.char_indices().nth(count).map_or(text.len(), |(at, _)| at);
    let (head, rest) = text.split_at(end);
    (normal(head) == name).then_some(rest)
}

/// What stands in `<at>Sam</at>`, if that is all.
fn inner(tag: &str) -> Option<&str> {
    match parts(tag.trim()).as_slice() {
        [Part::Name { name, .. }] => Some(name),
        _ => None,
    }
}

/// What stands behind something that was taken away, without the second of the two blanks between
/// which that stood.
fn without_gap<'a>(before: &str, behind: &'a str) -> &'a str {
    let is_gap =
        before.is_empty() || before.ends_with(char::is_whitespace) || before.ends_with("&nbsp;");
    let trimmed =
        [" ", "\u{a0}", "&nbsp;"].into_iter().find_map(|blank| behind.strip_prefix(blank));
    trimmed.filter(|_| is_gap).unwrap_or(behind)
}
