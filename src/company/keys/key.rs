//! What a key of a company file is: its name, what may stand there, what holds without it, and what
//! it means. The tables beside this file are made of it.

/// A key of a mapping.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// As files write it.
    pub(super) name: &'static str,
    /// What may stand there.
    pub(super) kind: Type,
    /// What holds when it is left out.
    pub(super) default: Without,
    /// A sentence for who writes the file.
    pub(super) meaning: &'static str,
}

/// What holds when a key is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Without {
    /// It cannot be left out.
    Required,
    /// Nothing.
    Nothing,
    /// That value.
    Is(&'static str),
    /// Something that depends on the rest, in words.
    Else(&'static str),
}

impl Key {
    /// A key that may be left out.
    pub(super) const fn new(name: &'static str, kind: Type, meaning: &'static str) -> Key {
        Key { name, kind, default: Without::Nothing, meaning }
    }

    /// It cannot be left out.
    pub(super) const fn required(self) -> Key {
        Key { default: Without::Required, ..self }
    }

    /// Without it this value holds.
    pub(super) const fn or(self, default: &'static str) -> Key {
        Key { default: Without::Is(default), ..self }
    }

    /// What holds without it depends on the rest.
    pub(super) const fn or_else(self, default: &'static str) -> Key {
        Key { default: Without::Else(default), ..self }
    }
}

/// What may stand under a key.
#[derive(Debug, Clone, Copy)]
pub(super) enum Type {
    /// Text as it is.
    Text,
    /// Text with variables, `{{…}}`.
    Template,
    /// Text with variables, or a mapping of locales to such texts.
    Words,
    /// Text without variables, or a mapping of locales to such texts.
    Title,
    /// `[a-z0-9][a-z0-9-]*`.
    Id,
    /// A name that can stand behind `Data.`.
    Name,
    /// `true` or `false`.
    Flag,
    /// A whole number between these, or from the first up.
    Whole(u32, Option<u32>),
    /// Any number.
    Number,
    /// `90s`, `5m`, `2h`, `400d`.
    Duration,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Such as `en-US`.
    Locale,
    /// Such as `Europe/Berlin`.
    Zone,
    /// `2026-12-25`.
    Date,
    /// `08:00-12:00`.
    Span,
    /// An https address.
    Address,
    /// A CEL expression.
    Condition,
    /// A regular expression.
    Pattern,
    /// A JSON Pointer.
    Pointer,
    /// Whatever JSON can be.
    Any,
    /// A list of the same.
    List(&'static Type),
    /// A mapping with keys that are known.
    Fields(&'static Shape),
    /// A mapping whose keys are free.
    Map(&'static Free),
    /// One of these.
    Either(&'static [Type]),
    /// A stage of a pipeline, with its kind and exits.
    Stage,
}

/// A mapping with keys that are known.
#[derive(Debug)]
pub(super) struct Shape {
    /// What it is, such as "a transfer rule".
    pub(super) name: &'static str,
    /// Its keys, in the order in which they are read.
    pub(super) keys: &'static [Key],
    /// Keys of which not more than one may stand there.
    pub(super) either: &'static [Either],
}

/// Two keys that do not stand beside each other.
#[derive(Debug)]
pub(super) struct Either {
    /// Which ones.
    pub(super) keys: [&'static str; 2],
    /// One of them must be there.
    pub(super) required: bool,
}

/// A mapping whose keys are free.
#[derive(Debug)]
pub(super) struct Free {
    /// What stands for the key on a page, such as `<id>`.
    pub(super) key: &'static str,
    /// The pattern of its keys.
    pub(super) pattern: &'static str,
    /// What stands under each.
    pub(super) value: Type,
}

impl Type {
    /// The mapping that it is, or that its items are, and how the way to it is written.
    pub(super) fn inner(&self) -> Option<(&'static Shape, String)> {
        match self {
            Type::Fields(shape) => Some((shape, String::new())),
            Type::List(item) => item.inner().map(|(shape, path)| (shape, format!("[]{path}"))),
            Type::Map(free) => {
                free.value.inner().map(|(shape, path)| (shape, format!(".{}{path}", free.key)))
            }
            Type::Either(all) => all.iter().find_map(Type::inner),
            _ => None,
        }
    }
}
