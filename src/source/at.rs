//! A value of a file, and where it stands.

use super::place::Place;

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

impl<T> At<T> {
    /// Puts a value at a place.
    pub fn new(value: T, place: &Place) -> Self {
        At { value, place: place.clone() }
    }
}
