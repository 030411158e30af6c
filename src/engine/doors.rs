//! Who does not get a turn: people of other Microsoft 365 tenants, group chats and channels. Nothing of theirs is kept.

use super::{Engine, Live, MOST_REFUSED, done, locale, reference, wire};
use crate::{
    model::{Inbound, LetterId, Scope, What, Words},
    pipeline::phrases::phrases,
    store::{Answer, Delivery, Outgoing},
};

impl Engine {
    /// True when the person's Microsoft 365 tenant may not chat here.
    pub(super) fn is_foreign(&self, live: &Live, inbound: &Inbound) -> bool {
        let own = self.app_tenant.as_slice();
        let allowed = if live.company.entra_tenants.is_empty() { own } else { live.company.entra_tenants.as_slice() };
        if allowed.is_empty() {
            return false;
        }
        match &inbound.guest.entra_tenant {
            Some(tenant) => !allowed.iter().any(|id| id.eq_ignore_ascii_case(tenant)),
            // Teams always says; the Emulator and the web channels have none, and their tokens are the bot's own.
            None => inbound.conversation.channel == "msteams",
        }
    }

    /// One refusal a conversation; nothing is stored.
    pub(super) fn refuse_foreign(&self, live: &Live, inbound: &Inbound) -> Answer {
        let words = Words::own(phrases(locale(live, inbound)).foreign);
        let speaks = matches!(inbound.what, What::Text(_) | What::Submit(_) | What::Installed | What::Wordless);
        let addressed = inbound.scope == Scope::Personal || inbound.mentioned;
        if self.refused.len() > MOST_REFUSED {
            self.refused.clear();
        }
        if speaks && addressed && self.refused.insert(inbound.conversation.clone()) {
            self.send_unkept(inbound, &words);
        }
        done(inbound, Some(&words))
    }

    /// Group chats and channels: a polite answer when mentioned. Everything else is dropped unread.
    pub(super) fn outside_personal(&self, live: &Live, inbound: &Inbound) -> Answer {
        let words = Words::own(phrases(locale(live, inbound)).write_directly);
        if self.mentions.len() > MOST_REFUSED {
            self.mentions.clear();
        }
        let is_new = || inbound.activity_id.as_ref().is_none_or(|id| self.mentions.insert((inbound.conversation.clone(), id.clone())));
        if inbound.mentioned && matches!(inbound.what, What::Text(_) | What::Wordless) && is_new() {
            self.send_unkept(inbound, &words);
        }
        done(inbound, Some(&words))
    }

    /// Words that answer an activity and are not kept.
    pub(super) fn send_unkept(&self, inbound: &Inbound, words: &Words) {
        let drawn = wire::text(words, &reference(inbound), &inbound.conversation.id, inbound.activity_id.as_deref());
        self.outbox.send_unkept(unkept(inbound, drawn.activity));
    }

    pub(super) fn send_typing(&self, inbound: &Inbound) {
        self.outbox.send_unkept(unkept(inbound, wire::typing(&reference(inbound), &inbound.conversation.id)));
    }
}

pub(super) fn unkept(inbound: &Inbound, body: String) -> Outgoing {
    Outgoing {
        id: LetterId(uuid::Uuid::now_v7()),
        conversation: inbound.conversation.clone(),
        service_url: inbound.service_url.clone(),
        kind: Delivery::Post(inbound.activity_id.clone()),
        body,
        attempts: 0,
    }
}
