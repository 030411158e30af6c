//! What a template names: helpers, and variables as they are seen from the root, also inside of
//! `each` and `with`.

use handlebars::{
    Path, Template,
    template::{BlockParam, HelperTemplate, Parameter, TemplateElement},
};

/// Any entry of a list, in the path of a variable.
pub const ITEM: &str = "[]";

/// Something that a template names, and where: the byte offset of the tag.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// What.
    pub what: What,
    /// At which byte of the source.
    pub at: usize,
}

/// What a template names.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A helper. `section` is true of a block that is given nothing, as in `{{#name}}`.
    Helper {
        /// Its name.
        name: String,
        /// It looks like a section of Mustache.
        section: bool,
    },
    /// A variable.
    Variable {
        /// Its names from the root; [`ITEM`] stands for every entry of a list.
        path: Vec<String>,
        /// As written.
        raw: String,
    },
    /// A value that nobody escapes.
    Unescaped,
    /// A partial or decorator.
    Foreign,
}

/// Everything that a template names, in order.
pub fn named(template: &Template, source: &str) -> Vec<Named> {
    let mut walk =
        Walk { source, found: Vec::new(), contexts: vec![Vec::new()], locals: Vec::new() };
    walk.template(template, 0);
    walk.found
}

/// The byte offset of a line and column, both from 1.
pub fn offset(source: &str, (line, column): (usize, usize)) -> usize {
    let start = if line <= 1 {
        0
    } else {
        source.match_indices('\n').nth(line - 2).map_or(source.len(), |(at, _)| at + 1)
    };
    start
        + source[start..].chars().take(column.saturating_sub(1)).map(char::len_utf8).sum::<usize>()
}

struct Walk<'a> {
    source: &'a str,
    found: Vec<Named>,
    /// What `this` is, innermost last; the first is the root.
    contexts: Vec<Vec<String>>,
    /// Names bound by `as |…|`; none for an index.
    locals: Vec<(String, Option<Vec<String>>)>,
}

impl Walk<'_> {
    fn note(&mut self, what: What, at: usize) {
        self.found.push(Named { what, at });
    }

    fn template(&mut self, template: &Template, outer: usize) {
        for (index, element) in template.elements.iter().enumerate() {
            let at =
                template.mapping.get(index).map_or(outer, |at| offset(self.source, (at.0, at.1)));
            match element {
                TemplateElement::RawString(_) | TemplateElement::Comment(_) => {}
                TemplateElement::Expression(helper) => self.expression(helper, at),
                TemplateElement::HelperBlock(helper) => self.block(helper, at),
                TemplateElement::HtmlExpression(_) => self.note(What::Unescaped, at),
                _ => self.note(What::Foreign, at),
            }
        }
    }

    fn expression(&mut self, helper: &HelperTemplate, at: usize) {
        if !helper.params.is_empty() || !helper.hash.is_empty() {
            self.helper(helper, at);
            self.parameters(helper, at);
        } else {
            self.parameter(&helper.name, at);
        }
    }

    fn helper(&mut self, helper: &HelperTemplate, at: usize) {
        let name = helper.name.as_name().unwrap_or_default().to_owned();
        let section = helper.block && helper.params.is_empty();
        self.note(What::Helper { name, section }, at);
    }

    fn block(&mut self, helper: &HelperTemplate, at: usize) {
        let name = helper.name.as_name().unwrap_or_default();
        self.helper(helper, at);
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
            self.note(What::Variable { path, raw: raw.to_owned() }, at);
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
