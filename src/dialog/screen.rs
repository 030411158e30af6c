//! What a dialog shows: cards in the chat and at the desks, calls to other systems.

use serde_json::{Map, Value};

use crate::{
    cards::{self, Button, Cards, Input},
    model::{Body, Call, Card, DeskLetter, Effect, Letter, LetterId, Token},
    pipeline::language::phrases,
};

/// What stands at the desk begins with this.
pub(super) const AT_DESK: &str = "@< ";

/// What is asked of another system begins with this.
pub(super) const CALLS: &str = "=> ";

/// What was shown so far.
#[derive(Clone, Default)]
pub(super) struct Screen {
    shown: Vec<Shown>,
    /// The cards at the desks.
    at_desk: Vec<Shown>,
    /// Calls to other systems that have no answer yet.
    pub(super) calls: Vec<Call>,
    /// What is private is not said: it reads as everybody else reads it.
    pub(super) is_veiled: bool,
    /// What the latest step told of an earlier one.
    pub(super) told: Vec<String>,
}

/// A card that stands in the chat.
#[derive(Clone)]
struct Shown {
    letter: LetterId,
    /// The agent in whose personal chat it stands.
    agent: Option<String>,
    content: Value,
    /// Replaced by its answer: its buttons are gone from the screen, but a late click can still
    /// arrive.
    replaced: bool,
}

impl Screen {
    /// A button of the newest card that has it, or with `late` of one whose buttons are gone; with
    /// the inputs beside it.
    pub(super) fn button(&self, title: &str, late: bool) -> Result<(Button, Vec<Input>), String> {
        let cards = || self.shown.iter().filter(|shown| shown.replaced == late);
        let found = cards().rev().find_map(|shown| {
            let button = cards::buttons(&shown.content)
                .into_iter()
                .find(|button| button.title == title && button.data.is_object())?;
            Some((button, cards::inputs(&shown.content)))
        });
        found.ok_or_else(|| {
            let titles: Vec<String> = cards()
                .flat_map(|shown| cards::buttons(&shown.content))
                .map(|button| format!("[{}]", button.title))
                .collect();
            format!("there is no button [{title}]; there are: {}", titles.join(" "))
        })
    }

    /// The newest card that stands and has inputs: its first button, and the inputs.
    pub(super) fn form(&self) -> Option<(String, Vec<Input>)> {
        self.shown.iter().rev().filter(|shown| !shown.replaced).find_map(|shown| {
            let inputs = Some(cards::inputs(&shown.content)).filter(|inputs| !inputs.is_empty())?;
            let button = cards::buttons(&shown.content).into_iter().next()?;
            Some((button.title, inputs))
        })
    }

    /// What a card says: as its reader sees it, or as everybody may.
    fn drawn(&self, cards: &Cards, card: &Card, content: &Value) -> String {
        if !self.is_veiled || !card.is_private() {
            return cards::draw(content);
        }
        match cards.render(&card.hidden()) {
            Ok(rendered) => cards::draw(&rendered.content),
            Err(_) => card.summary.plain(),
        }
    }

    /// A button of the newest card that an agent sees at the desk.
    pub(super) fn button_at_desk(
        &self,
        agent: &str,
        title: &str,
    ) -> Result<(Button, Vec<Input>), String> {
        let theirs = self
            .at_desk
            .iter()
            .rev()
            .filter(|shown| shown.agent.as_ref().is_none_or(|whose| whose == agent));
        let found = theirs.into_iter().find_map(|shown| {
            let button = cards::buttons(&shown.content)
                .into_iter()
                .find(|button| button.title == title && button.data.get(Token::KEY).is_some())?;
            Some((button, cards::inputs(&shown.content)))
        });
        found.ok_or_else(|| format!("there is no button [{title}] at the desk"))
    }

    /// The titles of the guest's buttons that can be clicked now.
    pub(super) fn buttons(&self) -> Vec<String> {
        let live = self.shown.iter().filter(|shown| !shown.replaced);
        live.flat_map(|shown| cards::buttons(&shown.content))
            .filter(|button| button.data.is_object())
            .map(|button| button.title)
            .collect()
    }

    /// A card shows something else: its old buttons are gone, but a late click on them can still
    /// arrive; what it has now can be clicked.
    fn settle(&mut self, cards: &Cards, letter: LetterId, card: &Card) {
        let is_it = |shown: &&mut Shown| shown.letter == letter && !shown.replaced;
        let Some(shown) = self.shown.iter_mut().find(is_it) else { return };
        shown.replaced = true;
        let content = cards.render(&card.revealed()).map(|rendered| rendered.content);
        if let Ok(content) = content
            && !cards::buttons(&content).is_empty()
        {
            self.shown.push(Shown { letter, agent: None, content, replaced: false });
        }
    }

    /// Takes in what a step did, and says it line by line.
    pub(super) fn show(&mut self, cards: &Cards, effects: Vec<Effect>) -> Vec<String> {
        let mut lines = Vec::new();
        self.told.clear();
        for effect in effects {
            match effect {
                Effect::Send(Letter { id, body, .. }) => lines.push(match body {
                    Body::Text(words) if self.is_veiled => words.plain(),
                    Body::Text(words) => words.revealed().plain(),
                    Body::Card(card) => match cards.render(&card.revealed()) {
                        Ok(rendered) => {
                            let line = self.drawn(cards, &card, &rendered.content);
                            let content = rendered.content;
                            self.shown.push(Shown {
                                letter: id,
                                agent: None,
                                content,
                                replaced: false,
                            });
                            line
                        }
                        Err(error) => format!("{} ({error})", phrases(&card.locale).failed),
                    },
                }),
                Effect::Settle { letter, card } => self.settle(cards, letter, &card),
                Effect::Tell { words, .. } => {
                    self.told.push(words.plain());
                    lines.push(words.plain());
                }
                Effect::TellDesk { words, .. } => lines.push(format!("{AT_DESK}{}", words.plain())),
                Effect::Desk(DeskLetter { id, body, agent, mention, .. }) => {
                    let called = mention.map(|who| format!("@{} ", who.name)).unwrap_or_default();
                    let to = format!("{}{called}", to_whom(agent.as_deref()));
                    let line = match body {
                        Body::Text(words) => format!("{to}{}", words.plain()),
                        Body::Card(card) => match cards.render(&card.revealed()) {
                            Ok(rendered) => {
                                let line = format!("{to}{}", cards::draw(&rendered.content));
                                let content = rendered.content;
                                self.at_desk.push(Shown {
                                    letter: id,
                                    agent,
                                    content,
                                    replaced: false,
                                });
                                line
                            }
                            Err(error) => format!("{} ({error})", phrases(&card.locale).failed),
                        },
                    };
                    lines.push(format!("{AT_DESK}{line}"));
                }
                Effect::Redesk { letter, card, .. } => {
                    if let Ok(rendered) = cards.render(&card.revealed()) {
                        self.at_desk
                            .iter_mut()
                            .filter(|shown| shown.letter == letter)
                            .for_each(|shown| shown.content = rendered.content.clone());
                    }
                }
                Effect::Call { call, .. } => {
                    let request = &call.request;
                    let body =
                        request.body.as_deref().map(|body| format!(" {body}")).unwrap_or_default();
                    lines.push(format!("{CALLS}{} {}{body}", request.method.name(), request.url));
                    self.calls.push(*call);
                }
                // A dialog does not edit messages.
                Effect::Heard { .. }
                | Effect::Agent { .. }
                | Effect::Answer { .. }
                | Effect::Draft { .. }
                | Effect::Carried(_)
                | Effect::Amend { .. }
                | Effect::Rewrite { .. }
                | Effect::Trail(_) => {}
            }
        }
        lines
    }
}

/// Whose personal chat it is.
fn to_whom(agent: Option<&str>) -> String {
    agent
        .map(|agent| format!("[to {}] ", agent.split('@').next().unwrap_or_default()))
        .unwrap_or_default()
}

/// `Model=Air; Why=broken`
pub(super) fn fill_in(text: &str) -> Result<Vec<(String, String)>, String> {
    let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').ok_or_else(|| {
                format!("`{part}` fills in nothing: write Label=value; Label=value")
            })?;
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        })
        .collect()
}

/// A button's data with the inputs, of which some are given by label or id.
pub(super) fn filled(
    data: &Value,
    fields: &[Input],
    inputs: &[(String, String)],
) -> Result<Map<String, Value>, String> {
    let mut data: Map<String, Value> = data.as_object().cloned().unwrap_or_default();
    for field in fields {
        if !field.value.is_empty() {
            data.insert(field.id.clone(), Value::String(field.value.clone()));
        }
    }
    for (name, value) in inputs {
        let field = fields.iter().find(|field| field.label == *name || field.id == *name);
        let Some(field) = field else {
            let names: Vec<&str> = fields.iter().map(|field| field.label.as_str()).collect();
            return Err(format!("there is no input `{name}`; there are: {}", names.join(", ")));
        };
        data.insert(field.id.clone(), Value::String(value_of(field, value)));
    }
    Ok(data)
}

/// A choice may be given by its title.
fn value_of(field: &Input, given: &str) -> String {
    field
        .choices
        .iter()
        .find(|(title, value)| title == given || value == given)
        .map_or_else(|| given.to_owned(), |(_, value)| value.clone())
}
