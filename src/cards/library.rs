//! A company's card templates, compiled; and how one is found and rendered.

use std::collections::{BTreeMap, HashMap};

use handlebars::{Context, Handlebars};
use serde_json::Value;

use super::{
    compose, draw,
    finish::{self, CUTS, Cut, UNCUT, WALL},
    render::{self, Fault, Spot},
    sample,
    template::Form,
};
use crate::{
    model::{
        Above, Body, Card, TenantId,
        locale::{lookup, nearest},
        words,
    },
    source::Place,
};

/// All card templates of a company, compiled.
pub struct Cards {
    pub(super) handlebars: Handlebars<'static>,
    /// By folder (`tenants/it/cards/`, `cards/`, built in), then by name.
    pub(super) folders: HashMap<String, BTreeMap<String, Vec<Form>>>,
    /// By folder and name, as written.
    pub(super) samples: HashMap<(String, String), Value>,
}

/// A rendered card.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// The card, ready to be an attachment's `content`.
    pub content: Value,
    /// Bytes of the card as JSON.
    pub size: usize,
    /// What its texts are too long for, in order, as Markdown: said behind the card.
    pub rest: Vec<String>,
}

/// Why a card could not be rendered. Its message holds nothing that a person typed.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// No template of that name.
    #[error("there is no card `{0}`")]
    Unknown(String),
    /// The template failed.
    #[error("card `{card}`: {reason}")]
    Failed {
        /// The template.
        card: String,
        /// Why.
        reason: String,
    },
    /// Even with short texts Teams would refuse it.
    #[error("card `{card}`: {reason}")]
    TooLarge {
        /// The template.
        card: String,
        /// How large it is.
        reason: String,
        /// All that it says, in words. Not part of the message.
        words: String,
    },
}

/// The folder of the company's own cards.
pub(super) const COMPANY: &str = "cards/";
/// Stands before the path of a built-in file, in messages too.
pub(super) const BUILT_IN: &str = "built-in:cards/";

pub(super) fn folder_of(tenant: &str) -> String {
    format!("tenants/{tenant}/cards/")
}

impl Cards {
    /// True when the tenant finds a card of that name: in its own folder, the company's, or built
    /// in.
    pub fn has(&self, tenant: &TenantId, name: &str) -> bool {
        self.folders(tenant).any(|(_, folder)| folder.contains_key(name))
    }

    /// The names of all cards that a tenant finds.
    pub fn names(&self, tenant: &TenantId) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .folders(tenant)
            .flat_map(|(_, folder)| folder.keys().map(String::as_str))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Renders a card: tenant → company → built-in, guest's locale before none. What stands above it
    /// is a part of it, each drawn by its own template.
    pub fn render(&self, card: &Card) -> Result<Rendered, CardError> {
        let mut size = 0;
        for cut in CUTS {
            let (content, rest) = self.drawn(card, cut)?;
            size = finish::size(&content);
            if size <= WALL {
                let size = content.to_string().len();
                return Ok(Rendered { content, size, rest });
            }
        }
        let (content, _) = self.drawn(card, UNCUT)?;
        let key = self.form(card)?.key.clone();
        let reason = format!(
            "{key}: the card has {size} bytes, and Teams shows none above {WALL}; show less: shorter texts, fewer choices, or several cards"
        );
        let (card, words) = (card.template.clone(), draw::draw(&content));
        Err(CardError::TooLarge { card, reason, words })
    }

    fn form(&self, card: &Card) -> Result<&Form, CardError> {
        self.find(&card.tenant, &card.template, &card.locale)
            .ok_or_else(|| CardError::Unknown(card.template.clone()))
    }

    /// A card with what stands above it, and what its texts are too long for.
    fn drawn(&self, card: &Card, cut: Cut) -> Result<(Value, Vec<String>), CardError> {
        let is_joined = |part: &Above| matches!(part.says, Body::Card(_));
        let summary = card.said().plain();
        let is_below = card.above.iter().any(is_joined);
        let (mut content, mut rest) = self.alone(card, cut, &summary, is_below)?;
        let mut above = Vec::new();
        for part in &card.above {
            above.push(match &part.says {
                Body::Text(words) => compose::Above::Words(words::leaf(&words.variable(), true)),
                Body::Card(part) => {
                    let (content, more) = self.alone(part, cut, "", true)?;
                    rest.extend(more);
                    compose::Above::Card(content)
                }
            });
        }
        if !above.is_empty() {
            compose::compose(&mut content, above, card.token.is_some());
        }
        Ok((content, rest))
    }

    /// A card without what stands above it. `joined` says that it is a part of another one, or has
    /// one above it.
    fn alone(
        &self,
        card: &Card,
        cut: Cut,
        summary: &str,
        joined: bool,
    ) -> Result<(Value, Vec<String>), CardError> {
        let form = self.form(card)?;
        let failed = |fault: Fault| {
            let place = match fault.at {
                Spot::Template(line, column) => format!("{}:{line}:{column}: ", form.key),
                Spot::Element(pointer) => format!("{}: {pointer}: ", form.key),
                _ => format!("{}: ", form.key),
            };
            CardError::Failed {
                card: card.template.clone(),
                reason: format!("{place}{}; {}", fault.message, fault.help),
            }
        };
        let mut data = render::prepare(&card.data);
        if joined && let Some(data) = data.as_object_mut() {
            data.insert("joined".to_owned(), true.into());
        }
        let context = Context::wraps(&data).map_err(|error| failed(render::failed(&error)))?;
        let text = self.text(form, &context).map_err(failed)?;
        let mut content = render::parse(&text).map_err(failed)?;
        let rest = finish::show(&mut content, cut).map_err(failed)?;
        finish::complete(&mut content, &data, card.token.as_ref(), summary).map_err(failed)?;
        Ok((content, rest))
    }

    /// The variables that a template mentions, as paths from the root such as `Data.topic`, in all
    /// its languages; what belongs to the entries of a list has `[]` in its path.
    pub fn variables(&self, tenant: &TenantId, name: &str) -> Vec<(String, Place)> {
        let mut found = Vec::new();
        for (_, folder) in self.folders(tenant) {
            let forms = folder.get(name).map(Vec::as_slice).unwrap_or_default();
            let mentions = forms.iter().flat_map(|form| &form.mentions);
            found.extend(mentions.map(|mention| (mention.path.join("."), mention.place.clone())));
            if forms.iter().any(|form| form.language.is_none()) {
                break;
            }
        }
        found
    }

    /// True for a name that the core hands over to cards beside the scope, such as `text` or
    /// `words`.
    pub fn is_own(name: &str) -> bool {
        render::OWN.contains(&name)
    }

    /// The variables with which the checker renders a card: its sample inside a whole scope.
    pub fn sample(&self, tenant: &TenantId, name: &str, locale: &str) -> Option<Value> {
        let form = self.find(tenant, name, locale)?;
        Some(sample::data(self.sample_of(&folder_of(tenant.as_str()), name), &form.mentions))
    }

    pub(super) fn sample_of(&self, folder: &str, name: &str) -> Option<&Value> {
        [folder, COMPANY, BUILT_IN]
            .into_iter()
            .find_map(|folder| self.samples.get(&(folder.to_owned(), name.to_owned())))
    }

    pub(super) fn folders(
        &self,
        tenant: &TenantId,
    ) -> impl Iterator<Item = (String, &BTreeMap<String, Vec<Form>>)> {
        [folder_of(tenant.as_str()), COMPANY.to_owned(), BUILT_IN.to_owned()]
            .into_iter()
            .filter_map(|name| self.folders.get(&name).map(|folder| (name, folder)))
    }

    pub(super) fn find(&self, tenant: &TenantId, name: &str, locale: &str) -> Option<&Form> {
        self.folders(tenant).find_map(|(_, folder)| {
            let forms = folder.get(name)?;
            let languages =
                || forms.iter().map(|form| form.language.as_deref().unwrap_or_default());
            let any = || forms.iter().position(|form| form.language.is_none());
            let own = lookup(languages(), locale).or_else(any);
            own.or_else(|| nearest(languages(), locale)).and_then(|at| forms.get(at))
        })
    }

    /// What a template writes, without superfluous commas.
    pub(super) fn text(&self, form: &Form, context: &Context) -> Result<String, Fault> {
        let mut text = self
            .handlebars
            .render_with_context(&form.key, context)
            .map_err(|error| render::failed(&error))?;
        render::commas(&mut text);
        Ok(text)
    }
}
