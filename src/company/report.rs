//! Problems as a person reads them: `file:line:column`, the line, the remedy.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::source::{Files, Problem};

/// Draws all problems, with a closing line of counts. Coloured for a terminal.
pub fn draw(problems: &[Problem], files: &Files, coloured: bool) -> String {
    let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for problem in problems {
        let place = &problem.place;
        let (level, word) =
            if problem.warning { (Level::WARNING, "warning") } else { (Level::ERROR, "error") };
        let help = Level::HELP.message(problem.help.as_str());
        match files
            .get(&*place.file)
            .filter(|text| !text.is_empty() && place.bytes.end <= text.len())
        {
            Some(text) => {
                let span = place.bytes.start
                    ..place.bytes.end.min(line_end(text, place.bytes.start)).max(place.bytes.start);
                let snippet = Snippet::source(text.as_str())
                    .path(&*place.file)
                    .annotation(AnnotationKind::Primary.span(span));
                let group =
                    level.primary_title(problem.message.as_str()).element(snippet).element(help);
                out.push_str(&renderer.render(&[group]).to_string());
            }
            None => out.push_str(&format!(
                "{word}: {}\n --> {place}\n  = help: {}",
                problem.message, problem.help
            )),
        }
        out.push_str("\n\n");
    }
    let errors = problems.iter().filter(|problem| !problem.warning).count();
    let warnings = problems.len() - errors;
    if !problems.is_empty() {
        let plural = |count: usize, word: &str| {
            format!("{count} {word}{}", if count == 1 { "" } else { "s" })
        };
        out.push_str(&format!("{}, {}\n", plural(errors, "error"), plural(warnings, "warning")));
    }
    out
}

/// One line a problem, for logs.
pub fn line(problem: &Problem) -> String {
    format!("{}: {} ({})", problem.place, problem.message, problem.help)
}

fn line_end(text: &str, from: usize) -> usize {
    text[from..].find('\n').map_or(text.len(), |at| from + at)
}
