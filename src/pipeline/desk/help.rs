//! A session at its desk: who is told of it, who is asked, what the cards show.

use serde_json::json;

use crate::{
    model::{
        Agent, Asked, AtDesk, Body, Card, Consult, DeskLetter, Effect, LetterId, SessionId,
        TenantId, Words,
    },
    pipeline::{
        card::{Face, card_of},
        cx::{Cx, object},
        facts::{People, Person},
        language::{fill, phrases},
        typed::asked,
    },
};

/// The card in the place of an offer that does not count any more.
pub const WITHDRAWN: &str = "answered";
/// So much of a guest's question stands in the form of a proposal, in characters.
const MOST_OF_QUESTION: usize = 200;
/// The most that a proposal keeps, in characters: what a FAQ file may hold.
const LONGEST_QUESTION: usize = 300;
const LONGEST_ANSWER: usize = 5_000;

impl Cx<'_> {
    /// Begins to wait for a human, and tells the desk when it can be told.
    pub fn begin_help(&mut self, left: bool, note: Option<Words>) {
        let now = self.now();
        if let Some(help) = &mut self.session_mut().desk {
            if left && !help.left {
                // A message that is left is as old as its words; how long they have waited is not.
                (help.left, help.unheeded) = (true, help.waits_since());
                help.since = now;
            }
            self.rebrief();
            self.tell_desk_of_it();
            return;
        }
        self.begin_to_wait(left, note);
        self.tell_desk_of_it();
    }

    /// Begins to wait for a human, of which nobody is told yet.
    pub(super) fn begin_to_wait(&mut self, left: bool, note: Option<Words>) {
        let (now, nonce, waited) = (self.now(), self.facts.fresh.nonce(), self.session().waited);
        self.session_mut().desk = Some(AtDesk { waited, ..AtDesk::new(nonce, left, note, now) });
    }

    /// Opens the thread or asks agents, as far as that was not done and somebody can be told.
    pub fn tell_desk_of_it(&mut self) {
        if let Some(people) = self.facts.desks.people(&self.tenant.id) {
            self.ask_agents(&people);
            return;
        }
        let known = self.session().desk.as_ref().is_none_or(|help| help.brief.is_some());
        if known || !self.facts.desks.is_reachable(&self.tenant.id) {
            return;
        }
        let card = self.brief(None);
        let id = self.post_thread(Body::Card(Box::new(card)));
        if let Some(help) = &mut self.session_mut().desk {
            help.brief = Some(id);
        }
        self.send_unsent();
    }

    /// Offers the chat to whoever should hear of it now: all who are free, or the next one when the
    /// latest has not accepted.
    fn ask_agents(&mut self, people: &People) {
        let now = self.now();
        let Some(help) = self.session().desk.clone().filter(|help| help.owner.is_none()) else {
            return;
        };
        let was_asked = |person: &&Person| {
            help.asked.iter().any(|asked| asked.agent == person.id && (asked.open || !help.left))
        };
        // A message that was left is there for everybody, whenever they look.
        let (tenant, most) = (self.tenant, people.most);
        let free = |person: &&Person| {
            (person.is_free(most) || (help.left && !person.lost)) && person.is_up(tenant, now)
        };
        let chosen: Vec<String> = if people.hunt && !help.left {
            if help.open_cards().next().is_some() {
                return;
            }
            let least = |persons: &mut dyn Iterator<Item = &Person>| {
                persons.min_by_key(|person| person.load).map(|person| person.id.clone())
            };
            let mut fresh = people.agents.iter().filter(free).filter(|person| !was_asked(person));
            let again = || least(&mut people.agents.iter().filter(free));
            let next = match least(&mut fresh) {
                Some(next) => next,
                None => {
                    // Everybody was asked: the round begins again.
                    let Some(next) = again() else { return };
                    if let Some(help) = &mut self.session_mut().desk {
                        help.asked.clear();
                    }
                    next
                }
            };
            vec![next]
        } else {
            people
                .agents
                .iter()
                .filter(free)
                .filter(|person| !was_asked(person))
                .map(|person| person.id.clone())
                .collect()
        };
        for agent in chosen {
            let card = self.brief(None);
            let letter = self.post_to_agent(&agent, Body::Card(Box::new(card)));
            if let Some(help) = &mut self.session_mut().desk {
                help.ask(&agent, letter, now);
            }
        }
    }

    /// Where one is asked after the other, somebody who had the chat has lost their turn, if there is
    /// anybody else.
    pub fn pass_over(&mut self, agent: &Agent) {
        let Some(people) = self.facts.desks.people(&self.tenant.id).filter(|people| people.hunt)
        else {
            return;
        };
        let is_left = self.session().desk.as_ref().is_some_and(|help| help.left);
        let is_other = |person: &Person| person.id != agent.id && person.is_free(people.most);
        if !is_left && people.agents.iter().any(is_other) {
            let why = Words::own(self.desk_phrases().desk.desk_next);
            self.retire_cards(Some(&agent.id), &why);
        }
    }

    /// Whoever was asked and has not accepted is asked no longer.
    pub fn withdraw_asked(&mut self) {
        let why = Words::own(self.desk_phrases().desk.desk_next);
        self.retire_cards(None, &why);
    }

    /// What is left of an offer in the chat of an agent who does not have the chat: why nothing can be
    /// done with it, and nothing of what it said.
    fn withdrawn(&self, why: &Words) -> Card {
        let own = object(json!({ "text": "", "answer": why.variable() }));
        let face = Face { template: WITHDRAWN, own, summary: why.clone(), token: None };
        card_of(self.view(), &self.tenant.locale, face).hidden()
    }

    /// The cards of an agent, or of all, say why they can do nothing any more.
    pub fn retire_cards(&mut self, agent: Option<&str>, why: &Words) {
        let Some(at_desk) = &self.session().desk else { return };
        let theirs = |asked: &&Asked| agent.is_none_or(|agent| asked.agent == agent);
        let asked: Vec<Asked> = at_desk.open_cards().filter(theirs).cloned().collect();
        for Asked { agent, letter, .. } in asked {
            let card = self.withdrawn(why);
            self.effects.push(Effect::Redesk { letter, agent: Some(agent), card });
        }
        if let Some(at_desk) = &mut self.session_mut().desk {
            at_desk.close_cards(agent);
        }
    }

    /// The cards at the desk show how it stands.
    pub fn rebrief(&mut self) {
        let Some(help) = self.session().desk.clone() else { return };
        if let Some(letter) = help.brief {
            let card = self.brief(None);
            self.effects.push(Effect::Redesk { letter, agent: None, card });
        }
        let desk = self.desk_phrases().desk;
        for asked in help.open_cards() {
            let over = help.owner.as_ref().filter(|owner| owner.id != asked.agent);
            let over = over.map(|owner| {
                fill(desk.desk_owner, &[("agent", &owner.name), ("guest", self.guest_name())])
            });
            let card = match &over {
                Some(why) => self.withdrawn(why),
                None => self.brief(None),
            };
            self.effects.push(Effect::Redesk {
                letter: asked.letter,
                agent: Some(asked.agent.clone()),
                card,
            });
        }
    }

    /// The thread's card and the thread say why nothing can be done there any more.
    pub fn close_thread(&mut self, thread: LetterId, why: &Words) {
        let card = self.brief(Some(why));
        self.effects.push(Effect::Redesk { letter: thread, agent: None, card });
        self.post_in_thread(thread, why.clone());
    }

    /// Nothing can be done at the desk any more: the cards say why, and the help is over.
    pub fn end_help(&mut self, why: &Words) {
        let now = self.now();
        let Some(help) = self.session_mut().leave_desk(now) else { return };
        let card = self.brief(Some(why));
        if let Some(letter) = help.brief {
            self.effects.push(Effect::Redesk { letter, agent: None, card: card.clone() });
            self.post_in_thread(letter, why.clone());
        }
        for asked in help.open_cards() {
            let is_owner = help.is_owner(&asked.agent);
            self.effects.push(Effect::Redesk {
                letter: asked.letter,
                agent: Some(asked.agent.clone()),
                card: if is_owner { card.clone() } else { self.withdrawn(why) },
            });
            if is_owner {
                self.post_to_agent(&asked.agent, Body::Text(why.clone()));
            }
        }
        if let Some(slip) = &help.slip {
            let reference = self.session().reference.clone();
            let values = [("ref", reference.as_str()), ("name", self.tenant.name.as_str())];
            self.close_slip(slip, &fill(self.phrases().left.over, &values));
        }
        if let Some(card) = help.waiting_card {
            let over = Words::own(self.phrases().desk.no_longer_asked);
            self.replace(card, &Words::default(), &over);
        }
    }

    /// Whoever has the chat now gets its card in their own chat, and what was not answered yet.
    pub fn give_card(&mut self, to: &Agent, words: Words) {
        let now = self.now();
        let card = self.brief(None);
        let letter = self.post_to_agent(&to.id, Body::Card(Box::new(card)));
        if let Some(help) = &mut self.session_mut().desk {
            help.ask(&to.id, letter, now);
            help.say_again();
        }
        self.to_agent(to, words);
        self.send_unsent();
    }

    /// Asks another department's desk in a thread of its own; false when nobody there can be told,
    /// or the rules keep the two apart.
    pub fn consult(&mut self, by: &Agent, tenant: &TenantId, question: &str) -> bool {
        let Some(target) =
            self.facts.directory.reachable_from(self.tenant).find(|to| to.id == *tenant)
        else {
            return false;
        };
        let desks = self.facts.desks;
        if !desks.is_reachable(tenant) || desks.people(tenant).is_some() {
            return false;
        }
        let labels = phrases(&target.locale).desk;
        let reference = self.session().reference.clone();
        let values = [
            ("agent", by.name.as_str()),
            ("name", self.tenant.called_in(&target.locale)),
            ("ref", reference.as_str()),
            ("question", question),
        ];
        let words = fill(labels.desk_asks, &values);
        let letter = self.facts.fresh.letter();
        // Its thread is not the session's: it goes by the letter's own id.
        let session = SessionId(letter.0);
        let body = Body::Text(words);
        self.effects.push(Effect::Desk(DeskLetter::new(letter, session, tenant.clone(), body)));
        let asked = format!("→ {}: {question}", target.called_in(&self.tenant.locale));
        self.noted(by, &asked);
        self.carries(letter, question, Some((by, None)));
        if let Some(help) = &mut self.session_mut().desk {
            help.consults.push(Consult { tenant: tenant.clone(), letter });
        }
        true
    }

    /// Proposes an article for the department's FAQ; the transcript keeps who did.
    pub fn propose(&mut self, by: &Agent, question: &str, answer: &str) {
        let cut =
            |text: &str, most: usize| text.chars().take(most).collect::<String>().trim().to_owned();
        let (question, answer) = (cut(question, LONGEST_QUESTION), cut(answer, LONGEST_ANSWER));
        let line = format!("→ FAQ: {question}\n{answer}");
        self.noted(by, &line);
        let (session, tenant, locale) =
            (self.session().id, self.tenant.id.clone(), self.tenant.locale.clone());
        self.effects.push(Effect::Draft {
            session,
            tenant,
            locale,
            by: by.clone(),
            question,
            answer,
        });
    }

    /// What the guest asked last in words of their own, as far as the form of a proposal shows it.
    pub fn question_to_propose(&self) -> Option<String> {
        let question = asked(self.session())?;
        let one_line = question.split_whitespace().collect::<Vec<_>>().join(" ");
        let cut: String = one_line.chars().take(MOST_OF_QUESTION).collect();
        Some(cut.trim().to_owned()).filter(|question| !question.is_empty())
    }

    /// The guest's card while they wait: shown, or brought up to date.
    pub fn show_waiting(&mut self, template: &str, text: Words) {
        let desk = self.phrases().desk;
        let ahead = self.facts.desks.ahead(&self.tenant.id, self.session().id);
        let mut lines: Vec<String> =
            vec![fill(desk.position, &[("position", &(ahead + 1).to_string())]).variable()];
        if let Some(pace) = self.facts.desks.pace(&self.tenant.id) {
            let whole = pace.saturating_mul(u32::try_from(ahead + 1).unwrap_or(u32::MAX));
            let minutes = whole.as_secs().div_ceil(60).max(1);
            let sentence = desk.estimate.of(minutes);
            lines.push(fill(sentence, &[("minutes", &minutes.to_string())]).variable());
        }
        let own = object(json!({ "text": text.variable(), "lines": lines }));
        let now = self.now();
        match self.session().desk.as_ref().and_then(|help| help.waiting_card) {
            Some(letter) => self.redraw(letter, template, own, text),
            None => {
                let letter = self.show(template, own, text);
                if let Some(help) = &mut self.session_mut().desk {
                    help.waiting_card = Some(letter);
                }
            }
        }
        if let Some(help) = &mut self.session_mut().desk {
            help.updated = now;
        }
    }
}
