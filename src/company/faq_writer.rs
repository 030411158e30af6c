//! Writing an article into a `faq.yaml`: what stands there stays byte for byte, the article comes
//! after it.

use super::faq_file;
use crate::{
    model::Article,
    source::{Problem, Problems},
};

/// The file with one more article. `text` is the file as it is, empty for a new one. What was
/// written is read back by the strict reader; a problem when the article would not be there exactly
/// as given, such as in a file that is no block list.
pub fn append(path: &str, text: &str, article: &Article) -> Result<String, Vec<Problem>> {
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut whole = text.to_owned();
    if !whole.is_empty() && !whole.ends_with('\n') {
        whole.push_str(line_end);
    }
    // A list may be indented: the next entry stands under the last one.
    let indent = text
        .lines()
        .find(|line| line.trim_start_matches(' ').starts_with("- ") || line.trim() == "-");
    let indent =
        " ".repeat(indent.map_or(0, |line| line.len() - line.trim_start_matches(' ').len()));
    for line in block(article).lines() {
        whole.push_str(&indent);
        whole.push_str(line);
        whole.push_str(line_end);
    }
    let problems = Problems::default();
    let last = faq_file::last_of(path, &whole, &article.locale, &problems);
    let wanted = Article {
        question: article.question.trim().to_owned(),
        answer: article.answer.trim().to_owned(),
        ..article.clone()
    };
    if !problems.any_error()
        && last
            .is_some_and(|(count, last)| last == wanted && count == faq_file::count(path, text) + 1)
    {
        return Ok(whole);
    }
    let mut found = problems.into_sorted();
    if found.iter().all(|problem| problem.warning) {
        found.push(Problem {
            warning: false,
            place: crate::source::Place::start_of(path),
            message: "nothing can be added at the end of this file".to_owned(),
            help: "write it as a list whose entries begin with `- ` at the start of a line"
                .to_owned(),
        });
    }
    Err(found)
}

/// Articles as a file of their own.
pub fn file_of<'a>(articles: impl Iterator<Item = &'a Article>) -> String {
    articles.map(block).collect()
}

/// What the file can hold of a text: no U+0000, one kind of line end, no blanks around.
pub fn clean(text: &str) -> String {
    text.replace('\0', "\u{FFFD}").replace("\r\n", "\n").replace('\r', "\n").trim().to_owned()
}

/// Every text is in double quotes on one line: nothing in it can be taken for YAML.
fn block(article: &Article) -> String {
    let list =
        |texts: &[String]| texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ");
    let mut block =
        format!("- id: {}\n  question: {}\n", quoted(&article.id), quoted(&article.question));
    if !article.also.is_empty() {
        block.push_str(&format!("  also: [{}]\n", list(&article.also)));
    }
    block.push_str(&format!("  answer: {}\n", quoted(&article.answer)));
    if !article.tags.is_empty() {
        block.push_str(&format!("  tags: [{}]\n", list(&article.tags)));
    }
    block.push_str(&format!("  locale: {}\n", quoted(&article.locale)));
    block
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // Line ends and byte order marks of other kinds, and what no file may hold as it is.
            c if c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}') =>
            {
                quoted.push_str(&format!("\\U{:08X}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// An id made of a question, that is none of `taken`.
pub fn id_of(question: &str, taken: &[&str]) -> String {
    let mut slug = String::new();
    for c in question.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            'ä' => slug.push_str("ae"),
            'ö' => slug.push_str("oe"),
            'ü' => slug.push_str("ue"),
            'ß' => slug.push_str("ss"),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
        if slug.len() >= 48 {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    let slug = if slug.is_empty() { "article" } else { slug };
    let mut numbered = (2..).map(|number| format!("{slug}-{number}"));
    if !taken.contains(&slug) {
        slug.to_owned()
    } else {
        numbered.find(|id| !taken.contains(&id.as_str())).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back_and_the_rest_stays(question in "\\PC{1,80}", answer in any::<String>(), indent in 0..3usize) {
            let (question, answer) = (clean(&question), clean(&answer));
            // Markdown of the answer is judged by the checker; here it must only come back.
            prop_assume!(!question.is_empty() && !answer.is_empty() && answer.chars().all(|c| !"[]()<>!#`|".contains(c)));
            let old = format!("# ours\n{}- {{ id: a, question: b, answer: c }} # kept", " ".repeat(indent));
            let article = Article { id: id_of(&question, &["a"]), question, also: vec!["x: {{y}}".to_owned()], answer, tags: Vec::new(), locale: "en".to_owned() };
            let new = append("tenants/it/faq.yaml", &old, &article);
            prop_assert!(new.as_ref().is_ok_and(|new| new.starts_with(&old)), "{new:?}");
        }
    }
}
