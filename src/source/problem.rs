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
#[derive(Debug)]
pub struct Problems {
    found: RefCell<Vec<Problem>>,
    is_secret: fn(&str) -> bool,
}

impl Default for Problems {
    fn default() -> Self {
        Problems::keeping(|_| false)
    }
}

impl Problems {
    /// Files may not name the environment variables for which `is_secret` is true: the service's
    /// own.
    pub fn keeping(is_secret: fn(&str) -> bool) -> Self {
        Problems { found: RefCell::default(), is_secret }
    }

    /// True for an environment variable that files may not name.
    pub fn is_secret(&self, variable: &str) -> bool {
        (self.is_secret)(variable)
    }

    /// Notes a mistake: the files are refused.
    pub fn error(&self, place: &Place, message: impl Into<String>, help: impl Into<String>) {
        self.found.borrow_mut().push(Problem {
            warning: false,
            place: place.clone(),
            message: message.into(),
            help: help.into(),
        });
    }

    /// Notes something odd: the files are used.
    pub fn warning(&self, place: &Place, message: impl Into<String>, help: impl Into<String>) {
        self.found.borrow_mut().push(Problem {
            warning: true,
            place: place.clone(),
            message: message.into(),
            help: help.into(),
        });
    }

    /// True when any mistake was noted.
    pub fn any_error(&self) -> bool {
        self.found.borrow().iter().any(|problem| !problem.warning)
    }

    /// All of them, by file and position.
    pub fn into_sorted(self) -> Vec<Problem> {
        let mut problems = self.found.into_inner();
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
