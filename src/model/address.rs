//! Addresses on the web.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// What is encoded when a value becomes part of an address: everything but the unreserved
/// characters of RFC 3986.
pub const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
