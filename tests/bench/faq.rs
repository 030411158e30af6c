//! How fast the FAQ search is: one tenant with many articles. See README.md.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a program run by hand: it may end at a mistake, and time is what it measures"
)]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use switchboard::{
    faq::Library,
    model::{Article, TenantId},
    pipeline::answers::Answers as _,
};

/// Queries of each round.
const QUERIES: usize = 4_000;

fn main() {
    if !std::env::args().any(|arg| arg == "--bench") {
        // `cargo test --all-targets` and nextest come by here.
        return;
    }
    println!(
        "| articles | build ms | queries | found | p50 µs | p99 µs | longest µs |\n|---:|---:|---|---:|---:|---:|---:|"
    );
    for count in [50, 500, 5_000] {
        let mut chance = Chance(7);
        let words: Vec<String> = (0..8_000).map(|_| word(&mut chance)).collect();
        let articles: Vec<Arc<Article>> =
            (0..count).map(|number| Arc::new(article(number, &words, &mut chance))).collect();
        let tenant = TenantId::from("it");
        let begin = Instant::now();
        let library = Library::build([(&tenant, articles.as_slice())].into_iter());
        let build = begin.elapsed();
        for (name, query) in QUERY_KINDS {
            let queries: Vec<String> = (0..QUERIES)
                .map(|_| query(&articles[chance.below(count)], &words, &mut chance))
                .collect();
            let (mut times, mut found) = (Vec::with_capacity(QUERIES), 0);
            for query in &queries {
                let begin = Instant::now();
                found += usize::from(!library.own(&tenant, query, "en-US", 3).is_empty());
                times.push(begin.elapsed());
            }
            times.sort_unstable();
            let at = |share: f64| micros(times[((QUERIES - 1) as f64 * share) as usize]);
            let share = found as f64 / QUERIES as f64;
            println!(
                "| {count} | {} | {name} | {share:.2} | {} | {} | {} |",
                build.as_millis(),
                at(0.5),
                at(0.99),
                at(1.0)
            );
        }
    }
}

fn micros(time: Duration) -> u128 {
    time.as_micros()
}

type MakeQuery = fn(&Article, &[String], &mut Chance) -> String;

/// What is asked: an article's question, the same with one typing error in every word, a long
/// story, and 10,000 letters.
const QUERY_KINDS: [(&str, MakeQuery); 4] = [
    ("a question", |article, _, _| article.question.clone()),
    ("every word misspelt", |article, _, chance| {
        let words: Vec<String> =
            article.question.split(' ').map(|word| misspelt(word, chance)).collect();
        words.join(" ")
    }),
    ("a story of 60 words", |article, words, chance| {
        let story: Vec<&str> = (0..52).map(|_| some(words, chance)).collect();
        format!("{} {}", story.join(" "), article.question)
    }),
    ("10,000 letters", |_, words, chance| {
        let text: Vec<String> = (0..1_400).map(|_| misspelt(some(words, chance), chance)).collect();
        text.join(" ").chars().take(10_000).collect()
    }),
];

/// Numbers that look like chance and are the same in every run (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }
}

/// A made-up word of two to four syllables.
fn word(chance: &mut Chance) -> String {
    const SYLLABLES: [&str; 24] = [
        "ba", "con", "der", "fi", "gra", "hel", "in", "ko", "lam", "mer", "no", "pas", "qui", "ra",
        "ser", "tor", "un", "ver", "wo", "xen", "yo", "zim", "stra", "ple",
    ];
    (0..2 + chance.below(3)).map(|_| SYLLABLES[chance.below(SYLLABLES.len())]).collect()
}

/// A word, the earlier ones far more often, as in any language.
fn some<'a>(words: &'a [String], chance: &mut Chance) -> &'a str {
    let most = 1 + chance.below(words.len());
    let most = 1 + chance.below(most);
    &words[chance.below(most)]
}

fn text(length: usize, words: &[String], chance: &mut Chance) -> String {
    let text: Vec<&str> = (0..length).map(|_| some(words, chance)).collect();
    text.join(" ")
}

fn article(number: usize, words: &[String], chance: &mut Chance) -> Article {
    Article {
        id: format!("article-{number}"),
        question: text(7, words, chance),
        also: (0..3).map(|_| text(4, words, chance)).collect(),
        answer: text(60, words, chance),
        tags: vec![text(1, words, chance)],
        locale: "en".to_owned(),
    }
}

/// One letter is left out, doubled, or swapped with the next.
fn misspelt(word: &str, chance: &mut Chance) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = chance.below(letters.len());
    match chance.below(3) {
        0 => {
            letters.remove(at);
        }
        1 => letters.insert(at, letters[at]),
        _ if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => {}
    }
    letters.into_iter().collect()
}
