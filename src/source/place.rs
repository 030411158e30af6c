//! Company files, and places in them.

use std::{collections::BTreeMap, fmt, sync::Arc};

/// Company files in memory: path relative to the company folder (with `/`) → content. What nobody
/// reads, and people should hear of, is there with its name alone; a folder's name ends in `/`.
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
            let before = text.get(self.bytes.clone())?.split_once(needle)?.0;
            let start = self.bytes.start + before.len();
            // From here on, and not from the start of the file: that would be read as often as
            // there are places in it.
            let (line, column) = moved((self.line, self.column), before);
            let (file, bytes) = (self.file.clone(), start..start + needle.len());
            Some(Place { file, line, column, bytes })
        });
        found.unwrap_or_else(|| self.clone())
    }
}

/// Line and column behind some text.
fn moved((line, column): (usize, usize), text: &str) -> (usize, usize) {
    match text.rfind('\n') {
        Some(at) => (line + text.matches('\n').count(), text[at + 1..].chars().count() + 1),
        None => (line, column + text.chars().count()),
    }
}

/// The places of a file, asked for in about the order in which they stand there: then all of them
/// together take one walk through it.
pub struct Places<'a> {
    file: Arc<str>,
    text: &'a str,
    /// The last place that was asked for: its byte, and its line and column.
    at: usize,
    is: (usize, usize),
}

impl<'a> Places<'a> {
    /// Those of a file with this content.
    pub fn of(file: &str, text: &'a str) -> Self {
        Places { file: file.into(), text, at: 0, is: (1, 1) }
    }

    /// The place at a byte offset.
    pub fn at(&mut self, bytes: std::ops::Range<usize>) -> Place {
        let start = floor(self.text, bytes.start);
        if start < self.at {
            let back = &self.text[start..self.at];
            if !back.contains('\n') {
                (self.at, self.is.1) = (start, self.is.1 - back.chars().count());
            } else {
                (self.at, self.is) = (0, (1, 1));
            }
        }
        self.is = moved(self.is, &self.text[self.at..start]);
        self.at = start;
        let end = floor(self.text, bytes.end).max(start);
        Place { file: self.file.clone(), line: self.is.0, column: self.is.1, bytes: start..end }
    }
}

/// The last character boundary at or before a byte offset.
pub(super) fn floor(text: &str, at: usize) -> usize {
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
