//! What people at a desk do to a session.

use serde_json::Value;

use crate::{
    model::{
        Act, Agent, AtDesk, By, ByKind, Effect, LetterId, State, TenantId, Words, mark,
        session::keys,
    },
    pipeline::{
        desk::gone,
        flow::Flow,
        language::{DeskPhrases, fill, fill_formatted, phrases},
        machine::run::{Machine, Spot},
    },
};

use super::waiting::Gone;

/// Somebody at the desk does something: who and where, and how it stood before.
#[derive(Clone, Copy)]
struct Deed<'a> {
    spot: Spot<'a>,
    by: &'a Agent,
    before: &'a AtDesk,
    /// They work in personal chats.
    is_people: bool,
}

impl Deed<'_> {
    fn phrases(&self) -> &'static DeskPhrases {
        phrases(&self.spot.tenant.locale).desk
    }

    fn is_owner(&self) -> bool {
        self.before.is_owner(&self.by.id)
    }

    /// In personal chats only whoever is asked now may take it: an old card has lost its turn.
    fn was_offered(&self) -> bool {
        self.before.brief.is_some() || !self.is_people || self.before.is_asked(&self.by.id)
    }

    /// Nobody else has the chat, or whoever does this does not need to have it.
    fn may(&self, act: &Act) -> bool {
        self.before.owner.is_none()
            || self.is_owner()
            || matches!(act, Act::Say(_) | Act::Advise { .. } | Act::Draft { .. })
            || matches!(act, Act::TakeOver) && !self.is_people
    }
}

impl Machine<'_> {
    /// Somebody at the desk does something in the session in which the guest is.
    pub(in crate::pipeline::machine) fn at_desk(
        &mut self,
        index: usize,
        by: &Agent,
        nonce: Option<&str>,
        act: &Act,
    ) {
        let before = self.journey.sessions[index].desk.clone();
        let (Some(spot), Some(before)) = (self.place(index), before) else {
            self.over_at_desk(index);
            return;
        };
        if matches!(act, Act::Say(text) | Act::Advise { text, .. } if text.is_empty()) {
            // Files came without words: nothing is said.
            return;
        }
        if nonce.is_some_and(|nonce| nonce != before.nonce) {
            self.stale_at_desk(spot, &before, by);
            return;
        }
        self.changed.insert(self.journey.sessions[index].id);
        self.voice(spot, by, act);
        let is_people = self.facts.desks.people(&spot.tenant.id).is_some();
        let deed = Deed { spot, by, before: &before, is_people };
        if let Some(owner) = before.owner.as_ref().filter(|_| !deed.may(act)) {
            let words = fill(deed.phrases().desk_taken, &[("agent", &owner.name)]);
            self.at(spot).tell_desk(words);
            return;
        }
        // Nobody has it: whoever was not asked, or is no longer, does nothing with an old card.
        let is_deed = !matches!(act, Act::Say(_) | Act::Advise { .. });
        if before.owner.is_none() && is_deed && !deed.was_offered() {
            self.over_at_desk(index);
            return;
        }
        match act {
            Act::Take | Act::TakeOver => self.wish_to_take(deed),
            Act::Release => self.release(deed),
            Act::Hand { to, note } if deed.is_owner() => self.hand(spot, by, to, note.as_deref()),
            Act::Hand { .. } => self.over_at_desk(index),
            Act::Say(text) => self.say_at_desk(deed, text),
            Act::Resolve { helped, notes, answer } => {
                self.resolve(deed, *helped, notes.as_deref(), answer.as_deref());
            }
            Act::Draft { question, answer } => self.draft(deed, question, answer),
            Act::Consult { tenant, question } => self.consult(deed, tenant, question),
            Act::Advise { letter, text } => self.advise(deed, *letter, text),
            Act::Transfer { .. } if self.beside => {
                let desk = deed.phrases();
                let mut cx = self.at(spot);
                let why =
                    fill(cx.desk_phrases().left.desk_elsewhere, &[("guest", cx.guest_name())]);
                cx.tell_desk(fill(desk.desk_refused, &[("reason", &why.plain())]));
            }
            Act::Transfer { tenant, reason, note } => {
                let by = By { kind: ByKind::Agent, id: by.id.clone(), name: Some(by.name.clone()) };
                self.wished_move(index, tenant, &by, reason.as_deref(), note.as_deref());
                self.move_told(deed);
            }
        }
    }

    fn wish_to_take(&mut self, deed: Deed<'_>) {
        let Deed { spot, by, before, .. } = deed;
        if deed.is_owner() {
            self.at(spot).tell_desk(Words::own(deed.phrases().desk_yours));
            return;
        }
        if let Some(owner) = &before.owner {
            self.take_over(spot, owner, by);
            return;
        }
        if !deed.was_offered() {
            self.over_at_desk(spot.index);
            return;
        }
        let is_full = self.facts.desks.people(&spot.tenant.id).is_some_and(|people| {
            let own = people.agents.iter().find(|person| person.id == by.id);
            own.is_some_and(|person| person.load >= people.most)
        });
        if is_full {
            self.at(spot).tell_desk(Words::own(deed.phrases().desk_full));
            return;
        }
        self.take(spot, by);
    }

    fn release(&mut self, deed: Deed<'_>) {
        if !deed.is_owner() {
            return;
        }
        self.until_now(deed.spot.index, "released");
        let why = fill(deed.phrases().desk_released, &[("agent", &deed.by.name)]);
        self.offer_again(deed.spot, Gone::Away(why));
    }

    /// For the guest when it is the owner's; else a note.
    fn say_at_desk(&mut self, deed: Deed<'_>, text: &str) {
        let Deed { spot, by, before, .. } = deed;
        let note = mark::note(text);
        let (desk, now) = (deed.phrases(), self.facts.now);
        let mut cx = self.at(spot);
        if note.is_none() && deed.is_owner() {
            cx.relay(by, text);
            if let Some(aside) = &mut cx.session_mut().aside {
                aside.overtaken = true;
            }
            if let Some(help) = &mut cx.session_mut().desk {
                help.answered(now);
            }
            return;
        }
        cx.noted(by, note.as_deref().unwrap_or(text).trim());
        match &before.owner {
            _ if note.is_some() => {}
            None => cx.tell_desk(Words::own(desk.desk_take_first)),
            // Said once to whoever had it: nobody answers unawares beside somebody else.
            Some(owner) if before.parted.contains(&by.id) => {
                cx.tell_desk(fill(desk.desk_parted, &[("agent", &owner.name)]));
                if let Some(help) = &mut cx.session_mut().desk {
                    help.parted.retain(|id| *id != by.id);
                }
            }
            Some(_) => {}
        }
    }

    fn draft(&mut self, deed: Deed<'_>, question: &str, answer: &str) {
        let Deed { spot, by, before, is_people } = deed;
        let is_at_card = !is_people || deed.is_owner() || before.is_asked(&by.id);
        if !is_at_card || (before.owner.is_none() && !deed.was_offered()) {
            self.over_at_desk(spot.index);
            return;
        }
        let mut cx = self.at(spot);
        cx.propose(by, question, answer);
        cx.tell_desk(Words::own(deed.phrases().desk_proposed));
    }

    fn resolve(&mut self, deed: Deed<'_>, helped: bool, notes: Option<&str>, answer: Option<&str>) {
        let Deed { spot, by, before, .. } = deed;
        if before.owner.is_none() {
            if !deed.was_offered() {
                self.over_at_desk(spot.index);
                return;
            }
            self.take(spot, by);
        }
        // What was asked beside it is moot, and who was helped is not moved back by an old button.
        self.drop_aside(spot);
        self.withdraw_offer(spot);
        self.until_now(spot.index, if helped { "resolved" } else { "unresolved" });
        let desk = deed.phrases();
        let phrase = if helped { desk.desk_resolved } else { desk.desk_closed };
        let (id, _) = self.account(spot, by);
        let mut cx = self.at(spot);
        let text = |text: &str| Value::String(text.to_owned());
        cx.set(keys::RESOLVED, Value::Bool(helped), false);
        cx.set(keys::RESOLVED_BY, text("agent"), false);
        cx.set(keys::RESOLVED_BY_ID, text(&id), false);
        cx.set(keys::RESOLVED_BY_NAME, text(&by.name), false);
        // What somebody wrote of an earlier judgement is not said of this one.
        cx.session_mut().metadata.remove(keys::NOTES);
        if let Some(notes) = notes {
            cx.set(keys::NOTES, text(notes), false);
        }
        if let (Some(answer), Some(question)) = (answer, cx.question_to_propose()) {
            cx.propose(by, &question, answer);
            cx.to_desk(Words::own(desk.desk_proposed));
        }
        cx.end_help(&fill(phrase, &[("agent", &by.name)]));
        if cx.beside {
            let left = cx.phrases().left;
            let phrase = if helped { left.solved } else { left.unsolved };
            cx.say(fill(phrase, &[("agent", &by.name), ("name", &spot.tenant.name)]));
            cx.journey.course.duties.clear();
        }
        let session = cx.session_mut();
        session.state = State::Active;
        session.waiting = None;
        self.follow(spot.index, Flow::Next);
    }

    fn consult(&mut self, deed: Deed<'_>, tenant: &TenantId, question: &str) {
        let (desk, is_owner) = (deed.phrases(), deed.is_owner());
        let name = self.facts.directory.called_in(tenant, &deed.spot.tenant.locale, "");
        let mut cx = self.at(deed.spot);
        let words = if is_owner && cx.consult(deed.by, tenant, question) {
            fill(desk.desk_asked, &[("name", name)])
        } else {
            Words::own(if is_owner { desk.desk_not_asked } else { desk.desk_take_first })
        };
        cx.tell_desk(words);
    }

    /// Somebody whose advice was asked gives it.
    fn advise(&mut self, deed: Deed<'_>, letter: LetterId, text: &str) {
        let asked = deed.before.consults.iter().find(|consult| consult.letter == letter);
        // Their own notes stay theirs.
        let Some(consult) = asked.filter(|_| mark::note(text).is_none()) else { return };
        let name = self.facts.directory.called_in(&consult.tenant, &deed.spot.tenant.locale, "");
        let mut cx = self.at(deed.spot);
        cx.noted(deed.by, text);
        let formatted = cx.facts.formatted;
        let words = fill_formatted(
            deed.phrases().desk_advice,
            &[("agent", &deed.by.name), ("name", name), ("text", text)],
            formatted,
        );
        if let Some(carrier) = cx.to_desk(words) {
            cx.carries(carrier, text, Some((deed.by, Some(letter))));
        }
    }

    /// Whoever wished a move hears why it cannot be; else the form of their card closes.
    fn move_told(&mut self, deed: Deed<'_>) {
        let refusal = self.refusal.take();
        let asked = self.journey.sessions[deed.spot.index].aside.is_some();
        let mut cx = self.at(deed.spot);
        if let Some((_, words)) = refusal {
            cx.tell_desk(fill(deed.phrases().desk_refused, &[("reason", &words.plain())]));
        } else if asked {
            // The thread says it; the card is drawn anew, so that its form closes.
            cx.rebrief();
        }
    }

    /// The desk sees that the guest changed or deleted a message, or undid that.
    pub(in crate::pipeline::machine) fn changed_words(
        &mut self,
        index: usize,
        old: Option<&str>,
        text: Option<&str>,
    ) {
        let session = &mut self.journey.sessions[index];
        let Some(help) = &mut session.desk else { return };
        self.changed.insert(session.id);
        // What was taken back is not repeated to anybody.
        session
            .carried
            .retain(|carried| carried.by.is_some() || !old.is_some_and(|old| carried.is_of(old)));
        match (old, text) {
            // What nobody at the desk has read yet is simply different.
            (Some(old), text) if help.reword(old, text) => return,
            (None, Some(text)) if help.keep(text) => return,
            _ => {}
        }
        let Some(spot) = self.place(index) else { return };
        let mut cx = self.at(spot);
        let (desk, guest) = (cx.desk_phrases().desk, cx.guest_name().to_owned());
        let words = match text {
            Some(text) => fill_formatted(
                if old.is_some() { desk.desk_edited } else { desk.desk_restored },
                &[("guest", &guest), ("text", if text.is_empty() { "…" } else { text })],
                cx.facts.formatted,
            ),
            None => fill(desk.desk_deleted, &[("guest", &guest)]),
        };
        let text = text.filter(|text| !text.is_empty());
        if let (Some(letter), Some(text)) = (cx.to_desk(words), text) {
            cx.carries(letter, text, None);
        }
    }

    /// Nobody has it any more: noted in the record.
    pub(super) fn until_now(&mut self, index: usize, how: &str) {
        self.journey.sessions[index].part(how, self.facts.now);
    }

    /// Nothing can be done here any more, and nothing was: where the matter is now.
    pub(in crate::pipeline::machine) fn over_at_desk(&mut self, index: usize) {
        let (session, directory) = (&self.journey.sessions[index], self.facts.directory);
        let locale = directory.locale_of(&session.tenant);
        let words = match (&session.desk, self.facts.guest.name.as_deref()) {
            (Some(_), _) if session.state.is_live() => {
                let desk = phrases(locale).desk;
                let phrase = format!("{} {}", desk.desk_not_sent, desk.desk_over_offered);
                fill(&phrase, &[("ref", &session.reference)])
            }
            (_, guest) => gone(
                session,
                &self.journey.hops,
                guest.unwrap_or("?"),
                (directory, locale, self.facts.now),
            ),
        };
        self.effects.push(Effect::TellDesk { session: session.id, words });
    }

    fn take(&mut self, spot: Spot<'_>, by: &Agent) {
        let help = self.journey.sessions[spot.index].desk.as_ref();
        let since = help.map_or(self.facts.now, |help| help.since);
        self.own(spot, by, since);
        let mut cx = self.at(spot);
        let phrases = cx.phrases().desk;
        let joined = fill(phrases.joined, &[("agent", &by.name), ("name", &spot.tenant.name)]);
        let card = cx.session_mut().desk.as_mut().and_then(|help| help.waiting_card.take());
        if let Some(card) = card {
            cx.replace(card, &Words::default(), &fill(phrases.with, &[("agent", &by.name)]));
        }
        cx.rebrief();
        cx.send_unsent();
        if cx.beside {
            cx.show_slip();
        } else {
            cx.lay_slip_away();
            cx.say(joined);
        }
        cx.tell_former(by);
    }
}
