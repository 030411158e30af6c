//! The JSON that a call carries, by template.

use serde_json::{Map, Value};

use crate::{
    model::Words,
    pipeline::language::text::{Text, Variables},
    source::{At, Node, NodeKind, Problems},
};

/// A JSON body by template.
#[derive(Debug, Clone)]
pub(super) enum Body {
    /// As it is.
    Fixed(Value),
    /// A text with values filled in: always a JSON string.
    Text(Text),
    /// `{{json Data.x}}` and nothing else: the value as it is stored. The text names it for the
    /// checker.
    Raw(Text, Vec<String>),
    List(Vec<Body>),
    Map(Vec<(String, Body)>),
}

impl Body {
    pub(super) fn read(node: &Node, problems: &Problems) -> Option<Body> {
        Some(match &node.kind {
            NodeKind::Null => Body::Fixed(Value::Null),
            NodeKind::Bool(truth) => Body::Fixed(Value::Bool(*truth)),
            NodeKind::Number(_, text) => Body::Fixed(
                serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone())),
            ),
            NodeKind::Text(text) => match raw(text) {
                Some(path) => {
                    let named = At::new(format!("{{{{{path}}}}}"), &node.place);
                    Body::Raw(
                        Text::compile(named, problems)?,
                        path.split('.').map(str::to_owned).collect(),
                    )
                }
                None => Body::Text(Text::compile(At::new(text.clone(), &node.place), problems)?),
            },
            NodeKind::List(items) => {
                Body::List(items.iter().filter_map(|item| Body::read(item, problems)).collect())
            }
            NodeKind::Map(entries) => Body::Map(
                entries
                    .iter()
                    .filter_map(|(key, node)| {
                        Some((key.value.clone(), Body::read(node, problems)?))
                    })
                    .collect(),
            ),
            NodeKind::Braces => {
                problems.error(
                    &node.place,
                    "an unquoted `{{…}}` is YAML's own syntax",
                    "put quotes around it: \"{{Data.x}}\"",
                );
                return None;
            }
        })
    }

    /// With everything filled in; every text is put through `told`.
    pub(super) fn fill(
        &self,
        variables: &Variables,
        locales: &[&str],
        told: &mut impl FnMut(Words) -> Words,
    ) -> Value {
        match self {
            Body::Fixed(value) => value.clone(),
            Body::Text(text) => Value::String(told(text.render(variables, locales)).plain()),
            Body::Raw(_, path) => {
                let found = path.iter().try_fold(variables.real(), |value, step| value.get(step));
                found.cloned().unwrap_or(Value::Null)
            }
            Body::List(items) => {
                items.iter().map(|item| item.fill(variables, locales, told)).collect()
            }
            Body::Map(entries) => Value::Object(
                entries
                    .iter()
                    .map(|(key, body)| (key.clone(), body.fill(variables, locales, told)))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    pub(super) fn texts<'a>(&'a self, found: &mut Vec<&'a Text>) {
        match self {
            Body::Fixed(_) => {}
            Body::Text(text) | Body::Raw(text, _) => found.push(text),
            Body::List(items) => items.iter().for_each(|item| item.texts(found)),
            Body::Map(entries) => entries.iter().for_each(|(_, body)| body.texts(found)),
        }
    }
}

/// The path in `{{json Data.x}}`, when the text is nothing else.
fn raw(text: &str) -> Option<&str> {
    let path = text.trim().strip_prefix("{{json ")?.strip_suffix("}}")?.trim();
    let is_path = !path.is_empty()
        && path.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'));
    is_path.then_some(path)
}
