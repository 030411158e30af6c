//! JSON Pointers (RFC 6901): where in an answer a value stands.

/// Why a pointer is none, or finds nothing in any answer, and what to write.
pub(super) fn check(pointer: &str) -> Result<(), (String, String)> {
    const FORM: &str =
        "write where it stands in the answer, such as `/id` or `/tickets/0/number` (RFC 6901)";
    if pointer.is_empty() {
        return Ok(());
    }
    if !pointer.starts_with('/') {
        let near = written(pointer).map(|near| format!("write `{near}` (RFC 6901)"));
        let help = near.unwrap_or_else(|| FORM.to_owned());
        return Err((format!("`{pointer}` is no JSON Pointer"), help));
    }
    let never = |why: &str| format!("`{pointer}` finds nothing in any answer: {why}");
    for step in pointer[1..].split('/') {
        let parts: Vec<&str> = step.split('~').skip(1).collect();
        if parts.iter().any(|rest| !rest.starts_with(['0', '1'])) {
            let help = "write `~0` for a `~` in a name, and `~1` for a `/`".to_owned();
            return Err((format!("`{pointer}` is no JSON Pointer: a `~` stands alone"), help));
        }
        if step.is_empty() {
            let near = pointer.split('/').filter(|step| !step.is_empty());
            let near: String = near.map(|step| format!("/{step}")).collect();
            return Err((never("a name is empty"), format!("write `{near}`")));
        }
        if step == "-" {
            let help = "write the number of the entry: `0` is the first".to_owned();
            return Err((never("`-` is the entry behind the last"), help));
        }
        if step.trim() != step {
            return Err((never("a blank stands beside a name"), "take it out".to_owned()));
        }
        let is_number = step.len() > 1 && step.bytes().all(|b| b.is_ascii_digit());
        if is_number && step.starts_with('0') {
            let plain = step.trim_start_matches('0');
            let plain = if plain.is_empty() { "0" } else { plain };
            return Err((never("no entry's number begins with 0"), format!("write `{plain}`")));
        }
        if step.contains(['[', ']', '*', '{', '}']) {
            let help =
                written(pointer).map_or_else(|| FORM.to_owned(), |near| format!("write `{near}`"));
            return Err((never("entries are named by their number alone"), help));
        }
    }
    Ok(())
}

/// What somebody means who writes `$.tickets[0].id`, `#/id` or `tickets.0.id`.
fn written(other: &str) -> Option<String> {
    let rest = other.trim().trim_start_matches(['#', '$', '/', '.']);
    let plain =
        rest.replace('[', "/").replace([']', '"', '\''], "").replace("{{", "").replace("}}", "");
    let steps: Vec<&str> =
        plain.split(['/', '.']).map(str::trim).filter(|step| !step.is_empty()).collect();
    let is_name = |step: &&str| step.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    (!steps.is_empty() && steps.iter().all(is_name))
        .then(|| steps.iter().map(|step| format!("/{step}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_that_can_never_find_anything_is_told_with_the_right_one() {
        for (pointer, help) in [
            ("id", "write `/id` (RFC 6901)"),
            ("$.tickets[0].id", "write `/tickets/0/id` (RFC 6901)"),
            ("#/id", "write `/id` (RFC 6901)"),
            ("/a~b", "write `~0` for a `~` in a name, and `~1` for a `/`"),
            ("/id/", "write `/id`"),
            ("//id", "write `/id`"),
            ("/tickets/-", "write the number of the entry: `0` is the first"),
            ("/tickets/01/id", "write `1`"),
            ("/tickets[0]/id", "write `/tickets/0/id`"),
            ("/ id", "take it out"),
        ] {
            let told = check(pointer).map_err(|(_, help)| help);
            assert_eq!(told, Err(help.to_owned()), "{pointer}");
        }
        for pointer in ["", "/id", "/tickets/0/number", "/a~0b/c~1d", "/my name", "/a.b", "/0"] {
            assert_eq!(check(pointer), Ok(()), "{pointer}");
        }
    }
}
