//! The keys of `company.yaml`.

use super::key::{Free, Key, Shape, Type};
use crate::company::{company_file::COMMANDS, events::EVENTS};

/// Keys of locales, such as `de` or `de-CH`.
pub(super) const LOCALE: &str = "^[A-Za-z0-9]{2,3}(-[A-Za-z0-9]{2,8})*$";

/// `{ env: NAME }`.
pub(super) const ENV: Shape = Shape {
    name: "a secret",
    keys: &[Key::new(
        "env",
        Type::Text,
        "the environment variable that holds it, never one of Switchboard's own",
    )
    .required()],
    either: &[],
};

const TEXTS: Type = Type::List(&Type::Text);

const IDLE: Shape = Shape {
    name: "`idle`",
    keys: &[
        Key::new(
            "remind",
            Type::Duration,
            "after so long somebody who is silent is reminded, once",
        )
        .or("20m"),
        Key::new("close", Type::Duration, "after so long they are given up; longer than `remind`")
            .or("1h"),
    ],
    either: &[],
};

const COMMAND_WORDS: [Key; COMMANDS.len()] = {
    let mut keys = [Key::new("", TEXTS, "further words for this command"); COMMANDS.len()];
    let mut index = 0;
    while index < keys.len() {
        keys[index].name = COMMANDS[index];
        index += 1;
    }
    keys
};

const LANGUAGE_COMMANDS: Shape =
    Shape { name: "`commands` of a language", keys: &COMMAND_WORDS, either: &[] };

const RULE: Shape = Shape {
    name: "a transfer rule",
    keys: &[
        Key::new("from", Type::Text, "the department that is left, by id, or `*` for every one").required(),
        Key::new("to", Type::Text, "the department that is reached, by id, or `*` for every one").required(),
        Key::new("allow", Type::Flag, "whether anybody may be moved there").or("true"),
        Key::new("reason", Type::Word(&["required", "optional"]), "whether a transfer must say why").or("optional"),
        Key::new("metadata", TEXTS, "what goes along: `Guest`, `Data`, or longer prefixes such as `Data.topic`")
            .or_else("everything that is not private"),
        Key::new(
            "transcript",
            Type::Word(&["full", "guest", "summary", "none"]),
            "what the receiver may read of what was said: all, the employee's own words, a summary, nothing",
        )
        .or_else("`full`; out of a confidential department `none`"),
    ],
    either: &[],
};

const TRANSFER: Shape = Shape {
    name: "`transfer`",
    keys: &[
        Key::new("max_hops", Type::Whole(1, None), "so often one chat may be moved").or("8"),
        Key::new("undo", Type::Duration, "so long *Wrong department* takes a transfer back")
            .or("5m"),
        Key::new(
            "rules",
            Type::List(&Type::Fields(&RULE)),
            "what holds between two departments; of several that fit, the strictest says",
        ),
    ],
    either: &[],
};

const HTTP: Shape = Shape {
    name: "`http`",
    keys: &[
        Key::new(
            "hosts",
            TEXTS,
            "whom stages and events may call: `tickets.contoso.com`, or `*.contoso.net` for all below it",
        ),
        Key::new("private", TEXTS, "those of `hosts` that may be told what a field marks private"),
        Key::new(
            "networks",
            TEXTS,
            "networks or addresses inside your own network that may be reached: `10.20.0.0/16`",
        ),
    ],
    either: &[],
};

const ENDPOINT: Shape = Shape {
    name: "an entry of `events`",
    keys: &[
        Key::new("url", Type::Address, "where events are posted; its host stands in `http: hosts`")
            .required(),
        Key::new("secret", Type::Fields(&ENV), "with what they are signed").required(),
        Key::new("on", Type::List(&Type::Word(&EVENTS)), "which events").or_else("all"),
        Key::new(
            "tenants",
            TEXTS,
            "of which departments, by id; only who is named here reads of confidential ones",
        )
        .or_else("all"),
    ],
    either: &[],
};

/// The whole file.
pub(super) const COMPANY: Shape = Shape {
    name: "company.yaml",
    keys: &[
        Key::new("company", Type::Text, "the company's name").required(),
        Key::new("primary_tenant", Type::Id, "the department at which every chat begins, by its folder's name").required(),
        Key::new("entra_tenants", TEXTS, "ids of the Microsoft 365 tenants whose people may chat, or `*` alone for everyone")
            .or_else("the bot's own tenant"),
        Key::new(
            "external_users",
            Type::Word(&["refuse", "allow"]),
            "whether guests and externals of those tenants may chat, and may work at desks",
        )
        .or("refuse"),
        Key::new("locale", Type::Locale, "the company's language and country, where nothing says otherwise").or("en-US"),
        Key::new(
            "language",
            Type::Word(&["client", "detect"]),
            "in which language a chat is: that of somebody's Teams, or that of the first words of a matter",
        )
        .or("client"),
        Key::new("timezone", Type::Zone, "the company's time zone, by its IANA name").or("UTC"),
        Key::new("admins", TEXTS, "administrators, by UPN or Entra object id: for the console, which is not here yet"),
        Key::new("idle", Type::Fields(&IDLE), "what becomes of somebody who is silent"),
        Key::new("reopen", Type::Duration, "who comes back within this time is asked whether it is the same matter").or("7d"),
        Key::new("retention", Type::Duration, "so long everything is kept after its end").or("400d"),
        Key::new(
            "commands",
            Type::Map(&Free { key: "<locale>", pattern: LOCALE, value: Type::Fields(&LANGUAGE_COMMANDS) }),
            "further words for what an employee may type at any time, by language",
        ),
        Key::new("transfer", Type::Fields(&TRANSFER), "how chats go from one department to another"),
        Key::new("http", Type::Fields(&HTTP), "which other systems may be called; none without it"),
        Key::new("events", Type::List(&Type::Fields(&ENDPOINT)), "who hears of what becomes of sessions"),
        Key::new("privacy", Type::Text, "the privacy statement that people read at `/privacy`, or its https address")
            .or_else("a built-in text that says that it is one"),
        Key::new("terms", Type::Text, "the terms of use that people read at `/terms`, or their https address")
            .or_else("a built-in text that says that it is one"),
    ],
    either: &[],
};
