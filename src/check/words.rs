//! What stands in the words of departments and would be read there as it is written: one brace
//! instead of two, and HTML.

use regex::Regex;

use crate::source::{Files, Place, Problems};

/// A variable between single braces, or HTML as people write it.
const ODD: &str = r"(?i:</?(?:b|i|u|a|p|br|hr|em|strong|ul|ol|li|div|span|font|h[1-6]|img|table|tr|td)(?:\s[^<>]*)?/?>)|&(?:nbsp|amp|lt|gt|quot|apos|#\d+);|\{+\s*(?:Guest|Session|Tenant|Company|Agent|Data|Hours|Transfer|Queue)(?:\.[\w-]+)+\s*\}+";

/// Warns of it, with the place.
pub(super) fn check(files: &Files, problems: &Problems) {
    let Ok(odd) = Regex::new(ODD) else { return };
    for (path, text) in files {
        let is_department =
            path.strip_prefix("tenants/").and_then(|path| path.strip_suffix("/tenant.yaml"));
        if is_department.is_none_or(|folder| folder.contains('/')) {
            continue;
        }
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            for found in odd.find_iter(line).filter(|found| !is_remark(&line[..found.start()])) {
                let place = || Place::at(path, text, start + found.start()..start + found.end());
                let words = found.as_str();
                let variable = words.strip_prefix('{').and_then(|words| words.strip_suffix('}'));
                match variable {
                    Some(name)
                        if !name.contains(['{', '}']) && !line[..found.start()].ends_with('$') =>
                    {
                        problems.warning(
                            &place(),
                            format!("`{words}` is shown as it is written"),
                            format!("write two braces for a value: `{{{words}}}`"),
                        )
                    }
                    // Once a line.
                    None if !words.starts_with('{') => {
                        problems.warning(
                            &place(),
                            format!("`{words}` is HTML, which is shown as it is written"),
                            "use Markdown: **bold**, *italic*, - lists, [links](https://…); an empty line parts paragraphs",
                        );
                        break;
                    }
                    _ => {}
                }
            }
            start += line.len();
        }
    }
}

/// True for what stands behind a `#` that begins a remark.
fn is_remark(before: &str) -> bool {
    let is_text = before.matches('"').count() % 2 == 1;
    !is_text && (before.trim_start().starts_with('#') || before.contains(" #"))
}
