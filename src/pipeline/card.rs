//! One way to make a card.

use serde_json::{Map, Value};

use super::scope::{View, scope, with_unset, withhold};
use crate::model::{Card, Token, Withheld, Words};

/// What a card has beside the variables that every card can name.
#[derive(Debug)]
pub struct Face<'a> {
    /// The template's name.
    pub template: &'a str,
    /// Its own variables.
    pub own: Map<String, Value>,
    /// What a phone's notification shows.
    pub summary: Words,
    /// What its buttons carry; none when it has none.
    pub token: Option<Token>,
}

/// A card of the view's department, in a locale.
pub fn card_of(view: View<'_>, locale: &str, face: Face<'_>) -> Card {
    let mut data = with_unset(scope(view), view.directory, locale);
    let private = Withheld(withhold(&mut data, &view.session.metadata));
    if let Value::Object(map) = &mut data {
        map.extend(face.own);
    }
    Card {
        template: face.template.to_owned(),
        tenant: view.tenant.map_or(&view.session.tenant, |tenant| &tenant.id).clone(),
        locale: locale.to_owned(),
        data,
        private,
        token: face.token,
        summary: face.summary,
    }
}
