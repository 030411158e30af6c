//! Ids that are counted.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
};

use uuid::Uuid;

use crate::{
    model::{JourneyId, LetterId, SessionId},
    pipeline::Fresh,
};

/// Counted ids, so that a dialog reads the same every time.
#[derive(Clone, Default)]
pub struct Counter(Cell<u128>, Cell<u64>, RefCell<VecDeque<u64>>);

impl Counter {
    /// The same, with these numbers for the first references.
    pub fn with_numbers(numbers: impl IntoIterator<Item = u64>) -> Counter {
        Counter(Cell::default(), Cell::default(), RefCell::new(numbers.into_iter().collect()))
    }
}

impl Counter {
    fn id(&self) -> Uuid {
        self.0.set(self.0.get() + 1);
        Uuid::from_u128(self.0.get())
    }
}

impl Fresh for Counter {
    fn session(&self) -> SessionId {
        SessionId(self.id())
    }
    fn journey(&self) -> JourneyId {
        JourneyId(self.id())
    }
    fn letter(&self) -> LetterId {
        LetterId(self.id())
    }
    fn number(&self) -> u64 {
        if let Some(number) = self.2.borrow_mut().pop_front() {
            return number;
        }
        self.1.set(self.1.get() + 1);
        1000 + self.1.get()
    }
    fn nonce(&self) -> String {
        self.id().simple().to_string()
    }
}
