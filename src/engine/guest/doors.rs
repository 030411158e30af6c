//! Who does not get a turn: people of other Microsoft 365 tenants, group chats and channels.
//! Nothing of theirs is kept.

use std::sync::Arc;

use dashmap::DashSet;

use crate::{
    company::People,
    engine::{
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
    /// The bot's own Microsoft 365 tenant.
    app_tenant: Option<String>,
    refused: DashSet<ConversationId>,
}

impl Doors {
    pub(in crate::engine) fn new(unkept: Arc<Unkept>, app_tenant: Option<String>) -> Self {
        Doors { unkept, app_tenant, refused: DashSet::new() }
    }

    /// True when the person's Microsoft 365 tenant may not chat here.
    pub(in crate::engine) fn is_foreign(&self, running: &Running, inbound: &Inbound) -> bool {
        match &inbound.guest.entra_tenant {
            Some(tenant) => !self.is_own_tenant(running, tenant),
            // Teams always says; the Emulator and the web channels have none, and their tokens are
            // the bot's own.
            None => {
                matches!(self.people(running), People::Of(_))
                    && inbound.conversation.channel == "msteams"
            }
        }
    }

    /// True for a Microsoft 365 tenant of the company, and for every one where everyone may chat.
    pub(in crate::engine) fn is_own_tenant(&self, running: &Running, tenant: &str) -> bool {
        match self.people(running) {
            People::Everyone | People::Unsaid => true,
            People::Of(own) => own.iter().any(|id| id.eq_ignore_ascii_case(tenant)),
        }
    }

    fn people<'a>(&'a self, running: &'a Running) -> People<'a> {
        running.company.whose_people(self.app_tenant.as_ref())
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
