//! What somebody wrote, against a tenant's articles: BM25F, measured as a share of what could have
//! matched, so that scores of different FAQs can be compared and "nothing" can be said.

use std::collections::HashMap;

use super::{
    compounds::split,
    index::{Index, Place, Shelf, Vocabulary},
};
use crate::model::{
    Found,
    locale::{distance, language_of},
};

/// Below this nothing is shown. Chosen, with the weights below, on `tests/faq/tuning.yaml` alone:
/// the values at which at most one in twenty of its queries without a right answer gets one, and of
/// these those that find most. `tests/faq/held-out.yaml` is only measured.
const GOOD_ENOUGH: f32 = 0.32;
/// Different words of a query that are looked at, and letters in which they are looked for.
const MOST_WORDS: usize = 64;
const MOST_LETTERS: usize = 10_000;
/// Words that are looked at in all, those that say nothing and those that stand there twice counted
/// in.
const MOST_READ: usize = 4 * MOST_WORDS;
/// Nothing longer, in bytes, is compared with an article's whole wording.
const LONGEST_WORDING: usize = 2_000;
/// How much a misspelt word counts of the word itself; so much less when it is short, and more
/// likely another word.
const MISSPELT: f32 = 0.8;
const MISSPELT_SHORT: f32 = 0.5;
/// The same for a word written as two or as one with another, and for a part of a longer word.
const RESPLIT: f32 = 0.85;
const PART: f32 = 0.7;
/// A word that says little, of what it would tell.
const LITTLE: f32 = 0.35;
/// A word that no article knows says less about the question than one that some do: people tell
/// stories.
const UNKNOWN: f32 = 0.35;
/// It says more where all but one word are such: the one may be there by chance.
const UNKNOWN_BUT_ONE: f32 = 0.5;
/// The more there are, the less each says: their number is raised to this.
const STORY: f32 = 0.7;
/// A word that only another department knows says clearly that something else is meant.
const ELSEWHERE: f32 = 1.2;
/// How much of the score hangs on how much of the article's own wording was asked for.
const WORDING: f32 = 0.3;
/// An article in another language than the reader's.
const FOREIGN: f32 = 0.95;
/// The same article in the reader's language is shown instead, when it fits at least so well.
const TWIN: f32 = 0.8;
/// The most words that one misspelt or unfinished word may mean.
const MOST_MEANINGS: usize = 8;
/// Articles whose wordings are compared: those that share most words with the query.
const MOST_COMPARED: usize = 64;

/// A word of a query: what it may mean, with how sure that is.
struct Asked {
    meanings: Vec<(u32, f32)>,
    /// How much it tells.
    rarity: f32,
    /// True for a word by which something is found, false for one that only tells apart what others
    /// have found.
    is_firm: bool,
}

impl Index {
    /// The articles for what somebody wrote, best first, at most `limit`; empty when nothing is
    /// good enough.
    pub fn search(&self, query: &str, locale: &str, limit: usize) -> Vec<Found> {
        self.search_beside(&Vocabulary::default(), query, locale, limit)
    }

    /// The same beside other departments, whose words are known too: what they know means something
    /// else here than an error.
    pub(super) fn search_beside(
        &self,
        others: &Vocabulary,
        query: &str,
        locale: &str,
        limit: usize,
    ) -> Vec<Found> {
        let reader = language_of(locale);
        let query: String = query.chars().take(MOST_LETTERS).collect();
        let mut scores: HashMap<u32, f32> = HashMap::new();
        for shelf in &self.shelves {
            let factor = if shelf.language.code == reader { 1.0 } else { FOREIGN };
            for (article, score) in
                shelf.search(&query, others, shelf.language.code == reader, self.articles.len())
            {
                scores.insert(article, score * factor);
            }
        }
        // Who asks in the very words of an article means it, even in words that say nothing.
        if query.len() <= LONGEST_WORDING {
            for article in self.exact.get(&super::words::key(&query)).into_iter().flatten() {
                scores.insert(*article, 1.0);
            }
        }
        let mut found: Vec<(u32, f32)> =
            scores.into_iter().filter(|(_, score)| *score >= GOOD_ENOUGH).collect();
        found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        // Of the same article in several languages one is shown: the reader's, unless the question
        // fits the other one far better, as it does when it is written in that language.
        let away = |article: u32| distance(&self.articles[article as usize].locale, locale);
        let mut shown: Vec<(u32, u32, f32)> = Vec::new();
        for (article, score) in found {
            let group = self.groups[article as usize];
            match shown.iter_mut().find(|(other, ..)| *other == group) {
                None => shown.push((group, article, score)),
                Some((_, kept, best)) if away(article) < away(*kept) && score >= *best * TWIN => {
                    *kept = article
                }
                Some(_) => {}
            }
        }
        let found = shown.into_iter().take(limit).map(|(_, article, score)| Found {
            article: self.articles[article as usize].clone(),
            tenant: self.tenant.clone(),
            score: score.clamp(f32::MIN_POSITIVE, 1.0),
        });
        found.collect()
    }
}

impl Shelf {
    /// Scores 0..1 of the articles that share most with the query.
    fn search(
        &self,
        query: &str,
        others: &Vocabulary,
        is_readers: bool,
        articles: usize,
    ) -> Vec<(u32, f32)> {
        let (asked, unknown, elsewhere) = self.asked(query, others);
        // In another language than the reader's a guess alone is too little: `flu` is no misspelt
        // German.
        let is_sure = |asked: &Asked| {
            asked.is_firm && (is_readers || asked.meanings.iter().any(|(_, sure)| *sure >= 1.0))
        };
        if !asked.iter().any(is_sure) {
            return Vec::new();
        }
        let known: f32 = asked.iter().map(|asked| asked.rarity).sum();
        // One word alone among others that no article knows may be there by chance.
        let is_lone = asked.iter().filter(|asked| asked.is_firm).count() == 1;
        let doubt = if is_lone { UNKNOWN_BUT_ONE } else { UNKNOWN };
        let all = known
            + self.unknown * doubt * (unknown as f32).powf(STORY)
            + self.unknown * ELSEWHERE * elsewhere as f32;
        let mut sums = vec![0.0f32; articles];
        let mut touched: Vec<u32> = Vec::new();
        let mut best: HashMap<u32, f32> = HashMap::new();
        // Firm words first: the others only tell apart what is found by then.
        for asked in asked
            .iter()
            .filter(|asked| asked.is_firm)
            .chain(asked.iter().filter(|asked| !asked.is_firm))
        {
            let mut add = |article: u32, weight: f32| {
                let sum = &mut sums[article as usize];
                if *sum == 0.0 {
                    if !asked.is_firm {
                        return;
                    }
                    touched.push(article);
                }
                *sum += weight * asked.rarity;
            };
            match asked.meanings.as_slice() {
                [(term, sure)] => self.places[*term as usize]
                    .iter()
                    .for_each(|place| add(place.article, place.weight * sure)),
                meanings => {
                    // A word has one meaning in an article: the best.
                    best.clear();
                    for (term, sure) in meanings {
                        for place in &self.places[*term as usize] {
                            let best = best.entry(place.article).or_default();
                            *best = best.max(place.weight * sure);
                        }
                    }
                    best.iter().for_each(|(article, weight)| add(*article, *weight));
                }
            }
        }
        let by_sum =
            |a: &u32, b: &u32| sums[*b as usize].total_cmp(&sums[*a as usize]).then(a.cmp(b));
        if touched.len() > MOST_COMPARED {
            touched.select_nth_unstable_by(MOST_COMPARED, by_sum);
            touched.truncate(MOST_COMPARED);
        }
        touched
            .into_iter()
            .map(|article| {
                (
                    article,
                    sums[article as usize] / all
                        * (1.0 - WORDING + WORDING * self.likeness(article, &asked)),
                )
            })
            .collect()
    }

    /// How much of one of the article's wordings was asked for, of the one that is most alike:
    /// 0..1.
    fn likeness(&self, article: u32, asked: &[Asked]) -> f32 {
        let Some(wordings) = self.wordings.get(&article) else { return 0.0 };
        let mut shared = vec![0.0f32; wordings.len()];
        for asked in asked {
            let mut best = [0.0f32; super::index::MOST_WORDINGS];
            for (term, sure) in &asked.meanings {
                let Some(place) = self.place(*term, article) else { continue };
                let bits = place.wordings;
                for (_, best) in best
                    .iter_mut()
                    .enumerate()
                    .take(wordings.len())
                    .filter(|(at, _)| bits & (1 << at) != 0)
                {
                    *best = best.max(self.rarity[*term as usize] * sure);
                }
            }
            shared.iter_mut().zip(best).for_each(|(shared, best)| *shared += best);
        }
        let share = shared
            .iter()
            .zip(wordings)
            .filter(|(_, all)| **all > 0.0)
            .map(|(shared, all)| (shared / all).min(1.0));
        share.fold(0.0, f32::max)
    }

    fn place(&self, term: u32, article: u32) -> Option<&Place> {
        let places = &self.places[term as usize];
        places.binary_search_by_key(&article, |place| place.article).ok().map(|at| &places[at])
    }

    /// The words of a query that say something, and how many of them the articles do not know.
    fn asked(&self, query: &str, others: &Vocabulary) -> (Vec<Asked>, usize, usize) {
        let words = self.language.words(query, MOST_READ);
        let mut asked: Vec<Asked> = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        let (mut is_taken, mut unknown, mut elsewhere) = (false, 0, 0);
        for (at, word) in words.iter().enumerate() {
            if asked.len() + unknown + elsewhere >= MOST_WORDS {
                break;
            }
            // The second half of a word that was written in two.
            if std::mem::take(&mut is_taken) {
                continue;
            }
            let text = word.text.as_str();
            let joined =
                words.get(at + 1).and_then(|second| self.joined(text, second.text.as_str()));
            is_taken = joined.is_some_and(|(_, takes)| takes);
            if self.language.is_stop(text) && !is_taken || seen.contains(&text) {
                continue;
            }
            seen.push(text);
            let says_little = self.language.says_little(text) && !is_taken;
            let mut meanings = joined.map(|(term, _)| vec![(term, 1.0)]).unwrap_or_default();
            if !is_taken {
                match self.term(text) {
                    Some(term) if meanings.iter().all(|(other, _)| *other != term) => {
                        meanings.push((term, 1.0))
                    }
                    Some(_) => {}
                    None if meanings.is_empty() && !says_little => {
                        if self.resplit(text, &mut asked) {
                            continue;
                        }
                        if others.knows(&self.language, text) {
                            elsewhere += 1;
                            continue;
                        }
                        meanings = self.guess(text);
                    }
                    None => {}
                }
            }
            // The same word in two forms is asked once.
            if let Some((first, _)) = meanings.first()
                && asked
                    .iter()
                    .any(|asked| asked.meanings.first().is_some_and(|(other, _)| other == first))
            {
                continue;
            }
            let Some(rarity) =
                meanings.iter().map(|(term, _)| self.rarity[*term as usize]).reduce(f32::max)
            else {
                unknown += usize::from(!says_little);
                continue;
            };
            asked.push(Asked { meanings, rarity, is_firm: !says_little });
        }
        // Who writes nothing but words that say little means them, if there are two.
        let is_thin = asked.len() > 1 && asked.iter().all(|asked| !asked.is_firm);
        for asked in &mut asked {
            asked.rarity *= if asked.is_firm || is_thin { 1.0 } else { LITTLE };
            asked.is_firm |= is_thin;
        }
        (asked, unknown, elsewhere)
    }

    /// Two words that the articles write as one, and whether they are nothing but that one.
    fn joined(&self, first: &str, second: &str) -> Option<(u32, bool)> {
        if first.len() + second.len() > 40 {
            return None;
        }
        let term = self.term_as_written(&format!("{first}{second}"))?;
        // `pay slip` is `payslip`; but `log in` may be `log` too.
        Some((term, !self.language.is_stop(second)))
    }

    /// A word that the articles write in two: both are asked for.
    fn resplit(&self, word: &str, asked: &mut Vec<Asked>) -> bool {
        let known = |part: &str| self.term_as_written(part);
        let Some((first, second)) = split(&self.language, word, 3, known, |part| self.term(part))
        else {
            return false;
        };
        for term in [first, second] {
            if asked
                .iter()
                .all(|asked| asked.meanings.first().is_none_or(|(other, _)| *other != term))
            {
                asked.push(Asked {
                    meanings: vec![(term, RESPLIT)],
                    rarity: self.rarity[term as usize],
                    is_firm: true,
                });
            }
        }
        true
    }

    /// What a word may mean that the articles do not know: one with a typing error, or one that is
    /// longer.
    fn guess(&self, word: &str) -> Vec<(u32, f32)> {
        let form = |number: u32| &*self.forms[number as usize];
        let mut numbers = self.spelling.near(word, form);
        let stem = self.language.stem(word);
        if numbers.is_empty() && *stem != *word {
            numbers = self.spelling.near(&stem, form);
        }
        let is_short = word.chars().take(6).count() < 6;
        let sure = if numbers.is_empty() {
            PART
        } else if is_short {
            MISSPELT_SHORT
        } else {
            MISSPELT
        };
        if numbers.is_empty() && word.chars().take(5).count() == 5 {
            let from = self.sorted.partition_point(|number| form(*number) < word);
            numbers.extend(
                self.sorted[from..]
                    .iter()
                    .take_while(|number| form(**number).starts_with(word))
                    .take(MOST_MEANINGS),
            );
            let ending: String = word.chars().rev().collect();
            let from = self.from_end.partition_point(|(form, _)| *form < ending);
            let ends = self.from_end[from..]
                .iter()
                .take_while(|(form, _)| form.starts_with(&ending))
                .take(MOST_MEANINGS);
            numbers.extend(ends.map(|(_, number)| *number));
        }
        let mut meanings: Vec<(u32, f32)> = Vec::new();
        for number in numbers {
            let term = self.term_of[number as usize];
            if meanings.len() < MOST_MEANINGS && meanings.iter().all(|(other, _)| *other != term) {
                meanings.push((term, sure));
            }
        }
        meanings
    }
}
