//! Makes the things that tests store, one call each, and short names for asking.

use jiff::{Timestamp, ToSpan};
use serde_json::json;
use switchboard::{
    model::{
        Account, Aside, AsideAsks, Asks, By, ByKind, Conversation, ConversationId, Course, Entry,
        Guest, Hop, HopKind, Journey, JourneyId, KeptFile, LetterId, Metadata, Past, Reference,
        Session, SessionId, Side, State, Step, Waiting,
    },
    store::{Added, Answer, Delivery, Line, Outgoing, Receipt, Seen, Store, Turn, Who},
};
use uuid::Uuid;

/// An instant, so many seconds after a fixed one.
pub(crate) fn at(seconds: i64) -> Timestamp {
    "2026-11-24T09:00:00.123456789Z".parse::<Timestamp>().expect("an instant") + seconds.seconds()
}

pub(crate) fn place(name: &str) -> ConversationId {
    ConversationId { channel: "msteams".to_owned(), id: format!("a:1{name};messageid=17") }
}

pub(crate) fn guest(name: &str) -> Guest {
    Guest {
        id: format!("29:{name}"),
        aad_object_id: Some(format!("aad-{name}")),
        name: Some(format!("{name} O'Neil")),
        channel_id: "msteams".to_owned(),
        ..Guest::default()
    }
}

/// A conversation without journey.
pub(crate) fn conversation(name: &str) -> Conversation {
    let account: Account = Account::default();
    let reference = Reference {
        service_url: "https://smba.example/emea/".to_owned(),
        bot: account.clone(),
        user: account,
        entra_tenant: Some("contoso".to_owned()),
    };
    Conversation {
        id: place(name),
        reference,
        guest: guest(name),
        installed: true,
        journey: None,
        open: Vec::new(),
    }
}

pub(crate) fn journey() -> Journey {
    Journey {
        id: JourneyId(Uuid::new_v4()),
        sessions: Vec::new(),
        hops: Vec::new(),
        course: Course::default(),
    }
}

/// Adds a session to a journey.
pub(crate) fn begin(journey: &mut Journey, tenant: &str, started: Timestamp) -> SessionId {
    let id = SessionId(Uuid::new_v4());
    let origin = journey.sessions.first().map_or(id, |first| first.id);
    let mut metadata = Metadata::default();
    let entry = |value, private, stage: Option<&str>| Entry {
        value,
        private,
        tenant: tenant.into(),
        stage: stage.map(Into::into),
        at: started,
    };
    metadata.set("Guest.Question", entry(json!("VPN \"broken\" \\ \n"), false, None));
    metadata.set(
        "Data.Salary",
        entry(json!({"b": [1, 2.5, null], "a": true}), true, Some("ask-salary")),
    );
    journey.sessions.push(Session {
        id,
        reference: "IT-1001".to_owned(),
        journey: journey.id,
        origin,
        hop: u32::try_from(journey.sessions.len()).expect("few"),
        tenant: tenant.into(),
        tenant_name: tenant.to_uppercase(),
        pipeline: "main".into(),
        pipeline_version: "v1".to_owned(),
        stage: Some("topic".into()),
        state: State::Active,
        started,
        ended: None,
        turns: 1,
        metadata,
        waiting: Some(Waiting {
            since: started,
            nonce: "n1".to_owned(),
            asks: Asks::Guess(2),
            misses: 1,
            card: Some(LetterId(Uuid::new_v4())),
        }),
        last_waited: None,
        last_menu: Some("topic".into()),
        unanswered: Some("topic".into()),
        aside: Some(Aside {
            nonce: "n2".to_owned(),
            letter: LetterId(Uuid::new_v4()),
            asks: AsideAsks::Departments,
            overtaken: true,
        }),
        reminded: true,
        query: None,
        spoken: None,
        unasked: Vec::new(),
        answers: Vec::new(),
        call: None,
        desk: None,
        waited: 90,
        past: Some(Past { stage: "human".into(), thread: Some(LetterId(Uuid::new_v4())) }),
        closed_by_guest: true,
        takes: Vec::new(),
        kept: vec![KeptFile {
            name: "shot.png".to_owned(),
            size: 3,
            link: "https://x.example/f".to_owned(),
        }],
        files: 2,
        hours_of: Some("hr".into()),
        voices: Vec::new(),
        carried: Vec::new(),
    });
    id
}

/// Adds a hop between the last two sessions and ends the first of them.
pub(crate) fn hop(journey: &mut Journey, at: Timestamp) {
    let [.., from, to] = &mut journey.sessions[..] else { panic!("two sessions") };
    from.state = State::Transferred;
    from.ended = Some(at);
    from.stage = None;
    from.waiting = None;
    let side = |session: &Session| Side {
        session_id: session.id,
        tenant_id: session.tenant.clone(),
        tenant_name: session.tenant_name.clone(),
    };
    journey.hops.push(Hop {
        hop: u32::try_from(journey.hops.len()).expect("few") + 1,
        kind: HopKind::Transfer,
        from: side(from),
        to: side(to),
        at,
        by: By { kind: ByKind::Agent, id: "7".to_owned(), name: Some("Ann".to_owned()) },
        reason: Some("fits better".to_owned()),
        note: None,
    });
}

/// A turn that writes all of a conversation for the first time.
pub(crate) fn turn(conversation: &Conversation) -> Turn {
    Turn {
        changed: conversation
            .journey
            .iter()
            .flat_map(|journey| journey.sessions.iter().map(|session| session.id))
            .collect(),
        conversation: conversation.clone(),
        expected: None,
        first_new_hop: 0,
        at: at(0),
        added: Added::default(),
    }
}

/// Fills what a turn leaves beside its conversation.
pub(crate) trait With {
    fn with(self, fill: impl FnOnce(&mut Added)) -> Self;
}

impl With for Turn {
    fn with(mut self, fill: impl FnOnce(&mut Added)) -> Self {
        fill(&mut self.added);
        self
    }
}

/// A turn after another one, which changes nothing yet.
pub(crate) fn next(conversation: &Conversation, version: u64) -> Turn {
    let first_new_hop = conversation.journey.as_ref().map_or(0, |journey| journey.hops.len());
    Turn { expected: Some(version), changed: Vec::new(), first_new_hop, ..turn(conversation) }
}

pub(crate) fn letter(conversation: &ConversationId, body: &str) -> Outgoing {
    Outgoing {
        id: LetterId(Uuid::new_v4()),
        conversation: conversation.clone(),
        service_url: "https://smba.example/old/".to_owned(),
        kind: Delivery::Post(Some("f:1".to_owned())),
        body: body.to_owned(),
        attempts: 0,
    }
}

/// Keeps a letter in a turn of a conversation that is nobody's.
pub(crate) async fn post(store: &dyn Store, letter: Outgoing, at: Timestamp) {
    let alone = conversation(&letter.id.to_string());
    let posted = turn(&alone).with(|added| added.letters = vec![letter]);
    store.commit(Turn { at, ..posted }).await.expect("post");
}

/// What the connector tells of a letter for which it gives only an activity id.
pub(crate) fn receipt(activity: &str) -> Receipt {
    Receipt { activity: Some(activity.to_owned()), conversation: None }
}

pub(crate) fn seen(key: &str, until: Timestamp) -> Seen {
    Seen {
        key: key.to_owned(),
        answer: Answer { status: 200, body: Some(format!("{{\"{key}\":1}}")) },
        until,
    }
}

pub(crate) fn line(session: SessionId, from: Who, text: &str) -> Line {
    Line {
        session: Some(session),
        at: at(1),
        from,
        name: None,
        text: text.to_owned(),
        card: None,
        activity_id: None,
        letter: None,
        author: None,
        hidden: false,
        edited: None,
        deleted: None,
    }
}

pub(crate) fn step(session: SessionId, stage: &str, at: Timestamp, exit: Option<&str>) -> Step {
    Step {
        session: Some(session),
        stage: stage.into(),
        kind: "ask".to_owned(),
        at,
        exit: exit.map(str::to_owned),
    }
}

/// A conversation with a live journey of one session.
pub(crate) fn started(name: &str, tenant: &str, started: Timestamp) -> (Conversation, SessionId) {
    let mut journey = journey();
    let id = begin(&mut journey, tenant, started);
    (Conversation { journey: Some(journey), ..conversation(name) }, id)
}

/// The conversation's journey, to be changed.
pub(crate) fn current(conversation: &mut Conversation) -> &mut Journey {
    conversation.journey.as_mut().expect("a journey")
}

/// The bodies of a conversation's pending letters.
pub(crate) async fn bodies(store: &dyn Store, conversation: &ConversationId) -> Vec<String> {
    store
        .pending(conversation, 100)
        .await
        .expect("pending")
        .into_iter()
        .map(|letter| letter.body)
        .collect()
}

/// Everything that can be asked about a conversation, for comparing before and after.
pub(crate) async fn everything(
    store: &dyn Store,
    conversation: &ConversationId,
    session: SessionId,
) -> String {
    let loaded = store.load(conversation).await.expect("load");
    let letters = store.pending(conversation, 100).await.expect("pending");
    let lines = store.transcript(session).await.expect("transcript");
    let view = store.session(session).await.expect("session");
    let counts = store.live_counts().await.expect("counts");
    format!("{loaded:#?}\n{letters:#?}\n{lines:#?}\n{view:#?}\n{counts:?}")
}
