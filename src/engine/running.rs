//! The company as it runs, and the clock.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    cards::Cards,
    company::Company,
    faq::Library,
    model::{Inbound, Monotonic, locale::speaks_to},
};

/// The present instant. Given from outside, so that tests decide what time it is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The two clocks by which the engine goes.
#[derive(Clone)]
pub struct Clocks {
    /// The wall clock: for what is kept, and for what people read.
    pub wall: Clock,
    /// The clock that nobody sets: for limits, pauses and what is remembered for a while.
    pub steady: Monotonic,
}

/// A company that runs: swapped as a whole.
pub struct Running {
    /// Tenants, stages, rules.
    pub company: Company,
    /// Their cards.
    pub cards: Cards,
    /// Their FAQs, searchable.
    pub answers: Library,
}

impl Running {
    /// A company that was checked together with its cards; its FAQs are made searchable here.
    pub fn new(company: Company, cards: Cards) -> Self {
        let answers = Library::build(company.faqs());
        Running { company, cards, answers }
    }
}

/// The language in which somebody is answered.
pub(super) fn locale<'a>(running: &'a Running, inbound: &'a Inbound) -> &'a str {
    speaks_to(&inbound.guest, &running.company.directory.locale)
}
