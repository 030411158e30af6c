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

/// English.
pub(super) const EN: FaqPhrases = FaqPhrases {
    one: "This may answer it.",
    some: "One of these may answer it.",
    theirs: "{name} has an answer to this.",
    helped: "This helped",
    helped_words: &[
        "that helped",
        "it helped",
        "helped",
        "this helps",
        "that helps",
        "solved",
        "it works",
        "works now",
        "it works now",
    ],
    other: "Something else",
    other_words: &[
        "none",
        "none of these",
        "none of them",
        "not helpful",
        "did not help",
        "didn't help",
        "this did not help",
        "other",
    ],
    go: "Go to {name}",
    reason: "Their answer to “{question}”",
    hint: "Not it? Write it in other words.",
    solved: "Good. If anything else comes up, just write.",
    asked: "Asked then",
    shown: "Answers shown",
    not_it: "{question} (did not help)",
};

/// German.
pub(super) const DE: FaqPhrases = FaqPhrases {
    one: "Das könnte die Antwort sein.",
    some: "Eine davon könnte die Antwort sein.",
    theirs: "{name} hat dazu eine Antwort.",
    helped: "Das hat geholfen",
    helped_words: &[
        "hat geholfen",
        "geholfen",
        "das hilft",
        "hilft",
        "gelöst",
        "geht wieder",
        "es geht",
        "jetzt geht es",
        "geht jetzt",
    ],
    other: "Etwas anderes",
    other_words: &[
        "keine",
        "keine davon",
        "nichts davon",
        "hilft nicht",
        "hat nicht geholfen",
        "das hilft nicht",
        "anderes",
    ],
    go: "Weiter zu {name}",
    reason: "Deren Antwort auf „{question}“",
    hint: "Nicht das Richtige? Schreiben Sie es mit anderen Worten.",
    solved: "Gut. Wenn noch etwas ist, schreiben Sie einfach.",
    asked: "Dann gefragt",
    shown: "Gezeigte Antworten",
    not_it: "{question} (hat nicht geholfen)",
};
