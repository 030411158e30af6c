//! Files and pictures between guests and desks. The turn that hears of one commits the wish to
//! carry it; fetching happens outside of every turn, and what came of it is a turn of its own. A
//! wish that was committed is taken up again after a restart, until somebody was told.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::{
    engine::{post::Carrier, running::Clock, turn::Turns},
    model::{Arrival, Event, Fate, Loss, file::harmless},
    store::{FileContent, FileRow, Kept, LEAST, StoreError},
    teams::download::{FetchError, Fetched},
};

/// Files that are fetched at the same time: each may take [`crate::teams::download::MOST_BYTES`] of
/// memory.
const MOST_UNDER_WAY: usize = 8;
/// How often a file is asked for, and the pause after the first failure; it doubles.
const MOST_ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(500);

/// Carries what is pushed from now on, and what an earlier process left; called once.
pub(in crate::engine) async fn begin(turns: &Arc<Turns>, clock: Clock) -> Result<(), StoreError> {
    let Some(queued) = turns.post().carrier.queued() else { return Ok(()) };
    let carrying = turns.clone();
    turns.post().outbox.work_through(queued, MOST_UNDER_WAY, move |file: FileRow| {
        let (turns, clock) = (carrying.clone(), clock.clone());
        async move {
            let id = file.id;
            if let Err(error) = carry(&turns, file, &clock).await {
                tracing::error!(file = %id, %error, "what came of a file could not be kept; it is taken up again");
            }
            turns.post().carrier.put_down(id);
        }
    });
    resume(turns).await
}

/// Takes up files that nobody carries.
async fn resume(turns: &Turns) -> Result<(), StoreError> {
    turns.post().carrier.push(turns.store().wanted_files().await?);
    Ok(())
}

async fn carry(turns: &Turns, file: FileRow, clock: &Clock) -> Result<(), StoreError> {
    let Some(view) = turns.store().session(file.session).await? else { return Ok(()) };
    let (mut name, mut size) = (file.name.clone(), file.size);
    let mut loss = Loss::NotFetched;
    if size.is_none() {
        match take(turns, &file, clock).await? {
            Ok(kept) => (name, size) = kept,
            Err(why) => loss = why,
        }
    }
    let fate = match (size, turns.post().carrier.links()) {
        (Some(size), Some(links)) => {
            Fate::Came { size, link: links.link(file.id, &name, file.expires) }
        }
        _ => Fate::Lost(loss),
    };
    let arrival = Arrival { file: file.id, session: file.session, sender: file.sender, name, fate };
    match turns.event(&view.conversation, &Event::File(arrival), None, clock()).await {
        // Somebody was told of it before; if not, it is still on its way, and taken up again.
        Ok(_) | Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Fetches a file and keeps it, if there is room: what it is called, and its size.
async fn take(
    turns: &Turns,
    file: &FileRow,
    clock: &Clock,
) -> Result<Result<(String, Option<u64>), Loss>, StoreError> {
    let carrier = &turns.post().carrier;
    // Asked before it is fetched, so that nobody fetches in vain; the store has the last word.
    let room = carrier.room(clock());
    let used = turns.store().files_used(file.person.clone(), room.since).await?;
    let is_full = |used: u64, most: u64| used.saturating_add(LEAST) > most;
    let full = if !file.person.is_empty() && is_full(used.person, room.person) {
        Some(Loss::DayFull)
    } else if is_full(used.store, room.store) {
        Some(Loss::StoreFull)
    } else {
        None
    };
    if let Some(loss) = full {
        carrier.refused(loss);
        return Ok(Err(loss));
    }
    let Fetched { bytes, content_type } = match fetch(carrier, file, clock).await {
        Ok(fetched) => fetched,
        Err(loss) => return Ok(Err(loss)),
    };
    let content_type = content_type.unwrap_or_else(|| file.content_type.clone());
    let name = with_ending(file.name.clone(), &content_type);
    let size = u64::try_from(bytes.len()).ok();
    let content = FileContent { name: name.clone(), content_type, bytes };
    let loss = match turns.store().keep_file(file.id, content, room).await? {
        Kept::Kept => return Ok(Ok((name, size))),
        Kept::PersonFull => Loss::DayFull,
        Kept::StoreFull => Loss::StoreFull,
    };
    carrier.refused(loss);
    Ok(Err(loss))
}

async fn fetch(carrier: &Carrier, file: &FileRow, clock: &Clock) -> Result<Fetched, Loss> {
    let Some(url) = &file.url else { return Err(Loss::NotFetched) };
    let mut pause = PAUSE;
    for attempt in 1.. {
        let error = match carrier.downloads.fetch(url, file.kind, clock()).await {
            Ok(fetched) => return Ok(fetched),
            Err(error) => error,
        };
        tracing::warn!(file = %file.id, %error, attempt, "a file was not fetched");
        match error {
            FetchError::TooLarge => return Err(Loss::TooLarge),
            FetchError::Temporary(_) if attempt < MOST_ATTEMPTS => {}
            _ => return Err(Loss::NotFetched),
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    Err(Loss::NotFetched)
}

/// Removes files that nobody may read any more, and takes up what was left.
pub(in crate::engine) async fn tidy(turns: &Turns, now: Timestamp) -> Result<(), StoreError> {
    let gone = turns.store().forget_files(now).await?;
    if gone > 0 {
        tracing::info!(gone, "files were swept away");
    }
    resume(turns).await
}

/// A pasted picture is called `image`: what it is, is known once it is here.
fn with_ending(name: String, content_type: &str) -> String {
    match content_type.strip_prefix("image/").filter(|_| !name.contains('.')) {
        Some(ending)
            if !ending.is_empty() && ending.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            harmless(&format!("{name}.{ending}")).unwrap_or(name)
        }
        _ => name,
    }
}
