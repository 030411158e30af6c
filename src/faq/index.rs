//! A tenant's articles, made searchable once, when they are loaded.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use super::{
    compounds::{end_of, split},
    spelling::Spelling,
    words::{Language, key},
};
use crate::model::{Article, TenantId, locale::language_of};

/// How much a word counts where it stands: in the question, in other wordings, in tags, in the
/// answer.
const WEIGHTS: [f32; FIELDS] = [3.0, 3.0, 1.5, 0.5];
/// How much the length of each of them takes away from that (BM25's *b*).
const LENGTHS: [f32; FIELDS] = [0.3, 0.0, 0.0, 0.75];
const FIELDS: usize = 4;
/// BM25's *k1*: how soon a word that stands there more often counts no more for it.
const SATURATION: f32 = 1.2;
/// What one word of a question of usual length comes to; from there on a word counts fully.
const FULL: f32 = WEIGHTS[0] / (WEIGHTS[0] + SATURATION);
/// So many articles are added in thought when it is weighed how rare a word is: in a FAQ of three
/// articles no word is rare by evidence.
const IMAGINED: usize = 10;
/// A part of a compound counts for so much of the word.
const PART: f32 = 0.7;
/// Wordings of an article that are told apart.
pub(super) const MOST_WORDINGS: usize = 32;

/// A tenant's articles, searchable. Nothing of it changes; other files make another one.
pub struct Index {
    pub(super) tenant: TenantId,
    pub(super) articles: Vec<Arc<Article>>,
    /// The number of each article's group: the same article in several languages is one group.
    pub(super) groups: Vec<u32>,
    /// Articles by language.
    pub(super) shelves: Vec<Shelf>,
    /// Whole wordings.
    pub(super) exact: HashMap<String, Vec<u32>>,
    by_id: HashMap<String, u32>,
}

/// The words of several tenants.
#[derive(Default)]
pub(super) struct Vocabulary {
    words: HashMap<String, HashSet<Box<str>>>,
}

impl Vocabulary {
    /// Takes in the words of a tenant.
    pub(super) fn add(&mut self, index: &Index) {
        for shelf in &index.shelves {
            self.words
                .entry(shelf.language.code.clone())
                .or_default()
                .extend(shelf.forms.iter().cloned());
        }
    }

    /// True for a word that one of the tenants knows.
    pub(super) fn knows(&self, language: &Language, word: &str) -> bool {
        self.words
            .get(&language.code)
            .is_some_and(|words| words.contains(word) || words.contains(&*language.stem(word)))
    }
}

/// The articles of one language.
pub(super) struct Shelf {
    pub language: Language,
    /// Every known form of a word: first those that stand in the articles, then stems that are no
    /// such form.
    pub forms: Vec<Box<str>>,
    /// The word that a form is a form of.
    pub term_of: Vec<u32>,
    number_of: HashMap<Box<str>, u32>,
    /// The numbers of all forms, by their letters, and by their letters from the end (where there
    /// are compounds).
    pub sorted: Vec<u32>,
    pub from_end: Vec<(String, u32)>,
    pub spelling: Spelling,
    /// How much each word tells.
    pub rarity: Vec<f32>,
    /// How much a word would tell that stands nowhere.
    pub unknown: f32,
    /// Where each word stands, by article.
    pub places: Vec<Vec<Place>>,
    /// What the words of each wording tell together, by article.
    pub wordings: HashMap<u32, Vec<f32>>,
}

/// A word in an article.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub article: u32,
    /// 0..1: how much of what the word tells.
    pub weight: f32,
    /// The wordings in which it stands, a bit each.
    pub wordings: u32,
}

/// A word's count in an article while the index is built.
#[derive(Default, Clone, Copy)]
struct Count {
    times: [f32; FIELDS],
    wordings: u32,
    /// The same without compounds' parts and joined forms: these are no further words of a wording.
    whole: u32,
}

impl Index {
    /// Makes a tenant's articles searchable.
    pub fn build(tenant: &TenantId, articles: &[Arc<Article>]) -> Index {
        let mut by_language: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        let (mut by_id, mut exact) = (HashMap::new(), HashMap::<String, Vec<u32>>::new());
        for (number, article) in (0u32..).zip(articles) {
            by_language.entry(language_of(&article.locale)).or_default().push(number);
            by_id.entry(article.id.clone()).or_insert(number);
            for wording in std::iter::once(&article.question).chain(&article.also) {
                let numbers = exact.entry(key(wording)).or_default();
                if !numbers.contains(&number) {
                    numbers.push(number);
                }
            }
        }
        exact.remove("");
        let shelves = by_language
            .iter()
            .map(|(code, numbers)| Shelf::build(Language::of(code), articles, numbers))
            .collect();
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let groups = articles.iter().map(|article| {
            let next = numbers.len() as u32;
            *numbers.entry(group_of(article)).or_insert(next)
        });
        let groups = groups.collect();
        Index { tenant: tenant.clone(), articles: articles.to_vec(), groups, shelves, exact, by_id }
    }

    /// An article by its id.
    pub fn article(&self, id: &str) -> Option<&Arc<Article>> {
        self.by_id.get(id).map(|number| &self.articles[*number as usize])
    }
}

/// What names the same article in all languages: its id without the language at the end
/// (`reset-password` of `reset-password-de`).
fn group_of(article: &Article) -> &str {
    let id = article.id.as_str();
    let without =
        |ending: &str| id.strip_suffix(ending)?.strip_suffix('-').filter(|rest| !rest.is_empty());
    without(&article.locale.to_ascii_lowercase())
        .or_else(|| without(&language_of(&article.locale)))
        .unwrap_or(id)
}

/// Numbers forms of words while the articles are read.
#[derive(Default)]
struct Forms {
    forms: Vec<Box<str>>,
    number_of: HashMap<Box<str>, u32>,
}

impl Forms {
    fn number(&mut self, form: &str) -> u32 {
        if let Some(number) = self.number_of.get(form) {
            return *number;
        }
        let number = self.forms.len() as u32;
        self.forms.push(form.into());
        self.number_of.insert(form.into(), number);
        number
    }
}

/// A text of an article: a wording, a tag, the answer.
struct Text {
    field: usize,
    /// Its bit, when it is a wording.
    wording: u32,
    /// Numbers of forms; those are marked that are written in two but may be one.
    words: Vec<(u32, bool)>,
}

/// Everything of an article that can be found.
fn texts_of(language: &Language, article: &Article, forms: &mut Forms) -> Vec<Text> {
    let question = std::iter::once((0, bit(0), &article.question));
    let also = (1u32..).zip(&article.also).map(|(at, text)| (1, bit(at), text));
    let texts = question.chain(also).chain(article.tags.iter().map(|tag| (2, 0, tag))).chain([(
        3,
        0,
        &article.answer,
    )]);
    texts
        .map(|(field, wording, text)| Text {
            field,
            wording,
            words: numbers_of(language, text, forms),
        })
        .collect()
}

/// How often each word stands in an article, parts of compounds counted in.
fn counts_of(
    texts: &[Text],
    term_of: &[u32],
    parts: &HashMap<u32, Vec<u32>>,
) -> BTreeMap<u32, Count> {
    let mut counts = BTreeMap::<u32, Count>::new();
    for text in texts {
        let mut add = |term: u32, times: f32, is_whole: bool| {
            let count = counts.entry(term).or_default();
            count.times[text.field] += times;
            count.wordings |= text.wording;
            count.whole |= if is_whole { text.wording } else { 0 };
        };
        for (form, is_joined) in &text.words {
            add(term_of[*form as usize], 1.0, !is_joined);
            parts.get(form).into_iter().flatten().for_each(|part| add(*part, PART, false));
        }
    }
    counts
}

/// How many words an article has in each field.
fn lengths_of(texts: &[Text]) -> [f32; FIELDS] {
    let mut lengths = [0.0; FIELDS];
    texts.iter().for_each(|text| lengths[text.field] += text.words.len() as f32);
    lengths
}

impl Count {
    /// BM25F: the fields' counts, each weighed and measured by the field's length, then saturated
    /// once.
    fn weight(&self, lengths: &[f32; FIELDS], usual: &[f32; FIELDS]) -> f32 {
        let of = |field: usize| {
            WEIGHTS[field] * self.times[field]
                / (1.0 - LENGTHS[field] + LENGTHS[field] * lengths[field] / usual[field].max(1.0))
        };
        let sum: f32 = (0..FIELDS).map(of).sum();
        (sum / (sum + SATURATION) / FULL).min(1.0)
    }
}

impl Shelf {
    /// `numbers` are those of the articles in this language.
    fn build(language: Language, articles: &[Arc<Article>], numbers: &[u32]) -> Shelf {
        let mut forms = Forms::default();
        let texts: Vec<Vec<Text>> = numbers
            .iter()
            .map(|number| texts_of(&language, &articles[*number as usize], &mut forms))
            .collect();
        let (term_of, terms) = stems(&language, &mut forms);
        let parts = parts_of(&language, &forms, &term_of);
        let mut usual = [0.0f32; FIELDS];
        for texts in &texts {
            usual
                .iter_mut()
                .zip(lengths_of(texts))
                .for_each(|(usual, length)| *usual += length / numbers.len() as f32);
        }
        let counts: Vec<BTreeMap<u32, Count>> =
            texts.iter().map(|texts| counts_of(texts, &term_of, &parts)).collect();
        let mut places: Vec<Vec<Place>> = vec![Vec::new(); terms];
        for ((number, texts), counts) in numbers.iter().zip(&texts).zip(&counts) {
            let lengths = lengths_of(texts);
            for (term, count) in counts {
                let weight = count.weight(&lengths, &usual);
                places[*term as usize].push(Place {
                    article: *number,
                    weight,
                    wordings: count.wordings,
                });
            }
        }
        let rarity_of = |among: usize| {
            let (all, among) = ((numbers.len() + IMAGINED) as f32, among as f32);
            (1.0 + (all - among + 0.5) / (among + 0.5)).ln()
        };
        let rarity: Vec<f32> = places.iter().map(|places| rarity_of(places.len())).collect();
        let wordings = numbers.iter().zip(&counts).map(|(number, counts)| {
            let mut sums =
                vec![0.0f32; (articles[*number as usize].also.len() + 1).min(MOST_WORDINGS)];
            for (term, count) in counts {
                let told =
                    sums.iter_mut().enumerate().filter(|(at, _)| count.whole & (1 << at) != 0);
                told.for_each(|(_, sum)| *sum += rarity[*term as usize]);
            }
            (*number, sums)
        });
        let wordings = wordings.collect();
        let Forms { forms, number_of } = forms;
        let mut sorted: Vec<u32> = (0..forms.len() as u32).collect();
        sorted.sort_unstable_by(|a, b| forms[*a as usize].cmp(&forms[*b as usize]));
        let mut from_end: Vec<(String, u32)> = Vec::new();
        if language.has_compounds() {
            from_end = (0u32..)
                .zip(&forms)
                .map(|(number, form)| (form.chars().rev().collect(), number))
                .collect();
            from_end.sort_unstable();
        }
        let spelling = Spelling::of(forms.iter().map(|form| &**form));
        let unknown = rarity_of(0);
        Shelf {
            language,
            forms,
            term_of,
            number_of,
            sorted,
            from_end,
            spelling,
            rarity,
            unknown,
            places,
            wordings,
        }
    }

    /// The word that a form, or its stem, belongs to.
    pub(super) fn term(&self, word: &str) -> Option<u32> {
        self.term_as_written(word).or_else(|| self.term_as_written(&self.language.stem(word)))
    }

    /// The word that a form belongs to.
    pub(super) fn term_as_written(&self, form: &str) -> Option<u32> {
        self.number_of.get(form).map(|number| self.term_of[*number as usize])
    }
}

/// The bit of a wording; none for those beyond the last that is told apart.
fn bit(at: u32) -> u32 {
    1u32.checked_shl(at).unwrap_or(0)
}

/// A text's words that say something.
fn numbers_of(language: &Language, text: &str, forms: &mut Forms) -> Vec<(u32, bool)> {
    let words = language.words(text, usize::MAX);
    let mut numbers = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if !language.is_stop(&word.text) {
            numbers.push((forms.number(&word.text), false));
        }
        if let Some(second) =
            words.get(at + 1).filter(|second| language.may_join(&word.text, second))
        {
            numbers.push((forms.number(&format!("{}{}", word.text, second.text)), true));
        }
    }
    numbers
}

/// Which forms are one word, and how many words there are. Stems become forms too.
fn stems(language: &Language, forms: &mut Forms) -> (Vec<u32>, usize) {
    let written = forms.forms.len();
    let (mut term_of, mut terms) = (Vec::with_capacity(written), HashMap::<String, u32>::new());
    for form in &forms.forms {
        let next = terms.len() as u32;
        term_of.push(*terms.entry(language.stem(form).into_owned()).or_insert(next));
    }
    let count = terms.len();
    let mut new: Vec<(String, u32)> = terms
        .into_iter()
        .filter(|(stem, _)| !forms.number_of.contains_key(stem.as_str()))
        .collect();
    new.sort_unstable_by_key(|(_, term)| *term);
    for (stem, term) in new {
        forms.number(&stem);
        term_of.push(term);
    }
    (term_of, count)
}

/// The words in compounds, as far as they stand in the articles as words of their own: both, or the
/// one at the beginning or end.
fn parts_of(language: &Language, forms: &Forms, term_of: &[u32]) -> HashMap<u32, Vec<u32>> {
    if !language.has_compounds() {
        return HashMap::new();
    }
    let term = |number: &u32| term_of[*number as usize];
    let known = |word: &str| forms.number_of.get(word).map(term);
    let last =
        |word: &str| known(word).or_else(|| forms.number_of.get(&*language.stem(word)).map(term));
    let parts = (0u32..).zip(&forms.forms).filter_map(|(number, form)| {
        let both = split(language, form, 4, known, last).map(|(first, second)| vec![first, second]);
        let parts = both.or_else(|| Some(vec![end_of(form, known)?]))?;
        let own = term_of[number as usize];
        Some((number, parts.into_iter().filter(|part| *part != own).collect()))
    });
    parts.collect()
}
