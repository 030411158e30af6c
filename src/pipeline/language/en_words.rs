//! Words of English that people type, and that tell it from other languages.

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
