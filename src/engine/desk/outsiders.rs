//! Who is of the company, of those who act in channels. With `external_users: refuse` nobody else
//! may act at a desk: no guest of the Microsoft 365 tenant and nobody who is in a shared channel from
//! another one; and they connect nothing whatever the company allows. An activity does not say which
//! of them somebody is, so whoever acts for the first time is looked up before the turn. The answer
//! is remembered in memory.

use std::{sync::Arc, time::Duration};

use dashmap::DashMap;
use tokio::sync::Mutex;

use super::means::{Incoming, Means};
use crate::{
    engine::{
        guest::LOOK_UP_AGAIN,
        may::{Not, Standing},
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

impl Outsiders {
    fn of(&self, inbound: &Inbound) -> Arc<Mutex<Known>> {
        if self.known.len() > MOST_REMEMBERED {
            self.known.clear();
        }
        let key = (inbound.conversation.channel.clone(), inbound.guest.key().to_owned());
        self.known.entry(key).or_default().clone()
    }

    /// Whether somebody is of the company; nobody is asked where it does not matter.
    pub(super) async fn standing(
        &self,
        means: &Means,
        incoming: &Incoming<'_>,
        is_connect: bool,
    ) -> Result<Standing, StoreError> {
        let Incoming { running, inbound, .. } = *incoming;
        let matters =
            is_connect || (!running.company.external_users && is_for_desk(means, inbound).await?);
        if !matters {
            return Ok(Standing::Own);
        }
        let person = self.of(inbound);
        let judged = async {
            let mut known = person.lock().await;
            judge(means, incoming, &mut known).await
        };
        Ok(tokio::time::timeout(PATIENCE, judged).await.unwrap_or(Standing::Unknown))
    }

    /// The answer to somebody who is not known to be of the company. Who is from outside is told
    /// once, and who clicks or wants to connect always.
    pub(super) async fn refuse(
        &self,
        means: &Means,
        incoming: &Incoming<'_>,
        why: Not,
        is_connect: bool,
    ) -> Answer {
        let (inbound, desk) = (incoming.inbound, incoming.desk());
        let (words, is_said) = if why == Not::Unknown {
            tracing::warn!(conversation = %inbound.conversation, "nobody could say who acts at a desk: it was not done");
            (Words::own(desk.desk_who), means.unkept.is_first_answer(inbound))
        } else if is_connect {
            tracing::warn!(conversation = %inbound.conversation, "somebody from outside the company wanted to connect a desk");
            (Words::own(desk.connect_outsider), means.unkept.is_first_answer(inbound))
        } else {
            let known = self.of(inbound);
            let is_new = !inbound.invoke && !std::mem::replace(&mut known.lock().await.told, true);
            (Words::own(desk.desk_outsider), is_new)
        };
        if is_said && !inbound.invoke {
            means.unkept.say(inbound, &words);
        }
        done(inbound, Some(&words))
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

async fn judge(means: &Means, incoming: &Incoming<'_>, known: &mut Known) -> Standing {
    let now = means.turns.moment();
    let is_fresh = known.verdict.is_some_and(|(at, _)| now.duration_since(at) < LOOK_UP_AGAIN);
    if !is_fresh && let Some(is_outside) = is_outside(means, incoming).await {
        known.verdict = Some((now, is_outside));
    }
    // Who was looked up before and cannot be today stays who they were: an outage stops no
    // chat.
    match known.verdict {
        None => Standing::Unknown,
        Some((_, true)) => Standing::Outside,
        Some((_, false)) => Standing::Own,
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
                    || tenant.is_some_and(|tenant| !means.turns.home().is_own(running, tenant)),
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
