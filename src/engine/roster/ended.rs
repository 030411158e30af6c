//! Chats that agents had in their personal chats and have no more: what they write for a while may
//! still be meant for one. Only in memory: it matters for minutes.

use std::{collections::HashMap, sync::Arc};

use jiff::SignedDuration;

use crate::{
    model::{Moment, Session, SessionId},
    store::AgentRow,
};

/// For so long an agent who writes without a number may still mean a chat that has ended.
const AFTERWARDS: SignedDuration = SignedDuration::from_mins(15);

/// The latest chat that each agent had in their personal chat and has no more.
#[derive(Default)]
pub(super) struct Former(HashMap<String, Ended>);

/// A chat that an agent had in their personal chat.
struct Ended {
    session: SessionId,
    reference: String,
    at: Moment,
    /// They did nothing to end it, so they may not know of it.
    unawares: bool,
    /// Nothing of the agent's is meant for it any more: they were told, or have begun a matter of
    /// their own.
    settled: bool,
    /// The activity that was answered with its end.
    answered: Option<String>,
}

/// Where a chat is that somebody had.
pub(in crate::engine) enum Whereabouts {
    /// Somebody has it: what they are called.
    With(String),
    /// It is offered again.
    Offered,
    /// It is over.
    Over,
}

/// What an agent's words without a number are about, when they have no chat.
pub(in crate::engine) enum Afterwards {
    /// A matter of their own.
    Own,
    /// Perhaps a chat that is theirs no more: they are told, once.
    Of {
        /// Its reference, `IT-4821`.
        reference: String,
        /// Where it is now.
        now: Whereabouts,
    },
    /// The words were answered before: the channel repeats itself.
    Repeated,
}

impl Former {
    /// Another owner has a chat from now on, or nobody. `before` is who had it, and its reference
    /// when they had it in their personal chat. True when somebody has one chat less in theirs.
    pub(super) fn part(
        &mut self,
        before: Option<(&str, Option<&str>)>,
        session: &Session,
        now: Moment,
    ) -> bool {
        let help = session.desk.as_ref().filter(|_| session.state.is_live());
        let owner = help.and_then(|help| help.owner.as_ref()).map(|owner| owner.id.as_str());
        if owner == before.map(|(was, _)| was) {
            return false;
        }
        // Who had it before reads of this: from now on they may mean it.
        for ended in self.0.values_mut().filter(|ended| ended.session == session.id) {
            (ended.at, ended.settled) = (now, false);
        }
        self.0.retain(|_, ended| now.duration_since(ended.at) < AFTERWARDS);
        let Some((agent, Some(reference))) = before else { return false };
        let ended = Ended {
            session: session.id,
            reference: reference.to_owned(),
            at: now,
            unawares: has_lost(session, agent),
            settled: false,
            answered: None,
        };
        self.0.insert(agent.to_owned(), ended);
        true
    }

    /// What an agent means who has no chat under any of their names and writes without a number.
    pub(super) fn afterwards(
        &mut self,
        names: &[Arc<AgentRow>],
        activity: Option<&str>,
        now: Moment,
        is_at: impl Fn(SessionId) -> Whereabouts,
    ) -> Afterwards {
        let theirs = self.of(names).filter(|ended| now.duration_since(ended.at) < AFTERWARDS);
        let Some(ended) = theirs.max_by_key(|ended| ended.at) else { return Afterwards::Own };
        if ended.settled {
            let is_repeated = activity.is_some() && ended.answered.as_deref() == activity;
            return if is_repeated { Afterwards::Repeated } else { Afterwards::Own };
        }
        (ended.settled, ended.answered) = (true, activity.map(str::to_owned));
        Afterwards::Of { reference: ended.reference.clone(), now: is_at(ended.session) }
    }

    /// True once when an agent has lost a chat a moment ago without their own doing, and again for
    /// the same activity: words without a number may be meant for it, although they have another.
    pub(super) fn may_be_meant(
        &mut self,
        names: &[Arc<AgentRow>],
        activity: Option<&str>,
        now: Moment,
    ) -> bool {
        let mut theirs = self.of(names).filter(|ended| {
            let is_repeated = activity.is_some() && ended.answered.as_deref() == activity;
            ended.unawares
                && (!ended.settled || is_repeated)
                && now.duration_since(ended.at) < AFTERWARDS
        });
        let Some(ended) = theirs.next() else { return false };
        (ended.settled, ended.answered) = (true, activity.map(str::to_owned));
        true
    }

    /// An agent does something of their own: what they write next is about that.
    pub(super) fn settle(&mut self, names: &[Arc<AgentRow>]) {
        self.of(names).for_each(|ended| ended.settled = true);
    }

    /// The chats that an agent had a moment ago, with their references.
    pub(super) fn all(&mut self, names: &[Arc<AgentRow>]) -> Vec<(String, SessionId)> {
        self.of(names).map(|ended| (ended.reference.clone(), ended.session)).collect()
    }

    fn of(&mut self, names: &[Arc<AgentRow>]) -> impl Iterator<Item = &mut Ended> {
        let theirs =
            self.0.iter_mut().filter(|(agent, _)| names.iter().any(|row| row.id == **agent));
        theirs.map(|(_, ended)| ended)
    }
}

/// True when an agent did nothing to have a chat no longer.
fn has_lost(session: &Session, agent: &str) -> bool {
    let last = session.takes.iter().rfind(|taken| taken.agent.id == *agent);
    last.and_then(|taken| taken.how.as_deref())
        .is_none_or(|how| !["resolved", "unresolved", "released", "handed"].contains(&how))
}
