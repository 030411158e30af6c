//! The guest's card about a message that they left for a desk.

use serde_json::json;

use crate::{
    model::{AtDesk, Slip, State, Words},
    pipeline::{
        cx::{Cx, object},
        language::{fill, text::Text},
        scope,
    },
};

impl Cx<'_> {
    /// A text of the file as the desk reads it: in its language, as if somebody had typed it.
    pub fn words_for_desk(&self, text: &Text) -> Words {
        let locale = self.tenant.locale.as_str();
        text.render(&scope::shown(self.view(), locale), &[locale]).as_typed()
    }

    /// Leaves a message for the guest: it lies at the desk as if they had written it, and they read
    /// what the stage says of it, else the built-in sentence.
    pub fn leave_words(&mut self, words: Words, says: Option<Words>) {
        let (now, nonce, stage) = (self.now(), self.facts.fresh.nonce(), self.stage.id.clone());
        let session = self.session_mut();
        session.waiting = None;
        session.state = State::Open;
        session.reminded = false;
        session.last_waited = Some(stage);
        let (waited, message) = (session.waited, Some(words));
        session.desk = Some(AtDesk { waited, message, ..AtDesk::new(nonce, true, None, now) });
        self.tell_desk_of_it();
        self.show_slip_saying(says);
    }

    /// More words of the guest's for the desk.
    pub fn add_to_left(&mut self, text: &str) {
        let now = self.now();
        self.forward(text, None);
        self.rebrief_left();
        if let Some(desk) = &mut self.session_mut().desk {
            desk.owe_answer(now);
            if let Some(slip) = &mut desk.slip {
                slip.said = now;
            }
        }
    }

    /// Shows how the message stands, with a field to add to it and a button to take it back; an
    /// earlier card of that kind loses both.
    pub fn show_slip(&mut self) {
        self.show_slip_saying(None);
    }

    fn show_slip_saying(&mut self, says: Option<Words>) {
        let Some(desk) = self.session().desk.clone() else { return };
        let left = self.phrases().left;
        let reference = self.session().reference.clone();
        let owner = desk.owner.as_ref().map(|owner| owner.name.as_str());
        let values = [
            ("ref", reference.as_str()),
            ("name", self.tenant.name.as_str()),
            ("agent", owner.unwrap_or_default()),
        ];
        let (phrase, how) = match owner {
            Some(_) => (left.here, Words::default()),
            None => (self.phrases().desk.left, fill(left.how, &values)),
        };
        let text = says.unwrap_or_else(|| fill(phrase, &values));
        let own = json!({
            "text": text.variable(), "how": how.variable(), "live": true,
            "words": {
                "more": fill(left.more, &values).variable(), "add": left.add,
                "withdraw": if owner.is_some() { "" } else { left.withdraw },
            },
        });
        if let Some(slip) = desk.slip.as_ref() {
            self.close_slip(slip, &text);
        }
        let (nonce, letter) = self.show_live("left", object(own), text);
        let now = self.now();
        if let Some(desk) = &mut self.session_mut().desk {
            let said = desk.slip.as_ref().map_or(now, |slip| slip.said);
            let adds = desk.slip.as_ref().is_some_and(|slip| slip.adds);
            desk.slip = Some(Slip { nonce, letter, said, adds });
        }
    }

    /// Somebody is there: what the guest writes goes to them, without the card.
    pub fn lay_slip_away(&mut self) {
        let desk = self.session_mut().desk.as_mut();
        let Some(slip) = desk.and_then(|desk| desk.slip.take()) else { return };
        let reference = self.session().reference.clone();
        let values = [("ref", reference.as_str()), ("name", self.tenant.name.as_str())];
        self.close_slip(&slip, &fill(self.phrases().desk.left, &values));
    }

    /// The card can do nothing any more, and says so.
    pub(super) fn close_slip(&mut self, slip: &Slip, text: &Words) {
        let own = json!({
            "text": text.variable(), "how": "", "live": false,
            "words": { "more": "", "add": "", "withdraw": "" },
        });
        self.redraw(slip.letter, "left", object(own), text.clone());
    }
}
