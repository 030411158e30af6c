//! A chat goes from one agent to another: handed to a colleague, or taken over by one. The guest
//! stays where they are, in no queue.

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    model::{Act, Agent, AtDesk, State, Taken, Voice, Words},
    pipeline::{
        language::{fill, phrases},
        machine::run::{Machine, Spot},
    },
};

impl Machine<'_> {
    /// Notes who does something in the thread of a channel: from now on they can be handed a chat
    /// there.
    pub(super) fn voice(&mut self, spot: Spot<'_>, by: &Agent, act: &Act) {
        let is_named = !matches!(by.name.trim(), "" | "?");
        if !is_named
            || matches!(act, Act::Advise { .. })
            || self.facts.desks.people(&spot.tenant.id).is_some()
        {
            return;
        }
        let mut cx = self.at(spot);
        let help = cx.session().desk.as_ref();
        let owner = help.and_then(|help| help.owner.as_ref());
        let is_news = owner.is_some_and(|owner| owner.id != by.id)
            && cx.colleagues().iter().all(|known| known.id != by.id);
        let at = cx.now();
        let voices = &mut cx.session_mut().voices;
        voices.retain(|voice| voice.agent.id != by.id);
        voices.push(Voice { agent: by.clone(), at });
        if is_news && matches!(act, Act::Say(_)) {
            // The owner can choose them from now on.
            cx.rebrief();
        }
    }

    /// The button is of a card as it was before the chat went to somebody else.
    pub(super) fn stale_at_desk(&mut self, spot: Spot<'_>, help: &AtDesk, by: &Agent) {
        let desk = phrases(&spot.tenant.locale).desk;
        let words = match &help.owner {
            Some(owner) if owner.id == by.id => Words::own(desk.desk_stale_own),
            Some(owner) => fill(desk.desk_stale, &[("agent", &owner.name)]),
            None => return self.over_at_desk(spot.index),
        };
        self.at(spot).tell_desk(words);
    }

    /// The owner gives the chat to a colleague; when that cannot be, says why and changes nothing.
    pub(super) fn hand(&mut self, spot: Spot<'_>, by: &Agent, to: &str, note: Option<&str>) {
        let to = match self.colleague(spot, by, to) {
            Ok(colleague) => colleague,
            Err(words) => return self.at(spot).tell_desk(words),
        };
        let is_people = self.facts.desks.people(&spot.tenant.id).is_some();
        let mut cx = self.at(spot);
        let line =
            note.map_or_else(|| format!("→ {}", to.name), |note| format!("→ {}: {note}", to.name));
        cx.noted(by, &line);
        let joined = fill(
            cx.phrases().desk.handed,
            &[("agent", &to.name), ("name", &spot.tenant.name), ("from", &by.name)],
        );
        self.pass_on(spot, by, &to, "handed");
        let mut cx = self.at(spot);
        let desk = cx.desk_phrases().desk;
        let remark = note.map(Words::typed).unwrap_or_default();
        if is_people {
            let reference = cx.session().reference.clone();
            cx.give_card(
                &to,
                fill(desk.desk_handed_you, &[("ref", &reference), ("from", &by.name)])
                    .then(&remark),
            );
            cx.to_agent(by, fill(desk.desk_handed_on, &[("ref", &reference), ("agent", &to.name)]));
        } else {
            cx.to_thread(
                &to,
                fill(desk.desk_handed, &[("from", &by.name), ("agent", &to.name)]).then(&remark),
            );
        }
        cx.say(joined);
    }

    /// A colleague takes the chat from the one who has it.
    pub(super) fn take_over(&mut self, spot: Spot<'_>, from: &Agent, by: &Agent) {
        let cx = self.at(spot);
        let joined = fill(
            cx.phrases().desk.taken_over,
            &[("agent", &by.name), ("name", &spot.tenant.name), ("from", &from.name)],
        );
        self.pass_on(spot, from, by, "taken_over");
        let mut cx = self.at(spot);
        let words = fill(
            cx.desk_phrases().desk.desk_taken_over,
            &[("from", &from.name), ("agent", &by.name)],
        );
        cx.to_thread(from, words);
        cx.say(joined);
    }

    /// Who of the desk `to` is, or why they cannot have the chat.
    fn colleague(&mut self, spot: Spot<'_>, by: &Agent, to: &str) -> Result<Agent, Words> {
        let desk = phrases(&spot.tenant.locale).desk;
        if to == by.id {
            return Err(Words::own(desk.hand_self));
        }
        let unknown = || Words::own(desk.hand_unknown);
        let Some(people) = self.facts.desks.people(&spot.tenant.id) else {
            return self
                .at(spot)
                .colleagues()
                .into_iter()
                .find(|agent| agent.id == to)
                .ok_or_else(unknown);
        };
        let person = people.agents.iter().find(|person| person.id == to).ok_or_else(unknown)?;
        if !person.available {
            return Err(fill(desk.hand_away, &[("agent", &person.name)]));
        }
        // The store has the last word: it alone knows of all chats.
        if person.load >= people.most {
            return Err(fill(desk.hand_full, &[("agent", &person.name)]));
        }
        Ok(Agent { id: person.id.clone(), name: person.name.clone() })
    }

    /// One agent's time with the chat ends, another's begins. The old cards' buttons count no
    /// longer.
    fn pass_on(&mut self, spot: Spot<'_>, from: &Agent, to: &Agent, how: &str) {
        let now = self.facts.now;
        self.until_now(spot.index, how);
        self.own(spot, to, now);
        let nonce = self.facts.fresh.nonce();
        if let Some(help) = &mut self.journey.sessions[spot.index].desk {
            help.pass_on(from, nonce);
        }
        let mut cx = self.at(spot);
        let why = fill(
            cx.desk_phrases().desk.desk_owner,
            &[("agent", &to.name), ("guest", cx.guest_name())],
        );
        cx.retire_cards(Some(&to.id), &why);
        cx.rebrief();
    }

    /// By what somebody is known at every desk, whatever a department's file calls them: their Entra
    /// object id, and their UPN where it is known.
    pub(super) fn account(&self, spot: Spot<'_>, by: &Agent) -> (String, Option<String>) {
        let people = self.facts.desks.people(&spot.tenant.id);
        let person =
            people.and_then(|people| people.agents.into_iter().find(|person| person.id == by.id));
        let Some(person) = person else { return (by.id.clone(), None) };
        (person.object_id.unwrap_or_else(|| by.id.clone()), person.upn)
    }

    /// Somebody has the chat from now on: the record, `Agent.*`, and a clock for their answer.
    pub(super) fn own(&mut self, spot: Spot<'_>, by: &Agent, waited_since: Timestamp) {
        let now = self.facts.now;
        let (id, upn) = self.account(spot, by);
        let mut cx = self.at(spot);
        cx.set("Agent.Id", Value::String(id), false);
        match upn {
            Some(upn) => cx.set("Agent.Upn", Value::String(upn), false),
            None => {
                cx.session_mut().metadata.remove("Agent.Upn");
            }
        }
        cx.set("Agent.Name", Value::String(by.name.clone()), false);
        let session = cx.session_mut();
        session.state = State::WithAgent;
        session.waiting = None;
        session.takes.push(Taken {
            agent: by.clone(),
            waited_since,
            at: now,
            until: None,
            how: None,
        });
        if let Some(help) = &mut session.desk {
            help.take(by, now);
        }
    }
}
