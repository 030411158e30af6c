//! `set`: writes keys of the session.

use serde_json::Value;

use crate::{
    pipeline::{
        language::text::Text,
        stage::{Behaviour, Cx, Flow, Mention},
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

/// True for `Data.` and names of letters, digits, `-` and `_`, separated by dots.
pub fn is_data_key(key: &str) -> bool {
    key.strip_prefix("Data.").is_some_and(|rest| rest.split('.').all(is_name))
}

/// True for a name that can stand after `Data.`.
pub fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

impl Behaviour for Set {
    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        for (key, text) in &self.0 {
            let value = cx.render(text).plain();
            // What is made from a private value is private too.
            let private = text
                .variables()
                .iter()
                .any(|name| cx.session().metadata.entry(name).is_some_and(|entry| entry.private));
            cx.set(&key.value, Value::String(value), private);
        }
        Flow::Next
    }

    fn mentions(&self) -> Vec<Mention<'_>> {
        self.0.iter().map(|(_, text)| Mention::Text(text)).collect()
    }

    fn waits(&self) -> bool {
        false
    }

    fn sets(&self) -> Vec<At<String>> {
        self.0.iter().map(|(key, _)| key.clone()).collect()
    }
}
