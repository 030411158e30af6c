//! The lines of a message, with the form of their words.

use std::rc::Rc;

/// Who is called in a message, and what it is about.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::teams) struct Call<'a> {
    /// The names by which the bot is called, as `normal` has them: calling it is no part of what was
    /// said.
    pub(in crate::teams) own: &'a [String],
    /// It answers a message: a quote with which it begins repeats that one.
    pub(in crate::teams) answers: bool,
}

/// A picture or an emoji.
#[derive(Debug, Clone)]
pub(in crate::teams) struct Picture {
    /// What stands for it in the words.
    pub(in crate::teams) name: Option<String>,
    /// An emoji, a GIF or a sticker: with a name, that is all of it.
    pub(in crate::teams) is_drawn: bool,
    /// Where it lies.
    pub(in crate::teams) url: String,
}

/// What separates a line from the one before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    #[default]
    Line,
    Paragraph,
}

/// One line.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pub(super) gap: Gap,
    /// What stands before it: marks of quotes, of the list's entry that it begins, or the space
    /// below one.
    pub(super) prefix: String,
    /// The same for whatever follows in the same place.
    pub(super) rest: String,
    /// It begins an entry of a list.
    pub(super) is_entry: bool,
    pub(super) quotes: usize,
    /// It repeats a message of somebody else's, which this one answers.
    pub(super) repeats: bool,
    pub(super) runs: Vec<Run>,
    /// A block of code, instead of runs.
    pub(super) code: Option<String>,
}

impl Line {
    pub(super) fn has_form(&self) -> bool {
        self.is_entry
            || self.quotes > 0
            || self.code.is_some()
            || self.runs.iter().any(Run::has_form)
    }

    /// Its words without marks of quotes and lists; without the names of people unless they are
    /// wanted.
    pub(super) fn bare(&self, has_names: bool) -> String {
        match &self.code {
            Some(code) => code.clone(),
            None => {
                let runs = self.runs.iter().filter(|run| has_names || !run.form.name);
                runs.map(|run| run.text.as_str()).collect()
            }
        }
    }
}

/// Words of one form.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) form: Form,
}

impl Run {
    fn has_form(&self) -> bool {
        let form = &self.form;
        let leads_elsewhere = form.link.as_ref().is_some_and(|link| {
            let shown = self.text.trim();
            let bare =
                |url: &str| url.trim_start_matches("mailto:").trim_end_matches('/').to_owned();
            bare(link) != bare(shown)
        });
        !self.text.trim().is_empty()
            && (form.bold || form.italic || form.struck || form.code || leads_elsewhere)
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Form {
    pub(super) link: Option<Rc<str>>,
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) struck: bool,
    pub(super) code: bool,
    /// Somebody's name, by which they are called. Shown like any word.
    pub(super) name: bool,
}
