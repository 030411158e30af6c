//! `send`: says something and goes on.

use serde_json::{Map, Value, json};

use crate::{
    model::Words,
    pipeline::{
        cx::Cx,
        flow::Flow,
        language::text::Text,
        stage::{Behaviour, Mention, Speech},
    },
    source::{At, Fields},
};

/// Settings of a `send` stage.
#[derive(Debug, Clone)]
pub struct Send {
    speech: Speech,
    /// Further variables of the card: `{{name}}`, and `{{data.name}}`.
    data: Vec<(String, Text)>,
}

impl Send {
    /// Reads the settings.
    pub fn read(fields: &Fields<'_>) -> Option<Self> {
        let speech = Speech::read(fields, true);
        let mut data = Vec::new();
        if let Some(pairs) =
            fields.get("data").and_then(|node| node.fields(fields.problems, "`data`"))
        {
            for (key, node) in pairs.pairs() {
                data.extend(data_text(key, node, fields));
            }
            if speech.template.is_none() && speech.text.is_some() {
                fields.problems.warning(
                    fields.place_of("data"),
                    format!("`data` of {} is for a card, and there is none", fields.name),
                    "name the card with `template:`, or write the values into `text`",
                );
            }
        }
        Some(Send { speech, data })
    }
}

fn data_text(
    key: &At<String>,
    node: &crate::source::Node,
    fields: &Fields<'_>,
) -> Option<(String, Text)> {
    Some((key.value.clone(), Text::read(node, fields.problems, &format!("`{}`", key.value))?))
}

impl Behaviour for Send {
    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        let words = self.speech.text.as_ref().map(|text| cx.render(text)).unwrap_or_default();
        match &self.speech.template {
            Some(template) => {
                let (variables, locales) = (cx.variables(), cx.locales());
                let mut own: Map<String, Value> = self
                    .data
                    .iter()
                    .map(|(key, text)| {
                        (key.clone(), text.render(&variables, &locales).variable().into())
                    })
                    .collect();
                let all = Value::Object(own.clone());
                own.insert("data".to_owned(), all);
                own.insert("text".to_owned(), json!(""));
                cx.show(&template.value, own, Words::default());
            }
            None => cx.say(words),
        }
        Flow::Next
    }

    fn mentions(&self) -> Vec<Mention<'_>> {
        let own: Vec<&str> = self.data.iter().map(|(key, _)| key.as_str()).collect();
        let mut mentions: Vec<Mention<'_>> = self.speech.text.iter().map(Mention::Text).collect();
        mentions.extend(
            self.speech.template.iter().map(|template| Mention::Card(template, own.clone())),
        );
        mentions.extend(self.data.iter().map(|(_, text)| Mention::Text(text)));
        mentions
    }

    fn waits(&self) -> bool {
        false
    }
}
