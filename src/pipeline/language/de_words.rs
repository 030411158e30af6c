//! Words of German that people type, and that tell it from other languages.

use super::{faq::FaqPhrases, person::PersonWords};

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
    "das ist alles",
    "das war alles",
    "sonst nichts",
    "nichts weiter",
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
    "das ist alles",
    "das war alles",
    "sonst nichts",
    "nichts weiter",
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

/// How a person is asked for.
pub(super) static PERSON: PersonWords = PersonWords {
    people: "mensch menschen person personen agent agenten agentin",
    somebody: "jemand jemanden jemandem mitarbeiter mitarbeitern mitarbeiterin mitarbeitenden ansprechpartner ansprechpartnerin berater beraterin sachbearbeiter sachbearbeiterin kollege kollegen kollegin support leuten leute",
    talk: "sprechen reden chatten schreiben verbinden verbunden verbinde kontaktieren unterhalten erreichen sprich rede durchstellen",
    around: "ich wir mochte mochten will wollen wurde wurden gern gerne bitte kann konnte konnen konnten darf mal mit zu einem einer einen eine ein der die dem den das echt echte echten echter echtem richtigen richtiger lebenden lebendigen brauche brauchen mir mich uns sie es hier jetzt doch lieber nur von an hallo guten tag ist da gibt haben werden bei und nicht bot maschine sondern aus fleisch blut wie",
};

/// What is said around an answer from a FAQ.
pub(super) static FAQ: FaqPhrases = FaqPhrases {
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
    other: "Das ist es nicht",
    other_words: &[
        "keine",
        "keine davon",
        "nichts davon",
        "nicht das richtige",
        "etwas anderes",
        "hilft nicht",
        "hat nicht geholfen",
        "das hilft nicht",
        "anderes",
    ],
    either: "Meinten Sie eines davon?",
    go: "Weiter zu {name}",
    reason: "Dort gibt es die Antwort auf „{question}“",
    hint: "Nicht das Richtige? Schreiben Sie es mit anderen Worten.",
    solved: "Gut. Wenn noch etwas ist, schreiben Sie einfach.",
    asked: "Dann gefragt",
    shown: "Gezeigte Antworten",
    not_it: "{question} (hat nicht geholfen)",
};
