//! Answers that are not kept: no transcript has them, and no restart sends them again.

use dashmap::DashSet;

use super::{post::Outbox, wire};
use crate::{
    model::{ConversationId, Inbound, LetterId, What, Words},
    store::{Answer, Delivery, Outgoing},
    teams::invokes,
};

/// People, conversations and activities of which something is remembered in memory; beyond this
/// many it begins anew, and somebody may be told or asked a second time.
pub(super) const MOST_REMEMBERED: usize = 10_000;

/// Sends what is not kept.
pub(super) struct Unkept {
    outbox: Outbox,
    answered: DashSet<(ConversationId, String)>,
}

impl Unkept {
    pub(super) fn new(outbox: Outbox) -> Self {
        Unkept { outbox, answered: DashSet::new() }
    }

    /// Words as an answer to an activity.
    pub(super) fn say(&self, inbound: &Inbound, words: &Words) {
        let (to, place) = (inbound.reference(), wire::Place::of(&inbound.conversation));
        let drawn = wire::text(words, &to, place, inbound.activity_id.as_deref());
        for activity in std::iter::once(drawn.activity).chain(drawn.more) {
            self.send(inbound, Delivery::Post(inbound.activity_id.clone()), activity);
        }
    }

    /// Words to whoever did something: in the invoke's answer when there is one, else as an answer.
    pub(super) fn answer(&self, inbound: &Inbound, words: &Words) -> Answer {
        if !inbound.invoke {
            self.say(inbound, words);
        }
        done(inbound, Some(words))
    }

    /// "Somebody is at work."
    pub(super) fn typing(&self, inbound: &Inbound) {
        let activity = wire::typing(&inbound.reference(), &inbound.conversation.id);
        self.send(inbound, Delivery::Post(inbound.activity_id.clone()), activity);
    }

    /// An activity into the conversation from which another one came.
    pub(super) fn post(&self, inbound: &Inbound, activity: String) {
        self.send(inbound, Delivery::Post(None), activity);
    }

    fn send(&self, inbound: &Inbound, kind: Delivery, body: String) {
        self.outbox.send_unkept(Outgoing {
            id: LetterId(uuid::Uuid::now_v7()),
            conversation: inbound.conversation.clone(),
            service_url: inbound.service_url.clone(),
            kind,
            body,
            attempts: 0,
        });
    }

    /// True once an activity: what is answered without being kept is answered once.
    pub(super) fn is_first_answer(&self, inbound: &Inbound) -> bool {
        if self.answered.len() > MOST_REMEMBERED {
            self.answered.clear();
        }
        inbound
            .activity_id
            .as_ref()
            .is_none_or(|id| self.answered.insert((inbound.conversation.clone(), id.clone())))
    }
}

/// 200; for an `adaptiveCard/action` with words, since its caller waits for a body.
pub(super) fn done(inbound: &Inbound, words: Option<&Words>) -> Answer {
    let body = match &inbound.what {
        What::Execute { .. } => Some(
            invokes::execute_message(&words.map(Words::plain).unwrap_or_else(|| "OK".to_owned()))
                .to_string(),
        ),
        _ => None,
    };
    Answer { status: 200, body }
}
