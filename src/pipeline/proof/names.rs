//! What texts and conditions name exists, and is used as what it is.

use super::{
    Proof,
    sample::{HOP, HOPS, fixed},
};
use crate::{
    model::Shape,
    pipeline::{
        expr::Expr,
        language::{
            helpers,
            names::{ITEM, What},
            text::{Says, Text},
        },
        scope::NAMES,
    },
    source::{Place, did_you_mean},
};

/// What is known of a name.
enum Known {
    /// It is there.
    Yes,
    /// It belongs to something that is not there itself, which is told already.
    Told,
    /// It would be a part of something that has none.
    Part(String, Shape),
    /// It stands inside of `each`, and would be of the entry.
    Entry,
    /// Nothing sets it.
    No,
}

/// How a text or a condition counts what is in something.
#[derive(Clone, Copy, PartialEq)]
enum Written {
    Tag,
    Condition,
}

impl Proof<'_> {
    /// Notes what a text names that is not there, what it has of other languages, and why it cannot
    /// be filled in.
    pub(super) fn text(&self, text: &Text) {
        let mut fine = true;
        for said in text.says() {
            let place = || said.place.narrowed(self.files, said.tag);
            match said.what {
                Says::Foreign(message, help) => {
                    fine = false;
                    self.problems.error(&place(), message, help);
                }
                Says::Names(What::Helper { name, section }) => {
                    if let Some((message, help)) = helpers::unknown(&name, section) {
                        fine = false;
                        self.problems.error(&place(), message, help);
                    }
                }
                Says::Names(What::Variable { path, raw }) => {
                    let place = place().narrowed(self.files, &raw);
                    fine &= self.name(&path.join("."), &raw, &[], (&place, Written::Tag));
                }
                Says::Names(_) => {}
            }
        }
        if fine {
            for (place, message, help) in text.try_out(&self.made_up) {
                self.problems.error(place, message, help);
            }
        }
    }

    /// Notes what a condition names that is not there, and comparisons that never hold.
    pub(super) fn condition(&self, condition: &Expr) {
        let mut fine = true;
        for name in condition.variables() {
            let place = condition.place.narrowed(self.files, name);
            fine &= self.name(name, name, &[], (&place, Written::Condition));
        }
        let shape = |path: &str| self.shapes.get(path).copied().unwrap_or(Shape::Any);
        for (message, help) in condition.mismatches(&shape).into_iter().filter(|_| fine) {
            self.problems.warning(&condition.place, message, help);
        }
    }

    /// Notes a name of a card that is neither fixed nor set by some stage. `own` are names that the
    /// place itself brings.
    pub fn variable(&self, path: &str, own: &[&str], place: &Place) {
        self.name(path, path, own, (place, Written::Tag));
    }

    /// False when there is something to complain about.
    fn name(&self, path: &str, raw: &str, own: &[&str], at: (&Place, Written)) -> bool {
        let (place, written) = at;
        let (message, help) = match self.known(path, own) {
            Known::Yes => return true,
            Known::Told => return false,
            Known::Part(of, _) if path == format!("{of}.length") && written == Written::Tag => {
                helpers::length_of(raw)
            }
            Known::Part(of, _) if path == format!("{of}.length") => (
                format!("`{path}` is JavaScript's: there is no such value"),
                format!("write `size({of})`"),
            ),
            Known::Part(of, shape) => {
                let what = match shape {
                    Shape::Number => "a number",
                    Shape::Truth => "true or false",
                    Shape::List => "a list, not one of its entries",
                    _ => "a text",
                };
                let help = match shape {
                    Shape::List => format!(
                        "name its entries: `{{{{#each {of}}}}}…{{{{/each}}}}`; each has {}",
                        HOP.join(", ")
                    ),
                    _ => format!("write `{of}` alone: it has no parts and no entries"),
                };
                (format!("`{raw}` is never there: `{of}` is {what}"), help)
            }
            Known::Entry => {
                let entry = format!("{HOPS}.{ITEM}.");
                let raw = raw.strip_prefix(&entry).unwrap_or(raw);
                (
                    format!("the entries of `{HOPS}` have no `{raw}`"),
                    format!(
                        "each has {}; what stands outside of the list is `@root.{raw}`{}",
                        HOP.join(", "),
                        did_you_mean(raw, HOP.into_iter())
                    ),
                )
            }
            Known::No if self.problems.is_enough() => return false,
            Known::No => self.unset(path, own),
        };
        self.problems.error(place, message, help);
        false
    }

    fn unset(&self, path: &str, own: &[&str]) -> (String, String) {
        let names = NAMES.iter().copied().chain(self.directory.data_keys());
        let known: Vec<&str> = names.chain(own.iter().copied()).collect();
        let hint = did_you_mean(path, known.iter().copied());
        let help = if path == "Data" || path.starts_with("Data.") {
            format!(
                "no stage of the company sets it: set it with `ask`, `menu` (save_as) or `set`, or correct the name{hint}"
            )
        } else {
            format!(
                "names begin with Guest, Session, Tenant, Company, Agent, Data, Hours, Transfer or Queue{hint}"
            )
        };
        (format!("nothing can set `{path}`"), help)
    }

    fn known(&self, path: &str, own: &[&str]) -> Known {
        let first = path.split('.').next().unwrap_or_default();
        // Of something that a helper gives, or of an entry of something of the place's own, nothing
        // is known.
        if first == ITEM || own.contains(&first) || path == "Data" {
            return Known::Yes;
        }
        if let Some(entry) = path.strip_prefix(HOPS).and_then(|rest| rest.strip_prefix('.')) {
            return hop(entry);
        }
        let covers =
            |known: &str| known.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
        if NAMES.iter().any(|known| *known == path || covers(known)) {
            return Known::Yes;
        }
        if first == "Data" && self.has_unread() {
            return Known::Yes;
        }
        let keys = || self.shapes.keys().map(String::as_str);
        if keys().any(|known| known == path || covers(known)) {
            return Known::Yes;
        }
        let above = |at: usize| &path[..at];
        for above in path.match_indices('.').map(|(at, _)| above(at)) {
            if let Some(shape) = self.shapes.get(above) {
                return match shape {
                    Shape::Any | Shape::List => Known::Yes,
                    shape => Known::Part(above.to_owned(), *shape),
                };
            }
            if let Some(known) = NAMES.iter().find(|known| **known == above) {
                return Known::Part(above.to_owned(), fixed(known));
            }
        }
        // `each` over something: what it goes over is told where it is named.
        match path.split_once(&format!(".{ITEM}")) {
            Some(("Data", _)) => Known::Yes,
            Some((list, _)) if !matches!(self.known(list, own), Known::Yes) => Known::Told,
            Some(_) => Known::Yes,
            None => Known::No,
        }
    }
}

/// What is known of a path behind `Session.Transfers.`.
fn hop(entry: &str) -> Known {
    let (index, of) = entry.split_once('.').unwrap_or((entry, ""));
    let is_entry = index == ITEM || index.parse::<usize>().is_ok();
    if !is_entry {
        return Known::Part(HOPS.to_owned(), Shape::List);
    }
    let is_there = |known: &&str| {
        **known == *of
            || of.is_empty()
            || known.strip_prefix(of).is_some_and(|it| it.starts_with('.'))
    };
    if HOP.iter().any(is_there) { Known::Yes } else { Known::Entry }
}
