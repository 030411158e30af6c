//! Who does not get a turn: people of other Microsoft 365 tenants, group chats and channels.
//! Nothing of theirs is kept.

use std::sync::Arc;

use dashmap::DashSet;

use crate::{
    engine::{
        may::Home,
        running::{Running, locale},
        unkept::{MOST_REMEMBERED, Unkept, done},
    },
    model::{ConversationId, Inbound, Scope, What, Words},
    pipeline::language::phrases,
    store::Answer,
};

/// The door of the house.
pub(in crate::engine) struct Doors {
    unkept: Arc<Unkept>,
    home: Arc<Home>,
    refused: DashSet<ConversationId>,
}

impl Doors {
    pub(in crate::engine) fn new(unkept: Arc<Unkept>, home: Arc<Home>) -> Self {
        Doors { unkept, home, refused: DashSet::new() }
    }

    /// True when the person's Microsoft 365 tenant may not chat here.
    pub(in crate::engine) fn is_foreign(&self, running: &Running, inbound: &Inbound) -> bool {
        match &inbound.guest.entra_tenant {
            Some(tenant) => !self.home.is_own(running, tenant),
            // Teams always says; the Emulator and the web channels have none, and their tokens are
            // the bot's own.
            None => self.home.is_told(running) && inbound.conversation.channel == "msteams",
        }
    }

    /// One refusal a conversation; nothing is stored.
    pub(in crate::engine) fn refuse_foreign(&self, running: &Running, inbound: &Inbound) -> Answer {
        let words = Words::own(phrases(locale(running, inbound)).foreign);
        let speaks = matches!(
            inbound.what,
            What::Text(_) | What::Submit(_) | What::Installed | What::Wordless
        );
        let addressed = inbound.scope == Scope::Personal || inbound.mentioned;
        if self.refused.len() > MOST_REMEMBERED {
            self.refused.clear();
        }
        if speaks && addressed && self.refused.insert(inbound.conversation.clone()) {
            self.unkept.say(inbound, &words);
        }
        done(inbound, Some(&words))
    }

    /// Group chats and channels: a polite answer when mentioned. Everything else is dropped unread.
    pub(in crate::engine) fn outside_personal(
        &self,
        running: &Running,
        inbound: &Inbound,
    ) -> Answer {
        let words = Words::own(phrases(locale(running, inbound)).write_directly);
        if inbound.mentioned
            && matches!(inbound.what, What::Text(_) | What::Wordless)
            && self.unkept.is_first_answer(inbound)
        {
            self.unkept.say(inbound, &words);
        }
        done(inbound, Some(&words))
    }
}
