//! One way to make a card.

use serde_json::{Map, Value, json};

use super::directory::{Directory, Look};
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
        above: Vec::new(),
        moves: false,
    }
}

/// With more entries than this a menu is a list with one button.
const MOST_ROWS: usize = 6;

/// The most characters that the pictures of a menu's entries have together: a card must stay small
/// enough for Teams. Two as large as may be, or a dozen of the usual size.
const MOST_OF_PICTURES: usize = 12_000;

/// One entry of a menu, as a card shows it.
#[derive(Debug, Clone)]
pub struct Row {
    /// What it says.
    pub title: String,
    /// What it sends.
    pub value: String,
    /// The department to which it leads, by one of the names that its title has: its icon stands
    /// before it.
    pub icon: String,
    /// The same of a department that has a picture in its place: a `data:` address.
    pub picture: String,
    /// A way out, which stands apart from the answers.
    pub apart: bool,
}

impl Row {
    /// An entry that is an answer.
    pub fn new(title: &str, value: &str) -> Row {
        let (title, value) = (title.to_owned(), value.to_owned());
        Row { title, value, icon: String::new(), picture: String::new(), apart: false }
    }

    /// With a department's icon.
    pub fn of(mut self, look: &Look) -> Row {
        self.icon.clone_from(&look.icon);
        self.picture.clone_from(&look.picture);
        self
    }

    /// With the icon of the department that has one of these names.
    pub fn named<'n>(self, directory: &Directory, mut names: impl Iterator<Item = &'n str>) -> Row {
        let of = |name: &str| directory.tenants.values().find(|tenant| tenant.name == name);
        match names.find_map(of) {
            Some(tenant) => self.of(&tenant.look),
            None => self,
        }
    }
}

/// The variables of a menu's entries: all of them as `choices`, the answers as `rows`, the ways out
/// as `ways`, and whether they are too many for `rows`. Icons stand before all answers or none.
pub fn entries(all: &[Row]) -> Map<String, Value> {
    let (ways, rows): (Vec<&Row>, Vec<&Row>) = all.iter().partition(|row| row.apart);
    // A menu of ways out alone is one of answers.
    let (ways, rows) = if rows.is_empty() { (rows, ways) } else { (ways, rows) };
    let has_one = |row: &&Row| !row.icon.is_empty() || !row.picture.is_empty();
    let pictures: usize = rows.iter().map(|row| row.picture.len()).sum();
    let has_icons = rows.iter().all(has_one) && pictures <= MOST_OF_PICTURES;
    let shown = |row: &&Row, has_icons: bool| {
        let drawn = |look: &str| if has_icons { look.to_owned() } else { String::new() };
        json!({
            "title": row.title, "value": row.value,
            "icon": drawn(&row.icon), "picture": drawn(&row.picture),
        })
    };
    let list = |rows: &[&Row], icons| rows.iter().map(|row| shown(row, icons)).collect::<Vec<_>>();
    let plain = |row: &Row| json!({ "title": row.title, "value": row.value });
    let mut own = Map::new();
    own.insert("choices".to_owned(), all.iter().map(plain).collect());
    own.insert("compact".to_owned(), Value::Bool(all.len() > MOST_ROWS));
    own.insert("rows".to_owned(), list(&rows, has_icons).into());
    own.insert("ways".to_owned(), list(&ways, false).into());
    own
}
