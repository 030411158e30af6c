//! Bytes to JSON, for bodies that strangers write: nesting is limited before the parser sees it,
//! what JavaScript can write but Rust's strings cannot hold is mended, and U+0000, which databases
//! refuse, becomes U+FFFD.

use serde_json::{Map, Value};

/// The deepest nesting of objects and arrays that is read. Cards and channel data stay below 20.
pub const MAX_DEPTH: usize = 64;

/// Why bytes are not JSON that we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotJson {
    /// The syntax is wrong, or the bytes are not UTF-8.
    #[error("the body is not JSON")]
    Syntax,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("the body is nested deeper than {MAX_DEPTH}")]
    TooDeep,
}

/// Parses `bytes`. Every U+0000 in texts and keys comes back as U+FFFD, and so does every lone
/// surrogate: a JavaScript client that cuts a text in the middle of an emoji writes `"\ud83d"`, and
/// losing the message for that would be harsh.
pub fn parse(bytes: &[u8]) -> Result<Value, NotJson> {
    if depth(bytes) > MAX_DEPTH {
        return Err(NotJson::TooDeep);
    }
    let mut value = serde_json::from_slice(bytes).or_else(|_| {
        serde_json::from_slice(&mend_surrogates(bytes).ok_or(NotJson::Syntax)?)
            .map_err(|_| NotJson::Syntax)
    })?;
    replace_nul(&mut value);
    Ok(value)
}

/// The deepest nesting in `bytes`, found without recursion: brackets count, except inside strings.
fn depth(bytes: &[u8]) -> usize {
    let (mut now, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                now += 1;
                deepest = deepest.max(now);
            }
            b']' | b'}' if !in_string => now = now.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The same bytes with `\ufffd` for each `\uXXXX` that is half of a pair; `None` when there is
/// none, so that nothing is parsed twice in vain.
fn mend_surrogates(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = bytes.to_vec();
    let mut mended = false;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        match escape(bytes, at) {
            Some(0xD800..=0xDBFF) if matches!(escape(bytes, at + 6), Some(0xDC00..=0xDFFF)) => {
                at += 12
            }
            Some(0xD800..=0xDFFF) => {
                out[at + 2..at + 6].copy_from_slice(b"fffd");
                mended = true;
                at += 6;
            }
            Some(_) => at += 6,
            None => at += 2,
        }
    }
    mended.then_some(out)
}

/// The code unit of the escape `\uXXXX` that starts at `at`, if one does.
fn escape(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, digit| {
        Some(unit * 16 + u16::try_from(char::from(*digit).to_digit(16)?).ok()?)
    })
}

/// Recursion is safe here: the depth is known.
fn replace_nul(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('\0') => *text = text.replace('\0', "\u{FFFD}"),
        Value::Array(items) => items.iter_mut().for_each(replace_nul),
        Value::Object(fields) => {
            if fields.keys().any(|key| key.contains('\0')) {
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(key, value)| (key.replace('\0', "\u{FFFD}"), value))
                    .collect::<Map<_, _>>();
            }
            fields.values_mut().for_each(replace_nul);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sixty_four_levels_are_read_and_sixty_five_are_not() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse(nested(64).as_bytes()).is_ok());
        assert_eq!(parse(nested(65).as_bytes()), Err(NotJson::TooDeep));
        assert_eq!(parse("{\"a\":".repeat(100_000).as_bytes()), Err(NotJson::TooDeep));
    }

    #[test]
    fn brackets_in_strings_do_not_nest() {
        let text = format!(r#"{{"text":"\"{}\\"}}"#, "[{".repeat(500));
        assert!(parse(text.as_bytes()).is_ok());
    }

    #[test]
    fn broken_bytes_are_refused() {
        for bytes in
            [&b""[..], b"{", b"hello", b"{}{}", b"\"\xff\"", br#""\ud83d"#, br#""\u12"#, b"\\"]
        {
            assert_eq!(parse(bytes), Err(NotJson::Syntax), "{bytes:?}");
        }
    }

    #[test]
    fn lone_surrogates_are_mended_and_pairs_stay() {
        assert_eq!(parse(br#""a\ud83d""#), Ok(json!("a\u{FFFD}")));
        assert_eq!(parse(br#""\ude00b""#), Ok(json!("\u{FFFD}b")));
        assert_eq!(
            parse(br#""\ud83d\ude00 \ud83d\ud83d\ude00 \\ud83d""#),
            Ok(json!("\u{1F600} \u{FFFD}\u{1F600} \\ud83d"))
        );
    }

    #[test]
    fn nul_becomes_the_replacement_character_everywhere() {
        assert_eq!(
            parse(br#"{"a\u0000":["x\u0000y",{"k":"\u0000"}]}"#),
            Ok(json!({"a\u{FFFD}": ["x\u{FFFD}y", {"k": "\u{FFFD}"}]}))
        );
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }

        #[test]
        fn escapes_in_any_order_are_read(parts in proptest::collection::vec(r"\\u(d[89a-f][0-9a-f]{2}|00[46][1-9])|\\\\|\\n|x", 0..12)) {
            let text = format!("\"{}\"", parts.concat());
            proptest::prop_assert!(parse(text.as_bytes()).is_ok(), "{}", text);
        }
    }
}
