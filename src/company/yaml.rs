//! YAML 1.2 to nodes with places. Strict: no key twice, no tags, one document. A broken file gives
//! its one syntax error with a remedy.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};

use super::slips::explained;
use crate::source::{At, Node, NodeKind, Place, Places, Problems, short};

/// The most nodes of one file, aliases counted as often as they are used: more than ten thousand
/// articles have.
const MOST_NODES: usize = 500_000;
/// The deepest nesting of lists and mappings; a tenant's file needs about ten.
const DEEPEST: usize = 64;

/// Reads a file; none when it cannot be read, which is then a problem, or when nothing stands in it,
/// which is one too: somebody's editor may just have begun to save it.
pub(super) fn read(file: &str, text: &str, problems: &Problems) -> Option<Node> {
    let mut reader = Reader {
        file,
        text,
        places: Places::of(file, text),
        depth: 0,
        problems,
        events: Parser::new_from_str(text),
        anchors: HashMap::new(),
        nodes: 0,
    };
    match reader.document() {
        Ok(Some(node)) if node.kind != NodeKind::Null => Some(node),
        Ok(_) => {
            nothing(file, text, problems);
            None
        }
        Err(problem) => {
            problems.error(&problem.0, problem.1, problem.2);
            None
        }
    }
}

/// Complains about a file in which nothing stands, at its first line.
fn nothing(file: &str, text: &str, problems: &Problems) {
    let comments = text.lines().any(|line| line.trim_start().starts_with('#'));
    let what = if comments { "nothing but comments stands" } else { "nothing stands" };
    let help = match file.rsplit('/').next() {
        Some("company.yaml") => "write at least `company:` and `primary_tenant:`",
        Some("tenant.yaml") => {
            "write at least `name:` and `pipelines:`; a department that is to take nobody in says `enabled: false`, and one that is to go loses its whole folder"
        }
        _ => "write a list of entries, each after `- `; `[]` stands for none as yet",
    };
    let first = text.split('\n').next().unwrap_or_default().trim_end().len();
    problems.error(&Place::at(file, text, 0..first), format!("{what} in this file"), help);
}

/// Place, message, remedy.
type Fault = (Place, String, String);

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    places: Places<'a>,
    depth: usize,
    problems: &'a Problems,
    events: Parser<'a, granit_parser::StrInput<'a>>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Option<Node>, Fault> {
        let mut root = None;
        loop {
            let Some((event, span)) = self.next()? else { return Ok(root) };
            match event {
                Event::StreamEnd => return Ok(root),
                Event::StreamStart | Event::DocumentEnd => {}
                Event::DocumentStart(..) if root.is_none() => {}
                event if root.is_none() => root = Some(self.node(event, span)?),
                _ => {
                    return Err((
                        self.place(&span),
                        "a second document begins here".to_owned(),
                        "keep one document a file".to_owned(),
                    ));
                }
            }
        }
    }

    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, Fault> {
        loop {
            match self.events.next_event() {
                None => return Ok(None),
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok(event)) => return Ok(Some(event)),
                Some(Err(error)) => {
                    let mark = error.marker();
                    let at = mark.byte_offset().unwrap_or(self.text.len()).min(self.text.len());
                    let place = Place::at(self.file, self.text, at..at + 1);
                    return Err(self.syntax(&place, &error.to_string()));
                }
            }
        }
    }

    /// A syntax error with the remedy for what people most often write.
    fn syntax(&self, place: &Place, reason: &str) -> Fault {
        let reason = reason.split(" at char ").next().unwrap_or(reason).trim().to_owned();
        let lines: Vec<&str> = self.text.lines().collect();
        let at = |number: usize, column: usize, length: usize| {
            let start =
                self.text.split_inclusive('\n').take(number - 1).map(str::len).sum::<usize>()
                    + column;
            Place::at(self.file, self.text, start..start + length)
        };
        // The scanner often notices a line later than the mistake, and a tab a line before.
        for number in [place.line, place.line.saturating_sub(1), place.line + 1] {
            let Some(line) = number.checked_sub(1).and_then(|index| lines.get(index)) else {
                continue;
            };
            if let Some(column) = unquoted_braces(line).filter(|_| number <= place.line) {
                let place = at(number, column, 2);
                let help = "put quotes around the whole value, as in \"{{Guest.Name}}\"".to_owned();
                return (place, "an unquoted `{{…}}` is YAML's own syntax".to_owned(), help);
            }
            if let Some(column) = line.find('\t').filter(|column| line[..*column].trim().is_empty())
            {
                return (
                    at(number, column, 1),
                    "a tab cannot indent".to_owned(),
                    "indent with blanks".to_owned(),
                );
            }
        }
        if let Some(slip) = explained(self.text, place.line, &reason) {
            return (at(slip.at.0, slip.at.1, slip.length.max(1)), slip.message, slip.help);
        }
        if reason.contains("mapping values are not allowed") {
            let help = "put quotes around the whole text, as in \"Note: closed\"; or look at the indentation".to_owned();
            return (place.clone(), "a colon begins a value where none can stand".to_owned(), help);
        }
        if reason.contains("recursion limit") {
            return too_deep(place.clone());
        }
        if reason.contains("anchor or alias") {
            return (
                place.clone(),
                "an unquoted `*` or `&` is YAML's own syntax".to_owned(),
                "put quotes around it: \"*\"".to_owned(),
            );
        }
        (
            place.clone(),
            format!("this is not valid YAML: {reason}"),
            "look at indentation, quotes and colons in and above this line".to_owned(),
        )
    }

    fn place(&mut self, span: &Span) -> Place {
        let start = span.start.byte_offset().unwrap_or(0);
        let end = span.end.byte_offset().unwrap_or(start);
        let text = self.text.get(start..end).unwrap_or_default().trim_end();
        self.places.at(start..start + text.len().max(1))
    }

    fn count(&mut self, place: &Place, nodes: usize) -> Result<(), Fault> {
        self.nodes += nodes;
        if self.nodes > MOST_NODES {
            return Err((
                place.clone(),
                "this file is too large".to_owned(),
                "split it, and use fewer aliases".to_owned(),
            ));
        }
        Ok(())
    }

    fn node(&mut self, event: Event<'a>, span: Span) -> Result<Node, Fault> {
        self.depth += 1;
        let node = self.inner(event, span);
        self.depth -= 1;
        node
    }

    fn inner(&mut self, event: Event<'a>, span: Span) -> Result<Node, Fault> {
        let place = self.place(&span);
        self.count(&place, 1)?;
        if self.depth > DEEPEST {
            return Err(too_deep(place));
        }
        let (node, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                if let Some(tag) = tag {
                    return Err((
                        place,
                        format!("tags such as `{}` are not used here", tag.original()),
                        "remove it".to_owned(),
                    ));
                }
                let kind = if style == ScalarStyle::Plain {
                    plain(&text)
                } else {
                    NodeKind::Text(text.into_owned())
                };
                (Node { place, kind }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Some((Event::SequenceEnd, _)) | None => break,
                        Some((event, span)) => items.push(self.node(event, span)?),
                    }
                }
                (Node { place, kind: NodeKind::List(items) }, anchor)
            }
            Event::MappingStart(style, anchor, _) => (self.mapping(place, style)?, anchor),
            Event::Alias(id) => {
                let Some(node) = self.anchors.get(&id).cloned() else {
                    return Err((
                        place,
                        "this alias stands inside what it names".to_owned(),
                        "write the value out".to_owned(),
                    ));
                };
                self.count(&place, size(&node))?;
                return Ok(Node { place, kind: node.kind });
            }
            _ => return Err((place, "a value is missing here".to_owned(), "write one".to_owned())),
        };
        if anchor != 0 {
            self.count(&node.place, size(&node))?;
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn mapping(&mut self, place: Place, style: StructureStyle) -> Result<Node, Fault> {
        let mut entries: Vec<(At<String>, Node)> = Vec::new();
        let mut lines: HashMap<String, usize> = HashMap::new();
        let mut braces = false;
        loop {
            let (event, span) = match self.next()? {
                Some((Event::MappingEnd, _)) | None => break,
                Some(next) => next,
            };
            let key = self.node(event, span)?;
            let Some((event, span)) = self.next()? else { break };
            let value = self.node(event, span)?;
            let name = match key.kind {
                NodeKind::Text(text) | NodeKind::Number(_, text) => text,
                NodeKind::Bool(truth) => truth.to_string(),
                NodeKind::Map(_) | NodeKind::Braces if style == StructureStyle::Flow => {
                    braces = true;
                    continue;
                }
                _ => {
                    self.problems.error(
                        &key.place,
                        "a key must be text",
                        "write a name before the colon",
                    );
                    continue;
                }
            };
            if name == "<<" {
                self.problems.error(
                    &key.place,
                    "`<<` merges are of YAML 1.1: nothing is taken over here",
                    "write the keys out; an alias may stand for a whole value, as in `hours: *office`",
                );
                continue;
            }
            if let Some(first) = lines.get(&name) {
                // A stage, a field or an article of which the first sign is missing.
                if name == "id" && style == StructureStyle::Block {
                    let message = format!("`id` stands here a second time (first in line {first})");
                    let help = "begin it with `- ` where the entry above begins, if it is the next one; else keep one of them";
                    return Err((key.place, message, help.to_owned()));
                }
                let message =
                    format!("`{}` stands here a second time (first in line {first})", short(&name));
                self.problems.error(&key.place, message, "keep one of them");
                continue;
            }
            lines.insert(name.clone(), key.place.line);
            entries.push((At { value: name, place: key.place }, value));
        }
        // `{Name}` inside braces: a mapping of one name to nothing, as in {{Name}}.
        let kind = if braces { NodeKind::Braces } else { NodeKind::Map(entries) };
        Ok(Node { place, kind })
    }
}

fn too_deep(place: Place) -> Fault {
    let message = format!("lists and mappings stand in each other more than {DEEPEST} deep here");
    (place, message, "write it flatter".to_owned())
}

fn size(node: &Node) -> usize {
    1 + match &node.kind {
        NodeKind::List(items) => items.iter().map(size).sum(),
        NodeKind::Map(entries) => entries.iter().map(|(_, node)| 1 + size(node)).sum(),
        _ => 0,
    }
}

/// The byte column of an unquoted `{{` that breaks a line: at the beginning of a value, or anywhere
/// in one that stands between braces itself.
fn unquoted_braces(line: &str) -> Option<usize> {
    let begins = |before: &str| {
        let before = before.trim_end();
        before.is_empty() || before.ends_with([':', '-', ',', '[', '{'])
    };
    let (mut quote, mut braces) = (None, false);
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (Some(open), c) => quote = Some(open).filter(|open| *open != c),
            (None, '"' | '\'') if begins(&line[..at]) => quote = Some(c),
            (None, '{') if line[at..].starts_with("{{") => {
                return (braces || begins(&line[..at])).then_some(at);
            }
            (None, '{' | '[') => braces = true,
            _ => {}
        }
    }
    None
}

/// A plain scalar by the core schema.
fn plain(text: &str) -> NodeKind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return NodeKind::Null,
        "true" | "True" | "TRUE" => return NodeKind::Bool(true),
        "false" | "False" | "FALSE" => return NodeKind::Bool(false),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let numeric = unsigned.starts_with(|c: char| c.is_ascii_digit())
        && unsigned
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    match text.parse::<f64>() {
        Ok(number) if numeric => NodeKind::Number(number, text.to_owned()),
        _ => NodeKind::Text(text.to_owned()),
    }
}
