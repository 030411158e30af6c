//! How people ask for a person, in whole sentences: "I want to talk to a person".

/// Words of one language, separated by blanks, in lower case and without accents. A message that consists of nothing
/// else asks for a person when it names one, or says that it wants to talk to somebody.
#[derive(Debug)]
pub struct PersonWords {
    /// A person, in whatever form.
    pub people: &'static str,
    /// Somebody: means a person of a desk only beside one of [`PersonWords::talk`].
    pub somebody: &'static str,
    /// To talk, in whatever form.
    pub talk: &'static str,
    /// What may stand around that.
    pub around: &'static str,
}

/// The longest such message, in words.
const MOST_WORDS: usize = 14;

/// How a message asks for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// By naming one: "a real person, please".
    Named,
    /// In a sentence that can mean nothing else: "I want to talk to a person".
    Said,
}

impl PersonWords {
    /// How these words, in lower case and without accents, ask for a person; none when they do not.
    pub fn asked(&self, words: &str) -> Option<Asking> {
        let words: Vec<&str> = words.split(' ').collect();
        let is_in = |of: &str, word: &str| of.split_whitespace().any(|known| known == word);
        let any = |of: &str| words.iter().any(|word| is_in(of, word));
        let is_known = |word: &&str| {
            [self.people, self.somebody, self.talk, self.around].iter().any(|of| is_in(of, word))
        };
        if words.len() > MOST_WORDS || !words.iter().all(is_known) {
            return None;
        }
        match (any(self.people), any(self.somebody), any(self.talk)) {
            (true, _, true) | (_, true, true) => Some(Asking::Said),
            (true, _, false) => Some(Asking::Named),
            _ => None,
        }
    }
}
