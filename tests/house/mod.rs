//! The rule inside the wings: a room knows only the lower rooms of its wing, no files know each
//! other in a circle, and what must be read at a glance is short. See src/README.md.

mod graph;

use std::{path::Path, sync::LazyLock};

use graph::Graph;

static HOUSE: LazyLock<Graph> = LazyLock::new(|| {
    let graph = Graph::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(graph.files.len() > 100, "the walk found {} files only", graph.files.len());
    graph
});

/// The rooms of the wings, lowest first: what stands beside each other does not know each other. A
/// folder is one room here, unless it is a wing of its own.
const WINGS: &[(&str, &[&[&str]])] = &[
    (
        "engine",
        &[
            &["roster", "running", "wire"],
            &["may", "retention"],
            &["bind", "post"],
            &["turn", "unkept"],
            &["guest", "outside", "reload"],
            &["desk", "suggestions"],
            &["mod"],
        ],
    ),
    (
        "pipeline",
        &[
            &["answers", "directory", "expr", "language", "outside"],
            &["facts", "policy", "scope", "typed", "wish"],
            &["card", "flow", "joined", "sharing"],
            &["cx"],
            &["redraw"],
            &["desk", "stage"],
            &["stages"],
            &["playbook"],
            &["machine", "proof"],
            &["mod"],
        ],
    ),
    (
        "pipeline/language",
        &[
            &["helpers", "names", "paths", "pattern", "person"],
            &["faq", "form", "format", "left", "text"],
            &["cldr"],
            &["week"],
            &["de_words", "en_words"],
            &["at_desk"],
            &["phrases"],
            &["de", "detect", "en", "moment"],
            &["mod"],
        ],
    ),
    (
        "pipeline/desk",
        &[&["act", "files", "help", "left", "standing", "talk", "work"], &["brief"], &["mod"]],
    ),
    (
        "pipeline/machine",
        &[
            &["former", "trial"],
            &["run"],
            &["spoken"],
            &[
                "aside", "back", "begin", "beside", "calls", "departed", "desk", "handover",
                "hear", "moves", "transfer",
            ],
            &["help", "left"],
            &["chat", "clock", "commands"],
            &["person", "tongue"],
            &["again"],
            &["mod"],
        ],
    ),
    (
        "http",
        &[
            &["problem", "refusals"],
            &["body", "guard", "query", "reply"],
            &["ctx"],
            &["door"],
            &["attachments", "messages", "pages", "scope"],
            &["api"],
            &["mod"],
        ],
    ),
    (
        "store",
        &[
            &["error"],
            &["desks", "faq", "files", "letters", "rests", "suggestions", "upkeep", "views"],
            &["turn"],
            &["rules"],
            &["sqlite"],
            &["mod"],
        ],
    ),
    (
        // Its front door is the struct that all rooms implement something for.
        "store/sqlite",
        &[
            &["mod", "values"],
            &["health", "place"],
            &["readers"],
            &["writer"],
            &["open", "script"],
            &[
                "beside",
                "desks",
                "faq",
                "files",
                "journey",
                "letters",
                "lines",
                "rests",
                "retention",
                "suggestions",
            ],
            &["turn", "upkeep", "views"],
            &["recording", "restore"],
        ],
    ),
];

/// The room of a wing in which a module stands; its front door is `mod`.
fn room<'a>(wing: &str, module: &'a [String]) -> Option<&'a str> {
    let wing: Vec<&str> = wing.split('/').collect();
    let within = module.len() >= wing.len() && wing.iter().zip(module).all(|(a, b)| a == b);
    within.then(|| module.get(wing.len()).map_or("mod", String::as_str))
}

#[test]
fn a_room_knows_only_the_lower_rooms_of_its_wing() {
    let mut wrong = Vec::new();
    for (wing, floors) in WINGS {
        let floor = |room: &str| floors.iter().position(|rooms| rooms.contains(&room));
        for (module, file) in &HOUSE.files {
            let Some(own) = room(wing, module) else { continue };
            let Some(mine) = floor(own) else {
                wrong.push(format!("{}: `{own}` has no floor in `{wing}`: give it one", file.path));
                continue;
            };
            for other in HOUSE.uses(module) {
                let Some(theirs) = room(wing, other).filter(|room| *room != own) else { continue };
                if floor(theirs).is_none_or(|floor| floor >= mine) {
                    wrong.push(format!(
                        "{} uses {}: in `{wing}`, `{own}` is not above `{theirs}`",
                        file.path,
                        other.join("::")
                    ));
                }
            }
        }
        for name in floors.iter().flat_map(|rooms| rooms.iter()) {
            if !HOUSE.files.keys().any(|module| room(wing, module) == Some(*name)) {
                wrong.push(format!("`{name}` is no room of `{wing}` any more: take it out"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_files_know_each_other_in_a_circle() {
    let circles: Vec<String> = HOUSE
        .circles()
        .iter()
        .map(|circle| {
            let within = circle.iter().map(|module| {
                let uses: Vec<String> = HOUSE
                    .uses(module)
                    .into_iter()
                    .filter(|other| circle.contains(other))
                    .map(|other| other.join("::"))
                    .collect();
                format!("  {} uses {}", module.join("::"), uses.join(", "))
            });
            within.collect::<Vec<_>>().join("\n")
        })
        .collect();
    assert!(
        circles.is_empty(),
        "{} circles of files: move what both need to a lower file\n{}",
        circles.len(),
        circles.join("\n\n")
    );
}

#[test]
fn what_is_read_at_a_glance_is_short() {
    let mut wrong = Vec::new();
    for file in HOUSE.files.values() {
        if file.lines > 400 {
            wrong.push(format!("{}: {} lines without tests, 400 at most", file.path, file.lines));
        }
        for function in &file.functions {
            let at = format!("{}:{} `{}`", file.path, function.line, function.name);
            if function.lines > 80 {
                wrong.push(format!("{at}: {} lines, 80 at most", function.lines));
            }
            if function.arguments > 5 {
                wrong.push(format!("{at}: {} arguments, 5 at most", function.arguments));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_rule_sees_through_front_doors() {
    let circles = |files: &[(&str, &str)]| {
        let graph = Graph::of(files.iter().map(|(path, text)| ((*path).to_owned(), *text)));
        graph.circles().len()
    };
    let door = ("wing/mod.rs", "mod low; mod high; pub use low::Low;");
    // The name of the front door's that a room takes is another room's.
    let high = ("wing/high.rs", "use super::Low; fn x(low: &Low) {}");
    assert_eq!(circles(&[door, high, ("wing/low.rs", "pub struct Low;")]), 0);
    let low = ("wing/low.rs", "pub struct Low(crate::wing::high::High);");
    assert_eq!(circles(&[door, high, low]), 1);
    // Nor does a re-export hide who is known.
    let other = ("other.rs", "pub use crate::wing::high::High; pub struct Other;");
    let high = ("wing/high.rs", "use crate::other; fn x(it: other::Other) {}");
    assert_eq!(circles(&[door, high, other, ("wing/low.rs", "pub struct Low;")]), 1);
    // What tests use does not count.
    let low = ("wing/low.rs", "#[cfg(test)] mod tests { use crate::wing::high::High; }");
    assert_eq!(circles(&[door, ("wing/high.rs", "use super::low::Low;"), low]), 0);
}
