//! Small text templates: a line of text, a transfer's target, a reason. Handlebars, compiled when
//! the company is loaded.

use std::sync::LazyLock;

use handlebars::{
    Context, Handlebars, Path, RenderContext, Renderable, StringOutput, Template,
    template::{Parameter, TemplateElement},
};
use serde_json::Value;

use super::paths;
use crate::{
    model::{Named, Words, locale::chosen, words},
    source::{At, Node, NodeKind, Place, Problems, bounds},
};

/// The longest text, in bytes. A message in Teams holds about 28 KB.
const LONGEST: usize = 32 * 1024;

/// What a text can name: the values, and the same with what is private left out.
#[derive(Debug)]
pub struct Variables {
    real: Context,
    hidden: Option<Context>,
}

impl Variables {
    /// The values; `hidden` is the same without what is private, where something is.
    pub fn new(real: Value, hidden: Option<Value>) -> Self {
        Variables { real: Context::from(real), hidden: hidden.map(Context::from) }
    }

    /// The values as they are.
    pub fn real(&self) -> &Value {
        self.real.data()
    }

    /// The values without what is private; none where nothing is.
    pub fn hidden(&self) -> Option<&Value> {
        self.hidden.as_ref().map(Context::data)
    }
}

/// A compiled text, in one form or in several languages.
#[derive(Debug, Clone)]
pub struct Text {
    /// Where it stands.
    pub place: Place,
    /// The first is the default.
    forms: Vec<Form>,
}

#[derive(Debug, Clone)]
struct Form {
    locale: String,
    source: String,
    template: Template,
    fixed: bool,
}

/// Texts have no strict mode: every name was proved when the company was loaded, and a value that
/// is not there shows as nothing.
static REGISTRY: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut registry = Handlebars::new();
    registry.register_escape_fn(words::mark);
    registry.unregister_helper("log");
    registry
});

impl Text {
    /// Reads a text, or a mapping of locales to texts (`{ en: Hello, de: Hallo }`); a mistake in it
    /// becomes a problem.
    pub fn read(node: &Node, problems: &Problems, name: &str) -> Option<Text> {
        let mut forms = Vec::new();
        for (locale, text) in forms_of(node, problems, name)? {
            forms.push(Form::compile(locale, text, problems)?);
        }
        Some(Text { place: node.place.clone(), forms })
    }

    /// Compiles a text of one form.
    pub fn compile(text: At<String>, problems: &Problems) -> Option<Text> {
        let place = text.place.clone();
        Some(Text { forms: vec![Form::compile(String::new(), text, problems)?], place })
    }

    /// Fills in the variables. Of several forms the guest's locale decides, then the tenant's;
    /// `locales` are in that order. A text whose words would be other ones without what is private
    /// is private itself, whichever way it uses that: others read it as it is made without.
    pub fn render(&self, variables: &Variables, locales: &[&str]) -> Words {
        let form = &self.forms[chosen(self.forms.iter().map(|form| form.locale.as_str()), locales)];
        if form.fixed {
            return Words::own(form.source.replace("\\{{", "{{"));
        }
        let real = form.render(&variables.real).unwrap_or_default();
        match &variables.hidden {
            Some(hidden) => {
                let hidden = form.render(hidden).unwrap_or_else(|| Words::own(words::HIDDEN));
                Words::veiled(&hidden, &real)
            }
            None => real,
        }
    }

    /// True when it uses that key in any way: shows it, decides by it, or uses something above or
    /// below it.
    pub fn uses(&self, key: &str) -> bool {
        self.reaches().iter().any(|path| paths::touches(path, key))
    }

    /// True when it uses that key and does not first look whether it is there.
    pub fn needs(&self, key: &str) -> bool {
        let looks = format!("#if {key}");
        self.uses(key) && !self.forms.iter().any(|form| form.source.contains(&looks))
    }

    /// Every path that it names, in whatever depth; empty for all there is.
    pub fn reaches(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.forms.iter().for_each(|form| paths::all(&form.template, &mut found));
        found
    }

    /// The variables that it names, such as `Data.topic`.
    pub fn variables(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.forms.iter().for_each(|form| walk(&form.template, 0, &mut found));
        found
    }

    /// The literal text, when it has one form and no variables.
    pub fn literal(&self) -> Option<&str> {
        match self.forms.as_slice() {
            [only] if only.fixed => Some(only.source.as_str()),
            _ => None,
        }
    }

    /// The words of a text that has no variables in any language.
    pub fn name(&self) -> Option<Named> {
        let fixed = |form: &Form| form.fixed.then(|| (form.locale.clone(), form.source.clone()));
        Named::new(self.forms.iter().map(fixed).collect::<Option<_>>()?)
    }
}

impl Form {
    /// None cannot happen to a text that the checker passed; a guest is shown nothing rather than
    /// half a sentence.
    fn render(&self, scope: &Context) -> Option<Words> {
        let mut out = StringOutput::new();
        self.template.render(&REGISTRY, scope, &mut RenderContext::new(None), &mut out).ok()?;
        out.into_string().ok().map(Words::marked)
    }

    fn compile(locale: String, text: At<String>, problems: &Problems) -> Option<Form> {
        let At { value: source, place } = text;
        if let Some((_, message, help)) = bounds::too_much(&source, LONGEST) {
            problems.error(&place, message, help);
            return None;
        }
        for raw in ["{{{", "{{&", "{{>", "{{#>"] {
            if source.contains(raw) {
                problems.error(
                    &place,
                    format!("`{raw}` cannot be used here"),
                    "write {{Name}}: two braces and the name",
                );
                return None;
            }
        }
        match Template::compile(&source) {
            Ok(template) if writes_raw(&template) => {
                problems.error(
                    &place,
                    "this text would write a value without escaping it",
                    "write {{Name}}: two braces and the name",
                );
                None
            }
            Ok(template) => {
                let fixed = !source.contains("{{");
                Some(Form { locale, source, template, fixed })
            }
            Err(error) => {
                let reason = error.reason().to_string();
                let reason = reason.lines().next().unwrap_or("it cannot be read").trim();
                // What the parser expected instead is a list of its grammar's names.
                let reason = reason
                    .split(": expected")
                    .next()
                    .unwrap_or(reason)
                    .trim_end_matches(':')
                    .to_owned();
                problems.error(
                    &place,
                    format!("this text is not a valid template ({reason})"),
                    "every {{ needs its }}, and every {{#if …}} its {{/if}}",
                );
                None
            }
        }
    }
}

/// Words without variables, in one form or in several languages: a button's title, a field's label.
#[derive(Debug, Clone, PartialEq)]
pub struct Title {
    name: Named,
    /// Where it stands.
    pub place: Place,
}

impl Title {
    /// Reads words, or a mapping of locales to words.
    pub fn read(node: &Node, problems: &Problems, name: &str) -> Option<Title> {
        let forms = forms_of(node, problems, name)?;
        let forms = forms.into_iter().map(|(locale, text)| (locale, text.value)).collect();
        Some(Title { name: Named::new(forms)?, place: node.place.clone() })
    }

    /// The same words in every language.
    pub fn plain(text: &str, place: &Place) -> Title {
        Title { name: Named::plain(text), place: place.clone() }
    }

    /// The words for the first of these locales that has some.
    pub fn get(&self, locales: &[&str]) -> &str {
        self.name.get(locales)
    }

    /// The words without their place.
    pub fn name(&self) -> &Named {
        &self.name
    }

    /// The default: what flow trails and stored values show.
    pub fn first(&self) -> &str {
        self.name.first()
    }

    /// The words in every language.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.name.all()
    }
}

/// A text, or a mapping of locales to texts; never empty.
fn forms_of(node: &Node, problems: &Problems, name: &str) -> Option<Vec<(String, At<String>)>> {
    let NodeKind::Map(entries) = &node.kind else {
        return Some(vec![(String::new(), node.text(problems, name)?)]);
    };
    let mut forms = Vec::new();
    for (locale, node) in entries {
        if !is_locale(&locale.value) {
            problems.error(
                &locale.place,
                format!("{name} has a form for `{}`, which is no locale", locale.value),
                "write locales such as en or de-DE, each with its text",
            );
            return None;
        }
        forms.push((locale.value.clone(), node.text(problems, name)?));
    }
    if forms.is_empty() {
        problems.error(
            &node.place,
            format!("{name} is empty"),
            "write a text, or locales with texts",
        );
        return None;
    }
    Some(forms)
}

/// True for `en`, `de-DE` and the like.
pub fn is_locale(text: &str) -> bool {
    text.split('-').enumerate().all(|(at, part)| {
        part.bytes().all(|b| b.is_ascii_alphanumeric())
            && if at == 0 { (2..=3).contains(&part.len()) } else { (2..=8).contains(&part.len()) }
    })
}

/// True when something in it goes around the escape: a third brace however it is written, a partial
/// or a decorator.
fn writes_raw(template: &Template) -> bool {
    template.elements.iter().any(|element| match element {
        TemplateElement::RawString(_) | TemplateElement::Comment(_) => false,
        TemplateElement::Expression(helper) | TemplateElement::HelperBlock(helper) => {
            [&helper.template, &helper.inverse].into_iter().flatten().any(writes_raw)
        }
        _ => true,
    })
}

/// Collects top-level names; names inside `each` and `with` are relative to something else and are
/// left to the eye.
fn walk(template: &Template, depth: usize, found: &mut Vec<String>) {
    for element in &template.elements {
        match element {
            TemplateElement::Expression(helper)
            | TemplateElement::HtmlExpression(helper)
            | TemplateElement::HelperBlock(helper) => {
                let name = match &helper.name {
                    Parameter::Name(name) => name.as_str(),
                    Parameter::Path(path) => {
                        mention(path, depth, found);
                        ""
                    }
                    _ => "",
                };
                if !helper.block && helper.params.is_empty() && !name.is_empty() && depth == 0 {
                    found.push(name.to_owned());
                }
                for parameter in helper.params.iter().chain(helper.hash.values()) {
                    parameters(parameter, depth, found);
                }
                let inner = depth + usize::from(helper.block && matches!(name, "each" | "with"));
                for part in [&helper.template, &helper.inverse].into_iter().flatten() {
                    walk(part, inner, found);
                }
            }
            _ => {}
        }
    }
}

fn parameters(parameter: &Parameter, depth: usize, found: &mut Vec<String>) {
    match parameter {
        Parameter::Path(path) => mention(path, depth, found),
        Parameter::Subexpression(sub) => {
            if let TemplateElement::Expression(helper) = sub.as_element() {
                for parameter in helper.params.iter().chain(helper.hash.values()) {
                    parameters(parameter, depth, found);
                }
            }
        }
        _ => {}
    }
}

fn mention(path: &Path, depth: usize, found: &mut Vec<String>) {
    if let Path::Relative((_, raw)) = path
        && depth == 0
        && raw != "this"
        && raw != "."
    {
        found.push(raw.replace('/', "."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_writes_a_value_unescaped() {
        for source in [
            "{{{x}}}",
            "{{&x}}",
            "{{~{x}~}}",
            "{{~&x}}",
            "{{ &x }}",
            "{{~> x}}",
            "{{~#> x}}{{/x}}",
            "{{#if x}}{{~{x}~}}{{/if}}",
            "{{{{raw}}}}{{{{/raw}}}}",
            "{{* x}}",
            "{{~#*inline \"x\"}}{{/inline}}",
        ] {
            let (problems, place) = (Problems::default(), Place::at("t", source, 0..0));
            let text = Text::compile(At::new(source.to_owned(), &place), &problems);
            let shown = text.map(|text| {
                let scope = Variables::new(serde_json::json!({ "x": "<b>*" }), None);
                text.render(&scope, &[]).markdown()
            });
            assert!(
                shown.as_ref().is_none_or(|shown| !shown.contains('<') && !shown.contains("*")),
                "{source}: {shown:?}"
            );
        }
    }
}
