//! What comes from a team's channels: the command that makes one a desk, and what agents write and
//! click in its threads. Everything else there is dropped unread.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::{
    Engine, Running, locale, transcript,
    turn::{Acted, Cause, DESK_QUEUE, Done, Ready, Slot, dedupe_keys, lost, present},
};
use crate::{
    model::{Act, ConversationId, Event, Inbound, SessionId, TenantId, Token, What, Words},
    pipeline::{
        desk::{DESK, act_of},
        phrases::{fill, phrases},
    },
    store::{AgentRow, Answer, Delivery, Desk, Outgoing, StoreError},
};

/// How long a code for the connect command is good.
const CODE_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// The words of the connect command, in every language of the app package.
const CONNECT: [&str; 2] = ["connect", "verbinden"];

impl Engine {
    /// An activity in a channel or one of its threads.
    pub(super) async fn in_channel(
        &self,
        running: &Running,
        inbound: &Inbound,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        if let What::Text(text) = &inbound.what
            && inbound.mentioned
            && let Some(code) = code_of(text)
        {
            return self.connect(running, inbound, code, now).await;
        }
        if let Some(answer) = self.stopped_at_desk(running, inbound, now).await? {
            return Ok(answer);
        }
        if matches!(inbound.what, What::Edited(_) | What::Deleted) && inbound.thread.is_some() {
            let answer = self.reworded(running, inbound, inbound.author(), now).await?;
            return Ok(answer.unwrap_or_else(|| self.doors.outside_personal(running, inbound)));
        }
        let found = match &inbound.what {
            What::Submit(data) | What::Execute { data, .. } => {
                let mut data = data.clone();
                let token = Token::of(&data).filter(|token| token.stage == DESK);
                data.remove(crate::model::Token::KEY);
                if let (Some(token), Some(page)) = (&token, transcript::page_of(&data)) {
                    return self.show_transcript(running, inbound, token.clone(), page).await;
                }
                match (token, act_of(&data)) {
                    (Some(token), Some(act)) => match token.session {
                        Some(session) => {
                            let view = self.turns.store().session(session).await?;
                            view.map(|view| (view.conversation, session, Some(token.nonce), act))
                        }
                        None => None,
                    },
                    _ => None,
                }
            }
            What::Text(_) | What::Wordless if inbound.thread.is_some() => {
                let text = match &inbound.what {
                    What::Text(text) => text.clone(),
                    _ => String::new(),
                };
                let thread = self.turns.store().thread(&inbound.conversation.id).await?;
                let thread = thread.filter(|_| !text.is_empty() || !inbound.files.is_empty());
                thread.map(|thread| (thread.guest, thread.session, None, Act::Say(text)))
            }
            What::Removed => {
                self.left_team(inbound, now).await?;
                None
            }
            _ => None,
        };
        let Some((guest, session, nonce, act)) = found else {
            return Ok(self.doors.outside_personal(running, inbound));
        };
        let by = inbound.author();
        self.desk_turn(running, inbound, &guest, session, &Event::Desk { by, nonce, act }, now)
            .await
    }

    /// One turn of a guest's conversation for something that happened at a desk.
    pub(super) async fn desk_turn(
        &self,
        running: &Running,
        inbound: &Inbound,
        guest: &ConversationId,
        session: SessionId,
        event: &Event,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        // In the guest's conversation under a prefix of its own: ids are only unique in theirs.
        let keys: Vec<_> = dedupe_keys(inbound, now)
            .into_iter()
            .map(|(key, until)| (format!("d{key}"), until))
            .collect();
        let mut is_advice = false;
        let ready = |slot: &mut Slot| {
            let Some(conversation) = slot.conversation() else { return Ready::Stop(None) };
            // An answer to a side question comes from a thread of its own, named by its first post.
            let present = present(conversation);
            let consult = present.and_then(|present| present.help.as_ref()).and_then(|help| {
                help.consults.iter().find(|consult| consult.letter.0 == session.0)
            });
            if let (Some(consult), Event::Desk { by, act: Act::Say(text), .. }) = (consult, event) {
                is_advice = true;
                let act = Act::Advise { letter: consult.letter, text: text.clone() };
                let advice = Event::Desk { by: by.clone(), nonce: None, act };
                return Ready::Go(Cause::Desk(inbound, Cow::Owned(advice)));
            }
            is_advice = false;
            // A session that has no more to do with a desk has no thread either in which the core
            // could answer.
            if present.is_some_and(|present| present.id == session && present.help.is_some()) {
                return Ready::Go(Cause::Desk(inbound, Cow::Borrowed(event)));
            }
            let theirs = conversation.journey.as_ref().and_then(|journey| journey.session(session));
            Ready::Stop(Some(theirs.map(|session| session.tenant.clone())))
        };
        let outcome = self.turns.turn(guest, &keys, now, ready).await;
        if is_advice && !inbound.files.is_empty() {
            let lost = lost(inbound, phrases(locale(running, inbound)));
            self.unkept.answer(inbound, &lost);
        }
        match outcome? {
            Done::Turned(turned) => Ok(turned.answer),
            Done::Stopped(None) => Ok(self.doors.outside_personal(running, inbound)),
            Done::Stopped(Some(tenant)) => {
                let words = self.over(running, tenant.as_ref());
                Ok(self.unkept.answer(inbound, &words))
            }
        }
    }

    fn over(&self, running: &Running, tenant: Option<&TenantId>) -> Words {
        let playbook = &running.company.playbook;
        let locale = tenant
            .and_then(|id| playbook.tenant(id))
            .map_or(&playbook.locale, |tenant| &tenant.locale);
        Words::own(phrases(locale).desk.desk_over)
    }

    /// A code for the connect command of a tenant: good for ten minutes and for one use. Older ones
    /// are void.
    pub async fn desk_code(
        &self,
        tenant: &TenantId,
        now: Timestamp,
    ) -> Result<(String, Timestamp), StoreError> {
        // Easy to read out: no letters that look alike. 31^10 possibilities, for ten minutes.
        const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let chosen =
            uuid::Uuid::new_v4().into_bytes().into_iter().zip(uuid::Uuid::new_v4().into_bytes());
        let letters =
            chosen.take(10).map(|(a, b)| char::from(LETTERS[usize::from(a ^ b) % LETTERS.len()]));
        let code: String = letters
            .enumerate()
            .flat_map(|(at, letter)| (at == 5).then_some('-').into_iter().chain([letter]))
            .collect();
        let until = now.checked_add(CODE_LIFE).unwrap_or(now);
        self.turns.store().put_code(tenant, &hash_of(&code), until).await?;
        Ok((code, until))
    }

    /// The connected channels, also those that are disconnected again.
    pub fn desks(&self) -> Vec<std::sync::Arc<Desk>> {
        self.turns.roster().all()
    }

    async fn connect(
        &self,
        running: &Running,
        inbound: &Inbound,
        code: &str,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        let desk = phrases(locale(running, inbound)).desk;
        let tenant = self.turns.store().take_code(&hash_of(code), now).await?;
        let tenant = tenant.and_then(|id| running.company.playbook.tenant(&id));
        let (Some(tenant), Some(channel)) = (tenant, &inbound.channel) else {
            tracing::warn!(conversation = %inbound.conversation, "a connect command came with a code that is not good");
            return Ok(self.unkept.answer(inbound, &Words::own(desk.code_bad)));
        };
        let row = Desk {
            tenant: tenant.id.clone(),
            channel: channel.id.clone(),
            team: channel.team.clone(),
            name: channel.name.clone(),
            service_url: inbound.service_url.clone(),
            bot: inbound.bot.clone(),
            entra_tenant: inbound.guest.entra_tenant.clone(),
            connected: now,
            broken: None,
        };
        self.turns.store().connect_desk(row.clone()).await?;
        self.turns.roster().connect(row);
        tracing::info!(tenant = %tenant.id, "a channel is a desk now");
        let mut words = fill(desk.connected, &[("name", &tenant.name)]);
        if channel.needs_mention() {
            words = words.then(&Words::own(desk.connected_mention));
        }
        let warning = match channel.kind.as_deref() {
            Some("private") => None,
            Some("shared") => Some(desk.connected_shared),
            _ => Some(desk.connected_confidential),
        };
        if let Some(warning) = warning.filter(|_| tenant.confidential) {
            words = words.then(&fill(warning, &[("name", &tenant.name)]));
        }
        let answer = self.unkept.answer(inbound, &words);
        self.tick_desk(&tenant.id, now).await;
        Ok(answer)
    }

    /// Nothing can be delivered to a desk any more: it is marked, and whoever waits there takes
    /// their exit.
    pub async fn break_desk(
        &self,
        tenant: &TenantId,
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        tracing::error!(%tenant, why, "a desk is disconnected: connect a channel again");
        self.turns.store().break_desk(tenant, why.to_owned()).await?;
        self.turns.roster().disconnect(tenant, why);
        self.tick_desk(tenant, now).await;
        Ok(())
    }

    async fn left_team(&self, inbound: &Inbound, now: Timestamp) -> Result<(), StoreError> {
        let Some(channel) = &inbound.channel else { return Ok(()) };
        // To private and shared channels the app is added one by one, and so it leaves them: the
        // team's other desks stay.
        let is_one = channel.needs_mention();
        let why = if is_one {
            "the app was removed from the channel"
        } else {
            "the app was removed from the team"
        };
        for desk in self.turns.roster().all() {
            let is_left = if is_one {
                desk.channel == channel.id
            } else {
                channel.team.is_some() && desk.team == channel.team
            };
            if desk.broken.is_none() && is_left {
                self.break_desk(&desk.tenant, why, now).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn tick_desk(&self, tenant: &TenantId, now: Timestamp) {
        for id in self.turns.roster().concerned(tenant) {
            match self.turns.event(&id, &Event::Tick, None, now).await {
                Ok(Acted::Done) => {}
                Ok(other) => {
                    tracing::debug!(conversation = %id, ?other, "a guest at a desk was not told")
                }
                Err(error) => {
                    tracing::error!(conversation = %id, %error, "a guest at a desk could not be told; time will")
                }
            }
        }
    }

    /// A letter was given up because the place to which it goes is gone: the other side is told.
    pub(super) async fn gone(
        &self,
        letter: &Outgoing,
        is_gone: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let (Delivery::Open { guest, .. }, false) = (&letter.kind, is_gone) {
            // The channel may be well: another thread is tried in a while.
            return self
                .turns
                .event(guest, &Event::ThreadLost { letter: letter.id }, None, now)
                .await
                .map(|_| ());
        }
        if let Some(row) = self.turns.roster().agent_in(&letter.conversation) {
            // Nobody is promised an agent who does not hear us.
            self.turns.store().set_available(&row.id, false).await?;
            self.turns.roster().bind(AgentRow { available: false, ..AgentRow::clone(&row) });
            self.tick_agents(now).await;
        }
        let session =
            letter.conversation.id.strip_prefix(DESK_QUEUE).and_then(|id| id.parse().ok());
        let Some(session) = session else {
            return self
                .turns
                .event(&letter.conversation, &Event::Unreachable, None, now)
                .await
                .map(|_| ());
        };
        let Some(view) = self.turns.store().session(session).await? else { return Ok(()) };
        let why = match &letter.kind {
            Delivery::Open { .. } => "no thread can be opened in the channel",
            _ => "nothing can be posted in the channel's threads",
        };
        let tenant = view.session.tenant;
        if self.turns.roster().of(&tenant).is_some_and(|desk| desk.broken.is_none()) {
            self.break_desk(&tenant, why, now).await?;
        }
        Ok(())
    }
}

/// The code of a connect command.
fn code_of(text: &str) -> Option<&str> {
    let mut words = text.split_whitespace();
    let first = words.next()?;
    CONNECT
        .iter()
        .any(|word| word.eq_ignore_ascii_case(first))
        .then(|| words.next().unwrap_or_default())
}

fn hash_of(code: &str) -> String {
    let plain: String =
        code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    Sha256::digest(plain.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
