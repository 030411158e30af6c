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
    model::{ConversationId, DraftId, FileId, JourneyId, LetterId, SessionId, State, TenantId},
    store::{
        AgentRow, Answer, Desk, DraftRow, DraftState, FaqReport, FileBytes, FileRow, Filter,
        JourneyView, LetterState, Line, Loaded, OutboxRow, Outgoing, Page, Receipt, Seen,
        SessionView, Span, Store, StoreError, Thread, Turn,
    },
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
}

#[async_trait]
impl Store for Flaky {
    async fn commit(&self, turn: Turn) -> Result<u64, StoreError> {
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
        let version = self.up()?.commit(turn).await?;
        self.committed.fetch_add(1, Ordering::SeqCst);
        if self.slow.load(Ordering::SeqCst) {
            self.gate.acquire().await.unwrap().forget();
        }
        if self.lies.load(Ordering::SeqCst) {
            Err(StoreError::Unavailable("answer lost".into()))
        } else {
            Ok(version)
        }
    }
    async fn load(&self, id: &ConversationId) -> Result<Option<Loaded>, StoreError> {
        self.up()?.load(id).await
    }
    async fn seen(
        &self,
        conversation: &ConversationId,
        keys: &[String],
        now: Timestamp,
    ) -> Result<Option<Answer>, StoreError> {
        self.up()?.seen(conversation, keys, now).await
    }
    async fn post(
        &self,
        letter: Outgoing,
        seen: Option<Seen>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.up()?.post(letter, seen, at).await
    }
    async fn numbers(&self, count: u32) -> Result<Range<u64>, StoreError> {
        self.up()?.numbers(count).await
    }
    async fn pending(
        &self,
        conversation: &ConversationId,
        limit: u32,
    ) -> Result<Vec<Outgoing>, StoreError> {
        self.up()?.pending(conversation, limit).await
    }
    async fn said_at_desk(
        &self,
        author: &str,
        activity: &str,
    ) -> Result<Option<(ConversationId, Line)>, StoreError> {
        let found = self.up()?.said_at_desk(author, activity).await;
        self.looked.fetch_add(1, Ordering::SeqCst);
        found
    }
    async fn waiting_conversations(&self) -> Result<Vec<ConversationId>, StoreError> {
        self.up()?.waiting_conversations().await
    }
    async fn delivered(
        &self,
        letter: LetterId,
        receipt: Receipt,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.up()?.delivered(letter, receipt, at).await
    }
    async fn attempted(
        &self,
        letter: LetterId,
        error: String,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.up()?.attempted(letter, error, at).await
    }
    async fn dead(&self, letter: LetterId, error: String, at: Timestamp) -> Result<(), StoreError> {
        self.up()?.dead(letter, error, at).await
    }
    async fn revive(&self, letter: LetterId) -> Result<Option<ConversationId>, StoreError> {
        self.up()?.revive(letter).await
    }
    async fn receipt_of(&self, letter: LetterId) -> Result<Option<Receipt>, StoreError> {
        self.up()?.receipt_of(letter).await
    }
    async fn thread(&self, place: &str) -> Result<Option<Thread>, StoreError> {
        self.up()?.thread(place).await
    }
    async fn outbox(&self, state: LetterState, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        self.up()?.outbox(state, limit).await
    }
    async fn sessions(&self, filter: &Filter) -> Result<Page, StoreError> {
        self.up()?.sessions(filter).await
    }
    async fn session(&self, id: SessionId) -> Result<Option<SessionView>, StoreError> {
        self.up()?.session(id).await
    }
    async fn transcript(&self, id: SessionId) -> Result<Vec<Line>, StoreError> {
        self.up()?.transcript(id).await
    }
    async fn journey(&self, id: JourneyId) -> Result<Option<JourneyView>, StoreError> {
        self.up()?.journey(id).await
    }
    async fn live_counts(&self) -> Result<Vec<(TenantId, State, u64)>, StoreError> {
        self.up()?.live_counts().await
    }
    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<ConversationId>, StoreError> {
        self.up()?.due(now, limit).await
    }
    async fn version(
        &self,
        tenant: &TenantId,
        version: &str,
    ) -> Result<Option<String>, StoreError> {
        self.up()?.version(tenant, version).await
    }
    async fn forget_versions(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.up()?.forget_versions(before).await
    }
    async fn forget_threads(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.up()?.forget_threads(before).await
    }
    async fn forget_seen(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.up()?.forget_seen(now).await
    }
    async fn desks(&self) -> Result<Vec<Desk>, StoreError> {
        self.up()?.desks().await
    }
    async fn connect_desk(&self, desk: Desk) -> Result<(), StoreError> {
        self.up()?.connect_desk(desk).await
    }
    async fn break_desk(&self, tenant: &TenantId, reason: String) -> Result<bool, StoreError> {
        self.up()?.break_desk(tenant, reason).await
    }
    async fn put_code(
        &self,
        tenant: &TenantId,
        hash: &str,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.up()?.put_code(tenant, hash, until).await
    }
    async fn take_code(&self, hash: &str, now: Timestamp) -> Result<Option<TenantId>, StoreError> {
        self.up()?.take_code(hash, now).await
    }
    async fn agents(&self) -> Result<Vec<AgentRow>, StoreError> {
        self.up()?.agents().await
    }
    async fn bind_agent(&self, agent: AgentRow) -> Result<(), StoreError> {
        self.up()?.bind_agent(agent).await
    }
    async fn set_available(&self, id: &str, available: bool) -> Result<bool, StoreError> {
        self.up()?.set_available(id, available).await
    }
    async fn claims(&self) -> Result<Vec<(String, SessionId)>, StoreError> {
        self.up()?.claims().await
    }
    async fn wanted_files(&self) -> Result<Vec<FileRow>, StoreError> {
        self.up()?.wanted_files().await
    }
    async fn keep_file(
        &self,
        id: FileId,
        name: String,
        content_type: String,
        bytes: Vec<u8>,
    ) -> Result<(), StoreError> {
        self.up()?.keep_file(id, name, content_type, bytes).await
    }
    async fn file(&self, id: FileId) -> Result<Option<FileBytes>, StoreError> {
        self.up()?.file(id).await
    }
    async fn forget_files(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.up()?.forget_files(now).await
    }
    async fn secret(&self, name: &'static str, fresh: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        self.up()?.secret(name, fresh).await
    }
    async fn drafts(
        &self,
        tenant: Option<&TenantId>,
        state: DraftState,
    ) -> Result<Vec<DraftRow>, StoreError> {
        self.up()?.drafts(tenant, state).await
    }

    async fn draft(&self, id: DraftId) -> Result<Option<DraftRow>, StoreError> {
        self.up()?.draft(id).await
    }

    async fn decide_draft(
        &self,
        id: DraftId,
        state: DraftState,
        by: String,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.up()?.decide_draft(id, state, by, at).await
    }

    async fn faq_report(&self, span: Span) -> Result<FaqReport, StoreError> {
        self.up()?.faq_report(span).await
    }
    async fn ping(&self) -> Result<(), StoreError> {
        self.up()?.ping().await
    }
    async fn close(&self) {
        self.inner.close().await;
    }
}
