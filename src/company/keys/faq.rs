//! The keys of an article in `faq.yaml` and `faq/*.yaml`.

use super::key::{Key, Shape, Type};

/// One article; a file is a list of them.
pub(super) const ARTICLE: Shape = Shape {
    name: "an article",
    keys: &[
        Key::new(
            "id",
            Type::Id,
            "its name in this department; in another language with that behind it: `reset-password-de`",
        )
        .required(),
        Key::new("question", Type::Text, "what people ask, at most 300 characters").required(),
        Key::new("also", Type::List(&Type::Text), "other wordings, in the words of those who ask"),
        Key::new(
            "answer",
            Type::Text,
            "the answer, at most 5,000 characters: Markdown with bold, italic, links and lists",
        )
        .required(),
        Key::new("tags", Type::List(&Type::Text), "further words by which it is found"),
        Key::new("locale", Type::Locale, "in which language it is").or_else("the department's"),
    ],
    either: &[],
};
