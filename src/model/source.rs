//! Company files as the checker sees them: texts with places, and problems that a person can mend.

use std::{cell::RefCell, collections::BTreeMap, fmt, sync::Arc, time::Duration};

/// Company files in memory: path relative to the company folder (with `/`) → content.
pub type Files = BTreeMap<String, String>;

/// A stretch of a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    /// Path relative to the company folder.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Bytes from the start of the file.
    pub bytes: std::ops::Range<usize>,
}

impl Place {
    /// The first character of a file: for what is missing altogether.
    pub fn start_of(file: &str) -> Self {
        Place { file: file.into(), line: 1, column: 1, bytes: 0..0 }
    }

    /// The place at a byte offset of a text.
    pub fn at(file: &str, text: &str, bytes: std::ops::Range<usize>) -> Self {
        let start = floor(text, bytes.start);
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Place {
            file: file.into(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            bytes: start..floor(text, bytes.end).max(start),
        }
    }

    /// The part of this place where `needle` stands, if it stands there literally.
    pub fn narrowed(&self, files: &Files, needle: &str) -> Place {
        let found = files.get(&*self.file).and_then(|text| {
            let start = text.get(self.bytes.clone())?.find(needle)? + self.bytes.start;
            Some(Place::at(&self.file, text, start..start + needle.len()))
        });
        found.unwrap_or_else(|| self.clone())
    }
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&index| text.is_char_boundary(index)).unwrap_or(0)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Something that a person has to mend, or should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// True when the files can be used all the same.
    pub warning: bool,
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Collects problems while files are read, so that all mistakes are told at once.
#[derive(Debug, Default)]
pub struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    /// Notes a mistake: the files are refused.
    pub fn error(&self, place: &Place, message: impl Into<String>, help: impl Into<String>) {
        self.0.borrow_mut().push(Problem {
            warning: false,
            place: place.clone(),
            message: message.into(),
            help: help.into(),
        });
    }

    /// Notes something odd: the files are used.
    pub fn warning(&self, place: &Place, message: impl Into<String>, help: impl Into<String>) {
        self.0.borrow_mut().push(Problem {
            warning: true,
            place: place.clone(),
            message: message.into(),
            help: help.into(),
        });
    }

    /// True when any mistake was noted.
    pub fn any_error(&self) -> bool {
        self.0.borrow().iter().any(|problem| !problem.warning)
    }

    /// All of them, by file and position.
    pub fn into_sorted(self) -> Vec<Problem> {
        let mut problems = self.0.into_inner();
        problems.sort_by(|a, b| {
            (&a.place.file, a.place.bytes.start, a.warning).cmp(&(
                &b.place.file,
                b.place.bytes.start,
                b.warning,
            ))
        });
        problems.dedup();
        problems
    }
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

impl<T> At<T> {
    /// Puts a value at a place.
    pub fn new(value: T, place: &Place) -> Self {
        At { value, place: place.clone() }
    }
}

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
            NodeKind::Map(_) => "a mapping".to_owned(),
            NodeKind::Braces => "an unquoted `{{…}}`, which YAML reads as a mapping".to_owned(),
        }
    }

    fn remedy(&self, expected: &str) -> String {
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
                problems,
                name: name.to_owned(),
            }),
            NodeKind::Null => Some(Fields {
                place: &self.place,
                entries: &[],
                taken: RefCell::new(Vec::new()),
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
    /// Where mistakes go.
    pub problems: &'a Problems,
    /// What the mapping is, for messages, such as "stage `topic`".
    pub name: String,
}

impl<'a> Fields<'a> {
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
            self.problems.error(
                self.place,
                format!("{} needs `{key}`", self.name),
                format!("add `{key}:`"),
            );
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
            .collect()
    }

    /// Complains about every key that nobody asked for.
    pub fn finish(&self) {
        for key in self.untaken() {
            let taken = self.taken.borrow();
            let mut known: Vec<&str> = taken.clone();
            known.dedup();
            self.problems.error(
                &key.place,
                format!("{} has no `{}`", self.name, short(&key.value)),
                format!(
                    "remove it, or use one of: {}{}",
                    known.join(", "),
                    did_you_mean(&key.value, known.iter().copied())
                ),
            );
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

/// True for `[a-z0-9][a-z0-9-]*`.
pub fn is_id(text: &str) -> bool {
    !text.starts_with('-')
        && !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Parses `90s`, `5m`, `2h`, `400d`, and `0s`.
pub fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.len().checked_sub(1)?.min(floor(text, text.len() - 1)));
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => return None,
    };
    number
        .parse::<u64>()
        .ok()?
        .checked_mul(seconds)
        .filter(|total| *total <= 86400 * 36500)
        .map(Duration::from_secs)
}

/// `; did you mean …?` when something known is close.
pub fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let near = known.map(|other| (strsim::damerau_levenshtein(word, other), other)).min();
    match near {
        Some((distance, other)) if distance > 0 && distance <= 1 + word.len() / 4 => {
            format!(" (did you mean `{other}`?)")
        }
        _ => String::new(),
    }
}

/// A text cut for a message, on one line.
pub fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let cut: String = line.chars().take(60).collect();
    if cut.len() < text.len() { format!("{cut}…") } else { cut }
}
