//! Words of German that people type, and that tell it from other languages.

/// Words that only thank, agree or take leave.
pub(super) static THANKS: &[&str] = &[
    "danke",
    "dankeschon",
    "danke schon",
    "vielen dank",
    "besten dank",
    "herzlichen dank",
    "super",
    "prima",
    "ok",
    "okay",
    "ok danke",
    "alles klar",
    "tschuss",
    "bis dann",
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
    "gut",
    "in ordnung",
    "verstanden",
    "super",
    "prima",
    "alles klar",
    "tschuss",
    "bis dann",
    "👍",
    "👌",
];

/// Words that ask for it.
pub(super) static LANGUAGE: &[&str] = &[
    "deutsch",
    "auf deutsch",
    "auf deutsch bitte",
    "bitte auf deutsch",
    "deutsch bitte",
    "bitte deutsch",
    "german",
    "in german",
    "in german please",
    "german please",
];

/// Small words and greetings.
pub(super) const SMALL: &str = "auf aus bei bitte brauche danke das dem den der des ein eine einen einem einer es fur geht guten habe hallo ich ist kann kein keine konnen mein meine meinen meinem meiner mich mir mit mochte moin nach nicht noch oder sich sie sind uber und unser unsere vom von wann warum welche wer wie wir wird wo zu zum zur";
