//! Words that are made of others: `Urlaubsantrag`, `payslip`.

use super::words::Language;

/// The longest known word of five letters at least with which a longer one begins or ends.
pub(super) fn end_of(word: &str, known: impl Fn(&str) -> Option<u32>) -> Option<u32> {
    const LEAST: usize = 5;
    let length = word.chars().count();
    if !(LEAST + 3..=40).contains(&length) {
        return None;
    }
    let cuts: Vec<usize> = word.char_indices().map(|(at, _)| at).collect();
    (LEAST..=length - 3).rev().find_map(|letters| {
        known(&word[..cuts[letters]]).or_else(|| known(&word[cuts[length - letters]..]))
    })
}

/// Takes a word apart into two known ones of `least` letters at least; of several ways the most
/// even one. The first is `known` as it is or with a link, the second as `last` knows it: only the
/// end of a word is bent.
pub(super) fn split(
    language: &Language,
    word: &str,
    least: usize,
    known: impl Fn(&str) -> Option<u32>,
    last: impl Fn(&str) -> Option<u32>,
) -> Option<(u32, u32)> {
    let length = word.chars().count();
    if !(2 * least..=40).contains(&length) {
        return None;
    }
    let mut cuts: Vec<(usize, usize)> = word
        .char_indices()
        .map(|(at, _)| at)
        .enumerate()
        .skip(least)
        .take(length + 1 - 2 * least)
        .collect();
    cuts.sort_by_key(|(letters, _)| letters.abs_diff(length / 2));
    cuts.into_iter().find_map(|(_, at)| {
        let (first, second) = word.split_at(at);
        let linked = || {
            let mut bare = language
                .links()
                .iter()
                .filter_map(|link| first.strip_suffix(link))
                .filter(|bare| bare.chars().count() >= least);
            bare.find_map(&known)
        };
        Some((known(first).or_else(linked)?, last(second)?))
    })
}
