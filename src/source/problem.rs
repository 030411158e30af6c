//! What a person has to mend in a company's files.

use std::cell::RefCell;

use super::place::Place;

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
