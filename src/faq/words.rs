//! From text to words that can be compared: folded, split, and, where the language is known,
//! stemmed.

use std::{borrow::Cow, collections::HashSet, sync::LazyLock};

use frostem::Stemmer;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use super::language::{KNOWN, Known};
use crate::model::locale::language_of;

/// A language with what is known of it.
pub(super) struct Language {
    /// Its code in small letters, such as `de`.
    pub code: String,
    stemmer: Option<Stemmer>,
    known: Option<&'static Lexicon>,
}

/// A language that is known, its words ready to be looked up.
struct Lexicon {
    language: &'static Known,
    stop: HashSet<&'static str>,
    little: HashSet<&'static str>,
}

static LEXICONS: LazyLock<Vec<Lexicon>> = LazyLock::new(|| {
    let of = |language: &&'static Known| Lexicon {
        language,
        stop: language.stop.split_whitespace().collect(),
        little: language.little.split_whitespace().collect(),
    };
    KNOWN.iter().map(of).collect()
});

/// A word as written in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Folded.
    pub text: String,
    /// True when a hyphen joins it to the word before, as in `e-mail`.
    pub joined: bool,
}

impl Language {
    /// The language of a locale. One that is not known is taken as it is: folded, neither stemmed
    /// nor thinned out.
    pub(super) fn of(locale: &str) -> Language {
        let code = language_of(locale);
        let known = LEXICONS.iter().find(|known| known.language.code == code);
        let stemmer = known.map(|known| Stemmer::new(known.language.stemmer));
        Language { code, stemmer, known }
    }

    fn known(&self) -> Option<&'static Known> {
        self.known.map(|known| known.language)
    }

    /// What stands between words that grow together; empty where they do not.
    pub(super) fn links(&self) -> &'static [&'static str] {
        self.known().map_or(&[], |known| known.links)
    }

    /// True where words grow together (`Urlaubsantrag`).
    pub(super) fn has_compounds(&self) -> bool {
        !self.links().is_empty()
    }

    /// True for a word that says nothing about what is asked.
    pub(super) fn is_stop(&self, word: &str) -> bool {
        self.known.is_some_and(|known| known.stop.contains(word))
    }

    /// True for a word that says little: by itself it finds nothing.
    pub(super) fn says_little(&self, word: &str) -> bool {
        self.known.is_some_and(|known| known.little.contains(word))
            || word.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// A word's stem.
    pub(super) fn stem<'a>(&self, word: &'a str) -> Cow<'a, str> {
        match &self.stemmer {
            Some(stemmer) if word.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                stemmer.stem(word)
            }
            _ => Cow::Borrowed(word),
        }
    }

    /// True when two words of a text may be written as one: `e-mail`, and what the language joins.
    pub(super) fn may_join(&self, first: &str, second: &Word) -> bool {
        let is_short = |word: &str| word.len() <= 2;
        (second.joined && (is_short(first) || is_short(&second.text)))
            || self.known().is_some_and(|known| (known.joins)(first, &second.text))
    }

    /// The words of a text, folded, at most so many.
    pub(super) fn words(&self, text: &str, most: usize) -> Vec<Word> {
        let mut words: Vec<Word> = Vec::new();
        let (mut word, mut joined) = (String::new(), false);
        let mut end = |word: &mut String, joined: bool| {
            let text = self.finish(std::mem::take(word));
            if !text.is_empty() && words.len() < most {
                words.push(Word { text, joined });
            }
            words.len() < most
        };
        let (mut previous, elides) = (None, self.known().is_some_and(|known| known.elides));
        for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
            if c.is_alphanumeric() {
                // Scripts that set no blanks have no words to split at: two characters each, one
                // step apart.
                if let Some(before) = previous.filter(|_| is_unspaced(c)) {
                    word.push(before);
                    word.push(c);
                    if !end(&mut word, false) {
                        break;
                    }
                } else if is_unspaced(c) {
                    if !end(&mut word, joined) {
                        break;
                    }
                } else {
                    fold(c, &mut word);
                }
                previous = is_unspaced(c).then_some(c);
                continue;
            }
            previous = None;
            if matches!(c, '\'' | '\u{2019}') && !elides && !word.is_empty() {
                word.push('\'');
                continue;
            }
            let was_word = !word.is_empty();
            if !end(&mut word, joined) {
                break;
            }
            joined = was_word && matches!(c, '-' | '\u{2010}' | '\u{2011}');
        }
        end(&mut word, joined);
        words
    }

    /// Takes `'s` off, apostrophes out, and the writing of umlauts as `ae`, `oe`, `ue`.
    fn finish(&self, word: String) -> String {
        let word = match word.find('\'') {
            None => word,
            Some(_) => word.strip_suffix("'s").unwrap_or(&word).replace('\'', ""),
        };
        let is_spelled = self.known().is_some_and(|known| known.spells_umlauts);
        if is_spelled { without_umlauts(&word) } else { word }
    }
}

/// Small letters without marks; ligatures and letters that no normalisation takes apart are written
/// out.
fn fold(c: char, into: &mut String) {
    match c {
        'ß' | 'ẞ' => into.push_str("ss"),
        'æ' | 'Æ' => into.push_str("ae"),
        'œ' | 'Œ' => into.push_str("oe"),
        'ø' | 'Ø' => into.push('o'),
        'đ' | 'Đ' => into.push('d'),
        'ł' | 'Ł' => into.push('l'),
        'ı' => into.push('i'),
        _ => into.extend(c.to_lowercase().filter(|c| !is_combining_mark(*c))),
    }
}

/// `schluessel` becomes `schlussel`, as `Schlüssel` does; `neue`, `quelle` stay, whose `u` is no
/// umlaut's.
fn without_umlauts(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        let mut last = out.chars().rev();
        let (umlaut, before) = (last.next(), last.next());
        let is_umlaut = c == 'e'
            && matches!(umlaut, Some('a' | 'o' | 'u'))
            && !matches!(before, Some('a' | 'e' | 'i' | 'o' | 'u' | 'q'));
        if !is_umlaut {
            out.push(c);
        }
    }
    out
}

/// True for scripts that set no blanks between words: Han, kana, Thai, Lao, Khmer, Burmese.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x31F0..=0x31FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// A whole text as one key: equal for texts that differ in case, accents and punctuation alone.
pub(super) fn key(text: &str) -> String {
    let words: Vec<String> =
        Language::of("").words(text, usize::MAX).into_iter().map(|word| word.text).collect();
    words.join(" ")
}
