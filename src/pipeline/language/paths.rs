//! Which variables a template uses, wherever it does: in the depth of lists and conditions, and
//! from the root.

use handlebars::{
    Path, PathSeg, Template,
    template::HelperTemplate,
    template::{Parameter, TemplateElement},
};

/// Every path that a template names, in any place and as seen from the root; empty for the root
/// itself. Inside of `each` and `with` a name may belong to the entry: then it is one more path,
/// and what the entry belongs to is among them as well.
pub(super) fn all(template: &Template, found: &mut Vec<String>) {
    inside(template, 0, found);
}

/// True when a template that names `path` uses the value of `key`, or of something above or below.
pub fn touches(path: &str, key: &str) -> bool {
    let under = |inner: &str, outer: &str| {
        inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'))
    };
    path.is_empty() || under(path, key) || under(key, path)
}

fn inside(template: &Template, depth: usize, found: &mut Vec<String>) {
    for element in &template.elements {
        match element {
            TemplateElement::Expression(helper)
            | TemplateElement::HtmlExpression(helper)
            | TemplateElement::HelperBlock(helper) => call(helper, depth, found),
            _ => {}
        }
    }
}

fn call(helper: &HelperTemplate, depth: usize, found: &mut Vec<String>) {
    let alone = !helper.block && helper.params.is_empty();
    match &helper.name {
        Parameter::Name(name) if alone => found.push(name.clone()),
        Parameter::Name(_) => {}
        other => parameter(other, depth, found),
    }
    for given in helper.params.iter().chain(helper.hash.values()) {
        parameter(given, depth, found);
    }
    for part in [&helper.template, &helper.inverse].into_iter().flatten() {
        inside(part, depth + 1, found);
    }
}

fn parameter(parameter: &Parameter, depth: usize, found: &mut Vec<String>) {
    match parameter {
        Parameter::Name(name) => found.push(name.clone()),
        Parameter::Path(Path::Relative((steps, raw))) => {
            let names: Vec<&str> = steps
                .iter()
                .filter_map(|step| match step {
                    PathSeg::Named(name) => Some(name.as_str()),
                    _ => None,
                })
                .collect();
            // Below the root `this` is the entry of something that is named itself.
            if !names.is_empty() || depth == 0 || raw.contains("@root") || raw.contains("..") {
                found.push(names.join("."));
            }
        }
        // A variable of a loop; `@root` alone looks like one.
        Parameter::Path(Path::Local((_, name, _))) if name == "root" => found.push(String::new()),
        Parameter::Subexpression(sub) => {
            if let TemplateElement::Expression(helper) = sub.as_element() {
                call(helper, depth, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_way_to_use_a_value_is_overlooked() {
        for text in [
            "{{Data.pin}}",
            "{{Data/pin}}",
            "{{[Data].[pin]}}",
            "{{this.Data.pin}}",
            "{{@root.Data.pin}}",
            "{{#if Data.pin}}a{{/if}}",
            "{{#if (eq Data.pin \"1\")}}a{{/if}}",
            "{{#if a}}{{else if (and b (gt Data.pin 3))}}x{{/if}}",
            "{{#each Session.Transfers}}{{../Data.pin}}{{/each}}",
            "{{#each Session.Transfers}}{{@root.Data.pin}}{{/each}}",
            "{{#with Data}}{{pin}}{{/with}}",
            "{{#with Data as |d|}}{{d.pin}}{{/with}}",
            "{{#each Data}}{{this}}{{/each}}",
            "{{#each this}}{{pin}}{{/each}}",
            "{{#each a}}{{#with ..}}{{pin}}{{/with}}{{/each}}",
            "{{#each a}}{{#with @root}}{{pin}}{{/with}}{{/each}}",
            "{{lookup Data \"pin\"}}",
            "{{lookup (lookup this \"Data\") \"pin\"}}",
            "{{len Data.pin}}",
            "{{len x=Data.pin y}}",
            "{{Data.pin.[0]}}",
        ] {
            let Ok(template) = Template::compile(text) else {
                assert!(text.contains("..}}") || text.contains("#with @root"), "{text}");
                continue;
            };
            let mut found = Vec::new();
            all(&template, &mut found);
            assert!(found.iter().any(|path| touches(path, "Data.pin")), "{text}: {found:?}");
        }
        let mut found = Vec::new();
        let other =
            "{{Data.pi}}{{Data.pins}}{{#each Session.Transfers}}{{this.reason}}{{this}}{{/each}}";
        all(&Template::compile(other).unwrap(), &mut found);
        assert!(!found.iter().any(|path| touches(path, "Data.pin")), "{found:?}");
    }
}
