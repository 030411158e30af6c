//! New ids, reference numbers and nonces.

use std::{
    collections::BTreeSet,
    ops::Range,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use uuid::Uuid;

use crate::{
    model::{JourneyId, LetterId, SessionId},
    pipeline::Fresh,
    store::{Store, StoreError},
};

/// Numbers reserved at a time where nobody waits for one: what a crash may lose.
const BLOCK: u32 = 8;
/// A turn that finds fewer than this reserves more before it begins.
const LOW: usize = 2;

/// Reserves reference numbers a few at a time, so that most turns wait for no reservation. What was
/// not used goes back at a stop; a crash leaves a gap of these few.
pub(super) struct Numbers {
    store: Arc<dyn Store>,
    free: Mutex<BTreeSet<u64>>,
    refill: tokio::sync::Mutex<()>,
    /// How many turns wait for numbers at this moment.
    waiting: AtomicU32,
}

/// Somebody waits for numbers for as long as this is there.
struct Waits<'a>(&'a AtomicU32);

impl<'a> Waits<'a> {
    fn begin(count: &'a AtomicU32) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Waits(count)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Numbers {
    /// Reserves nothing yet.
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Numbers {
            store,
            free: Mutex::default(),
            refill: tokio::sync::Mutex::new(()),
            waiting: AtomicU32::new(0),
        }
    }

    /// Makes sure that most turns find numbers.
    pub(super) async fn stock(&self) -> Result<(), StoreError> {
        self.stock_for(LOW).await
    }

    /// Makes sure that there are so many, unless others take them meanwhile.
    pub(super) async fn stock_for(&self, least: usize) -> Result<(), StoreError> {
        if held(&self.free).len() >= least {
            return Ok(());
        }
        let _waits = Waits::begin(&self.waiting);
        let _one = self.refill.lock().await;
        if held(&self.free).len() < least {
            // Under load one reservation serves all who wait.
            let all = self.waiting.load(Ordering::Relaxed).saturating_mul(2);
            let least = u32::try_from(least).unwrap_or(BLOCK);
            let block = self.store.numbers(BLOCK.max(all).max(least)).await?;
            held(&self.free).extend(block);
        }
        Ok(())
    }

    /// What one attempt at a turn draws from.
    pub(super) fn draw(&self) -> Draw<'_> {
        Draw { numbers: self, drawn: Mutex::default() }
    }

    /// Gives back to the store what nobody has used: the next start goes on there. What others have
    /// reserved behind it stays.
    pub(super) async fn give_back(&self) -> Result<(), StoreError> {
        let free = std::mem::take(&mut *held(&self.free));
        for run in runs(&free) {
            if !self.store.return_numbers(run).await? {
                break;
            }
        }
        Ok(())
    }
}

/// The unbroken runs among numbers, highest first.
fn runs(numbers: &BTreeSet<u64>) -> Vec<Range<u64>> {
    let mut runs: Vec<Range<u64>> = Vec::new();
    for &number in numbers.iter().rev() {
        match runs.last_mut() {
            Some(run) if run.start == number + 1 => run.start = number,
            _ => runs.push(number..number + 1),
        }
    }
    runs
}

/// New ids for one attempt at a turn. Numbers of an attempt that came to nothing are put back.
pub(super) struct Draw<'a> {
    numbers: &'a Numbers,
    /// The numbers drawn; none for each that there was not.
    drawn: Mutex<Vec<Option<u64>>>,
}

impl Draw<'_> {
    /// How many numbers the attempt needs, when it did not get all of them: what it decided is not
    /// to be used then.
    pub(super) fn missing(&self) -> Option<usize> {
        let drawn = held(&self.drawn);
        drawn.iter().any(Option::is_none).then_some(drawn.len())
    }

    /// Nothing of the attempt is kept: others can have its numbers.
    pub(super) fn put_back(self) {
        let drawn = std::mem::take(&mut *held(&self.drawn));
        held(&self.numbers.free).extend(drawn.into_iter().flatten());
    }
}

impl Fresh for Draw<'_> {
    fn session(&self) -> SessionId {
        SessionId(Uuid::now_v7())
    }

    fn journey(&self) -> JourneyId {
        JourneyId(Uuid::now_v7())
    }

    fn letter(&self) -> LetterId {
        LetterId(Uuid::now_v7())
    }

    fn number(&self) -> u64 {
        let number = held(&self.numbers.free).pop_first();
        held(&self.drawn).push(number);
        number.unwrap_or_default()
    }

    fn nonce(&self) -> String {
        Uuid::new_v4().simple().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_not_used_is_given_back_and_nothing_twice() {
        let store = crate::store::open("memory:").await.unwrap();
        let (first, second) = (Numbers::new(store.clone()), Numbers::new(store.clone()));
        first.stock().await.unwrap();
        let draw = first.draw();
        assert_eq!([draw.number(), draw.number()], [1001, 1002]);
        first.give_back().await.unwrap();
        // The next one goes on there.
        second.stock().await.unwrap();
        let draw = second.draw();
        assert_eq!(draw.number(), 1003);
        // Another process has reserved behind it meanwhile: its numbers are not given out twice.
        let third = Numbers::new(store.clone());
        third.stock().await.unwrap();
        second.give_back().await.unwrap();
        let fourth = Numbers::new(store);
        fourth.stock().await.unwrap();
        let draw = (third.draw(), fourth.draw());
        let (theirs, own) = (draw.0.number(), draw.1.number());
        assert!(theirs > 1003 && own > theirs, "{theirs} and {own}");
    }

    #[tokio::test]
    async fn an_attempt_that_needs_more_than_there_is_says_so_and_puts_its_numbers_back() {
        let numbers = Numbers::new(crate::store::open("memory:").await.unwrap());
        numbers.stock().await.unwrap();
        let draw = numbers.draw();
        let given: Vec<u64> = (0..20).map(|_| draw.number()).collect();
        assert_eq!((draw.missing(), given[0]), (Some(20), 1001));
        draw.put_back();
        numbers.stock_for(20).await.unwrap();
        let again = numbers.draw();
        let given: BTreeSet<u64> = (0..20).map(|_| again.number()).collect();
        assert_eq!((again.missing(), given.len(), given.first()), (None, 20, Some(&1001)));
    }
}
