//! A guest edits or deletes what they wrote.

use super::{Turns, cause::Cause};
use crate::{
    model::{Conversation, Event, What},
    store::{Line, StoreError, Who},
};

impl Turns {
    /// What it means that a guest edits or deletes a message, or undoes that, when it belongs to the
    /// session in which a person is waited for or is there. What was said anywhere else is no business
    /// of that desk's.
    pub(super) async fn change(
        &self,
        input: &Cause<'_>,
        conversation: &Conversation,
    ) -> Result<Option<Event>, StoreError> {
        let Cause::Activity(inbound) = input else { return Ok(None) };
        let text = match &inbound.what {
            What::Edited(text) => Some(text.clone()),
            What::Deleted => None,
            _ => return Ok(None),
        };
        let present = conversation
            .journey
            .as_ref()
            .and_then(|journey| journey.sessions.get(journey.present()?))
            .filter(|present| present.desk.is_some());
        let (Some(present), Some(id)) = (present, &inbound.activity_id) else { return Ok(None) };
        let lines = self.store.transcript(present.id).await?;
        let line = lines
            .into_iter()
            .find(|line| line.from == Who::Guest && line.activity_id.as_ref() == Some(id));
        let was = |line: Line| Some(line.text).filter(|_| line.deleted.is_none());
        // Told again it has changed nothing. What was hidden stays so.
        Ok(line
            .filter(|line| !line.hidden)
            .map(was)
            .filter(|old| *old != text)
            .map(|old| Event::GuestEdited { old, text }))
    }
}
