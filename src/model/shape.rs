//! Of what kind values are.

/// What kind of value a variable has, when it is not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Truth,
    /// A list.
    List,
    /// Anything.
    Any,
}
