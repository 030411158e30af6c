//! Fields of one form that are told apart by their names.

use super::field::Field;
use crate::{pipeline::typed::normal, source::Problems};

/// With so many fields the names of another one are compared.
const MOST_COMPARED: usize = 100;

/// Warns of a name that two fields have: what stands behind it is taken for neither.
pub(super) fn unlike(others: &[Field], field: &Field, problems: &Problems) {
    // Nobody is asked more than that at once.
    for other in others.iter().take(MOST_COMPARED).filter(|other| other.id.value != field.id.value)
    {
        let name = field.names().find(|own| other.names().any(|name| normal(name) == normal(own)));
        if let Some(name) = name {
            problems.warning(
                field.label.as_ref().map_or(&field.id.place, |label| &label.place),
                format!(
                    "`{name}` is a name of field `{}` too: typed, it is taken for neither",
                    other.id.value
                ),
                "give every field names of its own",
            );
        }
    }
}
