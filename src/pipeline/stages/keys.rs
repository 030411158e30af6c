//! The names of keys that stages write.

use crate::source::{At, Fields};

/// True for `Data.` and names of letters, digits, `-` and `_`, separated by dots.
pub(super) fn is_data_key(key: &str) -> bool {
    key.strip_prefix("Data.").is_some_and(|rest| rest.split('.').all(is_name))
}

/// True for a name that can stand after `Data.`.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// `save_as`: a name under `Data.`.
pub(super) fn read_save_as(fields: &Fields<'_>) -> Option<At<String>> {
    let name = fields.text("save_as")?;
    if is_name(&name.value) {
        return Some(name);
    }
    fields.problems.error(
        &name.place,
        format!("`{}` cannot be a name under Data", name.value),
        "write the name alone, without `Data.`: letters, digits, hyphens and underscores",
    );
    None
}
