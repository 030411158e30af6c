//! Agents who work in their personal chats with the bot: bound when they first open the app, told
//! which chat is whose.

use jiff::Timestamp;

use super::{
    Engine, Running, locale, reworded::without, roster::Afterwards, transcript, unkept::done,
};
use crate::{
    model::{Act, Agent, ConversationId, Event, Inbound, SessionId, Token, What, Words},
    pipeline::{
        desk::{DESK, act_of},
        is_command,
        phrases::{Desk, fill, phrases},
    },
    store::{AgentRow, Answer, StoreError},
};

impl Engine {
    /// The agent of that name, when the bot can write to them.
    pub fn agent(&self, id: &str) -> Option<std::sync::Arc<AgentRow>> {
        self.turns.roster().agent(id)
    }

    /// How many chats an agent has.
    pub fn chats_of(&self, id: &str) -> usize {
        self.turns.roster().chats_of(id).len()
    }

    /// What an agent does in their personal chat; none when it is an employee's own matter.
    pub(super) async fn agent_activity(
        &self,
        running: &Running,
        inbound: &Inbound,
        now: Timestamp,
    ) -> Result<Option<Answer>, StoreError> {
        let Some(row) = self.turns.roster().agent_in(&inbound.conversation) else {
            return Ok(None);
        };
        let desk = phrases(locale(running, inbound)).desk;
        let name = inbound
            .guest
            .name
            .clone()
            .or_else(|| row.name.clone())
            .unwrap_or_else(|| row.id.clone());
        let by = Agent { id: row.id.clone(), name };
        match &inbound.what {
            What::Submit(data) | What::Execute { data, .. } => {
                let Some(token) = Token::of(data).filter(|token| token.stage == DESK) else {
                    self.turns.roster().settle(&row.id);
                    return Ok(None);
                };
                let (Some(session), nonce) = (token.session, token.nonce.clone()) else {
                    return Ok(None);
                };
                if let Some(page) = transcript::page_of(data) {
                    return self.show_transcript(running, inbound, token, page).await.map(Some);
                }
                let Some(act) = act_of(data) else { return Ok(None) };
                let Some(view) = self.turns.store().session(session).await? else {
                    return Ok(None);
                };
                self.act_at_desk(
                    running,
                    inbound,
                    &view.conversation,
                    session,
                    (by, Some(nonce), act),
                    now,
                )
                .await
                .map(Some)
            }
            What::Text(_) | What::Wordless
                if !matches!(inbound.what, What::Wordless) || !inbound.files.is_empty() =>
            {
                let text = match &inbound.what {
                    What::Text(text) => text.as_str(),
                    _ => "",
                };
                match text.trim().to_lowercase().as_str() {
                    "/available" => {
                        return self.set_available(inbound, &row, true, desk, now).await.map(Some);
                    }
                    "/away" => {
                        return self.set_available(inbound, &row, false, desk, now).await.map(Some);
                    }
                    _ => {}
                }
                let chats = self.turns.roster().chats_of(&row.id);
                let (first, rest) =
                    text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
                let named = chats
                    .iter()
                    .find(|chat| chat.reference.eq_ignore_ascii_case(first.trim_end_matches(':')));
                if named.is_none() && is_reference(running, first) {
                    // Meant for a guest who is no longer theirs: nobody else may read it.
                    self.unkept.say(inbound, &Words::own(desk.desk_over));
                    return Ok(Some(done(inbound, None)));
                }
                let (chat, words) = match (named, chats.as_slice()) {
                    (Some(chat), _) => (chat, rest.trim()),
                    (None, []) => {
                        return Ok(self.after_a_chat(running, inbound, &row.id, text, now));
                    }
                    (None, [only]) => (only, text),
                    (None, several) => {
                        let list = several
                            .iter()
                            .map(|chat| chat.reference.as_str())
                            .collect::<Vec<_>>()
                            .join(", ");
                        let words = fill(
                            desk.desk_which,
                            &[("first", &several[0].reference), ("list", &list)],
                        );
                        self.unkept.say(inbound, &words);
                        return Ok(Some(done(inbound, None)));
                    }
                };
                if words.is_empty() && inbound.files.is_empty() {
                    return Ok(Some(done(inbound, None)));
                }
                let doing = (by, None, Act::Say(words.to_owned()));
                let shortened = named.map(|_| without(inbound, first));
                let inbound = shortened.as_ref().unwrap_or(inbound);
                self.act_at_desk(running, inbound, &chat.conversation, chat.session, doing, now)
                    .await
                    .map(Some)
            }
            What::Edited(_) | What::Deleted => self.reworded(running, inbound, by, now).await,
            _ => Ok(None),
        }
    }

    /// Words of an agent who has no chat: right after one has ended they may be meant for it, and
    /// begin no matter of the agent's own.
    fn after_a_chat(
        &self,
        running: &Running,
        inbound: &Inbound,
        agent: &str,
        text: &str,
        now: Timestamp,
    ) -> Option<Answer> {
        let language = locale(running, inbound);
        if is_command(&running.company.playbook, language, text) {
            self.turns.roster().settle(agent);
            return None;
        }
        match self.turns.roster().afterwards(agent, inbound.activity_id.as_deref(), now) {
            Afterwards::Own => return None,
            Afterwards::Of { reference } => {
                self.unkept
                    .say(inbound, &fill(phrases(language).desk.desk_after, &[("ref", &reference)]));
            }
            Afterwards::Repeated => {}
        }
        Some(done(inbound, None))
    }

    async fn act_at_desk(
        &self,
        running: &Running,
        inbound: &Inbound,
        guest: &ConversationId,
        session: SessionId,
        (by, nonce, act): (Agent, Option<String>, Act),
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        let full = match &act {
            // Not the one who clicks has too many.
            Act::Hand { to, .. } => {
                let name = self
                    .turns
                    .roster()
                    .agent(to)
                    .and_then(|row| row.name.clone())
                    .unwrap_or_else(|| to.clone());
                fill(phrases(locale(running, inbound)).desk.hand_full, &[("agent", &name)])
            }
            _ => Words::own(phrases(locale(running, inbound)).desk.desk_full),
        };
        let event = Event::Desk { by, nonce, act };
        match self.desk_turn(running, inbound, guest, session, &event, now).await {
            Err(StoreError::Full) => {
                if !inbound.invoke {
                    self.unkept.say(inbound, &full);
                }
                Ok(done(inbound, Some(&full)))
            }
            outcome => outcome,
        }
    }

    async fn set_available(
        &self,
        inbound: &Inbound,
        row: &AgentRow,
        is_available: bool,
        desk: &Desk,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        self.turns.store().set_available(&row.id, is_available).await?;
        self.turns.roster().bind(AgentRow { available: is_available, ..row.clone() });
        self.unkept.say(
            inbound,
            &Words::own(if is_available { desk.desk_available } else { desk.desk_away }),
        );
        self.tick_agents(now).await;
        Ok(done(inbound, None))
    }

    /// Whoever waits at a desk of personal chats may be offered to somebody who has come, or leave
    /// somebody who has gone.
    pub(super) async fn tick_agents(&self, now: Timestamp) {
        let running = self.running();
        for (tenant, settings) in &running.company.tenants {
            if settings.desk.as_ref().is_some_and(|desk| desk.people) {
                self.tick_desk(tenant, now).await;
            }
        }
    }
}

/// True for what looks like the number of a chat, also with a colon.
pub(super) fn is_reference(running: &Running, first: &str) -> bool {
    running.company.playbook.tenants.values().any(|tenant| {
        let number = first.trim_end_matches(':').to_uppercase();
        let number = number
            .strip_prefix(&format!("{}-", tenant.reference.to_uppercase()))
            .map(str::to_owned);
        number.is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    })
}
