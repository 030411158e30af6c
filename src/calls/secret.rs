//! The secrets with which what is posted to other systems is signed, as the Standard Webhooks
//! specification writes them: `whsec_` and the base64 of 24 to 64 bytes. No library that verifies
//! takes any other form, so none is taken here.

use std::ops::RangeInclusive;

use aws_lc_rs::{hmac, rand};
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};

/// Begins every secret.
const BEGINS: &str = "whsec_";
/// How many bytes a secret may hold.
const BYTES: RangeInclusive<usize> = 24..=64;
/// How many a new one has: a multiple of three, so that nobody has to think about padding.
const MADE: usize = 36;
/// Base64 that ends with `=` where it should, or without.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What to do about a secret that cannot be used.
pub const REMEDY: &str = "make one with `switchboard webhook secret`, or with `echo whsec_$(openssl rand -base64 36)`, and give it to the receiver as well";

/// What messages and bodies are signed with. What it holds is shown nowhere.
pub struct Secret(hmac::Key);

impl Secret {
    /// Reads one; an error says what is wrong with it, and never what it holds.
    pub fn read(text: &str) -> Result<Self, String> {
        let Some(encoded) = text.trim().strip_prefix(BEGINS) else {
            return Err(format!("does not begin with `{BEGINS}`"));
        };
        let Ok(bytes) = LENIENT.decode(encoded) else {
            return Err(format!("is no base64 behind `{BEGINS}`"));
        };
        if !BYTES.contains(&bytes.len()) {
            let (least, most) = (BYTES.start(), BYTES.end());
            return Err(format!("has {} bytes, and {least} to {most} are needed", bytes.len()));
        }
        Ok(Secret(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// A new one, as it is written; none when the system has no chance to give.
    pub fn make() -> Option<String> {
        let mut bytes = [0; MADE];
        rand::fill(&mut bytes).ok()?;
        Some(format!("{BEGINS}{}", STANDARD.encode(bytes)))
    }

    /// `v1,` and the HMAC-SHA256 of id, instant (in seconds) and body.
    pub fn sign(&self, id: &str, at: &str, body: &str) -> String {
        let signed = hmac::sign(&self.0, format!("{id}.{at}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(signed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Why this cannot be used.
    fn refused(text: &str) -> String {
        Secret::read(text).err().unwrap_or_else(|| panic!("{text} was taken"))
    }

    #[test]
    fn the_example_of_the_specifications_libraries_is_signed_alike() {
        let secret = Secret::read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature =
            secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn padding_and_blanks_around_it_do_not_matter() {
        let signed = |bytes: usize, ending: &str| {
            let encoded = STANDARD.encode(vec![7; bytes]);
            let text = format!(" whsec_{}{ending}\n", encoded.trim_end_matches('='));
            Secret::read(&text).map(|secret| secret.sign("a", "1", "{}"))
        };
        for (bytes, ending) in [(24, ""), (25, "=="), (26, "="), (64, "==")] {
            let padded = signed(bytes, ending).unwrap();
            assert_eq!(padded, signed(bytes, "").unwrap(), "{bytes}");
        }
    }

    #[test]
    fn what_no_library_takes_is_refused_and_not_shown() {
        let of = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
        assert_eq!(refused("hush-hush-hush-hush-hush-hush"), "does not begin with `whsec_`");
        assert_eq!(
            refused("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            "does not begin with `whsec_`"
        );
        assert_eq!(refused(""), "does not begin with `whsec_`");
        assert_eq!(refused("whsec_"), "has 0 bytes, and 24 to 64 are needed");
        assert_eq!(refused(&of(23)), "has 23 bytes, and 24 to 64 are needed");
        assert_eq!(refused(&of(65)), "has 65 bytes, and 24 to 64 are needed");
        for text in ["not base64 at all, not at all", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_"] {
            assert_eq!(refused(&format!("whsec_{text}")), "is no base64 behind `whsec_`");
        }
    }

    /// tests/peers verifies this file with the libraries that receivers use.
    #[test]
    fn what_other_libraries_verify_is_what_is_signed_here() {
        let bytes =
            |count: u8| (0..count).map(|at| at.wrapping_mul(37) ^ count).collect::<Vec<_>>();
        let bodies = [
            r#"{"id":"0193","type":"session.started"}"#,
            "{\n  \"name\": \"Zoë 👍\", \"path\": \"a\\\\b\", \"none\": null\n}\n",
            r#"{"dots":"a.b.c","data":{"number":1.50,"list":[]}}"#,
        ];
        let mut rows = Vec::new();
        for (at, count) in [24, 25, 26, 36, 64].into_iter().enumerate() {
            let padded = format!("whsec_{}", STANDARD.encode(bytes(count)));
            let bare = padded.trim_end_matches('=').to_owned();
            let mut secrets = vec![padded, bare];
            secrets.dedup();
            for secret in secrets {
                let (id, timestamp) = (format!("msg_{count}"), 1_800_000_000);
                let body = bodies[at % bodies.len()];
                let signature =
                    Secret::read(&secret).unwrap().sign(&id, &timestamp.to_string(), body);
                rows.push(serde_json::json!({
                    "secret": secret, "id": id, "timestamp": timestamp, "body": body, "signature": signature,
                }));
            }
        }
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/webhooks.json");
        let signed = serde_json::to_string_pretty(&rows).unwrap() + "\n";
        if std::env::var_os("BLESS").is_some_and(|bless| bless != "0") {
            std::fs::write(file, &signed).unwrap();
        }
        assert!(std::fs::read_to_string(file).unwrap() == signed, "BLESS=1 rewrites {file}");
    }

    #[test]
    fn a_new_one_can_be_used_and_is_another_each_time() {
        let (one, other) = (Secret::make().unwrap(), Secret::make().unwrap());
        assert_ne!(one, other);
        assert!(Secret::read(&one).is_ok() && !one.contains('='), "{one}");
    }
}
