//! Words of English that people type, and that tell it from other languages.

use super::{faq::FaqPhrases, person::PersonWords};

/// Words that only thank, agree or take leave.
pub(super) static THANKS: &[&str] = &[
    "thanks",
    "thank you",
    "thx",
    "ty",
    "cheers",
    "many thanks",
    "ok",
    "okay",
    "ok thanks",
    "great",
    "perfect",
    "thank you very much",
    "bye",
    "that is all",
    "that was all",
    "that's all",
    "nothing else",
    "👍",
    "🙏",
    "👌",
    "❤️",
    "😊",
    "🙂",
];

/// Those that thank for nothing.
pub(super) static OK: &[&str] = &[
    "ok",
    "okay",
    "k",
    "all right",
    "alright",
    "fine",
    "good",
    "got it",
    "understood",
    "great",
    "perfect",
    "bye",
    "that is all",
    "that was all",
    "that's all",
    "nothing else",
    "👍",
    "👌",
];

/// Words that ask for it.
pub(super) static LANGUAGE: &[&str] = &[
    "english",
    "in english",
    "in english please",
    "english please",
    "please speak english",
    "speak english",
    "englisch",
    "auf englisch",
    "auf englisch bitte",
    "englisch bitte",
];

/// Small words and greetings.
pub(super) const SMALL: &str = "a about and are be can can't cannot could do does doesn't don't for from get good have hello how i i'm if is isn't it my need of on or our please somebody someone thanks that the there this to want we what when where which who why with would you your";

/// How a person is asked for.
pub(super) static PERSON: PersonWords = PersonWords {
    people: "agent agents human humans person persons operator representative rep advisor adviser",
    somebody: "someone somebody anyone anybody people staff support colleague helpdesk",
    talk: "talk talking speak speaking chat chatting contact connect connected reach transfer forward write",
    around: "i we d m id im would want wanna need like to with a an the real live actual living being please pls can could may might get got me us be is it just now rather prefer let have give put through here there some from of in at your you hi hello hey possible how do and not bot robot machine instead",
};

/// What is said around an answer from a FAQ.
pub(super) static FAQ: FaqPhrases = FaqPhrases {
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
    other: "That is not it",
    other_words: &[
        "none",
        "none of these",
        "none of them",
        "not it",
        "something else",
        "not helpful",
        "did not help",
        "didn't help",
        "this did not help",
        "other",
    ],
    either: "Did you mean one of these?",
    go: "Go to {name}",
    reason: "They have the answer to “{question}”",
    hint: "Not it? Write it in other words.",
    solved: "Good. If anything else comes up, just write.",
    asked: "Asked then",
    shown: "Answers shown",
    not_it: "{question} (did not help)",
};
