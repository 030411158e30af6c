//! `agent`: puts the guest in front of a human. Waits at the tenant's desk; when nobody can come,
//! asks for a message instead of promising.

use std::time::Duration;

use crate::{
    model::{Event, State, Words},
    pipeline::{
        cx::Cx,
        flow::Flow,
        language::{DeskPhrases, fill, text::Text},
        scope,
        stage::{Behaviour, Mention, Speech, optional_text},
    },
    source::Fields,
};

/// How often the guest's card is brought up to date, unless the stage says so.
const UPDATE_EVERY: Duration = Duration::from_secs(90);
/// How long one agent is asked, unless the stage says so.
const ACCEPT_TIMEOUT: Duration = Duration::from_secs(60);
/// How long the guest waits at most, unless the stage says so.
const MAX_WAIT: Duration = Duration::from_secs(30 * 60);

/// Settings of an `agent` stage.
#[derive(Debug, Clone)]
pub struct Agent {
    speech: Speech,
    /// How long the guest waits at most.
    pub max_wait: Duration,
    /// How long one agent is asked before the next, where they are asked one after the other.
    pub accept_timeout: Duration,
    /// How often the guest's card is brought up to date.
    pub update_every: Duration,
    note: Option<Text>,
}

impl Agent {
    /// Reads the settings.
    pub fn read(fields: &Fields<'_>) -> Option<Self> {
        Some(Agent {
            speech: Speech::read(fields, false),
            max_wait: fields.wait("max_wait").unwrap_or(MAX_WAIT),
            accept_timeout: fields.wait("accept_timeout").unwrap_or(ACCEPT_TIMEOUT),
            update_every: fields.duration("update_every").unwrap_or(UPDATE_EVERY),
            note: optional_text(fields, "note"),
        })
    }

    /// As it is when nothing is written.
    pub fn plain() -> Self {
        Agent {
            speech: Speech::default(),
            max_wait: MAX_WAIT,
            accept_timeout: ACCEPT_TIMEOUT,
            update_every: UPDATE_EVERY,
            note: None,
        }
    }

    /// Shows the guest how it stands.
    pub fn show(&self, cx: &mut Cx<'_>) {
        let text = match &self.speech.text {
            Some(text) => cx.render(text),
            None => fill(cx.phrases().desk.asked, &[("name", &cx.tenant.name)]),
        };
        let template =
            self.speech.template.as_ref().map_or("waiting", |template| template.value.as_str());
        cx.show_waiting(template, text);
    }

    /// Nobody came in time, or nobody is there any more: the exit, or a message after the sentence
    /// that says so, of which `{name}` is the department.
    pub fn give_up(&self, cx: &mut Cx<'_>, says: fn(&DeskPhrases) -> &'static str) -> Flow {
        let name = cx.tenant.name.clone();
        let why = fill(cx.desk_phrases().desk.desk_too_long, &[("guest", cx.guest_name())]);
        if let Some(flow) = cx.exit("on_timeout") {
            cx.end_help(&why);
            return flow;
        }
        let text = fill(says(cx.phrases().desk), &[("name", &name)]);
        Self::ask_instead(cx, &text)
    }

    /// A message instead of a person, where somebody will read it.
    fn ask_instead(cx: &mut Cx<'_>, why: &Words) -> Flow {
        if cx.is_forsaken() {
            return Flow::Departed;
        }
        if let Some(card) = cx.session_mut().desk.as_mut().and_then(|help| help.waiting_card.take())
        {
            cx.replace(card, &Words::default(), why);
        }
        let words = why.clone().then(&fill(cx.phrases().desk.leave, &[("name", &cx.tenant.name)]));
        cx.ask_message(words);
        Flow::Stay
    }
}

impl Behaviour for Agent {
    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        let desk = cx.phrases().desk;
        let name = cx.tenant.name.clone();
        if let Some(help) = &cx.session().desk {
            // Reached again, after a question beside: how it stands.
            match (help.owner.clone(), help.left) {
                (Some(owner), _) => cx.say(fill(desk.with, &[("agent", &owner.name)])),
                (None, false) => self.show(cx),
                (None, true) => cx.show_slip(),
            }
            return Flow::Stay;
        }
        if cx.tenant.is_closed(cx.now()) {
            if let Some(flow) = cx.exit("on_closed") {
                return flow;
            }
            let (_, until) =
                scope::hours(Some(cx.tenant), cx.now(), cx.locale(), cx.zone().as_ref());
            let phrases = cx.phrases();
            let phrase = if until.is_empty() { phrases.closed_open_end } else { phrases.closed };
            return Self::ask_instead(cx, &fill(phrase, &[("to", &name), ("until", &until)]));
        }
        if !cx.facts.desks.is_reachable(&cx.tenant.id) {
            if let Some(flow) = cx.exit("on_timeout").filter(|_| !cx.is_forsaken()) {
                return flow;
            }
            return Self::ask_instead(cx, &fill(desk.nobody, &[("name", &name)]));
        }
        let note = self
            .note
            .as_ref()
            .map(|note| cx.render(note).as_typed())
            .filter(|note| !note.is_empty());
        let stage = cx.stage.id.clone();
        let session = cx.session_mut();
        session.state = State::WaitingForAgent;
        session.waiting = None;
        session.last_waited = Some(stage);
        cx.begin_help(false, note);
        self.show(cx);
        Flow::Stay
    }

    fn hear(&self, cx: &mut Cx<'_>, event: &Event) -> Flow {
        cx.hear_for_desk(event)
    }

    fn times_itself(&self) -> bool {
        true
    }

    fn passes(&self) -> &'static [&'static [&'static str]] {
        &[&["on_closed"], &["on_timeout"]]
    }

    fn is_for_desk(&self) -> bool {
        true
    }

    fn mentions(&self) -> Vec<Mention<'_>> {
        let mut mentions = self.speech.mentions();
        mentions.extend(self.note.iter().map(Mention::Text));
        mentions
    }
}
