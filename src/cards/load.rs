//! Reads the templates and proves each of them with sample data.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use handlebars::Context;
use include_dir::{Dir, include_dir};
use serde_json::Value;

use super::{
    check::check,
    finish::{self, CUTS, WALL},
    library::{BUILT_IN, COMPANY, Cards, folder_of},
    places,
    render::{self, Fault, Spot},
    sample,
    template::{Form, compile},
};
use crate::{
    model::{Token, words},
    pipeline::language::names::offset,
    source::{Files, Place, Problem, Problems, is_id, short, tags},
};

/// The templates that come with the product.
static BUILT_IN_FILES: Dir = include_dir!("$CARGO_MANIFEST_DIR/cards");

/// What a guest's card should stay under, in bytes.
const AIM: usize = 20_000;

fn load(files: &Files, problems: &Problems) -> Cards {
    let mut cards =
        Cards { handlebars: render::registry(), folders: HashMap::new(), samples: HashMap::new() };
    let samples = BUILT_IN_FILES.get_dir("samples").into_iter().flat_map(Dir::files);
    for file in BUILT_IN_FILES.files().chain(samples) {
        if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
            cards.add(BUILT_IN, &path.replace('\\', "/"), text, problems);
        }
    }
    for (path, text) in files {
        if let Some(rest) = path.strip_prefix(COMPANY) {
            cards.add(COMPANY, rest, text, problems);
        } else if let Some((tenant, rest)) =
            path.strip_prefix("tenants/").and_then(|rest| rest.split_once("/cards/"))
            && !tenant.contains('/')
        {
            cards.add(&folder_of(tenant), rest, text, problems);
        }
    }
    cards.prove_all(problems);
    cards.miss_languages(problems);
    cards
}

impl Cards {
    /// Compiles the built-in templates and those among the company's files (`cards/*.json.hbs`,
    /// `tenants/<id>/cards/*.json.hbs`), renders each with its sample and checks the result. Never
    /// fails: what cannot be used is a problem and is left out.
    pub fn load(files: &Files) -> (Cards, Vec<Problem>) {
        let problems = Problems::default();
        let cards = load(files, &problems);
        (cards, problems.into_sorted())
    }

    fn add(&mut self, folder: &str, rest: &str, text: &str, problems: &Problems) {
        let file = format!("{folder}{rest}");
        if let Some(name) =
            rest.strip_prefix("samples/").and_then(|name| name.strip_suffix(".json"))
        {
            match serde_json::from_str::<Value>(text) {
                Ok(sample @ Value::Object(_)) => {
                    self.samples.insert((folder.to_owned(), name.to_owned()), sample);
                }
                Ok(_) => problems.error(
                    &Place::start_of(&file),
                    "a sample must be an object",
                    "write `{ \"text\": \"…\" }`",
                ),
                Err(error) => {
                    let at = offset(text, (error.line(), error.column()));
                    let why = error.to_string();
                    let why = why.split(" at line ").next().unwrap_or_default();
                    problems.error(
                        &Place::at(&file, text, at..at),
                        format!("the sample is not JSON: {why}"),
                        "mend it here",
                    );
                }
            }
            return;
        }
        let Some(stem) = rest.strip_suffix(".json.hbs").filter(|stem| !stem.contains('/')) else {
            if rest.ends_with(".hbs") || (rest.ends_with(".json") && !rest.contains('/')) {
                problems.warning(
                    &Place::start_of(&file),
                    format!("`{rest}` is not read: it is no card"),
                    "name a card `<name>.json.hbs` or `<name>.<language>.json.hbs`, directly in `cards/`; a sample `samples/<name>.json`",
                );
            }
            return;
        };
        let (name, language) =
            stem.split_once('.').map_or((stem, None), |(name, language)| (name, Some(language)));
        let is_language = |text: &str| {
            let mut parts = text.split('-');
            parts.next().is_some_and(|part| {
                (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic())
            }) && parts.all(|part| {
                !part.is_empty()
                    && part.len() <= 8
                    && part.bytes().all(|b| b.is_ascii_alphanumeric())
            })
        };
        if !is_id(name) || !language.is_none_or(is_language) {
            problems.error(
                &Place::start_of(&file),
                format!("`{rest}` is no name of a card"),
                "name it `<name>.json.hbs` or `<name>.<language>.json.hbs`: small letters, digits and hyphens, and a language such as `de` or `de-DE`",
            );
            return;
        }
        if let Some((template, mentions)) = compile(&file, text, problems) {
            self.handlebars.register_template(&file, template);
            let form = Form {
                language: language.map(str::to_owned),
                key: file.as_str().into(),
                source: text.into(),
                mentions,
            };
            let forms: &mut BTreeMap<String, Vec<Form>> =
                self.folders.entry(folder.to_owned()).or_default();
            forms.entry(name.to_owned()).or_default().push(form);
        }
    }

    /// Renders every template with its sample; those with mistakes are left out.
    fn prove_all(&mut self, problems: &Problems) {
        let mut broken = BTreeSet::new();
        for (folder, names) in &self.folders {
            for (name, forms) in names {
                for form in forms {
                    let data = sample::data(self.sample_of(folder, name), &form.mentions);
                    if !self.prove(form, &data, problems) {
                        broken.insert(form.key.clone());
                    }
                }
            }
        }
        for names in self.folders.values_mut() {
            names.values_mut().for_each(|forms| forms.retain(|form| !broken.contains(&form.key)));
            names.retain(|_, forms| !forms.is_empty());
        }
    }

    /// Complains about cards that only guests of one language would see.
    fn miss_languages(&self, problems: &Problems) {
        let plain = |folder: &str, name: &str| {
            self.folders
                .get(folder)
                .and_then(|names| names.get(name))
                .is_some_and(|forms| forms.iter().any(|form| form.language.is_none()))
        };
        for (folder, names) in &self.folders {
            for (name, forms) in names {
                if let Some(form) = forms.first()
                    && ![folder, COMPANY, BUILT_IN].into_iter().any(|folder| plain(folder, name))
                {
                    problems.error(
                        &Place::start_of(&form.key),
                        format!("the card `{name}` has no form for guests of other languages"),
                        format!("add `{folder}{name}.json.hbs`"),
                    );
                }
            }
        }
    }

    /// True when a template makes a card that Teams shows.
    fn prove(&self, form: &Form, data: &Value, problems: &Problems) -> bool {
        let bare = sample::bare(data);
        let mut fine = true;
        let mut note = |data: &Value, fault: Fault, warning: bool| {
            let place = self.place(form, data, &fault.at);
            if warning {
                problems.warning(&place, fault.message, fault.help);
            } else {
                problems.error(&place, fault.message, fault.help);
                fine = false;
            }
        };
        match self.shown(form, data) {
            Err(fault) => note(data, fault, false),
            Ok(mut card) => {
                for finding in check(&card) {
                    let at = if finding.pointer.is_empty() {
                        "the card".to_owned()
                    } else {
                        finding.pointer.clone()
                    };
                    let message = format!("{at}: {}", finding.message);
                    note(
                        data,
                        Fault::new(Spot::Element(finding.pointer), message, finding.help),
                        finding.warning,
                    );
                }
                let token = Token {
                    session: None,
                    stage: "stage".to_owned(),
                    version: "0".repeat(12),
                    nonce: "0".repeat(32),
                };
                match finish::complete(&mut card, data, Some(&token), "A card") {
                    Err(fault) => note(data, fault, false),
                    Ok(()) => {
                        let (size, in_teams) = (card.to_string().len(), finish::size(&card));
                        if size > AIM || in_teams > WALL {
                            let message = format!("with its sample the card has {size} bytes");
                            let help = format!(
                                "show less: Teams refuses cards above {WALL} bytes, and a guest's card should stay under {AIM}"
                            );
                            note(data, Fault::new(Spot::Whole, message, help), in_teams <= WALL);
                        }
                    }
                }
                // The other side of every `{{#if}}` must be JSON too; what it lacks may be because
                // a list is empty.
                if let Err(mut fault) = self.shown(form, &bare)
                    && !matches!(fault.at, Spot::Template(..))
                {
                    fault.message = format!("when its variables are empty: {}", fault.message);
                    note(&bare, fault, false);
                }
            }
        }
        fine
    }

    /// A card as it looks, before its buttons are armed. The message of a fault quotes what was
    /// rendered.
    fn shown(&self, form: &Form, data: &Value) -> Result<Value, Fault> {
        let context = Context::wraps(data).map_err(|error| render::failed(&error))?;
        let text = self.text(form, &context)?;
        let mut card = render::parse(&text).map_err(|mut fault| {
            if let Spot::Text(at) = fault.at {
                let at = render::floor(&text, at);
                let start = text[..at].rfind('\n').map_or(0, |found| found + 1);
                let line =
                    words::leaf(text[start..].lines().next().unwrap_or_default().trim(), false);
                fault.message = format!("{}, in `{}`", fault.message, short(&line));
            }
            fault
        })?;
        finish::show(&mut card, CUTS[0])?;
        Ok(card)
    }

    /// Where in a template's file something went wrong.
    fn place(&self, form: &Form, data: &Value, spot: &Spot) -> Place {
        let line = match spot {
            Spot::Whole => None,
            Spot::Template(line, column) => {
                let at = offset(&form.source, (*line, *column));
                return Place::at(&form.key, &form.source, tags::around(&form.source, at));
            }
            Spot::Text(_) | Spot::Element(_) => self.line(form, data, spot),
        };
        let Some(line) = line else { return Place::start_of(&form.key) };
        let start = offset(&form.source, (line, 1));
        let text = form.source[start..].lines().next().unwrap_or_default();
        let indent = text.len() - text.trim_start().len();
        Place::at(
            &form.key,
            &form.source,
            start + indent..start + text.trim_end().len().max(indent),
        )
    }

    /// The line of a template that wrote some part of the card: it is rendered once more with
    /// numbered lines.
    fn line(&self, form: &Form, data: &Value, spot: &Spot) -> Option<usize> {
        let context = Context::wraps(data).ok()?;
        let text = self
            .handlebars
            .render_template_with_context(&places::numbered(&form.source), &context)
            .ok()?;
        let (mut text, lines) = places::lines(&text);
        render::commas(&mut text);
        let at = match (spot, render::parse(&text)) {
            (Spot::Text(_), Err(Fault { at: Spot::Text(at), .. })) => at,
            (Spot::Element(pointer), Ok(_)) => {
                let elements = places::elements(&text);
                let ancestors = std::iter::successors(Some(pointer.as_str()), |pointer| {
                    pointer.rfind('/').map(|at| &pointer[..at])
                });
                ancestors.filter_map(|pointer| elements.get(pointer)).copied().next()?
            }
            _ => return None,
        };
        Some(places::line(&lines, at))
    }
}
