//! A guest edits or deletes what they wrote.

use super::{Turns, cause::Cause};
use crate::{
    model::{Conversation, Event, SessionId, What},
    store::{Line, StoreError, Who},
};

impl Turns {
    /// What it means that a guest edits or deletes a message, or undoes that, when it belongs to a
    /// session in which a person is waited for or is there, or that lies at a desk; and which one that
    /// is. What was said anywhere else is no business of a desk's.
    pub(super) async fn change(
        &self,
        input: &Cause<'_>,
        conversation: &Conversation,
    ) -> Result<Option<(Event, SessionId)>, StoreError> {
        let Cause::Activity(inbound) = input else { return Ok(None) };
        let text = match &inbound.what {
            What::Edited(text) => Some(text.clone()),
            What::Deleted => None,
            _ => return Ok(None),
        };
        let Some(id) = &inbound.activity_id else { return Ok(None) };
        let at_desk = conversation.sessions().filter(|session| session.desk.is_some());
        for session in at_desk.map(|session| session.id) {
            let lines = self.store.transcript(session).await?;
            let is_theirs =
                |line: &Line| line.from == Who::Guest && line.activity_id.as_ref() == Some(id);
            let Some(line) = lines.into_iter().find(is_theirs) else { continue };
            let is_hidden = line.hidden;
            let old = Some(line.text).filter(|_| line.deleted.is_none());
            // Told again it has changed nothing. What was hidden stays so.
            let is_news = !is_hidden && old != text;
            return Ok(is_news.then_some((Event::GuestEdited { old, text }, session)));
        }
        Ok(None)
    }
}
