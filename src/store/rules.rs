//! What every implementation does the same way: the checks of a turn, the cursor of a page, and how
//! instants are kept.

use std::collections::HashSet;

use jiff::Timestamp;

use super::{error::StoreError, turn::Turn, views::Filter};
use crate::model::{Session, SessionId};

/// How many sessions a page has when nobody says.
const PAGE: u32 = 50;

impl Turn {
    /// Refuses a turn that contradicts itself, before anything is written.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let refuse = |what: String| {
            Err(StoreError::Broken(format!("a turn of {} {what}", self.conversation.id)))
        };
        let journey = self.conversation.journey.as_ref();
        if journey.is_none() && self.first_new_hop > 0 {
            return refuse("changes hops without a journey".to_owned());
        }
        if let Some(id) = self.changed.iter().find(|id| self.conversation.session(**id).is_none()) {
            return refuse(format!("changes the session {id}, which is in none of its journeys"));
        }
        let mut journeys = HashSet::new();
        for journey in self.conversation.journeys() {
            let stray = journey.sessions.iter().find(|session| session.journey != journey.id);
            if let Some(session) = stray {
                return refuse(format!("holds the session {} of another journey", session.id));
            }
            if !journeys.insert(journey.id) {
                return refuse(format!("holds the journey {} twice", journey.id));
            }
        }
        if let Some(journey) = journey.filter(|journey| self.first_new_hop > journey.hops.len()) {
            return refuse(format!(
                "begins at hop {}, but there are {}",
                self.first_new_hop,
                journey.hops.len()
            ));
        }
        let mut keys = HashSet::new();
        if !self.added.seen.iter().all(|seen| keys.insert(&seen.key)) {
            return refuse("holds the same dedupe key twice".to_owned());
        }
        let mut letters = HashSet::new();
        if !self.added.letters.iter().all(|letter| letters.insert(letter.id)) {
            return refuse("holds the same letter twice".to_owned());
        }
        Ok(())
    }

    /// The sessions to write, each with its place in its journey.
    pub(super) fn changed_sessions(&self) -> impl Iterator<Item = (usize, &Session)> {
        let sessions =
            self.conversation.journeys().flat_map(|journey| journey.sessions.iter().enumerate());
        sessions.filter(|(_, session)| self.changed.contains(&session.id))
    }
}

impl Filter {
    /// How many sessions a page may have.
    pub(super) fn page_size(&self) -> usize {
        let limit = if self.limit == 0 { PAGE } else { self.limit };
        usize::try_from(limit).unwrap_or(usize::MAX - 1)
    }

    /// Where the page begins: after this session.
    pub(super) fn after(&self) -> Result<Option<Cursor>, StoreError> {
        match &self.cursor {
            None => Ok(None),
            Some(text) => Cursor::read(text)
                .map(Some)
                .ok_or_else(|| StoreError::Broken("the cursor is not one of ours".to_owned())),
        }
    }

    /// True when the cursor is absent or one that a [`Page`](super::Page) can have had. Asked before
    /// listing, it lets the API answer 400.
    pub fn has_valid_cursor(&self) -> bool {
        self.after().is_ok()
    }
}

/// The place of a session in the list of all sessions: its start, then its id. It does not move
/// when others begin or end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cursor {
    /// When the session began.
    pub(super) started: i64,
    /// The session.
    pub(super) id: SessionId,
}

impl Cursor {
    /// The place of a session.
    pub(super) fn of(session: &Session) -> Self {
        Cursor { started: nanos(session.started), id: session.id }
    }

    /// As text, for the caller to hand back.
    pub(super) fn write(&self) -> String {
        format!("{}_{}", self.started, self.id.0.simple())
    }

    fn read(text: &str) -> Option<Self> {
        let (started, id) = text.split_once('_')?;
        Some(Cursor { started: started.parse().ok()?, id: id.parse().ok()? })
    }
}

/// Nanoseconds since 1970, which sort and compare as numbers; the years beyond 1677 to 2262 become
/// the nearest.
pub(super) fn nanos(at: Timestamp) -> i64 {
    let nanos = at.as_nanosecond();
    i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
}

/// The instant of [`nanos`].
pub(super) fn instant(nanos: i64) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(nanos))
        .expect("every i64 of nanoseconds is between the years 1677 and 2262, which jiff knows")
}
