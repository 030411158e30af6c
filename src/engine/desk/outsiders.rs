//! Who may act at a desk in a channel. With `external_users: refuse` nobody from outside the
//! company: no guest of the Microsoft 365 tenant and nobody who is in a shared channel from another
//! one. An activity does not say which of them somebody is, so whoever acts for the first time is
//! looked up before the turn. The answer is remembered in memory.

use std::{sync::Arc, time::Duration};

use dashmap::DashMap;
use tokio::sync::Mutex;

use super::means::{Incoming, Means};
use crate::{
    engine::{
        guest::LOOK_UP_AGAIN,
        unkept::{MOST_REMEMBERED, done},
    },
    model::{Inbound, Moment, Token, What, Words},
    pipeline::desk::DESK,
    store::{Answer, StoreError},
    teams::connector::SendError,
};

/// As long as an act waits for a look-up. Teams waits for an answer to a click for ten seconds.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is known of the people at desks, by channel (`msteams` …) and [`crate::model::Guest::key`].
#[derive(Default)]
pub(super) struct Outsiders {
    known: DashMap<(String, String), Arc<Mutex<Known>>>,
}

/// One of them. Its lock is held while they are looked up, so that what one person does stays in
/// order; nobody else waits for it.
#[derive(Default)]
struct Known {
    /// When they were looked up, and whether they are from outside.
    verdict: Option<(Moment, bool)>,
    /// They had their refusal.
    told: bool,
}

/// What becomes of an act.
enum May {
    Act,
    /// They are from outside; `true` when they have not been told yet.
    Not(bool),
    Unknown,
}

impl Outsiders {
    fn of(&self, inbound: &Inbound) -> Arc<Mutex<Known>> {
        if self.known.len() > MOST_REMEMBERED {
            self.known.clear();
        }
        let key = (inbound.conversation.channel.clone(), inbound.guest.key().to_owned());
        self.known.entry(key).or_default().clone()
    }

    /// The answer to somebody who may not do at a desk what they are about to do there; none when
    /// they may, or when it is no desk's matter.
    pub(super) async fn stopped(
        &self,
        means: &Means,
        incoming: &Incoming<'_>,
    ) -> Result<Option<Answer>, StoreError> {
        let Incoming { running, inbound, .. } = *incoming;
        if running.company.external_users || !is_for_desk(means, inbound).await? {
            return Ok(None);
        }
        let person = self.of(inbound);
        let may = async {
            let mut known = person.lock().await;
            judge(means, incoming, &mut known).await
        };
        let may = tokio::time::timeout(PATIENCE, may).await.unwrap_or(May::Unknown);
        let desk = incoming.desk();
        let (words, is_said) = match may {
            May::Act => return Ok(None),
            May::Not(is_new) => (Words::own(desk.desk_outsider), is_new),
            May::Unknown => {
                tracing::warn!(conversation = %inbound.conversation, "nobody could say who acts at a desk: it was not done");
                (Words::own(desk.desk_who), means.unkept.is_first_answer(inbound))
            }
        };
        if is_said && !inbound.invoke {
            means.unkept.say(inbound, &words);
        }
        Ok(Some(done(inbound, Some(&words))))
    }
}

/// True for what is done with a card of a desk or written in a desk's thread.
async fn is_for_desk(means: &Means, inbound: &Inbound) -> Result<bool, StoreError> {
    Ok(match &inbound.what {
        What::Submit(data) | What::Execute { data, .. } => {
            Token::of(data).is_some_and(|token| token.stage == DESK)
        }
        What::Text(_) | What::Wordless | What::Edited(_) | What::Deleted => {
            inbound.thread.is_some()
                && means.turns.store().thread(&inbound.conversation.id).await?.is_some()
        }
        _ => false,
    })
}

async fn judge(means: &Means, incoming: &Incoming<'_>, known: &mut Known) -> May {
    let inbound = incoming.inbound;
    let now = means.turns.moment();
    let is_fresh = known.verdict.is_some_and(|(at, _)| now.duration_since(at) < LOOK_UP_AGAIN);
    if !is_fresh && let Some(is_outside) = is_outside(means, incoming).await {
        known.verdict = Some((now, is_outside));
    }
    // Who was looked up before and cannot be today stays who they were: an outage stops no
    // chat.
    match known.verdict {
        None => May::Unknown,
        Some((_, false)) => May::Act,
        // A click is answered where only they read it.
        Some((_, true)) if inbound.invoke => May::Not(false),
        Some((_, true)) => May::Not(!std::mem::replace(&mut known.told, true)),
    }
}

/// Asks the channel; none when it cannot say.
async fn is_outside(means: &Means, incoming: &Incoming<'_>) -> Option<bool> {
    let Incoming { running, inbound, now } = *incoming;
    let outbox = &means.turns.post().outbox;
    outbox.may_ask(&inbound.conversation, &inbound.service_url, true).await;
    let connector = outbox.connector();
    let place = inbound
        .channel
        .as_ref()
        .map_or(inbound.conversation.id.as_str(), |channel| channel.id.as_str());
    match connector.member(&inbound.service_url, place, &inbound.guest.id, now).await {
        Ok(member) => {
            let tenant = member.entra_tenant.as_deref();
            Some(
                member.is_external()
                    || tenant.is_some_and(|tenant| !means.doors.is_own_tenant(running, tenant)),
            )
        }
        // A local client that knows no members.
        Err(SendError::Refused { status: 404 | 501, .. } | SendError::Gone { .. })
            if connector.is_anonymous() =>
        {
            Some(false)
        }
        Err(error) => {
            tracing::info!(conversation = %inbound.conversation, %error, "somebody at a desk could not be looked up");
            None
        }
    }
}
