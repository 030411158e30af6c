//! What a person has to mend in a company's files.

use std::cell::{Cell, RefCell};

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

/// What is told where something leads to a department that is not there.
pub fn no_tenant(id: &str) -> String {
    format!("there is no tenant `{id}`")
}

/// The most mistakes, and the most warnings, that are told at once: nobody mends more before they
/// look again.
const MOST: usize = 100;

/// Collects problems while files are read, so that all mistakes are told at once.
#[derive(Debug)]
pub struct Problems {
    found: RefCell<Vec<Problem>>,
    errors: Cell<usize>,
    warnings: Cell<usize>,
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
        let (errors, warnings) = (Cell::new(0), Cell::new(0));
        Problems { found: RefCell::default(), errors, warnings, is_secret }
    }

    /// True for an environment variable that files may not name.
    pub fn is_secret(&self, variable: &str) -> bool {
        (self.is_secret)(variable)
    }

    /// Notes a mistake: the files are refused.
    pub fn error(&self, place: &Place, message: impl Into<String>, help: impl Into<String>) {
        self.note(&self.errors, || Problem {
            warning: false,
            place: place.clone(),
            message: message.into(),
            help: help.into(),
        });
    }

    /// Notes something odd: the files are used.
    pub fn warning(&self, place: &Place, message: impl Into<String>, help: impl Into<String>) {
        self.note(&self.warnings, || Problem {
            warning: true,
            place: place.clone(),
            message: message.into(),
            help: help.into(),
        });
    }

    fn note(&self, count: &Cell<usize>, problem: impl FnOnce() -> Problem) {
        count.set(count.get() + 1);
        // One more than is told, so that it is known that there are more.
        if count.get() <= MOST + 1 {
            self.found.borrow_mut().push(problem());
        }
    }

    /// True when more mistakes were found than are told: whoever reads on may stop.
    pub fn is_enough(&self) -> bool {
        self.errors.get() > MOST
    }

    /// True when any mistake was noted.
    pub fn any_error(&self) -> bool {
        self.errors.get() > 0
    }

    /// How many mistakes were noted: who counts before and after knows whether one came in between.
    pub fn mistakes(&self) -> usize {
        self.errors.get()
    }

    /// True when a mistake in that file is noted: what seems to be missing in it may be there.
    pub fn any_error_in(&self, file: &str) -> bool {
        self.found.borrow().iter().any(|found| !found.warning && *found.place.file == *file)
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

/// Sorted problems as they are told: of mistakes and of warnings the first hundred, and that there
/// are more.
pub fn told(problems: Vec<Problem>) -> Vec<Problem> {
    let (mut errors, mut warnings) = (0, 0);
    let mut told: Vec<Problem> = Vec::new();
    for problem in problems {
        let count = if problem.warning { &mut warnings } else { &mut errors };
        *count += 1;
        if *count == MOST + 1 {
            let what = if problem.warning { "warnings" } else { "mistakes" };
            told.push(Problem {
                message: format!("there are more {what} than the {MOST} that are told"),
                help: "mend those first, and check again".to_owned(),
                ..problem
            });
        } else if *count <= MOST {
            told.push(problem);
        }
    }
    told
}
