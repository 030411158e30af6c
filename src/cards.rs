//! Floor 2: Handlebars templates to Adaptive Card JSON: strict, JSON-escaped, checked.

use serde_json::Value;

use crate::model::{
    Card, TenantId,
    source::{Files, Problem},
};

/// All card templates of a company, compiled.
pub struct Cards {}

/// A rendered card.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// The card, ready to be an attachment's `content`.
    pub content: Value,
    /// Bytes of the card as JSON.
    pub size: usize,
}

/// Why a card could not be rendered.
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
}

impl Cards {
    /// Compiles the built-in templates and those among the company's files (`cards/*.json.hbs`, `tenants/<id>/cards/*.json.hbs`),
    /// renders each with its sample and checks the result. Never fails: what cannot be used is a problem and is left out.
    pub fn load(_files: &Files) -> (Cards, Vec<Problem>) {
        todo!()
    }

    /// True when the tenant finds a card of that name: in its own folder, the company's, or built in.
    pub fn has(&self, _tenant: &TenantId, _name: &str) -> bool {
        todo!()
    }

    /// Renders a card: tenant → company → built-in, guest's locale before none.
    pub fn render(&self, _card: &Card) -> Result<Rendered, CardError> {
        todo!()
    }
}
