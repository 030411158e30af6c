//! The letters of the store in memory, with an index per state and per conversation.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use crate::{
    model::{ConversationId, LetterId},
    store::{Delivery, LetterState, OutboxRow, Outgoing, Receipt, StoreError, Thread},
};

/// All letters ever committed. The body of one that was sent is dropped.
#[derive(Default)]
pub(super) struct Outbox {
    letters: HashMap<LetterId, Kept>,
    pending: BTreeMap<u64, LetterId>,
    sent: BTreeMap<u64, LetterId>,
    dead: BTreeMap<u64, LetterId>,
    /// The pending ones of each conversation that has some.
    waiting: HashMap<ConversationId, BTreeMap<u64, LetterId>>,
}

struct Kept {
    /// Its place in the order of commits.
    seq: u64,
    letter: Outgoing,
    state: LetterState,
    created: Timestamp,
    error: Option<String>,
    receipt: Receipt,
}

impl Outbox {
    /// True when a letter of that id was ever committed.
    pub(super) fn holds(&self, id: LetterId) -> bool {
        self.letters.contains_key(&id)
    }

    /// Adds a new letter behind all others.
    pub(super) fn add(&mut self, letter: Outgoing, created: Timestamp) {
        let id = letter.id;
        // Letters are never removed, so their number is a place that nothing has.
        let seq = u64::try_from(self.letters.len()).unwrap_or(u64::MAX);
        self.letters.insert(
            id,
            Kept {
                seq,
                letter,
                state: LetterState::Sent,
                created,
                error: None,
                receipt: Receipt::default(),
            },
        );
        self.turn_into(id, LetterState::Pending);
    }

    /// Sets a letter's state and moves it between the indices.
    fn turn_into(&mut self, id: LetterId, state: LetterState) {
        let Some(kept) = self.letters.get_mut(&id) else { return };
        let old = std::mem::replace(&mut kept.state, state);
        let (seq, conversation) = (kept.seq, kept.letter.conversation.clone());
        self.index(old).remove(&seq);
        self.index(state).insert(seq, id);
        if state == LetterState::Pending {
            self.waiting.entry(conversation).or_default().insert(seq, id);
        } else if let Some(letters) = self.waiting.get_mut(&conversation) {
            letters.remove(&seq);
            if letters.is_empty() {
                self.waiting.remove(&conversation);
            }
        }
    }

    fn index(&mut self, state: LetterState) -> &mut BTreeMap<u64, LetterId> {
        match state {
            LetterState::Pending => &mut self.pending,
            LetterState::Sent => &mut self.sent,
            LetterState::Dead => &mut self.dead,
        }
    }

    /// The oldest pending letters of a conversation.
    pub(super) fn pending(&self, conversation: &ConversationId, limit: u32) -> Vec<Outgoing> {
        let ids = self.waiting.get(conversation).into_iter().flat_map(BTreeMap::values);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        ids.take(limit).filter_map(|id| Some(self.letters.get(id)?.letter.clone())).collect()
    }

    /// The conversations with pending letters, by their oldest one.
    pub(super) fn waiting(&self) -> Vec<ConversationId> {
        let mut found: Vec<_> = self
            .waiting
            .iter()
            .filter_map(|(id, letters)| Some((letters.first_key_value()?.0, id)))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, id)| id.clone()).collect()
    }

    /// Marks a letter as delivered; answers with the thread that it opened, if that is what it did.
    pub(super) fn delivered(
        &mut self,
        id: LetterId,
        receipt: Receipt,
    ) -> Result<Option<(String, Thread)>, StoreError> {
        let kept = self.letters.get_mut(&id).ok_or_else(|| unknown(id))?;
        let thread = match (&kept.letter.kind, &receipt.conversation) {
            (Delivery::Open { session, guest }, Some(place)) => {
                Some((place.clone(), Thread { session: *session, guest: guest.clone() }))
            }
            _ => None,
        };
        kept.letter.body = String::new();
        let Receipt { activity, conversation } = std::mem::take(&mut kept.receipt);
        kept.receipt = Receipt {
            activity: receipt.activity.or(activity),
            conversation: receipt.conversation.or(conversation),
        };
        self.turn_into(id, LetterState::Sent);
        Ok(thread)
    }

    /// Notes a failed attempt at a pending letter and what becomes of it.
    pub(super) fn attempted(
        &mut self,
        id: LetterId,
        error: String,
        then: LetterState,
    ) -> Result<(), StoreError> {
        let kept = self.letters.get_mut(&id).ok_or_else(|| unknown(id))?;
        if kept.state == LetterState::Pending {
            kept.letter.attempts += 1;
            kept.error = Some(error);
            self.turn_into(id, then);
        }
        Ok(())
    }

    /// Makes a dead letter pending again.
    pub(super) fn revive(&mut self, id: LetterId) -> Option<ConversationId> {
        let kept = self.letters.get_mut(&id).filter(|kept| kept.state == LetterState::Dead)?;
        kept.letter.attempts = 0;
        let conversation = kept.letter.conversation.clone();
        self.turn_into(id, LetterState::Pending);
        Some(conversation)
    }

    /// What the connector told of a letter that was delivered.
    pub(super) fn receipt_of(&self, id: LetterId) -> Option<&Receipt> {
        self.letters
            .get(&id)
            .filter(|kept| kept.state == LetterState::Sent)
            .map(|kept| &kept.receipt)
    }

    /// The newest letters in a state.
    pub(super) fn rows(&self, state: LetterState, limit: u32) -> Vec<OutboxRow> {
        let index = match state {
            LetterState::Pending => &self.pending,
            LetterState::Sent => &self.sent,
            LetterState::Dead => &self.dead,
        };
        let row = |id: &LetterId| {
            let Kept { letter, state, created, error, .. } = self.letters.get(id)?;
            Some(OutboxRow {
                id: *id,
                conversation_id: letter.conversation.id.clone(),
                channel_id: letter.conversation.channel.clone(),
                state: *state,
                attempts: letter.attempts,
                created_utc: *created,
                error: error.clone(),
            })
        };
        index
            .values()
            .rev()
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .filter_map(row)
            .collect()
    }
}

fn unknown(letter: LetterId) -> StoreError {
    StoreError::Broken(format!("there is no letter {letter}"))
}
