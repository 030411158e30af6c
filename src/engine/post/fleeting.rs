//! What is true only now, such as "somebody is at work": sent at once or not at all.

use super::courier::Courier;
use crate::store::Outgoing;

impl Courier {
    /// Sends it if Teams lets it pass at this moment. It is tried once.
    pub(super) async fn send_now(&self, letter: &Outgoing) {
        if !self.may_pass_now(letter) {
            return;
        }
        let (url, place) = (&letter.service_url, &letter.conversation.id);
        let sent = self.connector.send(url, place, None, &letter.body, (self.clock)()).await;
        if let Err(error) = sent {
            tracing::debug!(conversation = %letter.conversation, %error, "what is true for a moment was not delivered");
            if let Some(after) = error.after() {
                self.leave_alone(letter, after).await;
            }
        }
    }

    /// True when Teams lets it pass at this moment; its place is taken then.
    fn may_pass_now(&self, letter: &Outgoing) -> bool {
        !self.stop.is_cancelled()
            && !self.paces.is_resting(&letter.conversation)
            && (!self.paces.limits(&letter.conversation, &letter.service_url)
                || self.paces.pass_now(&letter.conversation))
    }
}
