//! A card that was shown says something else: it was answered, or its way back is closed. Where it
//! has several parts each changes alone.

use serde_json::{Map, Value, json};

use super::{
    card::{Face, card_of},
    cx::{Cx, object},
    scope::View,
};
use crate::model::{Above, Body, Effect, Joined, LetterId, Offer, Token, Words, words::WORDS};

impl Cx<'_> {
    /// Replaces any card by a quiet line.
    pub fn replace(&mut self, letter: LetterId, question: &Words, answer: &Words) {
        let own = object(json!({ "text": question.variable(), "answer": answer.variable() }));
        self.redraw(letter, "answered", own, answer.clone());
    }

    /// Replaces any card by one without buttons.
    pub fn redraw(
        &mut self,
        letter: LetterId,
        template: &str,
        own: Map<String, Value>,
        summary: Words,
    ) {
        let mut card = self.card(Face { template, own: own.clone(), summary, token: None });
        let all = &mut self.journey.course.joined;
        if let Some(at) = all.iter().position(|joined| joined.letter == letter) {
            // The question was answered: what was said before it stays, and so does the way back.
            let mut joined = all.remove(at);
            (joined.template, joined.own) = (template.to_owned(), Value::Object(own));
            (joined.summary, joined.token) = (card.summary.variable(), None);
            let offer = self.journey.course.offer.clone();
            let offer = offer.filter(|offer| offer.letter == letter);
            card.above = self.above(&joined, offer.as_ref(), true);
            if offer.is_some() {
                self.journey.course.joined.push(joined);
            }
        }
        self.effects.push(Effect::Settle { letter, card });
    }

    /// What stands above a joined question. Once it is answered the transfer is told of in a line,
    /// unless its way back is open.
    fn above(&self, joined: &Joined, offer: Option<&Offer>, undo: bool) -> Vec<Above> {
        let session = Some(joined.session);
        let words = |text: &String| Words::marked(text.trim_start_matches(WORDS).to_owned());
        let mut above = Vec::new();
        match offer {
            Some(offer) => above.push(self.moved(offer, undo)),
            None if joined.moved.is_empty() => {}
            None => {
                let title = words(&joined.moved);
                let own = object(json!({ "text": "", "answer": title.variable() }));
                let face = Face { template: "answered", own, summary: title, token: None };
                above.push(Above { session, says: Body::Card(Box::new(self.card(face))) });
            }
        }
        let said = joined.said.iter().map(|text| Above { session, says: Body::Text(words(text)) });
        above.extend(said);
        above
    }

    /// A transfer's card as it stands above the question of the receiver; with `undo` its way back is
    /// open.
    fn moved(&self, offer: &Offer, undo: bool) -> Above {
        let sender = self.journey.session(offer.to).unwrap_or_else(|| self.session());
        let view = View {
            directory: self.facts.directory,
            tenant: self.facts.directory.tenant(&sender.tenant),
            session: sender,
            guest: self.facts.guest,
            hops: self.journey.hops_of(sender.id),
            now: self.facts.now,
        };
        let mut own = object(offer.own.clone());
        let token = undo.then(|| Token {
            session: Some(sender.id),
            stage: sender.stage.as_ref().map(ToString::to_string).unwrap_or_default(),
            version: sender.pipeline_version.clone(),
            nonce: offer.nonce.clone(),
        });
        if !undo {
            own.insert("undo".to_owned(), Value::Bool(false));
            own.insert("until".to_owned(), Value::String(String::new()));
        }
        let face = Face { template: &offer.template, own, summary: offer.title(), token };
        let card = card_of(view, self.locale(), face);
        Above { session: Some(sender.id), says: Body::Card(Box::new(card)) }
    }

    /// The way back in a card with the receiver's question is closed: the question stands, or what
    /// became of it. False when it stands in a card of its own.
    pub fn close_way_back(&mut self, offer: &Offer) -> bool {
        let all = &mut self.journey.course.joined;
        let Some(at) = all.iter().position(|joined| joined.letter == offer.letter) else {
            return false;
        };
        let joined = all.remove(at);
        let asking = self.journey.session(joined.session).unwrap_or_else(|| self.session());
        let view = View {
            directory: self.facts.directory,
            tenant: self.facts.directory.tenant(&asking.tenant),
            session: asking,
            guest: self.facts.guest,
            hops: self.journey.hops_of(asking.id),
            now: self.facts.now,
        };
        let face = Face {
            template: &joined.template,
            own: object(joined.own.clone()),
            summary: Words::marked(joined.summary.trim_start_matches(WORDS).to_owned()),
            token: joined.token.clone(),
        };
        let mut card = card_of(view, self.locale(), face);
        let is_open = joined.token.is_some();
        card.above = self.above(&joined, Some(offer).filter(|_| is_open), false);
        if is_open {
            self.journey.course.joined.push(joined);
        }
        self.effects.push(Effect::Settle { letter: offer.letter, card });
        true
    }
}
