//! Channels that are desks: how one becomes it, and how it ends.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::{
    means::{Incoming, Means},
    waiting::tick,
    words::told,
};
use crate::{
    engine::turn::Turns,
    model::{Inbound, TenantId, Words, mark},
    pipeline::language::{LANGUAGES, fill},
    store::{Answer, ConnectedChannel, Store, StoreError},
};

/// How long a code for the connect command is good.
const CODE_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// A code for the connect command of a tenant: good for ten minutes and for one use. Older ones
/// are void.
pub(in crate::engine) async fn code(
    store: &dyn Store,
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
    store.put_code(tenant, &hash_of(&code), until).await?;
    Ok((code, until))
}

/// A channel becomes a desk, when the code is good.
pub(super) async fn connect(
    means: &Means,
    incoming: &Incoming<'_>,
    code: &str,
) -> Result<Answer, StoreError> {
    let Incoming { running, inbound, now } = *incoming;
    let desk = incoming.desk();
    if code.is_empty() {
        return Ok(told(means, incoming, &Words::own(desk.connect_how)));
    }
    let tenant = means.turns.store().take_code(&hash_of(code), now).await?;
    let tenant = tenant.and_then(|id| running.company.directory.tenant(&id));
    let (Some(tenant), Some(channel)) = (tenant, &inbound.channel) else {
        tracing::warn!(conversation = %inbound.conversation, "a connect command came with a code that is not good");
        return Ok(means.unkept.answer(inbound, &Words::own(desk.code_bad)));
    };
    let row = ConnectedChannel {
        tenant: tenant.id.clone(),
        channel: channel.id.clone(),
        team: channel.team.clone(),
        name: channel.name.clone(),
        team_name: channel.team_name.clone(),
        service_url: inbound.service_url.clone(),
        bot: inbound.bot.clone(),
        entra_tenant: inbound.guest.entra_tenant.clone(),
        connected: now,
        broken: None,
    };
    means.turns.connect_desk(row).await?;
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
    let answer = means.unkept.answer(inbound, &words);
    tick(&means.turns, &tenant.id, now).await;
    Ok(answer)
}

/// Nothing can be delivered to a desk any more: it is marked, and whoever waits there takes
/// their exit.
pub(in crate::engine) async fn break_desk(
    turns: &Turns,
    tenant: &TenantId,
    why: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tracing::error!(%tenant, why, "a desk is disconnected: connect a channel again");
    turns.change_desk(tenant, |desk| desk.broken = Some(why.to_owned())).await?;
    tick(turns, tenant, now).await;
    Ok(())
}

/// A desk can be delivered to again: whoever waits there is shown.
pub(super) async fn mend_desk(
    turns: &Turns,
    tenant: &TenantId,
    now: Timestamp,
) -> Result<(), StoreError> {
    if turns.change_desk(tenant, |desk| desk.broken = None).await? {
        tracing::info!(%tenant, "a desk is connected again");
        tick(turns, tenant, now).await;
    }
    Ok(())
}

/// The app left a team or one of its channels, and with it the desks there.
pub(super) async fn left_team(
    turns: &Turns,
    inbound: &Inbound,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(channel) = &inbound.channel else { return Ok(()) };
    // To private and shared channels the app is added one by one, and so it leaves them: the
    // team's other desks stay.
    let is_one = channel.needs_mention();
    let why = if is_one {
        "the app was removed from the channel"
    } else {
        "the app was removed from the team"
    };
    for desk in turns.roster().all() {
        let is_left = if is_one {
            desk.channel == channel.id
        } else {
            channel.team.is_some() && desk.team == channel.team
        };
        if desk.broken.is_none() && is_left {
            break_desk(turns, &desk.tenant, why, now).await?;
        }
    }
    Ok(())
}

/// The code of a connect command, with a slash or without; an empty one when there is none. More
/// words than that are no command: somebody speaks of connecting something.
pub(super) fn code_of(text: &str) -> Option<&str> {
    let mut words = mark::command(text).unwrap_or(text).split_whitespace();
    let first = words.next()?;
    let code = words.next().unwrap_or_default();
    if words.next().is_some() {
        return None;
    }
    LANGUAGES
        .iter()
        .flat_map(|phrases| phrases.connect_words)
        .any(|word| word.eq_ignore_ascii_case(first))
        .then_some(code)
}

fn hash_of(code: &str) -> String {
    let plain: String =
        code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    Sha256::digest(plain.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
