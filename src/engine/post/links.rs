//! Links to carried files: whoever has one can read the file, until a certain instant or until links
//! are revoked. Nobody can make one without the key, which the store keeps, so that links outlive the
//! process.

use std::sync::Arc;

use arc_swap::ArcSwap;
use aws_lc_rs::{hmac, rand};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use percent_encoding::utf8_percent_encode;

use crate::{
    model::{FileId, address::ENCODED},
    store::{Store, StoreError},
};

/// The name of the key in the store.
const KEY: &str = "links";

/// Makes links and judges them.
pub struct Links {
    base: String,
    key: ArcSwap<hmac::Key>,
}

/// Random bytes for a key.
fn fresh() -> Result<Vec<u8>, StoreError> {
    let mut fresh = vec![0; 32];
    rand::fill(&mut fresh)
        .map_err(|_| StoreError::Broken("the system has no random numbers".to_owned()))?;
    Ok(fresh)
}

/// A key of these bytes.
fn key(bytes: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, bytes)
}

/// Another key from now on: no link that was given out before is good any more. `links` are those
/// of this process, where there are any.
///
/// # Errors
/// When the store cannot keep the key; then the old one stays.
pub async fn revoke(store: &dyn Store, links: Option<&Links>) -> Result<(), StoreError> {
    let fresh = fresh()?;
    store.replace_secret(KEY, fresh.clone()).await?;
    if let Some(links) = links {
        links.key.store(Arc::new(key(&fresh)));
    }
    Ok(())
}

impl Links {
    /// `base` is the address under which people reach the service.
    ///
    /// # Errors
    /// When the store cannot give the key.
    pub async fn new(store: &dyn Store, base: &str) -> Result<Self, StoreError> {
        let kept = store.secret(KEY, fresh()?).await?;
        Ok(Links {
            base: base.trim_end_matches('/').to_owned(),
            key: ArcSwap::from_pointee(key(&kept)),
        })
    }

    /// The link to a file, good until then. The name stands there for people to read.
    pub fn link(&self, file: FileId, name: &str, until: Timestamp) -> String {
        let until = until.as_second();
        let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&self.key.load(), &signed(file, until)));
        format!(
            "{}/files/{file}/{}?until={until}&sig={signature}",
            self.base,
            utf8_percent_encode(name, ENCODED)
        )
    }

    /// True when the link is ours and still good. Compared in constant time.
    pub fn is_good(&self, file: FileId, until: i64, signature: &str, now: Timestamp) -> bool {
        let given = URL_SAFE_NO_PAD.decode(signature);
        given
            .is_ok_and(|given| hmac::verify(&self.key.load(), &signed(file, until), &given).is_ok())
            && now.as_second() < until
    }
}

/// What is signed: 16 bytes of the file's id, 8 of the instant.
fn signed(file: FileId, until: i64) -> [u8; 24] {
    let mut bytes = [0; 24];
    bytes[..16].copy_from_slice(file.0.as_bytes());
    bytes[16..].copy_from_slice(&until.to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::SqliteStore;

    #[tokio::test]
    async fn links_are_good_for_their_file_and_their_time() {
        let store = SqliteStore::in_memory().await.unwrap();
        let links = Links::new(&store, "https://bot.contoso.com/").await.unwrap();
        let (file, other) = (FileId(uuid::Uuid::new_v4()), FileId(uuid::Uuid::new_v4()));
        let until: Timestamp = "2026-12-01T09:00:00Z".parse().unwrap();
        let before = "2026-12-01T08:59:59Z".parse().unwrap();
        let link = links.link(file, "a/b \"c\" (1)_🦊.png", until);
        let (address, query) = link.split_once('?').unwrap();
        assert_eq!(
            address,
            format!(
                "https://bot.contoso.com/files/{file}/a%2Fb%20%22c%22%20%281%29_%F0%9F%A6%8A.png"
            )
        );
        let (until, signature) = query.strip_prefix("until=").unwrap().split_once("&sig=").unwrap();
        let until: i64 = until.parse().unwrap();
        assert!(links.is_good(file, until, signature, before));
        // Another process of the same store.
        let again = Links::new(&store, "http://127.0.0.1:1").await.unwrap();
        assert!(again.is_good(file, until, signature, before));
        assert!(
            !links.is_good(file, until, signature, Timestamp::from_second(until).unwrap()),
            "too late"
        );
        assert!(!links.is_good(other, until, signature, before), "another file");
        assert!(!links.is_good(file, until + 1, signature, before), "another time");
        for forged in
            ["", "x", "====", &signature[1..], &format!("{signature}A"), &signature.to_uppercase()]
        {
            assert!(!links.is_good(file, until, forged, before), "{forged}");
        }
        revoke(&store, Some(&links)).await.unwrap();
        assert!(!links.is_good(file, until, signature, before), "revoked");
        let link = links.link(file, "a", Timestamp::from_second(until).unwrap());
        let anew = link.rsplit_once("sig=").unwrap().1;
        assert!(links.is_good(file, until, anew, before), "the key of now");
        let again = Links::new(&store, "http://127.0.0.1:1").await.unwrap();
        assert!(
            again.is_good(file, until, anew, before)
                && !again.is_good(file, until, signature, before)
        );
        let stranger =
            Links::new(&SqliteStore::in_memory().await.unwrap(), "https://bot.contoso.com")
                .await
                .unwrap();
        assert!(!stranger.is_good(file, until, signature, before), "another key");
    }
}
