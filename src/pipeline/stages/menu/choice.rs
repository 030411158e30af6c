//! The entries of a menu, and which of them somebody means.

use std::collections::BTreeMap;

use crate::{
    model::StageId,
    pipeline::{
        language::text::Title,
        typed::{normal, words_of},
    },
    source::{At, Fields, Problems},
};

/// How similar (0 to 1) a typed word must be to a title for "Did you mean …?".
const CLOSE: f64 = 0.72;

/// One entry of a menu.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) title: Title,
    pub(super) next: Option<At<StageId>>,
    pub(super) value: Option<String>,
    synonyms: Vec<At<String>>,
    /// A way out: it stands apart from the answers.
    pub(super) apart: bool,
}

/// A choice that somebody may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Guess {
    pub(super) index: usize,
    /// What was typed is its name with a slip in it, and says no more than that.
    pub(super) is_name: bool,
}

impl Choice {
    /// Reads the entries; a mistake for each that cannot be one.
    pub(super) fn read_all(fields: &Fields<'_>) -> Option<Vec<Choice>> {
        let problems = fields.problems;
        let mut choices: Vec<Choice> = Vec::new();
        let items = fields.require("choices")?.list(problems, "`choices`")?;
        if items.is_empty() {
            problems.error(
                fields.place_of("choices"),
                format!("{} has no choices", fields.name),
                "add `- { title: …, next: … }`",
            );
        }
        for item in items {
            let Some(entry) = item.fields(problems, "a choice") else { continue };
            let title =
                entry.require("title").and_then(|node| Title::read(node, problems, "`title`"));
            let next =
                entry.text("next").map(|next| At::new(StageId::from(&next.value), &next.place));
            let value = entry.text("value").map(|value| value.value);
            let synonyms = entry.texts("synonyms");
            let apart = entry.bool("apart", false);
            entry.finish();
            if let Some(title) = &title {
                if title.all().any(|title| title.trim().is_empty()) {
                    problems.error(
                        &title.place,
                        "a choice needs a title",
                        "write what its button says",
                    );
                } else if choices
                    .iter()
                    .any(|choice| normal(choice.title.first()) == normal(title.first()))
                {
                    problems.error(
                        &title.place,
                        format!("`{}` is offered twice", title.first()),
                        "give every choice a title of its own",
                    );
                }
            }
            // Without a title, which is told, its way is still one: what it leads to is not lost
            // too.
            let title = title.unwrap_or_else(|| Title::plain("", &item.place));
            choices.push(Choice { title, next, value, synonyms, apart });
        }
        Self::unlike(&choices, problems);
        Some(choices)
    }

    /// Complains about a synonym that stands for another choice too: which one is meant nobody
    /// knows.
    fn unlike(choices: &[Choice], problems: &Problems) {
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for (index, choice) in choices.iter().enumerate() {
            for name in choice.title.all().chain(choice.value.as_deref()) {
                known.entry(normal(name)).or_insert(index);
            }
        }
        for (index, choice) in choices.iter().enumerate() {
            for synonym in &choice.synonyms {
                let place = &synonym.place;
                if synonym.value.trim().is_empty() {
                    problems.error(place, "a synonym is empty", "write a word, or remove it");
                    continue;
                }
                let first = *known.entry(normal(&synonym.value)).or_insert(index);
                let same = |other: &&At<String>| normal(&other.value) == normal(&synonym.value);
                let is_doubled = choice.synonyms.iter().find(same) != Some(synonym);
                if first != index {
                    let other = choices.get(first).map_or("", |other| other.title.first());
                    problems.error(
                        place,
                        format!("`{}` stands for the choice `{other}` too", synonym.value),
                        "give it to one choice alone: which one is meant nobody could know",
                    );
                } else if is_doubled {
                    problems.warning(
                        place,
                        format!("`{}` stands twice for this choice", synonym.value),
                        "keep one of them: case and accents make no difference",
                    );
                }
            }
        }
    }

    /// Everything that a guest may call it.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.title.all().chain(self.synonyms.iter().map(|synonym| synonym.value.as_str()))
    }

    /// How like its names some typed words are, 0 to 1.
    fn likeness(&self, typed: &str) -> f64 {
        let likeness = |name: &str| {
            let name = normal(name);
            let whole = strsim::normalized_damerau_levenshtein(typed, &name);
            let part = name.split(' ').any(|word| word.chars().count() > 2 && word == typed);
            if part { whole.max(0.9) } else { whole }
        };
        self.names().map(likeness).fold(0.0, f64::max)
    }
}

/// The choice of that title, synonym or value.
pub(super) fn named(choices: &[Choice], typed: &str) -> Option<usize> {
    let typed = normal(typed);
    choices.iter().position(|choice| {
        choice.names().chain(choice.value.as_deref()).any(|name| normal(name) == typed)
    })
}

/// The choice that a sentence names: a title or synonym that stands in it as whole words.
pub(super) fn named_in(choices: &[Choice], sentence: &str) -> Option<usize> {
    let sentence = format!(" {} ", words_of(sentence));
    choices.iter().position(|choice| {
        choice.names().any(|name| {
            let name = words_of(name);
            !name.is_empty() && sentence.contains(&format!(" {name} "))
        })
    })
}

/// The choice that a typed answer is close to.
pub(super) fn close(choices: &[Choice], typed: &str) -> Option<Guess> {
    let typed = normal(typed);
    if typed.chars().count() < 2 || typed.chars().count() > 60 {
        return None;
    }
    let best = choices
        .iter()
        .enumerate()
        .map(|(index, choice)| (index, choice.likeness(&typed)))
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    if best.1 >= CLOSE {
        return Some(Guess { index: best.0, is_name: true });
    }
    named_in(choices, &typed).map(|index| Guess { index, is_name: false })
}
