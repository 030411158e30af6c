//! The helpers that texts and cards share: Handlebars' own, and in place of those that its Rust
//! implementation gives other results than people know from JavaScript, ours.

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, JsonRender, JsonTruthy, Output,
    RenderContext, RenderError, RenderErrorReason, Renderable, ScopedJson,
};
use serde_json::Value;

use crate::{
    model::words,
    source::{did_you_mean, short},
};

/// The helpers that a template may use.
pub const HELPERS: [&str; 16] = [
    "if", "unless", "each", "with", "lookup", "eq", "ne", "gt", "gte", "lt", "lte", "and", "or",
    "not", "len", "json",
];

/// Puts them into a registry, and takes out what no template may use. `json` writes what the
/// registry's escape makes of it; cards have one of their own.
pub fn register(registry: &mut Handlebars<'static>) {
    registry.unregister_helper("log");
    registry.unregister_helper("raw");
    let ours: [(&'static str, usize, Makes); 6] = [
        ("eq", 2, |given| Value::Bool(same(given[0], given[1]))),
        ("ne", 2, |given| Value::Bool(!same(given[0], given[1]))),
        ("and", 0, |given| chosen(given, |value| !value.is_truthy(false))),
        ("or", 0, |given| chosen(given, |value| value.is_truthy(false))),
        ("len", 1, |given| Value::from(length(given[0]))),
        ("json", 1, |given| Value::String(given[0].to_string())),
    ];
    for (name, needs, makes) in ours {
        registry.register_helper(name, Box::new(Ours { name, needs, makes }));
    }
}

type Makes = fn(&[&Value]) -> Value;

/// A helper that makes a value of values.
struct Ours {
    name: &'static str,
    /// How many it must be given, each with a value where the registry is strict.
    needs: usize,
    makes: Makes,
}

impl Ours {
    fn value(&self, h: &Helper<'_>, r: &Handlebars<'_>) -> Result<Value, RenderError> {
        for index in 0..self.needs {
            let given = h.param(index).filter(|it| !(r.strict_mode() && it.is_value_missing()));
            if given.is_none() {
                return Err(RenderErrorReason::ParamNotFoundForIndex(self.name, index).into());
            }
        }
        let given: Vec<&Value> = h.params().iter().map(|given| given.value()).collect();
        Ok((self.makes)(&given))
    }
}

impl HelperDef for Ours {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        r: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        self.value(h, r).map(ScopedJson::Derived)
    }

    fn call<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        r: &'reg Handlebars<'reg>,
        ctx: &'rc Context,
        rc: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let value = self.value(h, r)?;
        if !h.is_block() {
            out.write(&r.get_escape_fn()(&value.render()))?;
            return Ok(());
        }
        let part = if value.is_truthy(false) { h.template() } else { h.inverse() };
        part.map_or(Ok(()), |part| part.render(r, ctx, rc, out))
    }
}

/// The first value that ends the search, else the last: JavaScript's `||` and `&&`.
fn chosen(given: &[&Value], ends: fn(&Value) -> bool) -> Value {
    let found = given.iter().find(|value| ends(value)).or(given.last());
    found.map_or(Value::Null, |value| (*value).clone())
}

/// The same value; 1 and 1.0 are the same number.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (one, other) => one == other,
    }
}

/// Entries of a list or object, characters of a text.
fn length(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.len(),
        Value::Object(map) => map.len(),
        Value::String(text) => words::leaf(text, false).chars().count(),
        _ => 0,
    }
}

/// What is wrong with a name that stands where a helper does, and what to write instead; nothing when
/// it is one. `section` is true of a block that is given nothing.
pub fn unknown(name: &str, section: bool) -> Option<(String, String)> {
    if HELPERS.contains(&name) {
        return None;
    }
    let message = format!("there is no helper `{}`", short(name));
    let known = HELPERS.join(", ");
    let help = if section {
        format!(
            "write `{{{{#each {name}}}}}…{{{{/each}}}}` for every entry of a list, `{{{{#if {name}}}}}…{{{{/if}}}}` for what is only there; the helpers are: {known}"
        )
    } else {
        let near = did_you_mean(name, HELPERS.into_iter());
        let lower = name.to_lowercase();
        let writes = ["date", "time", "number", "format", "currency"];
        let written = if writes.iter().any(|word| lower.contains(word)) {
            "; dates and numbers are written as the reader's locale does without any"
        } else {
            ""
        };
        format!("use one of: {known}{near}{written}")
    };
    Some((message, help))
}

/// What is wrong with `x.length`, and what to write instead.
pub fn length_of(raw: &str) -> (String, String) {
    let of = raw.trim_end_matches(".length");
    (
        format!("`{raw}` is JavaScript's: it is always empty here"),
        format!("write `{{{{len {of}}}}}`, or `{{{{#if {of}}}}}` to ask whether there is any"),
    )
}

/// Why a template could not be filled in, and what to do.
pub fn failed(error: &RenderError) -> (String, &'static str) {
    match error.reason() {
        RenderErrorReason::MissingVariable(Some(name)) => (
            format!("`{name}` has no value"),
            "check the name; where it may be missing write `{{#if NAME}}…{{/if}}` around it; give it a value in the card's sample",
        ),
        RenderErrorReason::MissingVariable(None) => (
            "`lookup` finds nothing".to_owned(),
            "check the list or object and the key or index that it is asked for",
        ),
        RenderErrorReason::ParamNotFoundForIndex(helper, index) => (
            format!(
                "`{helper}`: its {} argument is missing or has no value",
                ["first", "second"].get(*index).unwrap_or(&"last")
            ),
            "write the argument, and check its name",
        ),
        other => (other.to_string(), "see cards/README.md for what a card may hold"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn says(template: &str) -> String {
        let mut registry = Handlebars::new();
        register(&mut registry);
        registry.register_escape_fn(handlebars::no_escape);
        let data = json!({ "s": "Grüße", "n": 3, "f": 3.0, "zero": 0, "no": "", "list": [1, 2], "none": [] });
        registry.render_template(template, &data).unwrap()
    }

    #[test]
    fn helpers_do_what_people_know_from_javascript() {
        for (template, want) in [
            ("{{len s}} {{len list}} {{len n}}", "5 2 0"),
            ("{{or no s}} {{or no zero}} {{or list s}}", "Grüße 0 [1, 2]"),
            ("{{and s n}} {{and no s}}|{{and}}{{or}}", "3 |"),
            ("{{#if (or no none)}}a{{else}}b{{/if}}", "b"),
            ("{{#if (and s (eq n 3))}}a{{else}}b{{/if}}", "a"),
            (
                "{{eq n f}} {{eq n 3.0}} {{eq 1 1.0}} {{eq n \"3\"}} {{ne n f}}",
                "true true true false false",
            ),
            ("{{#or no s}}a{{else}}b{{/or}}{{#eq n 4}}a{{else}}b{{/eq}}", "ab"),
            ("{{json list}} {{json s}}", "[1,2] \"Grüße\""),
        ] {
            assert_eq!(says(template), want, "{template}");
        }
    }

    #[test]
    fn every_helper_is_there_and_no_other() {
        for name in HELPERS {
            assert_eq!(unknown(name, false), None);
            assert_ne!(
                says(&format!("{{{{#if ({name} s n)}}}}a{{{{else}}}}b{{{{/if}}}}")),
                "",
                "{name}"
            );
        }
        for name in ["log", "raw", "upper"] {
            let mut registry = Handlebars::new();
            register(&mut registry);
            assert!(registry.render_template(&format!("{{{{{name} 1 2}}}}"), &json!({})).is_err());
        }
    }
}
