//! Words that differ by one typing error: a letter too many, too few, another one, or two in the
//! wrong order. Two words that differ so share a word that is left when one letter is taken out of
//! either (or they are one when it is taken out of one of them). So every known word is filed under
//! all of its shortened forms, and a query is a few look-ups, however many words there are.

/// Shorter words are too much like others.
const SHORTEST: usize = 4;
/// Longer ones are no words that anybody misspells.
const LONGEST: usize = 32;
/// Up to this length the first letter must be right: `work` is no misspelt `fork`.
const SHORT: usize = 5;

/// Known words by their shortened forms.
#[derive(Default)]
pub(super) struct Spelling {
    /// Hash of a shortened form and the number of the word, sorted.
    forms: Vec<(u64, u32)>,
}

impl Spelling {
    /// Files words; their numbers are their positions.
    pub(super) fn of<'a>(words: impl Iterator<Item = &'a str>) -> Spelling {
        let mut forms = Vec::new();
        for (number, word) in (0u32..).zip(words) {
            if fits(word) {
                shortened(word, |hash| forms.push((hash, number)));
            }
        }
        forms.sort_unstable();
        forms.dedup();
        Spelling { forms }
    }

    /// The numbers of the words that a misspelt one may mean. `word_of` tells the word of a number.
    pub(super) fn near<'a>(&self, word: &str, word_of: impl Fn(u32) -> &'a str) -> Vec<u32> {
        let mut near = Vec::new();
        if !fits(word) {
            return near;
        }
        let is_short = word.chars().count() <= SHORT;
        shortened(word, |hash| {
            let from = self.forms.partition_point(|(other, _)| *other < hash);
            for (_, number) in self.forms[from..].iter().take_while(|(other, _)| *other == hash) {
                let known = word_of(*number);
                let may_be = !is_short || known.chars().next() == word.chars().next();
                if may_be && !near.contains(number) && strsim::osa_distance(known, word) <= 1 {
                    near.push(*number);
                }
            }
        });
        near
    }
}

/// True for words in which an error can be told from another word. Numbers and codes mean what they
/// say.
fn fits(word: &str) -> bool {
    let length = word.chars().take(LONGEST + 1).count();
    (SHORTEST..=LONGEST).contains(&length) && word.chars().all(char::is_alphabetic)
}

/// The hashes of a word and of what is left when one letter is taken out.
fn shortened(word: &str, mut tell: impl FnMut(u64)) {
    // FNV-1a: two words with one hash are told apart by their letters, so that it need not be a
    // strong one.
    let hash = |parts: [&str; 2]| {
        let bytes = parts.iter().flat_map(|part| part.as_bytes());
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    tell(hash([word, ""]));
    let mut before = None;
    for (at, c) in word.char_indices() {
        // One of two equal neighbours is as good as the other.
        if before != Some(c) {
            tell(hash([&word[..at], &word[at + c.len_utf8()..]]));
        }
        before = Some(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_error_is_forgiven_and_no_second() {
        const WORDS: [&str; 6] = ["password", "printer", "vpn", "lease", "schlussel", "2fa4you"];
        let spelling = Spelling::of(WORDS.into_iter());
        let near = |word: &str| -> Vec<&str> {
            spelling
                .near(word, |number| WORDS[number as usize])
                .into_iter()
                .map(|number| WORDS[number as usize])
                .collect()
        };
        for (typed, meant) in [
            ("pasword", &["password"][..]),
            ("passwrod", &["password"]),
            ("passsword", &["password"]),
            ("passworf", &["password"]),
            ("rpinter", &["printer"]),
            ("rinter", &["printer"]),
            ("paswrod", &[]),
            ("vpm", &[]),
            ("pease", &[]),
            ("leas", &["lease"]),
            ("schlussl", &["schlussel"]),
            ("2fa4yu", &[]),
        ] {
            assert_eq!(near(typed), meant, "{typed}");
        }
    }
}
