//! Small text templates: a line of text, a transfer's target, a reason. Handlebars, compiled when
//! the company is loaded.

use std::sync::LazyLock;

use handlebars::{
    Context, Handlebars, RenderContext, RenderError, Renderable, StringOutput, Template,
    template::TemplateElement,
};
use serde_json::Value;

use super::{
    helpers,
    names::{self, What},
    paths,
};
use crate::{
    model::{Named, Words, locale::chosen, words},
    source::{
        At, Node, NodeKind, Place, Problems, bounds,
        foreign::{self, Foreign},
        tags,
    },
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
    place: Place,
    template: Template,
    fixed: bool,
    /// What it has of other languages: then it is no template.
    foreign: Vec<Foreign>,
}

/// Something that a text names or does wrong, and the tag in which it stands.
#[derive(Debug)]
pub struct Saying<'a> {
    /// Where the text stands.
    pub place: &'a Place,
    /// The tag, or what is wrong, as written.
    pub tag: &'a str,
    /// What it is.
    pub what: Says,
}

/// What a tag of a text says.
#[derive(Debug)]
pub enum Says {
    /// A helper or variable.
    Names(What),
    /// Something of another language: what is wrong, what to write.
    Foreign(String, String),
}

/// Texts have no strict mode: every name was proved when the company was loaded, and a value that
/// is not there shows as nothing.
static REGISTRY: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut registry = Handlebars::new();
    registry.register_escape_fn(words::mark);
    helpers::register(&mut registry);
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
    /// is private itself, whichever way it uses that: others read it as it is made without. What
    /// cannot be filled in gives its own words as an error, with `…` where a value belongs: the
    /// checker renders every text once, so this happens only to texts of another day.
    pub fn fill(&self, variables: &Variables, locales: &[&str]) -> Result<Words, Words> {
        let form = &self.forms[chosen(self.forms.iter().map(|form| form.locale.as_str()), locales)];
        if form.fixed {
            return Ok(Words::own(form.source.replace("\\{{", "{{")));
        }
        let Ok(real) = form.render(&variables.real) else { return Err(form.rest()) };
        Ok(match &variables.hidden {
            Some(hidden) => {
                let hidden = form.render(hidden).unwrap_or_else(|_| Words::own(words::HIDDEN));
                Words::veiled(&hidden, &real)
            }
            None => real,
        })
    }

    /// The same, with what there is.
    pub fn render(&self, variables: &Variables, locales: &[&str]) -> Words {
        self.fill(variables, locales).unwrap_or_else(|rest| rest)
    }

    /// Renders it in every form: where that fails, why, and what to do.
    pub fn try_out(&self, variables: &Variables) -> Vec<(&Place, String, &'static str)> {
        let failed = self.forms.iter().filter_map(|form| {
            let (message, help) = helpers::failed(&form.render(&variables.real).err()?);
            Some((&form.place, message, help))
        });
        failed.collect()
    }

    /// Everything that its tags name, and what they do wrong, in all its forms.
    pub fn says(&self) -> Vec<Saying<'_>> {
        let mut all = Vec::new();
        for form in &self.forms {
            let place = &form.place;
            all.extend(form.foreign.iter().map(|it| Saying {
                place,
                tag: &form.source[it.bytes.clone()],
                what: Says::Foreign(it.message.clone(), it.help.clone()),
            }));
            all.extend(names::named(&form.template, &form.source).into_iter().map(|name| Saying {
                place,
                tag: &form.source[tags::around(&form.source, name.at)],
                what: Says::Names(name.what),
            }));
        }
        all
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
    fn render(&self, scope: &Context) -> Result<Words, RenderError> {
        let mut out = StringOutput::new();
        self.template.render(&REGISTRY, scope, &mut RenderContext::new(None), &mut out)?;
        Ok(Words::marked(out.into_string().unwrap_or_default()))
    }

    /// Its own words, with `…` in place of everything else.
    fn rest(&self) -> Words {
        let part = |element: &TemplateElement| match element {
            TemplateElement::RawString(text) => text.clone(),
            TemplateElement::Comment(_) => String::new(),
            _ => "…".to_owned(),
        };
        Words::own(self.template.elements.iter().map(part).collect::<String>())
    }

    fn compile(locale: String, text: At<String>, problems: &Problems) -> Option<Form> {
        let At { value: source, place } = text;
        if let Some((_, message, help)) = bounds::too_much(&source, LONGEST) {
            problems.error(&place, message, help);
            return None;
        }
        let foreign = foreign::in_text(&source);
        if !foreign.is_empty() {
            // Told with the names, where the file is at hand to say in which place.
            let template = Template::default();
            return Some(Form { locale, source, place, template, fixed: false, foreign });
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
                Some(Form { locale, source, place, template, fixed, foreign })
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
    let entries = match &node.kind {
        NodeKind::Map(entries) if node.braced().is_none() => entries,
        _ => return Some(vec![(String::new(), node.text(problems, name)?)]),
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
