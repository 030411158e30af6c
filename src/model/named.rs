//! Words that a company's files give in one form or in several languages: a name, a label.

use super::locale::chosen;

/// Words by locale; never without any. The first are the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Locale and words; the locale of words for every language is empty.
    forms: Vec<(String, String)>,
}

impl Named {
    /// The same words in every language.
    pub fn plain(words: &str) -> Self {
        Named { forms: vec![(String::new(), words.to_owned())] }
    }

    /// Words by locale (`de`, `de-AT`; empty for every language); none when there are none.
    pub fn new(forms: Vec<(String, String)>) -> Option<Self> {
        (!forms.is_empty()).then_some(Named { forms })
    }

    /// The words for the first of these locales that has some, else the default.
    pub fn get(&self, locales: &[&str]) -> &str {
        &self.forms[chosen(self.forms.iter().map(|(locale, _)| locale.as_str()), locales)].1
    }

    /// The default.
    pub fn first(&self) -> &str {
        &self.forms[0].1
    }

    /// The locales that have words of their own.
    pub fn locales(&self) -> impl Iterator<Item = &str> {
        self.forms.iter().map(|(locale, _)| locale.as_str()).filter(|locale| !locale.is_empty())
    }

    /// The words in every language.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.forms.iter().map(|(_, words)| words.as_str())
    }
}
