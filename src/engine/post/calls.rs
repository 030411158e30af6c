//! The calls to other systems that turns want, until somebody makes them.

use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc;

use crate::{
    calls::{Allowed, Caller},
    engine::running::Running,
    model::{Call, ConversationId, SessionId},
};

/// A call and for whom it is.
pub(in crate::engine) type Wanted = (ConversationId, SessionId, Call);

/// The calls that wait to be made.
pub(in crate::engine) struct Calls {
    pub(in crate::engine) caller: Caller,
    want: mpsc::UnboundedSender<Wanted>,
    wanted: Mutex<Option<mpsc::UnboundedReceiver<Wanted>>>,
}

impl Calls {
    pub(super) fn new(caller: Caller) -> Self {
        let (want, wanted) = mpsc::unbounded_channel();
        Calls { caller, want, wanted: Mutex::new(Some(wanted)) }
    }

    /// Whom the company lets be called.
    pub(in crate::engine) fn allow(&self, running: &Running) {
        let company = &running.company;
        self.caller.allow(Allowed {
            hosts: company.directory.hosts.clone(),
            networks: company.networks.clone(),
        });
    }

    /// The call is to be made.
    pub(in crate::engine) fn want(
        &self,
        conversation: &ConversationId,
        session: SessionId,
        call: Call,
    ) {
        // Nobody listens any more when the process ends: then the deadline does it.
        let _ = self.want.send((conversation.clone(), session, call));
    }

    /// The calls that turns want from now on; whoever asks first gets them.
    pub(in crate::engine) fn wanted(&self) -> Option<mpsc::UnboundedReceiver<Wanted>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
