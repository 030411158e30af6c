//! Files and pictures between guests and desks. The turn that hears of one commits the wish to
//! carry it; fetching happens outside of every turn, and what came of it is a turn of its own. A
//! wish that was committed is taken up again after a restart, until somebody was told.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::{Clock, Engine, draft::Draft, post::Carrier};
use crate::{
    model::{
        Agent, Arrival, Conversation, Event, Fate, File, FileId, Help, Inbound, Loss, Scope,
        Sender, SessionId, Words, file::harmless,
    },
    pipeline::phrases::{Desk, fill},
    store::{FileRow, StoreError},
    teams::download::{FetchError, Fetched},
};

/// How long a file can be read.
const LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Files of one message that are carried; Teams lets people attach ten.
const MOST_AT_ONCE: usize = 10;
/// Files of one visit to a desk that are carried: nobody fills the store.
const MOST_OF_ONE: u32 = 100;
/// Files that are fetched at the same time: each may take [`crate::teams::download::MOST_BYTES`] of
/// memory.
const MOST_UNDER_WAY: usize = 8;
/// How often a file is asked for, and the pause after the first failure; it doubles.
const MOST_ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(500);

/// The session of a guest whom a human hears now, or will.
fn heard(conversation: &mut Conversation) -> Option<(SessionId, &mut Help)> {
    let journey = conversation.journey.as_mut()?;
    let live = journey.present()?;
    let session = journey.sessions.get_mut(live)?;
    Some((session.id, session.help.as_mut()?))
}

impl Engine {
    /// What carries files.
    pub fn carrier(&self) -> &Carrier {
        &self.post.carrier
    }

    /// Files of a guest's message, after its words were heard: the words that say what is not
    /// delivered.
    pub(super) fn files_of_guest(
        &self,
        inbound: &Inbound,
        conversation: &mut Conversation,
        desk: &Desk,
        draft: &mut Draft<'_>,
    ) -> Words {
        let to = heard(conversation).map(|(session, help)| (session, help, Sender::Guest));
        self.take_along(&inbound.files, to, desk.file_nobody, desk, draft)
    }

    /// The same for somebody at a desk. Only the owner's reach the guest, and not those of a note.
    pub(super) fn files_of_agent(
        &self,
        inbound: &Inbound,
        (by, text): (&Agent, &str),
        conversation: &mut Conversation,
        desk: &Desk,
        draft: &mut Draft<'_>,
    ) -> Words {
        if text.trim_start().starts_with("//") {
            return Words::default();
        }
        let theirs = heard(conversation)
            .filter(|(_, help)| help.owner.as_ref().is_some_and(|owner| owner.id == by.id));
        let to = theirs.map(|(session, help)| {
            let thread = help.brief.filter(|_| inbound.scope == Scope::Channel);
            (session, help, Sender::Agent { agent: by.clone(), thread })
        });
        self.take_along(&inbound.files, to, desk.file_lost, desk, draft)
    }

    fn take_along(
        &self,
        files: &[File],
        to: Option<(SessionId, &mut Help, Sender)>,
        closed: &str,
        desk: &Desk,
        draft: &mut Draft<'_>,
    ) -> Words {
        let (good, mut bad): (Vec<&File>, Vec<&File>) =
            files.iter().partition(|file| self.post.carrier.can_carry(file));
        let names = |files: &[&File]| {
            files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let lost = |phrase: &str, files: &[&File]| {
            if files.is_empty() {
                Words::default()
            } else {
                fill(phrase, &[("files", &names(files))])
            }
        };
        let Some((session, help, sender)) = to else {
            return lost(closed, &good).then(&lost(desk.file_lost, &bad));
        };
        let room =
            usize::try_from(MOST_OF_ONE.saturating_sub(help.files)).unwrap_or(0).min(MOST_AT_ONCE);
        bad.extend(good.iter().skip(room));
        let created = draft.now;
        for file in good.into_iter().take(room) {
            help.files += 1;
            draft.files.push(FileRow {
                id: FileId(uuid::Uuid::new_v4()),
                session,
                sender: sender.clone(),
                name: file.name.clone(),
                content_type: file.content_type.clone(),
                kind: file.kind,
                url: Some(file.url.clone()),
                size: None,
                created,
                expires: created.checked_add(LIFE).unwrap_or(created),
            });
        }
        lost(desk.file_lost, &bad)
    }

    /// Carries what is pushed from now on, and what an earlier process left; called once.
    pub(super) async fn begin_files(self: &Arc<Self>, clock: Clock) -> Result<(), StoreError> {
        let Some(queued) = self.post.carrier.queued() else { return Ok(()) };
        let engine = self.clone();
        self.post.outbox.work_through(queued, MOST_UNDER_WAY, move |file: FileRow| {
            let (engine, clock) = (engine.clone(), clock.clone());
            async move {
                let id = file.id;
                if let Err(error) = engine.carry(file, &clock).await {
                    tracing::error!(file = %id, %error, "what came of a file could not be kept; it is taken up again");
                }
                engine.post.carrier.put_down(id);
            }
        });
        self.resume_files().await
    }

    /// Takes up files that nobody carries.
    pub(super) async fn resume_files(&self) -> Result<(), StoreError> {
        self.post.carrier.push(self.store.wanted_files().await?);
        Ok(())
    }

    async fn carry(&self, file: FileRow, clock: &Clock) -> Result<(), StoreError> {
        let Some(view) = self.store.session(file.session).await? else { return Ok(()) };
        let (mut name, mut size) = (file.name.clone(), file.size);
        let mut loss = Loss::NotFetched;
        if size.is_none() {
            match self.fetch(&file, clock).await {
                Ok(Fetched { bytes, content_type }) => {
                    let content_type = content_type.unwrap_or_else(|| file.content_type.clone());
                    name = with_ending(name, &content_type);
                    size = u64::try_from(bytes.len()).ok();
                    self.store.keep_file(file.id, name.clone(), content_type, bytes).await?;
                }
                Err(why) => loss = why,
            }
        }
        let fate = match (size, self.post.carrier.links()) {
            (Some(size), Some(links)) => {
                Fate::Came { size, link: links.link(file.id, &name, file.expires) }
            }
            _ => Fate::Lost(loss),
        };
        let arrival =
            Arrival { file: file.id, session: file.session, sender: file.sender, name, fate };
        match self.event(&view.conversation, &Event::File(arrival), None, clock()).await {
            // Somebody was told of it before; if not, it is still on its way, and taken up again.
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn fetch(&self, file: &FileRow, clock: &Clock) -> Result<Fetched, Loss> {
        let Some(url) = &file.url else { return Err(Loss::NotFetched) };
        let mut pause = PAUSE;
        for attempt in 1.. {
            let error = match self.post.carrier.downloads.fetch(url, file.kind, clock()).await {
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
    pub(super) async fn tidy_files(&self, now: Timestamp) -> Result<(), StoreError> {
        let gone = self.store.forget_files(now).await?;
        if gone > 0 {
            tracing::info!(gone, "files were swept away");
        }
        self.resume_files().await
    }
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
