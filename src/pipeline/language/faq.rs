//! What is said around an answer from a FAQ.

/// The sentences of one language.
#[derive(Debug)]
pub struct FaqPhrases {
    /// One answer was found.
    pub one: &'static str,
    /// Several answers were found.
    pub some: &'static str,
    /// Another department's answer fits better. `{name}`
    pub theirs: &'static str,
    /// Button: the answer helped.
    pub helped: &'static str,
    /// Words that count as that button.
    pub helped_words: &'static [&'static str],
    /// Button: none of them.
    pub other: &'static str,
    /// Words that count as that button.
    pub other_words: &'static [&'static str],
    /// A choice and an answer are both close to what was written.
    pub either: &'static str,
    /// Button: go to the department whose answer it is. `{name}`
    pub go: &'static str,
    /// Why the guest went there. `{question}`
    pub reason: &'static str,
    /// What can be written instead of a click.
    pub hint: &'static str,
    /// The matter is solved.
    pub solved: &'static str,
    /// At the desk: label of what was asked later than the first words.
    pub asked: &'static str,
    /// At the desk: label of the answers that were shown.
    pub shown: &'static str,
    /// At the desk: the mark of an answer that did not help. `{question}`
    pub not_it: &'static str,
}
