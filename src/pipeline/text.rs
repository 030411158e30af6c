//! Small text templates: a line of text, a transfer's target, a reason. Handlebars, compiled when the company is loaded.

use std::sync::LazyLock;

use handlebars::{
    Context, Handlebars, Path, RenderContext, Renderable, StringOutput, Template,
    template::{Parameter, TemplateElement},
};

use crate::model::{
    Words,
    source::{At, Place, Problems},
    words,
};

/// A compiled text.
#[derive(Debug, Clone)]
pub struct Text {
    /// As written.
    pub source: String,
    /// Where it stands.
    pub place: Place,
    template: Template,
    fixed: bool,
}

/// Texts have no strict mode: every name was proved when the company was loaded, and a value that is not there shows as nothing.
static REGISTRY: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut registry = Handlebars::new();
    registry.register_escape_fn(words::mark);
    registry.unregister_helper("log");
    registry
});

impl Text {
    /// Compiles a text; a mistake in it becomes a problem.
    pub fn compile(text: At<String>, problems: &Problems) -> Option<Text> {
        let At { value: source, place } = text;
        for raw in ["{{{", "{{&", "{{>", "{{#>"] {
            if source.contains(raw) {
                problems.error(&place, format!("`{raw}` cannot be used here"), "write {{Name}}: two braces and the name");
                return None;
            }
        }
        match Template::compile(&source) {
            Ok(template) => {
                let fixed = !source.contains("{{");
                Some(Text { source, place, template, fixed })
            }
            Err(error) => {
                let reason = error.reason().to_string();
                let reason = reason.lines().next().unwrap_or("it cannot be read").trim();
                // What the parser expected instead is a list of its grammar's names.
                let reason = reason.split(": expected").next().unwrap_or(reason).trim_end_matches(':').to_owned();
                problems.error(
                    &place,
                    format!("this text is not a valid template ({reason})"),
                    "every {{ needs its }}, and every {{#if …}} its {{/if}}",
                );
                None
            }
        }
    }

    /// A text without variables.
    pub fn fixed(source: &str) -> Option<Text> {
        Text::compile(At::new(source.to_owned(), &Place::start_of("")), &Problems::default())
    }

    /// Fills in the variables.
    pub fn render(&self, scope: &Context) -> Words {
        if self.fixed {
            return Words::own(self.source.replace("\\{{", "{{"));
        }
        let mut out = StringOutput::new();
        let rendered = self.template.render(&REGISTRY, scope, &mut RenderContext::new(None), &mut out);
        match (rendered, out.into_string()) {
            (Ok(()), Ok(text)) => Words::marked(text),
            // Cannot happen to a text that the checker passed; a guest is shown nothing rather than half a sentence.
            _ => Words::default(),
        }
    }

    /// The variables that it names, such as `Data.topic`.
    pub fn variables(&self) -> Vec<String> {
        let mut found = Vec::new();
        walk(&self.template, 0, &mut found);
        found
    }

    /// The literal text, when there are no variables in it.
    pub fn literal(&self) -> Option<&str> {
        self.fixed.then_some(self.source.as_str())
    }
}

/// Collects top-level names; names inside `each` and `with` are relative to something else and are left to the eye.
fn walk(template: &Template, depth: usize, found: &mut Vec<String>) {
    for element in &template.elements {
        match element {
            TemplateElement::Expression(helper) | TemplateElement::HtmlExpression(helper) | TemplateElement::HelperBlock(helper) => {
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
