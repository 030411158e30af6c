//! The keys of `tenants/<id>/tenant.yaml`, but for those of stages.

use super::key::{Free, Key, Shape, Type};
use crate::pipeline::directory::Look;

const TEXTS: Type = Type::List(&Type::Text);

const HOLIDAY: Shape = Shape {
    name: "a holiday",
    keys: &[
        Key::new("date", Type::Date, "the day").required(),
        Key::new("name", Type::Text, "what people call it"),
    ],
    either: &[],
};

const HOURS: Shape = Shape {
    name: "`hours`",
    keys: &[
        Key::new(
            "open",
            Type::Map(&Free {
                key: "<day>",
                pattern: "^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$",
                value: Type::List(&Type::Span),
            }),
            "by day or range of days (`mon-thu`) the times at which it is open; a day that is not named is closed",
        )
        .required(),
        Key::new(
            "holidays",
            Type::List(&Type::Fields(&HOLIDAY)),
            "days on which it is closed",
        ),
    ],
    either: &[],
};

const DESK: Shape = Shape {
    name: "`desk`",
    keys: &[
        Key::new(
            "where",
            Type::Word(&["channel", "people"]),
            "a channel of a Teams team, or the agents' own chats with the bot",
        )
        .required(),
        Key::new(
            "agents",
            TEXTS,
            "who works at a desk of people, by UPN or Entra object id; it cannot be left out there",
        ),
        Key::new(
            "routing",
            Type::Word(&["broadcast", "hunt"]),
            "all agents who are free are asked, or one after the other",
        )
        .or("broadcast"),
        Key::new(
            "chats_per_agent",
            Type::Whole(1, None),
            "so many chats one agent may have at once",
        )
        .or("3"),
        Key::new(
            "notify",
            TEXTS,
            "who is mentioned in every new thread, by UPN or Entra object id",
        ),
    ],
    either: &[],
};

/// The whole file.
pub(super) const TENANT: Shape = Shape {
    name: "a tenant file",
    keys: &[
        Key::new("id", Type::Id, "the folder's name again").or_else("the folder's name"),
        Key::new("name", Type::Title, "what the department is called").required(),
        Key::new("ref", Type::Text, "with what its reference numbers begin: `IT` for IT-4821")
            .or_else("the folder's name in capitals"),
        Key::new("accent", Type::Word(&Look::ACCENTS), "the colour of the header of its cards")
            .or_else("a built-in one by its id"),
        Key::new("icon", Type::Text, "one emoji, or a PNG beside the file, at most 4 KB and 256 points a side")
            .or_else("a built-in one by its id"),
        Key::new("enabled", Type::Flag, "whether new chats may begin there").or("true"),
        Key::new(
            "confidential",
            Type::Flag,
            "whether what is said there stays there, unless a transfer rule names it as `from` and says otherwise",
        )
        .or("false"),
        Key::new("locale", Type::Locale, "the department's language and country").or_else("the company's"),
        Key::new("timezone", Type::Zone, "the time zone of its hours, by its IANA name").or_else("the company's"),
        Key::new("retention", Type::Duration, "so long everything of it is kept after its end").or_else("the company's"),
        Key::new("managers", TEXTS, "its managers, by UPN or Entra object id: for the console, which is not here yet"),
        Key::new("hours", Type::Fields(&HOURS), "when it is open").or_else("always open"),
        Key::new("desk", Type::Fields(&DESK), "where its agents work").or_else("no desk"),
        Key::new("primary_pipeline", Type::Id, "the pipeline with which its chats begin").or("main"),
        Key::new(
            "pipelines",
            Type::Map(&Free {
                key: "<id>",
                pattern: "^[a-z0-9][a-z0-9-]*$",
                value: Type::List(&Type::Stage),
            }),
            "what it does: lists of stages, by id",
        ),
        Key::new(
            "on_handover",
            Type::Id,
            "the stage of the primary pipeline at which somebody begins whom an agent hands over",
        )
        .or_else("its first `agent` stage, else its first stage"),
    ],
    either: &[],
};
