//! `set`: writes keys of the session.

use serde_json::Value;

use crate::{
    pipeline::{
        cx::Cx,
        flow::Flow,
        language::text::Text,
        stage::{Behaviour, Mention},
        stages::keys::is_data_key,
    },
    source::{At, Fields},
};

/// Settings of a `set` stage: keys written whole, and what they get.
#[derive(Debug, Clone)]
pub struct Set(Vec<(At<String>, Text)>);

impl Set {
    /// Reads the settings.
    pub fn read(fields: &Fields<'_>) -> Option<Self> {
        let mut pairs = Vec::new();
        for (key, node) in fields.pairs() {
            let Some(text) = node.text(fields.problems, &format!("`{}`", key.value)) else {
                continue;
            };
            if !is_data_key(&key.value) {
                fields.problems.error(
                    &key.place,
                    format!("`set` cannot write `{}`", key.value),
                    "write keys whole, under Data: `Data.topic: \"…\"` (letters, digits, hyphens and underscores)",
                );
                continue;
            }
            pairs.extend(Text::compile(text, fields.problems).map(|text| (key.clone(), text)));
        }
        if fields.pairs().is_empty() {
            fields.problems.error(
                fields.place,
                format!("{} sets nothing", fields.name),
                "add a key, such as `Data.topic: \"pay\"`",
            );
        }
        Some(Set(pairs))
    }
}

impl Behaviour for Set {
    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        for (key, text) in &self.0 {
            let words = cx.value(text);
            // What is made of a private value is private too, and so is what a private value
            // decides: that it decided for the same words tells nothing less.
            let private = words.is_private() || cx.uses_private(text);
            cx.set(&key.value, Value::String(words.revealed().plain()), private);
        }
        Flow::Next
    }

    fn mentions(&self) -> Vec<Mention<'_>> {
        self.0.iter().map(|(_, text)| Mention::Text(text)).collect()
    }

    fn waits(&self) -> bool {
        false
    }

    fn makes(&self) -> Vec<(&str, Vec<&Text>)> {
        self.0.iter().map(|(key, text)| (key.value.as_str(), vec![text])).collect()
    }

    fn sets(&self) -> Vec<At<String>> {
        self.0.iter().map(|(key, _)| key.clone()).collect()
    }
}
