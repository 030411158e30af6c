//! The elements of Adaptive Cards 1.5 and their properties, in our own words.

/// What a property holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Holds {
    /// Anything.
    Any,
    /// Text.
    Text,
    /// `true` or `false`.
    Truth,
    /// A number.
    Number,
    /// Text or a number.
    Size,
    /// One of some words, in any case.
    Word(&'static [&'static str]),
    /// An https address, or a `data:` one.
    Picture,
    /// An address that may be opened.
    Link,
    /// A list of elements; the second is the type of those that need not say it.
    List(Group, Option<&'static str>),
    /// One element.
    One(Group, Option<&'static str>),
    /// An object.
    Object,
}

/// Which elements may stand somewhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Group {
    /// What a body holds.
    Element,
    /// Buttons.
    Action,
    /// Parts of a rich text.
    Inline,
    /// Only the named type.
    Only,
}

/// A type of element.
pub(super) struct Kind {
    /// Its `type`.
    pub(super) name: &'static str,
    /// Where it may stand.
    pub(super) group: Group,
    /// Properties that must be there.
    pub(super) needs: &'static [&'static str],
    /// All properties of its own.
    pub(super) has: &'static [(&'static str, Holds)],
}

use Holds::{Any, Link, List, Number, Object, One, Picture, Size, Text, Truth, Word};

const COLORS: Holds = Word(&["default", "dark", "light", "accent", "good", "warning", "attention"]);
const SIZES: Holds = Word(&["default", "small", "medium", "large", "extraLarge"]);
const WEIGHTS: Holds = Word(&["default", "lighter", "bolder"]);
const FONTS: Holds = Word(&["default", "monospace"]);
const SIDES: Holds = Word(&["left", "center", "right"]);
const LEVELS: Holds = Word(&["top", "center", "bottom"]);
const STYLES: Holds = Word(&["default", "emphasis", "good", "attention", "warning", "accent"]);
const PICTURE_SIZES: Holds = Word(&["auto", "stretch", "small", "medium", "large"]);
const ACTIONS: Holds = List(Group::Action, None);
const SELECT: Holds = One(Group::Action, None);

/// Properties of everything in a body.
pub(super) const COMMON: &[(&str, Holds)] = &[
    ("id", Text),
    ("isVisible", Truth),
    ("separator", Truth),
    ("spacing", Word(&["default", "none", "small", "medium", "large", "extraLarge", "padding"])),
    ("height", Size),
    ("fallback", Any),
    ("requires", Object),
];
/// Properties of inputs beside [`COMMON`].
pub(super) const INPUT: &[(&str, Holds)] =
    &[("label", Text), ("isRequired", Truth), ("errorMessage", Text)];
/// Properties of buttons.
pub(super) const ACTION: &[(&str, Holds)] = &[
    ("title", Text),
    ("iconUrl", Picture),
    ("id", Text),
    ("style", Word(&["default", "positive", "destructive"])),
    ("fallback", Any),
    ("tooltip", Text),
    ("isEnabled", Truth),
    ("mode", Word(&["primary", "secondary"])),
    ("requires", Object),
];

const fn kind(
    name: &'static str,
    group: Group,
    needs: &'static [&'static str],
    has: &'static [(&'static str, Holds)],
) -> Kind {
    Kind { name, group, needs, has }
}

/// All types.
pub(super) const KINDS: &[Kind] = &[
    kind(
        "AdaptiveCard",
        Group::Only,
        &[],
        &[
            ("version", Text),
            ("body", List(Group::Element, None)),
            ("actions", ACTIONS),
            ("selectAction", SELECT),
            ("fallbackText", Text),
            ("backgroundImage", Any),
            ("minHeight", Text),
            ("rtl", Truth),
            ("speak", Text),
            ("lang", Text),
            ("verticalContentAlignment", LEVELS),
            ("refresh", Object),
            ("authentication", Object),
            ("metadata", Object),
            ("msteams", Object),
            ("$schema", Text),
        ],
    ),
    kind(
        "TextBlock",
        Group::Element,
        &["text"],
        &[
            ("text", Text),
            ("color", COLORS),
            ("fontType", FONTS),
            ("horizontalAlignment", SIDES),
            ("isSubtle", Truth),
            ("maxLines", Number),
            ("size", SIZES),
            ("weight", WEIGHTS),
            ("wrap", Truth),
            ("style", Word(&["default", "heading", "columnHeader"])),
        ],
    ),
    kind(
        "RichTextBlock",
        Group::Element,
        &["inlines"],
        &[("inlines", List(Group::Inline, Some("TextRun"))), ("horizontalAlignment", SIDES)],
    ),
    kind(
        "TextRun",
        Group::Inline,
        &["text"],
        &[
            ("text", Text),
            ("color", COLORS),
            ("fontType", FONTS),
            ("highlight", Truth),
            ("isSubtle", Truth),
            ("italic", Truth),
            ("selectAction", SELECT),
            ("size", SIZES),
            ("strikethrough", Truth),
            ("underline", Truth),
            ("weight", WEIGHTS),
        ],
    ),
    kind(
        "Image",
        Group::Element,
        &["url"],
        &[
            ("url", Picture),
            ("altText", Text),
            ("backgroundColor", Text),
            ("horizontalAlignment", SIDES),
            ("selectAction", SELECT),
            ("size", PICTURE_SIZES),
            ("style", Word(&["default", "person"])),
            ("width", Size),
            ("msteams", Object),
        ],
    ),
    kind(
        "ImageSet",
        Group::Element,
        &["images"],
        &[("images", List(Group::Only, Some("Image"))), ("imageSize", PICTURE_SIZES)],
    ),
    kind(
        "Media",
        Group::Element,
        &["sources"],
        &[
            ("sources", List(Group::Only, Some("MediaSource"))),
            ("poster", Picture),
            ("altText", Text),
        ],
    ),
    kind("MediaSource", Group::Only, &["mimeType", "url"], &[("mimeType", Text), ("url", Picture)]),
    kind(
        "Container",
        Group::Element,
        &["items"],
        &[
            ("items", List(Group::Element, None)),
            ("selectAction", SELECT),
            ("style", STYLES),
            ("verticalContentAlignment", LEVELS),
            ("bleed", Truth),
            ("backgroundImage", Any),
            ("minHeight", Text),
            ("rtl", Truth),
        ],
    ),
    kind(
        "ColumnSet",
        Group::Element,
        &["columns"],
        &[
            ("columns", List(Group::Only, Some("Column"))),
            ("selectAction", SELECT),
            ("style", STYLES),
            ("bleed", Truth),
            ("minHeight", Text),
            ("horizontalAlignment", SIDES),
        ],
    ),
    kind(
        "Column",
        Group::Only,
        &[],
        &[
            ("items", List(Group::Element, None)),
            ("selectAction", SELECT),
            ("style", STYLES),
            ("verticalContentAlignment", LEVELS),
            ("bleed", Truth),
            ("backgroundImage", Any),
            ("minHeight", Text),
            ("rtl", Truth),
            ("width", Size),
        ],
    ),
    kind("FactSet", Group::Element, &["facts"], &[("facts", List(Group::Only, Some("Fact")))]),
    kind("Fact", Group::Only, &["title", "value"], &[("title", Text), ("value", Text)]),
    kind("ActionSet", Group::Element, &["actions"], &[("actions", ACTIONS)]),
    kind(
        "Table",
        Group::Element,
        &["columns", "rows"],
        &[
            ("columns", List(Group::Only, Some("TableColumnDefinition"))),
            ("rows", List(Group::Only, Some("TableRow"))),
            ("firstRowAsHeader", Truth),
            ("showGridLines", Truth),
            ("gridStyle", STYLES),
            ("horizontalCellContentAlignment", SIDES),
            ("verticalCellContentAlignment", LEVELS),
        ],
    ),
    kind(
        "TableColumnDefinition",
        Group::Only,
        &[],
        &[
            ("width", Size),
            ("horizontalCellContentAlignment", SIDES),
            ("verticalCellContentAlignment", LEVELS),
        ],
    ),
    kind(
        "TableRow",
        Group::Only,
        &["cells"],
        &[
            ("cells", List(Group::Only, Some("TableCell"))),
            ("style", STYLES),
            ("horizontalCellContentAlignment", SIDES),
            ("verticalCellContentAlignment", LEVELS),
        ],
    ),
    kind(
        "TableCell",
        Group::Only,
        &["items"],
        &[
            ("items", List(Group::Element, None)),
            ("selectAction", SELECT),
            ("style", STYLES),
            ("verticalContentAlignment", LEVELS),
            ("bleed", Truth),
            ("backgroundImage", Any),
            ("minHeight", Text),
            ("rtl", Truth),
        ],
    ),
    kind(
        "Input.Text",
        Group::Element,
        &["id"],
        &[
            ("isMultiline", Truth),
            ("maxLength", Number),
            ("placeholder", Text),
            ("regex", Text),
            ("style", Word(&["text", "tel", "url", "email", "password"])),
            ("inlineAction", SELECT),
            ("value", Text),
        ],
    ),
    kind(
        "Input.Number",
        Group::Element,
        &["id"],
        &[("max", Number), ("min", Number), ("placeholder", Text), ("value", Number)],
    ),
    kind(
        "Input.Date",
        Group::Element,
        &["id"],
        &[("max", Text), ("min", Text), ("placeholder", Text), ("value", Text)],
    ),
    kind(
        "Input.Time",
        Group::Element,
        &["id"],
        &[("max", Text), ("min", Text), ("placeholder", Text), ("value", Text)],
    ),
    kind(
        "Input.Toggle",
        Group::Element,
        &["id", "title"],
        &[("title", Text), ("value", Text), ("valueOff", Text), ("valueOn", Text), ("wrap", Truth)],
    ),
    kind(
        "Input.ChoiceSet",
        Group::Element,
        &["id", "choices"],
        &[
            ("choices", List(Group::Only, Some("Input.Choice"))),
            ("choices.data", Object),
            ("isMultiSelect", Truth),
            ("style", Word(&["compact", "expanded", "filtered"])),
            ("value", Text),
            ("placeholder", Text),
            ("wrap", Truth),
        ],
    ),
    kind("Input.Choice", Group::Only, &["title", "value"], &[("title", Text), ("value", Text)]),
    kind("Action.OpenUrl", Group::Action, &["url"], &[("url", Link)]),
    kind(
        "Action.Execute",
        Group::Action,
        &[],
        &[("verb", Text), ("data", Any), ("associatedInputs", Word(&["auto", "none"]))],
    ),
    kind(
        "Action.Submit",
        Group::Action,
        &[],
        &[("data", Any), ("associatedInputs", Word(&["auto", "none"]))],
    ),
    kind(
        "Action.ShowCard",
        Group::Action,
        &["card"],
        &[("card", One(Group::Only, Some("AdaptiveCard")))],
    ),
    kind("Action.ToggleVisibility", Group::Action, &["targetElements"], &[("targetElements", Any)]),
];

/// True for an address that a button may open.
pub(super) fn is_link(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    ["https://", "mailto:"].iter().any(|scheme| url.len() > scheme.len() && url.starts_with(scheme))
}
