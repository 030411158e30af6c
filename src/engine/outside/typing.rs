//! "Somebody is at work", shown in a chat while another system is asked.
//!
//! A client shows a typing activity for three seconds, and a bot sends one no more often than that
//! (Bot Framework Activity Schema, A6000 and A6001:
//! <https://github.com/microsoft/botframework-sdk/blob/main/specs/botframework-activity/botframework-activity.md#typing-activity>).
//! In Teams it also disappears with the bot's next message.

use std::time::Duration;

use crate::{
    engine::{turn::Turns, wire},
    model::{Call, ConversationId, LetterId, SessionId},
    store::{Delivery, Loaded, Outgoing},
};

/// What is answered sooner shows nothing.
const AFTER: Duration = Duration::from_secs(1);
/// It is shown so often while nobody has answered.
const EVERY: Duration = Duration::from_secs(3);

/// Shows it until nobody waits for the call any more; meant to be dropped when it is answered, and
/// nothing is sent after that.
pub(super) async fn show(
    turns: &Turns,
    conversation: &ConversationId,
    session: SessionId,
    call: &Call,
) {
    // Whoever is asked again has kept somebody waiting already.
    tokio::time::sleep(if call.attempt > 1 { Duration::ZERO } else { AFTER }).await;
    loop {
        let loaded = match turns.store().load(conversation).await {
            Ok(Some(loaded)) => loaded,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%session, %error, "nobody could be shown that a call takes a while");
                return;
            }
        };
        let Loaded { conversation: chat, .. } = loaded;
        let sessions = chat.journey.iter().flat_map(|journey| &journey.sessions);
        let waiting = sessions.filter_map(|session| session.call.as_ref());
        // The guest may have gone on without it.
        if !waiting.into_iter().any(|waiting| waiting.id == call.id) {
            return;
        }
        let letter = Outgoing {
            id: LetterId(uuid::Uuid::now_v7()),
            conversation: conversation.clone(),
            service_url: chat.reference.service_url.clone(),
            kind: Delivery::Post(None),
            body: wire::typing(&chat.reference, &conversation.id),
            attempts: 0,
        };
        turns.post().outbox.send_now_or_never(&letter).await;
        tokio::time::sleep(EVERY).await;
    }
}
