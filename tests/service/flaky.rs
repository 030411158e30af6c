//! A store that fails when it is told to.

use std::{
    ops::Range,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use jiff::Timestamp;
use switchboard::{
    model::{
        ConversationId, FileId, JourneyId, LetterId, SessionId, State, SuggestionId, TenantId,
    },
    store::*,
};
use tokio::sync::Semaphore;

pub struct Flaky {
    inner: Arc<dyn Store>,
    down: AtomicBool,
    broken: AtomicBool,
    lies: AtomicBool,
    slow: AtomicBool,
    gate: Semaphore,
    committed: AtomicUsize,
    /// The commits that are a conflict, and how many were tried since it was told so.
    conflicts: Mutex<(Range<usize>, usize)>,
    held: AtomicBool,
    waiting: AtomicUsize,
    looked: AtomicUsize,
    /// Reports that wait, and those that were dropped before they were answered.
    reports: (AtomicUsize, AtomicUsize),
}

/// Counts when it is dropped.
struct OnDrop<'a>(&'a AtomicUsize);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Flaky {
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            down: AtomicBool::new(false),
            broken: AtomicBool::new(false),
            lies: AtomicBool::new(false),
            slow: AtomicBool::new(false),
            gate: Semaphore::new(0),
            committed: AtomicUsize::new(0),
            conflicts: Mutex::new((0..0, 0)),
            held: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
            looked: AtomicUsize::new(0),
            reports: (AtomicUsize::new(0), AtomicUsize::new(0)),
        }
    }

    /// Of the coming commits these meet another replica's and write nothing: 1 is the next.
    pub fn set_conflicts(&self, commits: Range<usize>) {
        *self.conflicts.lock().unwrap() = (commits, 0);
    }

    /// How many commits were tried since then.
    pub fn tried(&self) -> usize {
        self.conflicts.lock().unwrap().1
    }

    /// The next commits are not written before `let_go`.
    pub fn hold(&self) {
        self.held.store(true, Ordering::SeqCst);
    }

    pub fn let_go(&self) {
        self.held.store(false, Ordering::SeqCst);
        self.gate.add_permits(100);
    }

    /// Reports that were asked for while commits were held, and how many of them were dropped.
    pub fn reports(&self) -> (usize, usize) {
        (self.reports.0.load(Ordering::SeqCst), self.reports.1.load(Ordering::SeqCst))
    }

    /// Commits that are held.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    /// How often it was asked what somebody at a desk said.
    pub fn looked(&self) -> usize {
        self.looked.load(Ordering::SeqCst)
    }

    /// Nothing answers, or all does again.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    /// What is kept cannot be read, or can again.
    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    /// The next commits are written, but their answer is lost.
    pub fn set_lies(&self, lies: bool) {
        self.lies.store(lies, Ordering::SeqCst);
    }

    /// The next commits are written, but answer only after `open`.
    pub fn close_gate(&self) {
        self.slow.store(true, Ordering::SeqCst);
    }

    pub fn open_gate(&self) {
        self.slow.store(false, Ordering::SeqCst);
        self.gate.add_permits(100);
    }

    pub fn committed(&self) -> usize {
        self.committed.load(Ordering::SeqCst)
    }

    fn up(&self) -> Result<&Arc<dyn Store>, StoreError> {
        if self.down.load(Ordering::SeqCst) {
            Err(StoreError::Unavailable("told to fail".into()))
        } else if self.broken.load(Ordering::SeqCst) {
            Err(StoreError::Broken("told to fail".into()))
        } else {
            Ok(&self.inner)
        }
    }

    /// Before a call.
    async fn delay(&self, name: &str) -> Result<(), StoreError> {
        if name == "faq_report" && self.held.load(Ordering::SeqCst) {
            self.reports.0.fetch_add(1, Ordering::SeqCst);
            let _dropped = OnDrop(&self.reports.1);
            self.gate.acquire().await.unwrap().forget();
        }
        if name != "commit" {
            return Ok(());
        }
        let is_conflict = {
            let mut conflicts = self.conflicts.lock().unwrap();
            conflicts.1 += 1;
            conflicts.0.contains(&conflicts.1)
        };
        if is_conflict {
            return Err(StoreError::Conflict);
        }
        if self.held.load(Ordering::SeqCst) {
            self.waiting.fetch_add(1, Ordering::SeqCst);
            self.gate.acquire().await.unwrap().forget();
        }
        Ok(())
    }

    /// After a call that went well.
    async fn disturb(&self, name: &str) -> Result<(), StoreError> {
        if name == "said_at_desk" {
            self.looked.fetch_add(1, Ordering::SeqCst);
        }
        if name != "commit" {
            return Ok(());
        }
        self.committed.fetch_add(1, Ordering::SeqCst);
        if self.slow.load(Ordering::SeqCst) {
            self.gate.acquire().await.unwrap().forget();
        }
        if self.lies.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("answer lost".into()));
        }
        Ok(())
    }
}

/// Every call goes through to the inner store while this one is up.
macro_rules! go_through {
    ($($concept:ident { $($name:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)+ })+) => {$(
        #[async_trait]
        impl $concept for Flaky {$(
            async fn $name(&self, $($argument: $kind),*) -> Result<$answer, StoreError> {
                self.delay(stringify!($name)).await?;
                let answer = self.up()?.$name($($argument),*).await?;
                self.disturb(stringify!($name)).await?;
                Ok(answer)
            }
        )+}
    )+};
}

go_through! {
    Turns {
        load(id: &ConversationId) -> Option<Loaded>;
        seen(conversation: &ConversationId, keys: &[String], now: Timestamp) -> Option<Answer>;
        commit(turn: Turn) -> u64;
        numbers(count: u32) -> Range<u64>;
        return_numbers(unused: Range<u64>) -> bool;
        due(now: Timestamp, limit: u32) -> Vec<ConversationId>;
        version(tenant: &TenantId, version: &str) -> Option<String>;
    }
    Letters {
        pending(conversation: &ConversationId, limit: u32) -> Vec<Outgoing>;
        waiting_conversations() -> Vec<ConversationId>;
        delivered(letter: LetterId, receipt: Receipt, at: Timestamp) -> ();
        attempted(letter: LetterId, error: String, at: Timestamp) -> ();
        dead(letter: LetterId, error: String, at: Timestamp) -> ();
        waits(letter: LetterId, why: String, at: Timestamp) -> ();
        dropped(letter: LetterId, why: String, at: Timestamp) -> ();
        tried_since(letter: LetterId) -> Option<Timestamp>;
        revive(letter: LetterId, at: Timestamp) -> Option<ConversationId>;
        revive_all(state: LetterState, since: Timestamp, at: Timestamp) -> Vec<(ConversationId, LetterId)>;
        receipt_of(letter: LetterId) -> Option<Receipt>;
        outbox(state: LetterState, limit: u32) -> Vec<OutboxRow>;
    }
    Rests {
        rest(conversation: &ConversationId, until: Timestamp) -> ();
        rests(now: Timestamp) -> Vec<(ConversationId, Timestamp)>;
    }
    Views {
        sessions(filter: &Filter) -> Page;
        session(id: SessionId) -> Option<SessionView>;
        transcript(id: SessionId) -> Vec<Line>;
        transcript_page(id: SessionId, after: Option<i64>, limit: u32) -> LinePage;
        said_at_desk(author: &str, activity: &str) -> Option<(ConversationId, Line)>;
        journey(id: JourneyId) -> Option<JourneyView>;
        live_counts() -> Vec<(TenantId, State, u64)>;
    }
    Desks {
        thread(place: &str) -> Option<Thread>;
        desks() -> Vec<ConnectedChannel>;
        connect_desk(desk: ConnectedChannel) -> ();
        put_code(tenant: &TenantId, hash: &str, until: Timestamp) -> ();
        take_code(hash: &str, now: Timestamp) -> Option<TenantId>;
        agents() -> Vec<AgentRow>;
        bind_agent(agent: AgentRow) -> ();
        unbind_agent(id: &str) -> bool;
        seats() -> Vec<(String, SessionId)>;
    }
    Files {
        wanted_files() -> Vec<FileRow>;
        keep_file(id: FileId, content: FileContent, room: Room) -> Kept;
        file(id: FileId) -> Option<FileHead>;
        file_piece(id: FileId, number: u64) -> Option<Vec<u8>>;
        files_used(person: String, since: Timestamp) -> FilesUsed;
        drop_file(id: FileId) -> bool;
        secret(name: &'static str, fresh: Vec<u8>) -> Vec<u8>;
        replace_secret(name: &'static str, fresh: Vec<u8>) -> ();
    }
    Faqs {
        faq_report(span: Span) -> FaqReport;
    }
    Suggestions {
        suggestions(tenant: Option<&TenantId>, state: SuggestionState) -> Vec<Suggestion>;
        suggestion(id: SuggestionId) -> Option<Suggestion>;
        decide_suggestion(id: SuggestionId, state: SuggestionState, by: String, at: Timestamp) -> bool;
    }
}

#[async_trait]
impl Upkeep for Flaky {
    async fn forget_seen(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.up()?.forget_seen(now).await
    }
    async fn forget_versions(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.up()?.forget_versions(before).await
    }
    async fn forget_threads(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.up()?.forget_threads(before).await
    }
    async fn forget_files(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.up()?.forget_files(now).await
    }
    async fn forget_portion(&self, retention: &Retention) -> Result<u64, StoreError> {
        self.up()?.forget_portion(retention).await
    }
    async fn scrub(&self) -> Result<bool, StoreError> {
        self.up()?.scrub().await
    }
    async fn ping(&self) -> Result<(), StoreError> {
        self.up()?.ping().await
    }
    async fn close(&self) {
        self.inner.close().await;
    }
}
