//! How many bytes of files may be carried.

use super::Values;

const MB: u64 = 1024 * 1024;
/// In megabytes: of one person within a day, of all, and of all where they stand in memory.
const PER_DAY: u64 = 200;
const STORE: u64 = 5_000;
const MEMORY: u64 = 500;

/// How many bytes of files may be carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileRoom {
    /// Of one person within a day.
    pub person: u64,
    /// Of all that can be read.
    pub store: u64,
}

impl FileRoom {
    pub(super) fn read(values: &Values, mistakes: &mut Vec<String>) -> Self {
        let is_memory =
            values.get("SWITCHBOARD_STORE").is_some_and(|store| store.starts_with("memory:"));
        let mut size = |name: &str, default: u64| {
            let Some(text) = values.get(name) else { return default * MB };
            let size = text.parse::<u64>().ok().and_then(|size| size.checked_mul(MB));
            size.unwrap_or_else(|| {
                mistakes.push(format!(
                    "{name} cannot be `{text}`: write whole megabytes, such as {default}"
                ));
                0
            })
        };
        FileRoom {
            person: size("SWITCHBOARD_FILES_PER_DAY_MB", PER_DAY),
            store: size("SWITCHBOARD_FILES_MB", if is_memory { MEMORY } else { STORE }),
        }
    }
}
