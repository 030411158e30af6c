//! One compiled template: refused where it could be broken from outside, and with a list of the
//! variables that it mentions.

use std::sync::Arc;

use handlebars::{
    Path, Template,
    template::{HelperTemplate, Parameter, TemplateElement},
};

use super::tags;
use crate::source::{Place, Problems, bounds, did_you_mean, short};

/// The helpers that a card may use.
pub(super) const HELPERS: [&str; 16] = [
    "if", "unless", "each", "with", "lookup", "eq", "ne", "gt", "gte", "lt", "lte", "and", "or",
    "not", "len", "json",
];

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
    /// Its names; [`ITEM`] stands for every entry of a list.
    pub(super) path: Vec<String>,
    /// Where.
    pub(super) place: Place,
}

/// Any entry of a list, in a [`Mention`].
pub(super) const ITEM: &str = "[]";

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
    let mut walk = Walk {
        file,
        source,
        problems,
        mentions: Vec::new(),
        contexts: vec![Vec::new()],
        locals: Vec::new(),
        fine: true,
    };
    walk.template(&template, 0);
    walk.fine.then_some((template, walk.mentions))
}

/// The byte offset of a line and column, both from 1.
pub(super) fn offset(source: &str, (line, column): (usize, usize)) -> usize {
    let start = if line <= 1 {
        0
    } else {
        source.match_indices('\n').nth(line - 2).map_or(source.len(), |(at, _)| at + 1)
    };
    start
        + source[start..].chars().take(column.saturating_sub(1)).map(char::len_utf8).sum::<usize>()
}

struct Walk<'a> {
    file: &'a str,
    source: &'a str,
    problems: &'a Problems,
    mentions: Vec<Mention>,
    /// What `this` is, innermost last; the first is the root.
    contexts: Vec<Vec<String>>,
    /// Names bound by `as |…|`; none for an index.
    locals: Vec<(String, Option<Vec<String>>)>,
    fine: bool,
}

impl Walk<'_> {
    fn template(&mut self, template: &Template, outer: usize) {
        for (index, element) in template.elements.iter().enumerate() {
            let at =
                template.mapping.get(index).map_or(outer, |at| offset(self.source, (at.0, at.1)));
            match element {
                TemplateElement::RawString(_) | TemplateElement::Comment(_) => {}
                TemplateElement::Expression(helper) => self.expression(helper, at),
                TemplateElement::HelperBlock(helper) => self.block(helper, at),
                TemplateElement::HtmlExpression(_) => {
                    self.refuse(at, "an unescaped value", "write `{{x}}` inside quotes")
                }
                _ => self.refuse(at, "a partial or decorator", "remove it"),
            }
        }
    }

    fn refuse(&mut self, at: usize, what: &str, help: &str) {
        let bytes = tags::around(self.source, at);
        self.problems.error(
            &Place::at(self.file, self.source, bytes),
            format!("{what} is refused in a card"),
            help,
        );
        self.fine = false;
    }

    fn expression(&mut self, helper: &HelperTemplate, at: usize) {
        let name = helper.name.as_name().unwrap_or_default();
        if !helper.params.is_empty() || !helper.hash.is_empty() {
            self.known(name, at);
            self.parameters(helper, at);
        } else {
            self.parameter(&helper.name, at);
        }
    }

    fn block(&mut self, helper: &HelperTemplate, at: usize) {
        let name = helper.name.as_name().unwrap_or_default();
        self.known(name, at);
        self.parameters(helper, at);
        let subject = match helper.params.first() {
            Some(Parameter::Path(path)) => {
                self.resolve(raw(path)).unwrap_or_else(|| vec![ITEM.to_owned(), ITEM.to_owned()])
            }
            _ => vec![ITEM.to_owned(), ITEM.to_owned()],
        };
        let bound = self.locals.len();
        let inner = match name {
            "each" => Some([subject, vec![ITEM.to_owned()]].concat()),
            "with" => Some(subject),
            _ => None,
        };
        if let Some(inner) = &inner {
            use handlebars::template::BlockParam;
            match &helper.block_param {
                Some(BlockParam::Single(first)) => self.bind(first, Some(inner.clone())),
                Some(BlockParam::Pair((first, second))) => {
                    self.bind(first, Some(inner.clone()));
                    self.bind(second, None);
                }
                _ => {}
            }
            self.contexts.push(inner.clone());
        }
        if let Some(template) = &helper.template {
            self.template(template, at);
        }
        if inner.is_some() {
            self.contexts.pop();
            self.locals.truncate(bound);
        }
        if let Some(template) = &helper.inverse {
            self.template(template, at);
        }
    }

    fn bind(&mut self, name: &Parameter, path: Option<Vec<String>>) {
        if let Some(name) = name.as_name() {
            self.locals.push((name.to_owned(), path));
        }
    }

    fn known(&mut self, name: &str, at: usize) {
        if HELPERS.contains(&name) {
            return;
        }
        let bytes = tags::around(self.source, at);
        self.problems.error(
            &Place::at(self.file, self.source, bytes),
            format!("there is no helper `{}`", short(name)),
            format!(
                "use one of: {}{}",
                HELPERS.join(", "),
                did_you_mean(name, HELPERS.into_iter())
            ),
        );
        self.fine = false;
    }

    fn parameters(&mut self, helper: &HelperTemplate, at: usize) {
        for parameter in helper.params.iter().chain(helper.hash.values()) {
            self.parameter(parameter, at);
        }
    }

    fn parameter(&mut self, parameter: &Parameter, at: usize) {
        match parameter {
            Parameter::Name(name) => self.mention(name, at),
            Parameter::Path(path) => self.mention(raw(path), at),
            Parameter::Subexpression(inner) => {
                if let TemplateElement::Expression(helper) = inner.as_element() {
                    self.expression(helper, at);
                }
            }
            _ => {}
        }
    }

    fn mention(&mut self, raw: &str, at: usize) {
        if let Some(path) = self.resolve(raw).filter(|path| !path.is_empty()) {
            let bytes = tags::around(self.source, at);
            let within = self
                .source
                .get(bytes.clone())
                .and_then(|tag| tag.find(raw))
                .map(|n| bytes.start + n..bytes.start + n + raw.len());
            self.mentions.push(Mention {
                path,
                place: Place::at(self.file, self.source, within.unwrap_or(bytes)),
            });
        }
    }

    /// A path as seen from the root; none for `@index` and the like.
    fn resolve(&self, raw: &str) -> Option<Vec<String>> {
        let mut rest = raw
            .strip_prefix("this.")
            .or_else(|| raw.strip_prefix("this/"))
            .or_else(|| raw.strip_prefix("./"))
            .unwrap_or(raw);
        let mut context = self.contexts.len() - 1;
        if let Some(path) = rest.strip_prefix("@root.").or_else(|| rest.strip_prefix("@root/")) {
            (rest, context) = (path, 0);
        } else if rest.starts_with('@') {
            return None;
        }
        let mut climbed = context == 0;
        while let Some(path) = rest.strip_prefix("../").or_else(|| rest.strip_prefix("..")) {
            (rest, context, climbed) =
                (path.trim_start_matches('.'), context.saturating_sub(1), true);
        }
        if rest.starts_with('@') {
            return None;
        }
        let names: Vec<String> =
            segments(rest).filter(|name| !name.is_empty() && name != "this").collect();
        let local = names
            .first()
            .filter(|_| !climbed)
            .and_then(|name| self.locals.iter().rev().find(|(local, _)| local == name));
        match local {
            Some((_, base)) => {
                base.as_ref().map(|base| [base.clone(), names[1..].to_vec()].concat())
            }
            None => Some([self.contexts[context].clone(), names].concat()),
        }
    }
}

/// The names of a path: `a.b/c.[d e]`.
fn segments(path: &str) -> impl Iterator<Item = String> {
    let mut names = vec![String::new()];
    let mut bracket = false;
    for c in path.chars() {
        match c {
            '[' if !bracket => bracket = true,
            ']' if bracket => bracket = false,
            '.' | '/' if !bracket => names.push(String::new()),
            c => names.last_mut().into_iter().for_each(|name| name.push(c)),
        }
    }
    names.into_iter()
}

fn raw(path: &Path) -> &str {
    match path {
        Path::Relative((_, raw)) | Path::Local((_, _, raw)) => raw,
    }
}
