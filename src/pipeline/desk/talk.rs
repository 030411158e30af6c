//! What is said between a guest and a desk.

use jiff::Timestamp;

use crate::{
    model::{
        Agent, Asks, Body, Carried, DeskLetter, Effect, Event, Letter, LetterId, State, Waiting,
        Words,
    },
    pipeline::{
        cx::Cx,
        flow::Flow,
        language::{Phrases, fill, fill_formatted, moment, phrases, time},
    },
};

impl Cx<'_> {
    /// The desk's language is the tenant's.
    pub fn desk_phrases(&self) -> &'static Phrases {
        phrases(&self.tenant.locale)
    }

    /// What the guest is called at the desk.
    pub fn guest_name(&self) -> &str {
        let guest = self.facts.guest;
        guest.name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or("?")
    }

    /// An instant as the desk reads it.
    pub fn desk_time(&self, at: Timestamp) -> String {
        let zone =
            self.tenant.hours.as_ref().map_or(&self.facts.directory.zone, |hours| &hours.zone);
        time(&self.tenant.locale, at, zone)
    }

    /// The same of an instant that may lie days back.
    pub fn desk_moment(&self, at: Timestamp) -> String {
        let zone =
            self.tenant.hours.as_ref().map_or(&self.facts.directory.zone, |hours| &hours.zone);
        moment(&self.tenant.locale, at, self.now(), zone)
    }

    /// Says something in an agent's own chat, whoever has the session's.
    pub fn to_agent(&mut self, agent: &Agent, words: Words) {
        self.post_to_agent(&agent.id, Body::Text(words));
    }

    /// Words to the person at the desk who just did something.
    pub fn tell_desk(&mut self, words: Words) {
        let session = self.session().id;
        self.effects.push(Effect::TellDesk { session, words });
    }

    /// The guest reads what an agent wrote; the transcript keeps it as the agent's.
    pub fn relay(&mut self, by: &Agent, text: &str) {
        let words = fill_formatted(
            self.phrases().desk.says,
            &[("agent", &by.name), ("text", text)],
            self.facts.formatted,
        );
        self.say_for(by, words, text.to_owned());
    }

    /// Words of an agent's for the guest; the transcript keeps `text` of them, as the agent's.
    pub(super) fn say_for(&mut self, by: &Agent, words: Words, text: String) {
        let (id, session) = (self.facts.fresh.letter(), self.session().id);
        let (words, beside) = (self.marked(words), self.beside);
        self.effects.push(Effect::Send(Letter {
            id,
            session: None,
            tenant: self.tenant.id.clone(),
            body: Body::Text(words),
        }));
        self.carries(id, &text, Some((by, None)));
        if let Some(carried) = self.session_mut().carried.last_mut().filter(|_| beside) {
            carried.marked = true;
        }
        self.effects.push(Effect::Agent { session, by: by.clone(), text, letter: Some(id) });
    }

    /// A letter carries what somebody wrote: the guest, or a person at a desk, who is told in that
    /// thread of another desk's or else where they work should it not arrive.
    pub fn carries(
        &mut self,
        letter: LetterId,
        text: &str,
        by: Option<(&Agent, Option<LetterId>)>,
    ) {
        let is_people = self.facts.desks.people(&self.tenant.id).is_some();
        let own = self.session().desk.as_ref().and_then(|help| help.brief).filter(|_| !is_people);
        let by = by.map(|(agent, thread)| (agent.clone(), thread.or(own)));
        Carried::add(&mut self.session_mut().carried, letter, text, by);
    }

    /// A note of the desk's in the transcript.
    pub fn noted(&mut self, by: &Agent, text: &str) {
        let session = self.session().id;
        self.effects.push(Effect::Agent {
            session,
            by: by.clone(),
            text: text.to_owned(),
            letter: None,
        });
    }

    /// Asks for a message: nobody is promised.
    pub fn ask_message(&mut self, words: Words) {
        self.say(words);
        let (since, nonce, stage) = (self.now(), self.facts.fresh.nonce(), self.stage.id.clone());
        let session = self.session_mut();
        session.state = State::Active;
        session.waiting = Some(Waiting { since, nonce, asks: Asks::Stage, misses: 0, card: None });
        session.reminded = false;
        session.last_waited = Some(stage);
    }

    /// The guest writes where a human is waited for or is there.
    pub fn hear_for_desk(&mut self, event: &Event) -> Flow {
        let Event::Said(text) = event else { return Flow::Stay };
        self.heard(text.as_str());
        let now = self.now();
        if self.session().state == State::Active && self.is_forsaken() {
            // Nobody would read it: it goes along.
            self.session_mut().query = Some(text.clone());
            self.keep_words(text);
            return Flow::Departed;
        }
        if self.session().state == State::Active {
            self.session_mut().waiting = None;
            self.session_mut().state = State::Open;
            self.leave_message(text);
            self.show_slip();
            return Flow::Stay;
        }
        self.forward(text, self.facts.formatted);
        self.rebrief_left();
        if let Some(help) = &mut self.session_mut().desk {
            help.owe_answer(now);
            if help.is_unheard() {
                let words = fill(self.phrases().desk.kept, &[("name", &self.tenant.name)]);
                self.say(words);
            }
        }
        Flow::Stay
    }

    /// What is left stands on the cards of whoever may take it.
    pub(super) fn rebrief_left(&mut self) {
        if self.session().desk.as_ref().is_some_and(|help| help.left && help.owner.is_none()) {
            self.rebrief();
        }
    }

    /// A message is left: in a channel it stands in the thread below the brief, else on the cards.
    fn leave_message(&mut self, text: &str) {
        if self.facts.desks.people(&self.tenant.id).is_none() {
            self.begin_help(true, None);
            return self.forward(text, self.facts.formatted);
        }
        let begun = self.session().desk.is_some();
        if !begun {
            self.begin_to_wait(true, None);
        }
        self.forward(text, self.facts.formatted);
        self.begin_help(true, None);
    }

    /// What the guest wrote while nobody could hear it.
    pub fn send_unsent(&mut self) {
        let unsent = self
            .session_mut()
            .desk
            .as_mut()
            .map(|help| std::mem::take(&mut help.unsent))
            .unwrap_or_default();
        unsent.iter().for_each(|text| self.forward(text, None));
    }

    /// A letter to the desk of this session, as yet without its place there.
    fn letter_to_desk(&self, body: Body) -> DeskLetter {
        let id = self.facts.fresh.letter();
        DeskLetter::new(id, self.session().id, self.tenant.id.clone(), body)
    }

    fn post_to_desk(&mut self, letter: DeskLetter) -> LetterId {
        let id = letter.id;
        self.effects.push(Effect::Desk(letter));
        id
    }

    /// Begins the session's thread in the desk's channel.
    pub(super) fn post_thread(&mut self, body: Body) -> LetterId {
        let letter = self.letter_to_desk(body);
        self.post_to_desk(letter)
    }

    /// Says something in an agent's own chat.
    pub(super) fn post_to_agent(&mut self, agent: &str, body: Body) -> LetterId {
        let agent = Some(agent.to_owned());
        let letter = DeskLetter { agent, ..self.letter_to_desk(body) };
        self.post_to_desk(letter)
    }

    /// Says something in the desk's thread, if there is one.
    pub(super) fn post_in_thread(&mut self, thread: LetterId, words: Words) -> LetterId {
        let letter = self.letter_to_desk(Body::Text(words));
        self.post_to_desk(DeskLetter { thread: Some(thread), ..letter })
    }

    /// Says something in the desk's thread and calls somebody by name there.
    pub fn to_thread(&mut self, who: &Agent, words: Words) {
        let Some(thread) = self.session().desk.as_ref().and_then(|help| help.brief) else { return };
        let letter = self.letter_to_desk(Body::Text(words));
        let (thread, mention) = (Some(thread), Some(who.clone()));
        self.post_to_desk(DeskLetter { thread, mention, ..letter });
    }

    /// Says something to whoever has the chat, or had it: in the thread, where they are called by
    /// name, or in their own chat.
    pub fn to_owner(&mut self, owner: &Agent, in_thread: Words, in_chat: Words) {
        let Some(help) = &self.session().desk else { return };
        if help.brief.is_some() {
            self.to_thread(owner, in_thread);
        } else if help.asked.iter().any(|asked| asked.agent == owner.id) {
            self.to_agent(owner, in_chat);
        }
    }

    /// Who fell silent and lost the chat hears who has it now.
    pub fn tell_former(&mut self, owner: &Agent) {
        let session = self.session();
        let Some(help) = &session.desk else { return };
        let was_silent = |id: &String| {
            let last = session.takes.iter().rfind(|taken| taken.agent.id == *id)?;
            (last.how.as_deref() == Some("silent")).then(|| last.agent.clone())
        };
        let former: Vec<Agent> = help.parted.iter().filter_map(was_silent).collect();
        let (desk, reference) = (self.desk_phrases().desk, session.reference.clone());
        let values = [("agent", &*owner.name), ("ref", &reference)];
        for one in former {
            let (here, in_chat) =
                (fill(desk.desk_parted, &values), fill(desk.desk_parted_in, &values));
            self.to_owner(&one, here, in_chat);
            if let Some(help) = &mut self.session_mut().desk {
                help.parted.retain(|id| *id != one.id);
            }
        }
    }

    /// Says something in the desk's thread, or to the owner.
    pub fn to_desk(&mut self, words: Words) -> Option<LetterId> {
        let help = self.session().desk.as_ref()?;
        if let Some(thread) = help.brief {
            return Some(self.post_in_thread(thread, words));
        }
        let agent = help.owner_in_person()?.id.clone();
        Some(self.post_to_agent(&agent, Body::Text(words)))
    }

    /// The desk reads what the guest wrote, or it is kept.
    pub(super) fn forward(&mut self, text: &str, formatted: Option<&str>) {
        let desk = self.desk_phrases().desk;
        let (guest, reference) = (self.guest_name().to_owned(), self.session().reference.clone());
        let Some(help) = &mut self.session_mut().desk else { return };
        let words = if help.brief.is_some() {
            fill_formatted(desk.desk_says, &[("guest", &guest), ("text", text)], formatted)
        } else if help.owner_in_person().is_some() {
            // Several chats stand in one: each line says whose it is.
            fill_formatted(
                desk.desk_says_in,
                &[("ref", &reference), ("guest", &guest), ("text", text)],
                formatted,
            )
        } else {
            help.unsent.push(text.to_owned());
            return;
        };
        help.open_words.push(text.to_owned());
        if let Some(letter) = self.to_desk(words) {
            self.carries(letter, text, None);
        }
    }
}
