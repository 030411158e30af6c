//! A chat of the store, played once more against the files as they are now: the guest's side as it
//! was, and what the bot says to it then and now.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{
    player::Player,
    screen::{AT_DESK, CALLS},
    script::drawn,
};
use crate::{
    cards::{self, Cards, Input},
    company::Company,
    model::{Session, SessionId, words::HIDDEN},
    store::{Line, Recording, Who},
};

/// What came of it.
#[derive(Debug)]
pub struct Replayed {
    /// The chat as it was, as lines of a dialog, as far as it could be played.
    pub then: String,
    /// The same with what the bot says now.
    pub now: String,
    /// What could not be played as it was, and why.
    pub remarks: Vec<String>,
}

/// Plays the guest's side of a chat. What is private is used where the store has it, and stands in
/// neither text.
pub fn replay(company: &Arc<Company>, cards: &Arc<Cards>, recording: &Recording) -> Replayed {
    let numbers: Vec<u64> = recording.sessions.iter().filter_map(number).collect();
    let lines = &recording.lines;
    let start = lines.first().map_or_else(Default::default, |line| line.at);
    let fresh = || {
        Player::of(company.clone(), cards.clone(), recording.guest.clone(), start)
            .recorded(numbers.clone())
    };
    let mut player = fresh();
    // The welcome card stands outside of every session: it is there for whoever began with it.
    player.install();
    let first = lines.iter().find(|line| line.from == Who::Guest);
    if first.is_none_or(|line| !player.buttons().contains(&line.text)) {
        player = fresh();
    }
    let sessions = recording.sessions.iter().map(|session| (session.id, session)).collect();
    let mut replay =
        Replay { player, sessions, then: Vec::new(), now: Vec::new(), remarks: Vec::new() };
    // What stands above a card in the same one is a line of its own, and is drawn with the card.
    let is_part = |at: usize| {
        let next = lines.get(at + 1);
        lines[at].letter.is_some() && next.is_some_and(|next| next.letter == lines[at].letter)
    };
    for (_, line) in lines.iter().enumerate().filter(|(at, _)| !is_part(*at)) {
        if let Err(why) = replay.line(line) {
            replay.remarks.push(format!("from {} on nothing is played: {why}", line.at));
            break;
        }
    }
    let text = |lines: Vec<String>| lines.into_iter().map(|line| line + "\n").collect();
    Replayed { then: text(replay.then), now: text(replay.now), remarks: replay.remarks }
}

/// The number of a session's reference.
fn number(session: &Session) -> Option<u64> {
    session.reference.rsplit('-').next()?.parse().ok()
}

/// The button of a form, and what was filled in: ids of inputs with their values.
type Filled = (String, Vec<(String, String)>);

struct Replay<'a> {
    player: Player,
    sessions: BTreeMap<SessionId, &'a Session>,
    then: Vec<String>,
    now: Vec<String>,
    remarks: Vec<String>,
}

impl Replay<'_> {
    /// One line of the transcript; why nothing can be played any more.
    fn line(&mut self, line: &Line) -> Result<(), String> {
        let passed = self.player.set_now(line.at);
        self.says(passed);
        match line.from {
            Who::Bot => {
                let card = line.card.as_deref().and_then(|card| serde_json::from_str(card).ok());
                let said = card.map_or_else(|| line.text.clone(), |card: Value| cards::draw(&card));
                self.then.extend(drawn(&said));
                Ok(())
            }
            Who::Guest => self.guest(line),
            Who::Agent => {
                let name = line.name.as_deref().unwrap_or("somebody at the desk");
                Err(format!("there {name} answers, and what people at a desk do is not played"))
            }
            // The guest knew nothing of it.
            Who::Note => Ok(()),
        }
    }

    fn guest(&mut self, line: &Line) -> Result<(), String> {
        if line.deleted.is_some() {
            return Err("what the employee wrote there was deleted since".to_owned());
        }
        if line.edited.is_some() {
            self.remarks.push(format!(
                "what was written at {} was edited later: it is played as it reads now",
                line.at
            ));
        }
        let inputs = self.inputs(line)?;
        let (title, is_click) = match &inputs {
            Some((title, _)) => (title.clone(), true),
            None => (line.text.clone(), self.player.buttons().contains(&line.text)),
        };
        let words = format!("> {}", line.text.replace('\n', "\\n"));
        self.then.push(words.clone());
        self.now.push(words);
        let filled = inputs.map(|(_, inputs)| inputs).unwrap_or_default();
        let clicked = if is_click { self.player.click(&title, &filled, false).ok() } else { None };
        let messages = match clicked {
            // What a click is only told is in no transcript.
            Some(messages) => {
                let told = self.player.told().to_vec();
                messages.into_iter().filter(|message| !told.contains(message)).collect()
            }
            None => self.player.say(&line.text),
        };
        self.says(messages);
        if self.player.calls() {
            self.remarks.push(format!(
                "what was asked of another system at {} is not asked again: it counts as failed",
                line.at
            ));
            let messages = self.player.without_network();
            self.says(messages);
        }
        Ok(())
    }

    /// What the guest reads of it.
    fn says(&mut self, messages: Vec<String>) {
        let is_theirs =
            |message: &&String| !message.starts_with(AT_DESK) && !message.starts_with(CALLS);
        self.now.extend(messages.iter().filter(is_theirs).flat_map(|message| drawn(message)));
    }

    /// The form that a line answers, with its button: a transcript keeps one as `Label: value; Label:
    /// value`, with all that stood in it. What is private in it comes from the session.
    fn inputs(&self, line: &Line) -> Result<Option<Filled>, String> {
        let form = self.player.form();
        let Some((button, inputs)) = form.filter(|_| line.hidden || line.text.contains(':')) else {
            return if line.hidden { Err(kept_from_us(None)) } else { Ok(None) };
        };
        let named = match (parts(&line.text, &inputs), inputs.as_slice()) {
            (Some(named), _) => named,
            (None, [only]) if line.hidden => vec![(only, HIDDEN.to_owned())],
            (None, _) if line.hidden => return Err(kept_from_us(None)),
            (None, _) => return Ok(None),
        };
        let session = line.session.and_then(|id| self.sessions.get(&id));
        let filled = named.into_iter().map(|(input, value)| {
            if value != HIDDEN || !line.hidden {
                return Ok((input.id.clone(), value));
            }
            let entry =
                session.and_then(|session| session.metadata.entry(&format!("Data.{}", input.id)));
            let kept = entry.filter(|entry| entry.private).map(|entry| match &entry.value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            Ok((input.id.clone(), kept.ok_or_else(|| kept_from_us(Some(&input.label)))?))
        });
        Ok(Some((button, filled.collect::<Result<_, String>>()?)))
    }
}

fn kept_from_us(label: Option<&str>) -> String {
    match label {
        Some(label) => {
            format!("the answer to “{label}” is private, and the session does not have it any more")
        }
        None => {
            "what the employee wrote there is private: the transcript does not hold it".to_owned()
        }
    }
}

/// The inputs of a form with what a transcript's line says of them; none when the line does not say
/// all that the form has and needs.
fn parts<'a>(text: &str, inputs: &'a [Input]) -> Option<Vec<(&'a Input, String)>> {
    let mut found: Vec<(&Input, String)> = Vec::new();
    let mut rest = text;
    for input in inputs {
        let label = format!("{}: ", input.label);
        let Some(after) = rest.strip_prefix(label.as_str()) else {
            if input.required || !input.value.is_empty() {
                return None;
            }
            continue;
        };
        // A value reaches to the next label that stands there.
        let later = inputs.iter().skip_while(|other| other.id != input.id).skip(1);
        let end = later.filter_map(|other| after.find(&format!("; {}: ", other.label))).min();
        let (value, left) = after.split_at(end.unwrap_or(after.len()));
        found.push((input, value.to_owned()));
        rest = left.strip_prefix("; ").unwrap_or(left);
    }
    (rest.is_empty() && !found.is_empty()).then_some(found)
}
