//! Who may read what: the admin API reaches the store, the engine and the company's files only
//! through a [`Scope`], and there is none without permission.
//!
//! Today one token opens everything. Who may see some departments only is to be decided here, and
//! no handler has to remember it.

use std::{future::Ready, sync::Arc};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use jiff::Timestamp;

use super::{
    ctx::{Ctx, MOST_SERVED, is_admitted},
    problem::{Code, Problem},
};
use crate::{
    engine::{
        Accepted, Acted, Changes, Reload, Running, Troubles, Undecided,
        post::{Quotas, revoke},
    },
    model::{
        By, ByKind, Event, FileId, JourneyId, LetterId, SessionId, State, SuggestionId, TenantId,
    },
    store::{
        AgentRow, ConnectedChannel, FaqReport, FilesUsed, Filter, JourneyView, LetterState,
        LinePage, OutboxRow, Page, SessionView, Span, Suggestion, SuggestionState,
    },
};

/// What the sender of a request may read and do.
#[derive(Clone)]
pub(super) struct Scope {
    ctx: web::Data<Ctx>,
}

impl FromRequest for Scope {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // The token was judged at the door, before anything of the request was read.
        let scope = match request.app_data::<web::Data<Ctx>>() {
            Some(ctx) if is_admitted(request) => Ok(Scope { ctx: ctx.clone() }),
            _ => Err(Problem::unauthorized("This needs the admin token.")),
        };
        std::future::ready(scope)
    }
}

/// The present.
impl Scope {
    pub(super) fn now(&self) -> Timestamp {
        (self.ctx.clock)()
    }

    /// The company as it runs.
    pub(super) fn running(&self) -> Arc<Running> {
        self.ctx.engine.running()
    }

    /// Does something whole, also when whoever asks for it hangs up meanwhile: half of it would leave
    /// memory and store apart.
    async fn whole<T, W>(&self, work: impl FnOnce(Self) -> W) -> Result<T, Problem>
    where
        T: 'static,
        W: Future<Output = T> + 'static,
    {
        actix_web::rt::spawn(work(self.clone())).await.map_err(|error| {
            tracing::error!(panicked = error.is_panic(), "an order was not carried out");
            Problem::new(Code::Internal, "It could not be carried out; see the log.")
        })
    }

    /// Who is said to have done what is done here: the holder of the admin token.
    pub(super) fn manager(&self) -> By {
        By { kind: ByKind::Manager, id: "admin".to_owned(), name: None }
    }
}

/// Sessions and journeys.
impl Scope {
    /// How many sessions of each department are in each state, of those that live.
    pub(super) async fn live_counts(&self) -> Result<Vec<(TenantId, State, u64)>, Problem> {
        Ok(self.ctx.engine.store().live_counts().await?)
    }

    pub(super) async fn sessions(&self, filter: &Filter) -> Result<Page, Problem> {
        Ok(self.ctx.engine.store().sessions(filter).await?)
    }

    /// What went wrong in a department's stages since the start.
    pub(super) fn troubles(&self, tenant: &TenantId) -> Troubles {
        self.ctx.engine.troubles(tenant)
    }

    pub(super) async fn session(&self, id: SessionId) -> Result<SessionView, Problem> {
        let found = self.ctx.engine.store().session(id).await?;
        found.ok_or_else(|| Problem::not_found("session"))
    }

    pub(super) async fn transcript(
        &self,
        id: SessionId,
        after: Option<i64>,
        limit: u32,
    ) -> Result<LinePage, Problem> {
        self.session(id).await?;
        Ok(self.ctx.engine.store().transcript_page(id, after, limit).await?)
    }

    pub(super) async fn journey(&self, id: JourneyId) -> Result<JourneyView, Problem> {
        let found = self.ctx.engine.store().journey(id).await?;
        found.ok_or_else(|| Problem::not_found("journey"))
    }

    /// A manager's wish for a session.
    pub(super) async fn act(&self, id: SessionId, event: Event) -> Result<Acted, Problem> {
        let act = |to: Self| async move { to.ctx.engine.act(id, &event, to.now()).await };
        Ok(self.whole(act).await??)
    }
}

/// Deliveries.
impl Scope {
    pub(super) async fn outbox(
        &self,
        state: LetterState,
        limit: u32,
    ) -> Result<Vec<OutboxRow>, Problem> {
        Ok(self.ctx.engine.store().outbox(state, limit).await?)
    }

    /// Sends a dead letter again; false when it is not dead.
    pub(super) async fn retry(&self, id: LetterId) -> Result<bool, Problem> {
        Ok(self.whole(|to| async move { to.ctx.engine.outbox().retry(id).await }).await??)
    }

    /// Sends all letters again that came into this state at `since` or later.
    pub(super) async fn retry_all(
        &self,
        state: LetterState,
        since: Timestamp,
    ) -> Result<usize, Problem> {
        let retry = |to: Self| async move { to.ctx.engine.outbox().retry_all(state, since).await };
        Ok(self.whole(retry).await??)
    }
}

/// Desks.
impl Scope {
    /// The channels that are desks.
    pub(super) fn desks(&self) -> Vec<Arc<ConnectedChannel>> {
        self.ctx.engine.desks()
    }

    /// An agent who has opened the app.
    pub(super) fn agent(&self, id: &str) -> Option<Arc<AgentRow>> {
        self.ctx.engine.agent(id)
    }

    /// How many chats an agent has.
    pub(super) fn chats_of(&self, id: &str) -> usize {
        self.ctx.engine.chats_of(id)
    }

    /// True when somebody else writes under that agent's name.
    pub(super) fn is_claimed(&self, id: &str) -> bool {
        self.ctx.engine.is_claimed(id)
    }

    /// Lets go of an agent.
    pub(super) async fn unbind(&self, id: &str) -> Result<(), Problem> {
        let id = id.to_owned();
        let unbind = |to: Self| async move { to.ctx.engine.unbind_agent(&id, to.now()).await };
        let was_bound = self.whole(unbind).await??;
        if was_bound { Ok(()) } else { Err(Problem::not_found("bound agent")) }
    }

    /// A code that connects a channel, and until when.
    pub(super) async fn desk_code(&self, of: &TenantId) -> Result<(String, Timestamp), Problem> {
        Ok(self.ctx.engine.desk_code(of, self.now()).await?)
    }
}

/// Files and their links.
impl Scope {
    /// What all files take.
    pub(super) async fn files_used(&self) -> Result<FilesUsed, Problem> {
        Ok(self.ctx.engine.store().files_used(String::new(), self.now()).await?)
    }

    /// What they may take.
    pub(super) fn file_quotas(&self) -> Quotas {
        self.ctx.engine.carrier().quotas()
    }

    /// How many were not carried since the start: for their sender's day, and for want of room.
    pub(super) fn file_refusals(&self) -> (u64, u64) {
        self.ctx.engine.carrier().refusals()
    }

    /// How many are read now, and how many at most.
    pub(super) fn served(&self) -> (usize, usize) {
        (MOST_SERVED.saturating_sub(self.ctx.served.available_permits()), MOST_SERVED)
    }

    /// Removes a file.
    pub(super) async fn drop_file(&self, id: FileId) -> Result<(), Problem> {
        let drop = |to: Self| async move { to.ctx.engine.store().drop_file(id).await };
        let was_there = self.whole(drop).await??;
        if was_there { Ok(()) } else { Err(Problem::not_found("file")) }
    }

    /// No link that was given out before is good any more.
    pub(super) async fn revoke_links(&self) -> Result<(), Problem> {
        let all = |to: Self| async move {
            let engine = &to.ctx.engine;
            revoke(&**engine.store(), engine.carrier().links()).await
        };
        Ok(self.whole(all).await??)
    }
}

/// FAQs.
impl Scope {
    pub(super) async fn faq_report(&self, span: Span) -> Result<FaqReport, Problem> {
        Ok(self.ctx.engine.store().faq_report(span).await?)
    }

    pub(super) async fn suggestions(
        &self,
        of: Option<&TenantId>,
        state: SuggestionState,
    ) -> Result<Vec<Suggestion>, Problem> {
        Ok(self.ctx.suggestions.list(of, state).await?)
    }

    /// A fragment for a `faq.yaml` with all of these.
    pub(super) fn fragment(&self, suggestions: &[Suggestion]) -> String {
        self.ctx.suggestions.fragment(suggestions)
    }

    pub(super) async fn accept(
        &self,
        id: SuggestionId,
        changes: Changes,
    ) -> Result<Result<Accepted, Undecided>, Problem> {
        let accept = |to: Self| async move {
            to.ctx.suggestions.accept(id, changes, &to.manager().id, to.now()).await
        };
        self.whole(accept).await
    }

    pub(super) async fn reject(&self, id: SuggestionId) -> Result<Result<(), Undecided>, Problem> {
        let reject = |to: Self| async move {
            to.ctx.suggestions.reject(id, &to.manager().id, to.now()).await
        };
        self.whole(reject).await
    }
}

/// The company's files.
impl Scope {
    pub(super) async fn reload(&self) -> Result<Reload, Problem> {
        self.whole(|to| async move { to.ctx.reloader.reload(to.now()).await }).await
    }
}
