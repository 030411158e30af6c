//! New ids, reference numbers and nonces.

use std::{
    collections::VecDeque,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use uuid::Uuid;

use crate::{
    model::{JourneyId, LetterId, SessionId},
    pipeline::Fresh,
    store::{Store, StoreError},
};

/// Numbers reserved at a time.
const BLOCK: u32 = 1000;
/// Below this many a new block is reserved: more than all turns under way can use.
const LOW: u64 = 500;

/// Reserves reference numbers in blocks, so that a turn does not wait for the store; a restart
/// leaves a gap.
pub(super) struct Numbers {
    store: Arc<dyn Store>,
    blocks: Mutex<VecDeque<Range<u64>>>,
    refill: tokio::sync::Mutex<()>,
}

impl Numbers {
    /// Reserves nothing yet.
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Numbers { store, blocks: Mutex::new(VecDeque::new()), refill: tokio::sync::Mutex::new(()) }
    }

    fn left(&self) -> u64 {
        self.blocks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .map(|block| block.end - block.start)
            .sum()
    }

    /// Makes sure that a turn finds numbers.
    pub(super) async fn stock(&self) -> Result<(), StoreError> {
        if self.left() >= LOW {
            return Ok(());
        }
        let _one = self.refill.lock().await;
        if self.left() < LOW {
            let block = self.store.numbers(BLOCK).await?;
            self.blocks.lock().unwrap_or_else(PoisonError::into_inner).push_back(block);
        }
        Ok(())
    }
}

impl Fresh for Numbers {
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
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(block) = blocks.front_mut() {
            if let Some(number) = block.next() {
                return number;
            }
            blocks.pop_front();
        }
        // Hundreds of transfers at one instant: a number from a range that counting never reaches.
        1_000_000_000_000 + u64::from(Uuid::new_v4().as_fields().0)
    }

    fn nonce(&self) -> String {
        Uuid::new_v4().simple().to_string()
    }
}
