//! Makes tokens: genuine ones with real RSA keys, and every kind of bad one.

use std::sync::OnceLock;

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
};
use base64::{Engine, engine::general_purpose};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};

/// One RSA key with its id.
pub struct Forge {
    pub kid: &'static str,
    key: EncodingKey,
}

impl Forge {
    /// The key that signs the tokens of channels.
    pub fn channel() -> &'static Self {
        static KEY: OnceLock<Forge> = OnceLock::new();
        KEY.get_or_init(|| Self::new("channel-1"))
    }

    /// The key that signs the tokens of Entra.
    pub fn entra() -> &'static Self {
        static KEY: OnceLock<Forge> = OnceLock::new();
        KEY.get_or_init(|| Self::new("entra-1"))
    }

    /// The attacker's own key, under the id of the channels' key.
    pub fn stranger() -> &'static Self {
        static KEY: OnceLock<Forge> = OnceLock::new();
        KEY.get_or_init(|| Self::new("channel-1"))
    }

    fn new(kid: &'static str) -> Self {
        switchboard::teams::install_crypto();
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<Pkcs8V1Der>::as_der(&pair).unwrap();
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            general_purpose::STANDARD.encode(der.as_ref())
        );
        Self { kid, key: EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap() }
    }

    /// The public half as it stands in a key set.
    pub fn jwk(&self) -> Value {
        let mut jwk =
            serde_json::to_value(Jwk::from_encoding_key(&self.key, Algorithm::RS256).unwrap())
                .unwrap();
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk
    }

    /// A token with these claims, signed with RS256.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_as(Algorithm::RS256, self.kid, claims)
    }

    /// A token signed with another RSA algorithm or under another key id.
    pub fn sign_as(&self, algorithm: Algorithm, kid: &str, claims: &Value) -> String {
        let header = Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) };
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }

    /// The classic: HS256 with the public key as the secret.
    pub fn sign_hs256_with_public_key(&self, claims: &Value) -> String {
        let modulus =
            general_purpose::URL_SAFE_NO_PAD.decode(self.jwk()["n"].as_str().unwrap()).unwrap();
        let header = Header { kid: Some(self.kid.to_owned()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(&modulus)).unwrap()
    }
}

/// A token with any header and an empty or made-up signature.
pub fn unsigned(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

/// The claims of a channel token, as Teams sends them.
pub fn channel_claims(app_id: &str, service_url: &str, now: Timestamp) -> Value {
    let now = now.as_second();
    json!({"serviceurl": service_url, "nbf": now - 60, "exp": now + 3540, "iss": "https://api.botframework.com", "aud": app_id})
}

/// The claims of an Entra token of version 1, as the Emulator and the Playground send them.
pub fn entra_claims(app_id: &str, tenant: &str, now: Timestamp) -> Value {
    let now = now.as_second();
    json!({
        "aud": app_id, "iss": format!("https://sts.windows.net/{tenant}/"), "iat": now, "nbf": now, "exp": now + 3599,
        "appid": app_id, "appidacr": "1", "tid": tenant, "ver": "1.0"
    })
}

/// `claims` with some of them replaced; null removes.
pub fn with(mut claims: Value, patch: Value) -> Value {
    let fields = claims.as_object_mut().unwrap();
    for (name, value) in patch.as_object().unwrap() {
        if value.is_null() {
            fields.remove(name)
        } else {
            fields.insert(name.clone(), value.clone())
        };
    }
    claims
}
