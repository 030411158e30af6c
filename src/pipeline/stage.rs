//! What every kind of stage can do, and how it speaks.

use std::time::Duration;

use super::{
    answers::Search,
    cx::Cx,
    expr::Expr,
    flow::{Exits, Flow},
    language::text::Text,
};
use crate::{
    model::{Call, Event, Named, Shape, Spoken, StageId},
    source::{At, Fields, Node, NodeKind, Place},
};

/// What a kind of stage does.
pub trait Behaviour {
    /// The session arrives.
    fn enter(&self, cx: &mut Cx<'_>) -> Flow;
    /// The session arrives with something that the guest has said already, which no stage has made
    /// use of yet. Nothing when this one makes nothing of it: then it is entered as ever.
    fn offered(&self, cx: &mut Cx<'_>, spoken: &Spoken) -> Option<Flow> {
        let _ = (cx, spoken);
        None
    }
    /// The session arrives with words that would be its answer, were they not the last that can be
    /// said: it asks, and suggests them.
    fn suggested(&self, cx: &mut Cx<'_>, spoken: &Spoken) -> Flow {
        let _ = spoken;
        self.enter(cx)
    }
    /// True when this way out leaves what the guest has said for another stage to make use of.
    fn passes_on(&self, flow: &Flow) -> bool {
        let _ = flow;
        false
    }
    /// The guest answers while the session waits here.
    fn hear(&self, cx: &mut Cx<'_>, event: &Event) -> Flow {
        let _ = (cx, event);
        Flow::Stay
    }
    /// What it names, with places: the checker proves that all of it exists.
    fn mentions(&self) -> Vec<Mention<'_>> {
        Vec::new()
    }
    /// True when it waits for the guest, so that a loop through it cannot spin.
    fn waits(&self) -> bool {
        true
    }
    /// The exits that a stage which waits may take as soon as it is entered: each list gives one, the
    /// first that is written (`next` is also the stage after it).
    fn passes(&self) -> &'static [&'static [&'static str]] {
        &[]
    }
    /// True when somebody at its department's desk is to read or answer.
    fn is_for_desk(&self) -> bool {
        false
    }
    /// The `Data` keys that it can set, whole.
    fn sets(&self) -> Vec<At<String>> {
        Vec::new()
    }
    /// What kind of value each of its `Data` keys gets: text, unless it says otherwise.
    fn shapes(&self) -> Vec<(String, Shape)> {
        self.sets().into_iter().map(|key| (key.value, Shape::Text)).collect()
    }
    /// Those of its `Data` keys that hold dates and times, as ISO 8601 has them.
    fn dates(&self) -> Vec<String> {
        Vec::new()
    }
    /// What the guest reads beside those of its `Data` keys that they fill in.
    fn labels(&self) -> Vec<(String, Named)> {
        Vec::new()
    }
    /// Every way on that it has by itself, beside the written exits, with the place where it is
    /// named.
    fn leads(&self) -> Vec<(String, At<StageId>)> {
        Vec::new()
    }
    /// True when it takes any typed text as its answer, so that a command needs its `/`.
    fn is_free_text(&self) -> bool {
        false
    }
    /// True when this typed text is one of its answers, so that it is no command.
    fn knows(&self, typed: &str) -> bool {
        let _ = typed;
        false
    }
    /// True when it need not be answered and these typed words are no answer to it: the session goes
    /// on without one, and the words are for what comes then.
    fn lets_go(&self, cx: &Cx<'_>, typed: &str) -> bool {
        let _ = (cx, typed);
        false
    }
    /// True when whoever does not answer it is reminded: not of what need not be answered.
    fn reminds(&self) -> bool {
        true
    }
    /// Whose FAQs it looks in for what the guest types, when that is what it does.
    fn searches(&self) -> Option<Search<'_>> {
        None
    }
    /// Whose FAQs it looks in at all, also for words of its own.
    fn looks_in(&self) -> Option<Search<'_>> {
        self.searches()
    }
    /// How long it waits for the guest, when it says so itself.
    fn timeout(&self) -> Option<Duration> {
        None
    }
    /// True when the stage after it in the list can follow, with these exits written.
    fn falls_through(&self, exits: &Exits) -> bool {
        let _ = exits;
        true
    }
    /// True when the session can leave its department here.
    fn leaves(&self) -> bool {
        false
    }
    /// Exits that must be written, and why.
    fn needs(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
    /// True when it has a time of its own and a default for its end, so that `timeout` and
    /// `on_timeout` do not need each other.
    fn times_itself(&self) -> bool {
        false
    }
    /// The answers that it offers by name, as the welcome shows them.
    fn offers(&self, locales: &[&str]) -> Vec<String> {
        let _ = locales;
        Vec::new()
    }
    /// What it asks, in the desk's language, each with the `Data` key of its answer where it has one.
    fn questions(&self, cx: &Cx<'_>) -> Vec<(Option<String>, String)> {
        let _ = cx;
        Vec::new()
    }
    /// The `Data` keys of which it says itself that they are private.
    fn private_keys(&self) -> Vec<&str> {
        Vec::new()
    }
    /// The `Data` keys that it makes of texts, with those texts: of what is private only private
    /// ones can be made.
    fn makes(&self) -> Vec<(&str, Vec<&Text>)> {
        Vec::new()
    }
    /// Texts of its that leave the department: the checker proves that nothing private is in them.
    fn leaves_with(&self) -> Vec<Leaves<'_>> {
        Vec::new()
    }
    /// Nobody has answered its call in time.
    fn unanswered(&self, cx: &mut Cx<'_>, call: Call) -> Flow {
        let _ = (cx, call);
        Flow::Stay
    }
}

/// A text that leaves the department.
#[derive(Debug)]
pub enum Leaves<'a> {
    /// With the guest, under this name in the file.
    Moved(&'a Text, &'static str),
    /// To a host.
    Told(&'a Text, &'a At<String>),
}

impl<'a> Leaves<'a> {
    /// The text.
    pub fn text(&self) -> &'a Text {
        match self {
            Leaves::Moved(text, _) | Leaves::Told(text, _) => text,
        }
    }
}

/// Something that a stage names.
#[derive(Debug)]
pub enum Mention<'a> {
    /// A tenant.
    Tenant(&'a At<String>),
    /// A card template, with the variables that the stage adds to the built-in ones.
    Card(&'a At<String>, Vec<&'a str>),
    /// The variables of a text.
    Text(&'a Text),
    /// The variables of a condition.
    Expr(&'a Expr),
    /// A host that is called.
    Host(&'a At<String>),
    /// The FAQ of its own department.
    OwnFaq,
    /// A tenant to which the guest is moved.
    Target(&'a At<String>),
}

/// Where a text, or its form in some language, has no words.
fn blank(node: &Node) -> Option<&Place> {
    match &node.kind {
        NodeKind::Text(text) if text.trim().is_empty() => Some(&node.place),
        NodeKind::Map(forms) => forms.iter().find_map(|(_, form)| blank(form)),
        _ => None,
    }
}

/// A text under a key that a stage can do without: one without words is odd.
pub fn optional_text(fields: &Fields<'_>, key: &'static str) -> Option<Text> {
    let node = fields.get(key)?;
    if let Some(place) = blank(node) {
        let message = format!("`{key}` of {} is empty", fields.name);
        fields.problems.warning(place, message, format!("write it, or leave `{key}` out"));
    }
    Text::read(node, fields.problems, &format!("`{key}`"))
}

/// Words or a template: how a stage speaks.
#[derive(Debug, Clone, Default)]
pub struct Speech {
    /// A text.
    pub text: Option<Text>,
    /// A card.
    pub template: Option<At<String>>,
}

impl Speech {
    /// Reads `text` and `template`: at most one, and one at least where it is required.
    pub fn read(fields: &Fields<'_>, required: bool) -> Speech {
        let text_node = fields.get("text");
        let template = fields.text("template");
        let written = text_node.is_some() || template.is_some();
        if text_node.is_some()
            && let Some(template) = &template
        {
            fields.problems.error(
                &template.place,
                format!("{} has both `text` and `template`", fields.name),
                "keep one of them",
            );
        }
        if required && !written {
            fields.lacks(
                "text",
                format!("{} needs `text` or `template`", fields.name),
                "add `text: \"…\"`, or `template:` with a card's name",
            );
        }
        if let Some(place) = text_node.and_then(blank) {
            let message = format!("`text` of {} is empty", fields.name);
            if required {
                fields.problems.error(place, message, "write what is said");
            } else {
                fields.problems.warning(place, message, "write what is said, or leave `text` out");
            }
        }
        let text = text_node.and_then(|node| Text::read(node, fields.problems, "`text`"));
        Speech { text, template }
    }

    /// True when nothing was written.
    pub fn is_empty(&self) -> bool {
        self.text.is_none() && self.template.is_none()
    }

    /// What it names.
    pub fn mentions(&self) -> Vec<Mention<'_>> {
        let template = self.template.iter().map(|template| Mention::Card(template, Vec::new()));
        self.text.iter().map(Mention::Text).chain(template).collect()
    }
}
