//! Company files, and places in them.

use std::{collections::BTreeMap, fmt, sync::Arc};

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
