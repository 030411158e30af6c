//! The keys of stages: those that every stage has, and those of each kind.

use super::{
    company::ENV,
    key::{Either, Free, Key, Shape, Type},
};
use crate::model::Method;

const TEXT: Key = Key::new("text", Type::Words, "what the employee reads");
const QUESTION: Key =
    Key::new("text", Type::Words, "what the employee is asked").or_else("a built-in sentence");
const SENTENCE: Key =
    Key::new("text", Type::Words, "what the employee reads").or_else("a built-in sentence");
const TEMPLATE: Key = Key::new("template", Type::Text, "the name of a card, instead of `text`")
    .or_else("a built-in one");
const TIMEOUT: Key = Key::new(
    "timeout",
    Type::Duration,
    "so long it waits; then `on_timeout`, which must be written",
)
.or_else("as `idle.close` of company.yaml");
const NEVER_BOTH: Either = Either { keys: ["text", "template"], required: false };
const ONE_OF_BOTH: Either = Either { keys: ["text", "template"], required: true };
const DATA_KEY: &str = "^Data(\\.[A-Za-z0-9][A-Za-z0-9_-]*)+$";
const SYNONYMS: Type = Type::List(&Type::Text);

/// What every stage may have beside its kind and exits.
pub(super) const HEAD: [Key; 2] = [
    Key::new("id", Type::Id, "its name in this pipeline").required(),
    Key::new("when", Type::Condition, "the stage is passed over where this does not hold")
        .or_else("always"),
];

/// The exit that every stage has.
pub(super) const NEXT: Key =
    Key::new("next", Type::Id, "the stage after it").or_else("the next one in the list");

/// What an exit is for.
pub(super) fn exit(name: &str) -> &'static str {
    match name {
        "on_timeout" => "the stage after it when nobody answers in time",
        "on_free_text" => "the stage after it when words are typed that are no choice",
        "on_solved" => {
            "the stage after it when an answer helped; without it the matter ends resolved"
        }
        "on_unsolved" => "the stage after it when no answer helped",
        "on_none" => "the stage after it when nothing was found; without it as `on_unsolved`",
        "on_failure" => "the stage after it when it fails",
        "on_open" => "the stage after it when the department is open",
        "on_closed" => "the stage after it when the department is closed",
        "on_drop" => "the stage after it when the employee does not want to wait any longer",
        _ => "",
    }
}

const SEND: Shape = Shape {
    name: "`send`",
    keys: &[
        TEXT,
        Key::new("template", Type::Text, "the name of a card, instead of `text`"),
        Key::new(
            "data",
            Type::Map(&Free { key: "<name>", pattern: "", value: Type::Words }),
            "further variables of the card",
        ),
    ],
    either: &[ONE_OF_BOTH],
};

const FIELD_CHOICE: Shape = Shape {
    name: "a choice of a field",
    keys: &[
        Key::new("title", Type::Title, "what it is called").required(),
        Key::new("synonyms", SYNONYMS, "other words for it"),
    ],
    either: &[],
};

const FIELD: Shape = Shape {
    name: "a field",
    keys: &[
        Key::new("id", Type::Name, "its name: the answer is `Data.<id>`").required(),
        Key::new("label", Type::Title, "what it is called").or_else("its id"),
        Key::new(
            "type",
            Type::Word(&[
                "text",
                "multiline",
                "choice",
                "date",
                "time",
                "number",
                "toggle",
                "email",
            ]),
            "what is filled in",
        )
        .or("text"),
        Key::new("required", Type::Flag, "whether it must be filled in").or("true"),
        Key::new(
            "private",
            Type::Flag,
            "whether only the employee and this department's desk may read it",
        )
        .or("false"),
        Key::new(
            "choices",
            Type::List(&Type::Either(&[Type::Title, Type::Fields(&FIELD_CHOICE)])),
            "the answers of a `choice`, which needs some",
        ),
        Key::new(
            "synonyms",
            SYNONYMS,
            "words that stand before its value in a sentence, or behind a number",
        ),
        Key::new("pattern", Type::Pattern, "a regular expression that the whole answer must fit"),
        Key::new("min", Type::Number, "the least number, or the fewest characters of a text"),
        Key::new("max", Type::Number, "the greatest number, or the most characters of a text"),
    ],
    either: &[],
};

const ASK: Shape = Shape {
    name: "`ask`",
    keys: &[
        QUESTION,
        TEMPLATE,
        TIMEOUT,
        Key::new("save_as", Type::Name, "the name under `Data` of the one text that is asked for"),
        Key::new(
            "fields",
            Type::List(&Type::Fields(&FIELD)),
            "the fields of a form, instead of `save_as`",
        ),
    ],
    either: &[NEVER_BOTH, Either { keys: ["fields", "save_as"], required: true }],
};

const CHOICE: Shape = Shape {
    name: "a choice",
    keys: &[
        Key::new("title", Type::Title, "what its button says").required(),
        Key::new("next", Type::Id, "the stage after it").or_else("that of the menu"),
        Key::new("value", Type::Text, "what `save_as` keeps, and another word for it")
            .or_else("the title"),
        Key::new("synonyms", SYNONYMS, "other words that choose it"),
        Key::new("apart", Type::Flag, "whether it is a way out, set apart from the answers")
            .or("false"),
    ],
    either: &[],
};

const MENU: Shape = Shape {
    name: "`menu`",
    keys: &[
        QUESTION,
        TEMPLATE,
        Key::new("save_as", Type::Name, "the name under `Data` of what was chosen or typed"),
        TIMEOUT,
        Key::new("choices", Type::List(&Type::Fields(&CHOICE)), "what is offered").required(),
    ],
    either: &[NEVER_BOTH],
};

const FAQ: Shape = Shape {
    name: "`faq`",
    keys: &[
        Key::new(
            "tenants",
            Type::Either(&[Type::Word(&["own", "all"]), Type::List(&Type::Text)]),
            "whose FAQs are asked: the department's own, all, or those of these departments",
        )
        .or("own"),
        Key::new("limit", Type::Whole(1, Some(5)), "so many answers are shown at most").or("3"),
        SENTENCE,
        TEMPLATE,
        Key::new("query", Type::Words, "what is looked for")
            .or_else("the employee's last question"),
        Key::new(
            "offer_transfer",
            Type::Flag,
            "whether another department's answer offers to go there",
        )
        .or("true"),
    ],
    either: &[NEVER_BOTH],
};

const CASE: Shape = Shape {
    name: "a case",
    keys: &[
        Key::new("when", Type::Condition, "the case counts where this holds").required(),
        Key::new("next", Type::Id, "the stage after it").required(),
    ],
    either: &[],
};

const SWITCH: Shape = Shape {
    name: "`switch`",
    keys: &[Key::new(
        "cases",
        Type::List(&Type::Fields(&CASE)),
        "the first that holds is taken; else `next`",
    )
    .required()],
    either: &[],
};

const SET: Type = Type::Map(&Free { key: "<Data.key>", pattern: DATA_KEY, value: Type::Template });

const HTTP: Shape = Shape {
    name: "`http`",
    keys: &[
        Key::new(
            "json",
            Type::Any,
            "the body; `\"{{json Data.x}}\"` alone keeps numbers and lists",
        ),
        Key::new("method", Type::Word(&Method::NAMES), "how it is asked")
            .or_else("`POST` with `json`, else `GET`"),
        Key::new("timeout", Type::Duration, "so long one attempt may take, from 1s to 60s")
            .or("10s"),
        Key::new(
            "headers",
            Type::Map(&Free {
                key: "<name>",
                pattern: "",
                value: Type::Either(&[Type::Template, Type::Fields(&ENV)]),
            }),
            "headers of the request; secrets come from the environment",
        ),
        Key::new(
            "save",
            Type::Map(&Free { key: "<Data.key>", pattern: DATA_KEY, value: Type::Pointer }),
            "what of the answer is kept, by JSON Pointer",
        ),
        Key::new(
            "url",
            Type::Address,
            "the whole address; its host stands in `http: hosts` of company.yaml",
        )
        .required(),
    ],
    either: &[],
};

const HOURS: Shape = Shape {
    name: "`hours`",
    keys: &[Key::new("tenant", Type::Text, "whose hours").or_else("the department's own")],
    either: &[],
};

const TRANSFER: Shape = Shape {
    name: "`transfer`",
    keys: &[
        Key::new("tenant", Type::Template, "the id of the department to which the chat goes").required(),
        TEXT,
        Key::new("template", Type::Text, "the name of a card, instead of `text`"),
        Key::new("reason", Type::Words, "why, as both sides read it"),
        Key::new("note", Type::Words, "what only the other desk reads"),
        Key::new("undo", Type::Flag, "whether *Wrong department* takes it back").or("true"),
        Key::new("confirm", Type::Flag, "whether the employee is asked first").or("false"),
        Key::new("return_to", Type::Id, "the stage at which this department goes on when the other one ends"),
        Key::new(
            "when_closed",
            Type::Word(&["ask", "follow", "fail"]),
            "when the other one is closed: the employee is asked, moved all the same, or `on_failure` runs",
        )
        .or("ask"),
    ],
    either: &[ONE_OF_BOTH],
};

const AGENT: Shape = Shape {
    name: "`agent`",
    keys: &[
        SENTENCE,
        TEMPLATE,
        Key::new("max_wait", Type::Duration, "so long the employee waits at most").or("30m"),
        Key::new(
            "accept_timeout",
            Type::Duration,
            "with `routing: hunt` so long one agent is asked",
        )
        .or("60s"),
        Key::new("update_every", Type::Duration, "so often the employee hears how it stands")
            .or("90s"),
        Key::new("note", Type::Words, "what only the desk reads"),
    ],
    either: &[NEVER_BOTH],
};

const MESSAGE: Shape = Shape {
    name: "`message`",
    keys: &[
        Key::new("words", Type::Words, "the message itself, so that nothing is asked"),
        Key::new(
            "text",
            Type::Words,
            "what asks for the message; with `words` what is said about it",
        )
        .or_else("a built-in sentence"),
        TEMPLATE,
    ],
    either: &[NEVER_BOTH],
};

const SURVEY: Shape = Shape {
    name: "`survey`",
    keys: &[
        QUESTION,
        TEMPLATE,
        Key::new("scale", Type::Whole(2, Some(10)), "the best of the ratings, which begin with 1")
            .or("5"),
        Key::new("comment", Type::Flag, "whether a comment is asked for").or("true"),
        Key::new("timeout", Type::Duration, "so long it waits").or("24h"),
    ],
    either: &[NEVER_BOTH],
};

const END: Shape = Shape {
    name: "`end`",
    keys: &[
        SENTENCE,
        TEMPLATE,
        Key::new("outcome", Type::Word(&["resolved", "unresolved"]), "how the matter ends")
            .or("resolved"),
    ],
    either: &[NEVER_BOTH],
};

/// Every kind of stage, in the order of the table of kinds: its settings, and what it does.
pub(super) const KINDS: &[(&str, Type, &str)] = &[
    ("send", Type::Fields(&SEND), "says something"),
    ("ask", Type::Fields(&ASK), "asks for one text, or has a form filled in"),
    ("menu", Type::Fields(&MENU), "offers choices"),
    ("faq", Type::Fields(&FAQ), "answers from the FAQ"),
    ("switch", Type::Fields(&SWITCH), "takes the first case that holds"),
    ("set", SET, "writes keys under `Data`"),
    ("http", Type::Fields(&HTTP), "asks another system"),
    ("hours", Type::Fields(&HOURS), "open or closed"),
    ("transfer", Type::Fields(&TRANSFER), "moves the chat to another department"),
    ("agent", Type::Fields(&AGENT), "asks the desk for a person"),
    ("message", Type::Fields(&MESSAGE), "takes a message for the desk"),
    ("survey", Type::Fields(&SURVEY), "asks who was helped by a person how it was"),
    ("end", Type::Fields(&END), "says goodbye"),
];

/// Exits that must be written, by kind.
pub(super) const NEEDED: &[(&str, &str)] = &[("http", "on_failure")];
