//! One compiled template: refused where it could be broken from outside, and with a list of the
//! variables that it mentions.

use std::sync::Arc;

use handlebars::Template;

use super::render::OWN;
use crate::{
    pipeline::language::{
        helpers,
        names::{What, named, offset},
    },
    source::{Place, Problems, bounds, foreign, short, tags},
};

/// The longest template, in bytes. What it makes may have less: see `WALL`.
const LONGEST: usize = 128 * 1024;

/// A template file.
#[derive(Debug)]
pub(super) struct Form {
    /// The language of its file name, such as `de` or `de-DE`.
    pub(super) language: Option<String>,
    /// Under which the compiled template is registered; also the file's path.
    pub(super) key: Arc<str>,
    /// The text.
    pub(super) source: Arc<str>,
    /// Every variable that it mentions.
    pub(super) mentions: Vec<Mention>,
}

/// A variable that a template mentions, seen from the root.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mention {
    /// Its names; [`ITEM`](crate::pipeline::language::names::ITEM) stands for every entry of a list.
    pub(super) path: Vec<String>,
    /// Where.
    pub(super) place: Place,
}

/// Compiles a template. Complains and gives nothing when it cannot be used.
pub(super) fn compile(
    file: &str,
    source: &str,
    problems: &Problems,
) -> Option<(Template, Vec<Mention>)> {
    if let Some((bytes, message, help)) = bounds::too_much(source, LONGEST) {
        problems.error(&Place::at(file, source, bytes), message, help);
        return None;
    }
    let strange = foreign::in_card(source);
    if !strange.is_empty() {
        for foreign::Foreign { bytes, message, help } in strange {
            problems.error(&Place::at(file, source, bytes), message, help);
        }
        return None;
    }
    if !tags::check(file, source, problems) {
        return None;
    }
    let template = match Template::compile_with_name(source, file.to_owned()) {
        Ok(template) => template,
        Err(error) => {
            let bytes = tags::around(source, offset(source, error.pos().unwrap_or((1, 1))));
            problems.error(
                &Place::at(file, source, bytes.clone()),
                format!("`{}` is not a Handlebars tag", short(&source[bytes])),
                "write `{{Name}}`, `{{#if Name}}…{{else}}…{{/if}}`, `{{#each list}}…{{/each}}` or `{{json Name}}`; to write `{{` itself, put a backslash before it",
            );
            return None;
        }
    };
    let mut mentions = Vec::new();
    let mut fine = true;
    for name in named(&template, source) {
        let bytes = tags::around(source, name.at);
        let at = |bytes| Place::at(file, source, bytes);
        let mut wrong = |(message, help): (String, String)| {
            problems.error(&at(bytes.clone()), message, help);
            fine = false;
        };
        match name.what {
            What::Helper { name, section } => {
                helpers::unknown(&name, section).into_iter().for_each(wrong);
            }
            What::Variable { path, raw } => {
                let within = source.get(bytes.clone()).and_then(|tag| tag.find(&raw));
                let within = within.map(|n| bytes.start + n..bytes.start + n + raw.len());
                if let [first, .., last] = path.as_slice()
                    && last == "length"
                    && (OWN.contains(&first.as_str()) || raw.ends_with("Session.Transfers.length"))
                {
                    wrong(helpers::length_of(&raw));
                }
                mentions.push(Mention { path, place: at(within.unwrap_or(bytes)) });
            }
            What::Unescaped => wrong((
                "an unescaped value is refused in a card".to_owned(),
                "write `{{x}}` inside quotes".to_owned(),
            )),
            What::Foreign => wrong((
                "a partial or decorator is refused in a card".to_owned(),
                "remove it".to_owned(),
            )),
        }
    }
    fine.then_some((template, mentions))
}
