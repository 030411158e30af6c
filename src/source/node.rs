//! A parsed file, before anybody knows what it should be, and how it is read.

use std::{cell::RefCell, time::Duration};

use super::{
    at::At,
    place::Place,
    problem::Problems,
    text::{did_you_mean, duration, is_id, short},
};

/// A parsed file, before anybody knows what it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it stands.
    pub place: Place,
    /// What it is.
    pub kind: NodeKind,
}

/// What a node is, by YAML 1.2's core schema.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number; the text as written.
    Number(f64, String),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, keys in order, no key twice.
    Map(Vec<(At<String>, Node)>),
    /// An unquoted `{{…}}`, which YAML reads as a mapping inside a mapping.
    Braces,
}

impl Node {
    /// What it is, for a message.
    pub fn describe(&self) -> String {
        match &self.kind {
            NodeKind::Null => "nothing".to_owned(),
            NodeKind::Bool(value) => format!("the truth value `{value}`"),
            NodeKind::Number(_, text) => format!("the number `{text}`"),
            NodeKind::Text(text) => format!("the text `{}`", short(text)),
            NodeKind::List(_) => "a list".to_owned(),
            NodeKind::Map(_) if self.braced().is_some() => {
                "an unquoted `{…}`, which YAML reads as a mapping".to_owned()
            }
            NodeKind::Map(_) => "a mapping".to_owned(),
            NodeKind::Braces => "an unquoted `{{…}}`, which YAML reads as a mapping".to_owned(),
        }
    }

    /// The name in an unquoted `{Guest.Name}`.
    pub fn braced(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Map(entries) => match entries.as_slice() {
                [(name, node)] if node.kind == NodeKind::Null && name.value.contains('.') => {
                    Some(&name.value)
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn remedy(&self, expected: &str) -> String {
        if let Some(name) = self.braced().filter(|_| expected.contains("text")) {
            return format!("write it in two braces, and in quotes: \"{{{{{name}}}}}\"");
        }
        match &self.kind {
            NodeKind::Braces => {
                "put quotes around the whole value, as in \"{{Guest.Name}}\"".to_owned()
            }
            NodeKind::Bool(_) | NodeKind::Number(..) if expected.contains("text") => {
                "put quotes around it".to_owned()
            }
            _ if expected == "a mapping" => {
                "write its settings here, each as `key: value`".to_owned()
            }
            _ if expected == "a list" => {
                "write its entries here, each after `- `, or all between [ and ]".to_owned()
            }
            _ => format!("write {expected} here"),
        }
    }

    fn wrong(&self, problems: &Problems, name: &str, expected: &str) {
        problems.error(
            &self.place,
            format!("{name} must be {expected}, not {}", self.describe()),
            self.remedy(expected),
        );
    }

    /// Its text.
    pub fn text(&self, problems: &Problems, name: &str) -> Option<At<String>> {
        match &self.kind {
            NodeKind::Text(text) => Some(At::new(text.clone(), &self.place)),
            _ => {
                self.wrong(problems, name, "text");
                None
            }
        }
    }

    /// Its items.
    pub fn list(&self, problems: &Problems, name: &str) -> Option<&[Node]> {
        match &self.kind {
            NodeKind::List(items) => Some(items),
            _ => {
                self.wrong(problems, name, "a list");
                None
            }
        }
    }

    /// Its fields.
    pub fn fields<'a>(&'a self, problems: &'a Problems, name: &str) -> Option<Fields<'a>> {
        match &self.kind {
            NodeKind::Map(entries) => Some(Fields {
                place: &self.place,
                entries,
                taken: RefCell::new(Vec::new()),
                missing: RefCell::default(),
                told: RefCell::default(),
                problems,
                name: name.to_owned(),
            }),
            NodeKind::Null => Some(Fields {
                place: &self.place,
                entries: &[],
                taken: RefCell::new(Vec::new()),
                missing: RefCell::default(),
                told: RefCell::default(),
                problems,
                name: name.to_owned(),
            }),
            _ => {
                self.wrong(problems, name, "a mapping");
                None
            }
        }
    }
}

/// A mapping being read: every key is asked for by name, and [`Fields::finish`] complains about the
/// rest.
pub struct Fields<'a> {
    /// Where the mapping stands.
    pub place: &'a Place,
    entries: &'a [(At<String>, Node)],
    taken: RefCell<Vec<&'static str>>,
    /// What must be there and is not, told in the end: a key that is not known often was meant for
    /// it, and is told instead.
    missing: RefCell<Vec<Missing>>,
    /// Keys that are told already.
    told: RefCell<Vec<&'a str>>,
    /// Where mistakes go.
    pub problems: &'a Problems,
    /// What the mapping is, for messages, such as "stage `topic`".
    pub name: String,
}

/// Something that must be in a mapping and is not.
struct Missing {
    key: &'static str,
    message: String,
    help: String,
}

/// What is missing is told when nobody reads on.
impl Drop for Fields<'_> {
    fn drop(&mut self) {
        for Missing { message, help, .. } in self.missing.take() {
            self.problems.error(self.place, message, help);
        }
    }
}

impl<'a> Fields<'a> {
    /// Notes that a key is missing, which others may stand in for.
    pub fn lacks(&self, key: &'static str, message: String, help: impl Into<String>) {
        self.missing.borrow_mut().push(Missing { key, message, help: help.into() });
    }

    /// The node under a key.
    pub fn get(&self, key: &'static str) -> Option<&'a Node> {
        self.taken.borrow_mut().push(key);
        self.entries.iter().find(|(name, _)| name.value == key).map(|(_, node)| node)
    }

    /// The place of a key, else of the mapping.
    pub fn place_of(&self, key: &str) -> &'a Place {
        self.entries
            .iter()
            .find(|(name, _)| name.value == key)
            .map_or(self.place, |(name, _)| &name.place)
    }

    /// The node under a key that must be there.
    pub fn require(&self, key: &'static str) -> Option<&'a Node> {
        let node = self.get(key);
        if node.is_none() {
            // A letter too many or too few: told where it stands.
            let is_near = |(name, _): &&(At<String>, Node)| {
                strsim::damerau_levenshtein(&name.value, key) == 1
            };
            if let Some((name, _)) = self.entries.iter().find(is_near) {
                self.told.borrow_mut().push(&name.value);
                self.problems.error(
                    &name.place,
                    format!("{} has no `{}`", self.name, short(&name.value)),
                    format!("write `{key}`, which is missing here"),
                );
                return None;
            }
            self.lacks(key, format!("{} needs `{key}`", self.name), format!("add `{key}:`"));
        }
        node
    }

    /// Text under a key.
    pub fn text(&self, key: &'static str) -> Option<At<String>> {
        self.get(key)?.text(self.problems, &format!("`{key}`"))
    }

    /// Text under a key that must be there.
    pub fn require_text(&self, key: &'static str) -> Option<At<String>> {
        self.require(key)?.text(self.problems, &format!("`{key}`"))
    }

    /// A truth value under a key.
    pub fn bool(&self, key: &'static str, default: bool) -> bool {
        match self.get(key).map(|node| (node, &node.kind)) {
            None => default,
            Some((_, NodeKind::Bool(value))) => *value,
            Some((node, _)) => {
                node.wrong(self.problems, &format!("`{key}`"), "true or false");
                default
            }
        }
    }

    /// A number under a key.
    pub fn number(&self, key: &'static str) -> Option<At<f64>> {
        let node = self.get(key)?;
        match node.kind {
            NodeKind::Number(value, _) => Some(At::new(value, &node.place)),
            _ => {
                node.wrong(self.problems, &format!("`{key}`"), "a number");
                None
            }
        }
    }

    /// A whole number from `least` up under a key.
    pub fn whole(&self, key: &'static str, least: u32) -> Option<u32> {
        let number = self.number(key)?;
        let fits =
            number.value.fract() == 0.0 && number.value >= f64::from(least) && number.value <= 1e9;
        if !fits {
            self.problems.error(
                &number.place,
                format!("`{key}` must be a whole number from {least} up"),
                format!("write `{key}: {least}` or more"),
            );
            return None;
        }
        // Bounded and without fraction by the check above.
        Some(number.value as u32)
    }

    /// A duration such as `90s`, `5m`, `2h`, `400d` under a key.
    pub fn duration(&self, key: &'static str) -> Option<Duration> {
        let text = match self.get(key)? {
            // `7` alone lacks its unit; quotes would not help.
            Node { place, kind: NodeKind::Number(_, text) } => At::new(text.clone(), place),
            node => node.text(self.problems, &format!("`{key}`"))?,
        };
        let parsed = duration(&text.value);
        if parsed.is_none() {
            let message = format!("`{key}` must be a duration, not `{}`", short(&text.value));
            self.problems.error(
                &text.place,
                message,
                "write a whole number with s, m, h or d: `90s`, `5m`, `2h`, `400d`",
            );
        }
        parsed
    }

    /// A duration that somebody is waited for: longer than no time at all.
    pub fn wait(&self, key: &'static str) -> Option<Duration> {
        let found = self.duration(key)?;
        if found.is_zero() {
            let place = self.get(key).map_or(self.place, |node| &node.place);
            self.problems.error(
                place,
                format!("`{key}` is no time at all: nobody could answer"),
                "write how long is waited, such as `10m`, or leave it out",
            );
        }
        Some(found)
    }

    /// One of some words under a key.
    pub fn one_of(&self, key: &'static str, words: &[&'static str]) -> Option<&'static str> {
        let text = self.text(key)?;
        let found = words.iter().find(|word| **word == text.value).copied();
        if found.is_none() {
            self.problems.error(
                &text.place,
                format!("`{key}` cannot be `{}`", short(&text.value)),
                format!(
                    "write one of: {}{}",
                    words.join(", "),
                    did_you_mean(&text.value, words.iter().copied())
                ),
            );
        }
        found
    }

    /// An id under a key.
    pub fn id(&self, key: &'static str) -> Option<At<String>> {
        let text = self.text(key)?;
        check_id(&text, key, self.problems).then_some(text)
    }

    /// A list of texts under a key; empty without it.
    pub fn texts(&self, key: &'static str) -> Vec<At<String>> {
        let items = self.get(key).and_then(|node| node.list(self.problems, &format!("`{key}`")));
        items
            .unwrap_or_default()
            .iter()
            .filter_map(|item| item.text(self.problems, &format!("an entry of `{key}`")))
            .collect()
    }

    /// Every pair, for mappings whose keys are free.
    pub fn pairs(&self) -> &'a [(At<String>, Node)] {
        self.entries
    }

    /// The keys that nobody asked for.
    pub fn untaken(&self) -> Vec<&'a At<String>> {
        let taken = self.taken.borrow();
        self.entries
            .iter()
            .map(|(key, _)| key)
            .filter(|key| !taken.contains(&key.value.as_str()))
            .filter(|key| !self.told.borrow().contains(&key.value.as_str()))
            .collect()
    }

    /// Complains about every key that nobody asked for.
    pub fn finish(&self) {
        let untaken = self.untaken();
        // One mistake and not two: the key was meant for what is missing.
        let missing = if untaken.is_empty() { Vec::new() } else { self.missing.take() };
        let needed: Vec<&str> = missing.iter().map(|missing| missing.key).collect();
        for key in untaken {
            let mut known: Vec<&str> = Vec::new();
            for key in self.taken.borrow().iter() {
                if !known.contains(key) {
                    known.push(key);
                }
            }
            let hint = did_you_mean(&key.value, known.iter().copied());
            let help = match needed.as_slice() {
                [] => format!("remove it, or use one of: {}{hint}", known.join(", ")),
                needed => format!(
                    "what is missing here is `{}`: write it instead, or move this under it (what can stand here: {}){hint}",
                    needed.join("` and `"),
                    known.join(", ")
                ),
            };
            let message = format!("{} has no `{}`", self.name, short(&key.value));
            self.problems.error(&key.place, message, help);
        }
    }
}

/// Complains when an id is not `[a-z0-9][a-z0-9-]*`.
pub fn check_id(text: &At<String>, what: &str, problems: &Problems) -> bool {
    let valid = is_id(&text.value);
    if !valid {
        problems.error(
            &text.place,
            format!("`{}` cannot be an id (`{what}`)", short(&text.value)),
            "use small letters, digits and hyphens, beginning with a letter or digit",
        );
    }
    valid
}
