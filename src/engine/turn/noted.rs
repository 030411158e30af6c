//! The one line that a turn leaves in the log: where, what kind of thing happened, what it sends, how
//! long it took. Never a word of anybody's. Nothing is written together where the level is off.

use std::fmt;

use tracing::field::display;

use super::cause::Cause;
use crate::{
    model::{Act, Conversation, Event, Moment, Monotonic, SessionId, What},
    store::{Delivery, Outgoing},
};

/// What is known of a turn when it begins.
pub(super) struct Begun {
    at: Moment,
    input: &'static str,
    of: Option<SessionId>,
}

impl Begun {
    pub(super) fn of(cause: &Cause<'_>, at: Moment) -> Begun {
        let (input, of) = match cause {
            Cause::Activity(inbound) if !inbound.files.is_empty() => ("files", None),
            Cause::Activity(inbound) => (of_guest(&inbound.what), None),
            Cause::Event(event, of) => (of_event(event), *of),
            Cause::Desk(_, event, of) => (of_event(event), Some(*of)),
            Cause::Learned { .. } => ("look-up", None),
        };
        Begun { at, input, of }
    }

    /// Writes the line, and one for each transfer. `latest` is the session that changed last.
    pub(super) fn note(
        &self,
        (conversation, first_new_hop): (&Conversation, usize),
        latest: Option<&SessionId>,
        letters: &[Outgoing],
        steady: &Monotonic,
    ) {
        let found = |id: &SessionId| conversation.session(*id);
        let session = self.of.as_ref().and_then(found);
        let session = session.or_else(|| conversation.present()).or_else(|| latest.and_then(found));
        if let Some(session) = session {
            tracing::Span::current().record("session", display(session.id));
        }
        tracing::info!(
            department = session.map(|session| display(&session.tenant)),
            stage = session.and_then(|session| session.stage.as_ref()).map(display),
            input = self.input,
            letters = %Kinds(letters),
            ms = u64::try_from(steady.now().duration_since(self.at).as_millis()).unwrap_or_default(),
            "a turn was kept"
        );
        let hops = conversation.journey.iter().flat_map(|journey| &journey.hops);
        for hop in hops.skip(first_new_hop) {
            tracing::info!(
                hop = hop.hop,
                from = %hop.from.tenant_id,
                to = %hop.to.tenant_id,
                into = %hop.to.session_id,
                kind = ?hop.kind,
                by = ?hop.by.kind,
                "a guest was transferred"
            );
        }
    }
}

fn of_guest(what: &What) -> &'static str {
    match what {
        What::Text(_) => "text",
        What::Submit(_) | What::Execute { .. } => "click",
        What::Installed => "installed",
        What::Upgraded => "upgraded",
        What::Removed => "removed",
        What::Edited(_) => "edit",
        What::Deleted => "deletion",
        What::Invoke { .. } => "invoke",
        What::Place(_) => "place",
        What::Wordless => "wordless",
        What::Other(_) => "other",
    }
}

fn of_event(event: &Event) -> &'static str {
    match event {
        Event::Said(_) => "text",
        Event::Clicked { .. } => "click",
        Event::Files { .. } => "files",
        Event::Tick => "time",
        Event::Move { .. } => "move",
        Event::Desk { act, .. } => of_desk(act),
        Event::GuestEdited { .. } => "edit",
        Event::AgentEdited { .. } => "desk edit",
        Event::ThreadLost { .. } => "thread lost",
        Event::Undelivered { .. } => "undelivered",
        Event::File(_) => "file",
        Event::Unreachable => "unreachable",
        Event::Called { .. } => "call answered",
        Event::Close { .. } => "close",
    }
}

fn of_desk(act: &Act) -> &'static str {
    match act {
        Act::Take => "desk take",
        Act::TakeOver => "desk take over",
        Act::Release => "desk release",
        Act::Hand { .. } => "desk hand",
        Act::Say(_) => "desk text",
        Act::Resolve { .. } => "desk resolve",
        Act::Draft { .. } => "desk draft",
        Act::Consult { .. } => "desk consult",
        Act::Advise { .. } => "desk advice",
        Act::Transfer { .. } => "desk transfer",
    }
}

/// How many letters of which kind: `post 2, put 1`.
struct Kinds<'a>(&'a [Outgoing]);

impl fmt::Display for Kinds<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut counts = [("post", 0), ("put", 0), ("thread", 0), ("in thread", 0), ("event", 0)];
        for letter in self.0 {
            let kind = match letter.kind {
                Delivery::Post(_) => 0,
                Delivery::Put { .. } => 1,
                Delivery::Open { .. } => 2,
                Delivery::In { .. } => 3,
                Delivery::Hook { .. } => 4,
            };
            counts[kind].1 += 1;
        }
        let mut is_first = true;
        for (kind, count) in counts.iter().filter(|(_, count)| *count > 0) {
            let comma = if is_first { "" } else { ", " };
            write!(to, "{comma}{kind} {count}")?;
            is_first = false;
        }
        if is_first { write!(to, "none") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;
    use crate::model::{ConversationId, Guest, Reference};

    #[test]
    fn where_the_level_is_off_nothing_is_looked_at() {
        let id = ConversationId { channel: "msteams".to_owned(), id: "a:1".to_owned() };
        let conversation = Conversation {
            id,
            reference: Reference::default(),
            guest: Guest::default(),
            installed: true,
            journey: None,
            open: Vec::new(),
        };
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let steady = Monotonic::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
            Moment::default()
        });
        let begun = Begun { at: Moment::default(), input: "text", of: None };
        let note = || begun.note((&conversation, 0), None, &[], &steady);
        note();
        assert_eq!(asked.load(Ordering::SeqCst), 0, "nobody listens");
        let lines = tracing_subscriber::fmt().with_writer(std::io::sink).finish();
        tracing::subscriber::with_default(lines, note);
        assert_eq!(asked.load(Ordering::SeqCst), 1, "somebody does");
    }

    #[test]
    fn letters_are_told_by_their_kinds() {
        assert_eq!(Kinds(&[]).to_string(), "none");
        let letter = |kind| Outgoing {
            id: crate::model::LetterId(uuid::Uuid::nil()),
            conversation: ConversationId { channel: String::new(), id: String::new() },
            service_url: String::new(),
            kind,
            body: "words".to_owned(),
            attempts: 0,
        };
        let hook = || letter(Delivery::Hook { secret: "X".to_owned() });
        let all = [hook(), letter(Delivery::Post(None)), hook()];
        assert_eq!(Kinds(&all).to_string(), "post 1, event 2");
    }
}
