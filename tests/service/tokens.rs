//! The token table: every good token comes in, every bad one is turned away for the right reason.

use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use switchboard::{
    model::Inbound,
    teams::{
        activity,
        verify::{Claims, Rejected, Verifier, VerifierConfig},
    },
};

use crate::{
    fake_teams::{APP_ID, FakeTeams, TENANT},
    forge::{Forge, channel_claims, entra_claims, unsigned, with},
};

const OTHER_APP: &str = "33333333-3333-3333-3333-333333333333";

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

struct Door {
    teams: FakeTeams,
    verifier: Verifier,
    later: i64,
}

impl Door {
    async fn open() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut VerifierConfig)) -> Self {
        let teams = FakeTeams::start().await;
        let mut config = VerifierConfig {
            app_id: Some(APP_ID.into()),
            app_tenant: Some(TENANT.into()),
            cloud: teams.cloud(),
            channels: ["webchat", "emulator"].map(Into::into).to_vec(),
            service_hosts: vec![teams.host()],
            check_endorsements: true,
        };
        change(&mut config);
        Self { teams, verifier: Verifier::new(config).unwrap(), later: 0 }
    }

    fn inbound(&self, patch: Value) -> Inbound {
        let activity = json!({
            "type": "message", "text": "hello", "channelId": "msteams", "serviceUrl": self.teams.service_url(),
            "conversation": {"id": "a:1"}, "from": {"id": "29:u"}, "recipient": {"id": "28:b"}
        });
        activity::read(with(activity, patch).to_string().as_bytes()).unwrap()
    }

    async fn judge_at(
        &self,
        authorization: Option<&str>,
        inbound: &Inbound,
        now: Timestamp,
    ) -> Result<(), Rejected> {
        let claims = self.verifier.verify(authorization, now).await?;
        self.verifier.fits(&claims, inbound)
    }

    async fn judge(&self, token: &str) -> Result<(), Rejected> {
        self.judge_at(Some(&format!("Bearer {token}")), &self.inbound(json!({})), now()).await
    }

    /// The same half a minute later: a set of keys that was just fetched says nothing of keys that
    /// it lacks.
    async fn judge_later(&mut self, token: &str) -> Result<(), Rejected> {
        self.later += 30;
        let now = Timestamp::from_second(1_800_000_000 + self.later).unwrap();
        self.judge_at(Some(&format!("Bearer {token}")), &self.inbound(json!({})), now).await
    }

    /// A channel token with some claims replaced.
    async fn channel(&self, patch: Value) -> Result<(), Rejected> {
        self.judge(&Forge::channel().sign(&with(self.good(), patch))).await
    }

    /// An Entra token with some claims replaced.
    async fn entra(&self, patch: Value) -> Result<(), Rejected> {
        self.judge(&Forge::entra().sign(&with(entra_claims(APP_ID, TENANT, now()), patch))).await
    }

    fn good(&self) -> Value {
        channel_claims(APP_ID, &self.teams.service_url(), now())
    }
}

#[tokio::test]
async fn a_good_channel_token_comes_in() {
    let door = Door::open().await;
    assert_eq!(door.channel(json!({})).await, Ok(()));
    assert_eq!(
        door.judge_at(Some(&door.teams.authorization(now())), &door.inbound(json!({})), now())
            .await,
        Ok(())
    );
    // All the ways in which the same audience and the same service URL are written.
    assert_eq!(door.channel(json!({"aud": ["someone", APP_ID]})).await, Ok(()));
    assert_eq!(door.channel(json!({"aud": format!("api://{APP_ID}")})).await, Ok(()));
    assert_eq!(door.channel(json!({"aud": format!("api://botid-{APP_ID}")})).await, Ok(()));
    assert_eq!(
        door.channel(json!({"serviceurl": format!("{}/", door.teams.service_url())})).await,
        Ok(())
    );
    assert_eq!(
        door.channel(json!({"serviceurl": door.teams.service_url().replace("http", "HTTP")})).await,
        Ok(())
    );
    assert_eq!(door.channel(json!({"nbf": null})).await, Ok(()));
    assert_eq!(door.teams.keys_fetched(), 1);
}

#[tokio::test]
async fn time_may_differ_by_three_hundred_seconds() {
    let door = Door::open().await;
    let now = now().as_second();
    assert_eq!(door.channel(json!({"exp": now})).await, Ok(()));
    assert_eq!(door.channel(json!({"exp": now - 300})).await, Ok(()));
    assert_eq!(door.channel(json!({"exp": now - 301})).await, Err(Rejected::Expired));
    assert_eq!(door.channel(json!({"exp": now - 86_400})).await, Err(Rejected::Expired));
    assert_eq!(door.channel(json!({"nbf": now + 300})).await, Ok(()));
    assert_eq!(door.channel(json!({"nbf": now + 301})).await, Err(Rejected::NotYetValid));
    assert_eq!(door.channel(json!({"exp": null})).await, Err(Rejected::NoExpiry));
    assert_eq!(door.channel(json!({"exp": (now + 60).to_string()})).await, Err(Rejected::NoExpiry));
    assert_eq!(door.entra(json!({"exp": null})).await, Err(Rejected::NoExpiry));
    assert_eq!(door.entra(json!({"exp": now - 301})).await, Err(Rejected::Expired));
}

#[tokio::test]
async fn another_audience_or_issuer_stays_outside() {
    let door = Door::open().await;
    for audience in [
        json!(OTHER_APP),
        json!(""),
        json!([]),
        json!([OTHER_APP]),
        json!(null),
        json!("https://api.botframework.com"),
    ] {
        assert_eq!(
            door.channel(json!({"aud": audience})).await,
            Err(Rejected::Audience),
            "{audience}"
        );
    }
    for issuer in [
        json!("https://api.botframework.com/"),
        json!("https://evil.example"),
        json!(""),
        json!(null),
        json!(["https://api.botframework.com"]),
    ] {
        assert_eq!(door.channel(json!({"iss": issuer})).await, Err(Rejected::Issuer), "{issuer}");
    }
}

#[tokio::test]
async fn only_rs256_counts() {
    let door = Door::open().await;
    let (key, good) = (Forge::channel(), door.good());
    assert_eq!(door.judge(&key.sign_hs256_with_public_key(&good)).await, Err(Rejected::Algorithm));
    for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        assert_eq!(
            door.judge(&key.sign_as(algorithm, key.kid, &good)).await,
            Err(Rejected::Algorithm),
            "{algorithm:?}"
        );
    }
    for alg in ["none", "None", "NONE", "", "rs256"] {
        assert_eq!(
            door.judge(&unsigned(&json!({"alg": alg, "kid": key.kid}), &good, "")).await,
            Err(Rejected::Algorithm),
            "{alg}"
        );
    }
    assert_eq!(
        door.judge(&unsigned(&json!({"kid": key.kid}), &good, "")).await,
        Err(Rejected::Algorithm)
    );
    assert_eq!(
        door.judge(&unsigned(
            &json!({"alg": "RS256", "kid": key.kid, "crit": ["b64"]}),
            &good,
            "AAAA"
        ))
        .await,
        Err(Rejected::Algorithm)
    );
}

#[tokio::test]
async fn a_signature_must_be_that_of_the_issuers_key() {
    let mut door = Door::open().await;
    let good = door.good();
    assert_eq!(door.judge(&Forge::stranger().sign(&good)).await, Err(Rejected::Signature));
    assert_eq!(
        door.judge_later(&Forge::channel().sign_as(Algorithm::RS256, "nobody", &good)).await,
        Err(Rejected::UnknownKey)
    );
    // Entra's key is genuine, but no key of the channels; and the other way round.
    assert_eq!(door.judge_later(&Forge::entra().sign(&good)).await, Err(Rejected::UnknownKey));
    assert_eq!(
        door.judge_later(&Forge::channel().sign(&entra_claims(APP_ID, TENANT, now()))).await,
        Err(Rejected::UnknownKey)
    );
    for header in [
        json!({"alg": "RS256"}),
        json!({"alg": "RS256", "kid": ""}),
        json!({"alg": "RS256", "kid": 1}),
    ] {
        assert_eq!(door.judge(&unsigned(&header, &good, "AAAA")).await, Err(Rejected::UnknownKey));
    }
    // Whoever brings a key right after the set was fetched is not told that there is no such key.
    door.later -= 55;
    assert_eq!(
        door.judge_later(&Forge::channel().sign_as(Algorithm::RS256, "newest", &good)).await,
        Err(Rejected::KeysUnavailable)
    );
    for signature in ["", "AAAA", "not-base64!"] {
        assert_eq!(
            door.judge(&unsigned(&json!({"alg": "RS256", "kid": "channel-1"}), &good, signature))
                .await,
            Err(Rejected::Signature)
        );
    }
    // The signature of one token under the claims of another.
    let token = Forge::channel().sign(&with(good.clone(), json!({"aud": OTHER_APP})));
    let stolen = unsigned(
        &json!({"alg": "RS256", "kid": "channel-1", "typ": "JWT"}),
        &good,
        token.rsplit('.').next().unwrap(),
    );
    assert_eq!(door.judge(&stolen).await, Err(Rejected::Signature));
}

/// A key set may hold keys that are for something else, under the very id.
#[tokio::test]
async fn a_key_for_encryption_or_another_algorithm_vouches_for_nobody() {
    for (patch, judgement) in [
        (json!({"use": "enc"}), Err(Rejected::KeysUnavailable)),
        (json!({"alg": "RSA-OAEP"}), Err(Rejected::KeysUnavailable)),
        (json!({"alg": "RS512"}), Err(Rejected::KeysUnavailable)),
        (json!({"key_ops": ["encrypt"]}), Err(Rejected::KeysUnavailable)),
        (json!({"use": "sig", "alg": "RS256"}), Ok(())),
        (json!({"use": null, "alg": null}), Ok(())),
    ] {
        let door = Door::open().await;
        let key = with(Forge::channel().jwk(), json!({"endorsements": ["msteams"]}));
        door.teams.set_channel_keys(vec![with(key, patch.clone())]);
        assert_eq!(door.channel(json!({})).await, judgement, "{patch}");
        // Beside a good key of another id the set is there, and the key is not.
        let other = with(Forge::entra().jwk(), json!({"endorsements": ["msteams"]}));
        let key = with(Forge::channel().jwk(), json!({"endorsements": ["msteams"]}));
        let door = Door::open().await;
        door.teams.set_channel_keys(vec![other, with(key, patch.clone())]);
        let judgement = judgement.map_err(|_| Rejected::UnknownKey);
        assert_eq!(door.channel(json!({})).await, judgement, "{patch}");
    }
}

#[tokio::test]
async fn the_key_must_be_endorsed_for_the_channel() {
    let door = Door::open().await;
    let authorization = door.teams.authorization(now());
    let on = |channel: &str| door.inbound(json!({"channelId": channel}));
    assert_eq!(door.judge_at(Some(&authorization), &on("webchat"), now()).await, Ok(()));
    assert_eq!(
        door.judge_at(Some(&authorization), &on("directline"), now()).await,
        Err(Rejected::Endorsement)
    );
    assert_eq!(
        door.judge_at(Some(&authorization), &on("MSTeams"), now()).await,
        Err(Rejected::Endorsement)
    );

    let bare = Door::open().await;
    bare.teams.set_channel_keys(vec![Forge::channel().jwk()]);
    assert_eq!(bare.channel(json!({})).await, Err(Rejected::Endorsement));
    let relaxed = Door::with(|config| config.check_endorsements = false).await;
    relaxed.teams.set_channel_keys(vec![Forge::channel().jwk()]);
    assert_eq!(relaxed.channel(json!({})).await, Ok(()));
}

#[tokio::test]
async fn the_service_url_must_be_the_tokens_and_allowed() {
    let door = Door::open().await;
    assert_eq!(door.channel(json!({"serviceurl": null})).await, Err(Rejected::ServiceUrl));
    assert_eq!(door.channel(json!({"serviceurl": ""})).await, Err(Rejected::ServiceUrl));
    assert_eq!(
        door.channel(json!({"serviceurl": "https://smba.trafficmanager.net/teams/"})).await,
        Err(Rejected::ServiceUrl)
    );
    assert_eq!(
        door.channel(json!({"serviceurl": null, "serviceUrl": door.teams.service_url()})).await,
        Err(Rejected::ServiceUrl)
    );

    for (url, judgement) in [
        ("https://smba.trafficmanager.net/teams/", Ok(())),
        ("https://evil.example/", Err(Rejected::Host)),
        ("https://smba.trafficmanager.net@evil.example/", Err(Rejected::Host)),
        ("http://169.254.169.254/", Err(Rejected::Host)),
        ("http://127.0.0.1:1/", Err(Rejected::Host)),
        ("http://localhost:56150/_connector", Err(Rejected::Host)),
    ] {
        let inbound = door.inbound(json!({"serviceUrl": url}));
        let channel =
            format!("Bearer {}", Forge::channel().sign(&channel_claims(APP_ID, url, now())));
        assert_eq!(door.judge_at(Some(&channel), &inbound, now()).await, judgement, "{url}");
        let entra = format!("Bearer {}", Forge::entra().sign(&entra_claims(APP_ID, TENANT, now())));
        assert_eq!(door.judge_at(Some(&entra), &inbound, now()).await, judgement, "{url}");
        assert_eq!(door.verifier.service_url_allowed(url), judgement.is_ok());
    }
}

#[tokio::test]
async fn the_header_must_be_a_bearer_token() {
    let door = Door::open().await;
    let inbound = door.inbound(json!({}));
    let token = Forge::channel().sign(&door.good());
    assert_eq!(door.judge_at(None, &inbound, now()).await, Err(Rejected::NoToken));
    for header in [
        token.clone(),
        format!("Basic {token}"),
        format!("Bearer  {token}"),
        format!("Bearer {token} x"),
        String::new(),
        "Bearer".into(),
        "Bearer ".into(),
    ] {
        assert_eq!(
            door.judge_at(Some(&header), &inbound, now()).await,
            Err(Rejected::Malformed),
            "{header}"
        );
    }
    for garbage in
        ["x", "a.b", "a.b.c", "...", &format!("{token}."), &format!(".{token}"), "W10.W10.W10"]
    {
        assert_eq!(door.judge(garbage).await, Err(Rejected::Malformed), "{garbage}");
    }
    assert_eq!(door.judge(&format!("{token}==")).await, Err(Rejected::Signature));
}

#[tokio::test]
async fn local_clients_bring_entra_tokens_of_this_app() {
    let door = Door::open().await;
    assert_eq!(door.entra(json!({})).await, Ok(()));
    let v2 = json!({"ver": "2.0", "appid": null, "azp": APP_ID, "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0")});
    assert_eq!(door.entra(v2.clone()).await, Ok(()));
    for tenant in [
        "d6d49420-f39b-4df7-a1dc-d59a935871db",
        "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
        "69e9b82d-4842-4902-8d1e-abc5b98a55e8",
    ] {
        assert_eq!(
            door.entra(json!({"tid": tenant, "iss": format!("https://sts.windows.net/{tenant}/")}))
                .await,
            Ok(())
        );
        assert_eq!(
            door.entra(
                json!({"tid": tenant, "iss": format!("https://login.microsoftonline.com/{tenant}/v2.0"), "ver": "2.0", "azp": APP_ID})
            )
            .await,
            Ok(())
        );
    }
    let claims = door
        .verifier
        .verify(
            Some(&format!("Bearer {}", Forge::entra().sign(&entra_claims(APP_ID, TENANT, now())))),
            now(),
        )
        .await;
    assert_eq!(claims, Ok(Claims::Entra { tenant: TENANT.into() }));
}

/// What Azure's "Test in Web Chat" and every other channel bring is genuine, and not let in unless
/// it is asked for.
#[tokio::test]
async fn with_an_app_id_teams_alone_comes_in_unless_channels_are_named() {
    let on = |door: &Door, channel: &str| door.inbound(json!({"channelId": channel}));
    let all = vec!["msteams".to_owned(), "webchat".to_owned(), "directline".to_owned()];
    for (channels, channel, judgement) in [
        (vec![], "msteams", Ok(())),
        (vec![], "webchat", Err(Rejected::Channel)),
        (vec![], "directline", Err(Rejected::Channel)),
        (vec!["webchat"], "webchat", Ok(())),
        (vec!["webchat"], "msteams", Ok(())),
        (vec!["webchat"], "directline", Err(Rejected::Channel)),
        (vec!["webchat"], "WebChat", Err(Rejected::Endorsement)),
        (vec!["directline", "webchat"], "directline", Ok(())),
    ] {
        let named = channels.iter().map(ToString::to_string).collect();
        let door = Door::with(|config| config.channels = named).await;
        door.teams
            .set_channel_keys(vec![with(Forge::channel().jwk(), json!({ "endorsements": all }))]);
        let authorization = door.teams.authorization(now());
        let judged = door.judge_at(Some(&authorization), &on(&door, channel), now()).await;
        assert_eq!(judged, judgement, "{channels:?} {channel}");
    }
    assert_eq!(Rejected::Channel.status(), 403);
}

/// The Emulator's and the Playground's tokens are good for whoever has the bot's own secret: a way
/// in beside Microsoft's, closed unless it is asked for.
#[tokio::test]
async fn tokens_of_local_clients_are_let_in_only_where_the_emulator_is_named() {
    for (channels, channel, judgement) in [
        (vec![], "msteams", Err(Rejected::LocalClient)),
        (vec!["webchat"], "webchat", Err(Rejected::LocalClient)),
        (vec!["emulator"], "emulator", Ok(())),
        (vec!["emulator"], "msteams", Ok(())),
        (vec!["emulator"], "webchat", Err(Rejected::Channel)),
    ] {
        let named = channels.iter().map(ToString::to_string).collect();
        let door = Door::with(|config| config.channels = named).await;
        let token = Forge::entra().sign(&entra_claims(APP_ID, TENANT, now()));
        let inbound = door.inbound(json!({"channelId": channel}));
        let judged = door.judge_at(Some(&format!("Bearer {token}")), &inbound, now()).await;
        assert_eq!(judged, judgement, "{channels:?} {channel}");
    }
}

/// Somebody who signed in to the bot's own app has a token for it, too.
#[tokio::test]
async fn a_persons_token_is_no_apps() {
    let door = Door::open().await;
    for patch in [
        json!({"scp": "access_as_user"}),
        json!({"scp": ""}),
        json!({"scp": null, "idtyp": "user"}),
        json!({"idtyp": "device"}),
        json!({"idtyp": 1}),
        json!({"idtyp": "app", "scp": "x"}),
    ] {
        assert_eq!(door.entra(patch.clone()).await, Err(Rejected::Delegated), "{patch}");
        assert_eq!(door.channel(patch.clone()).await, Err(Rejected::Delegated), "{patch}");
    }
    assert_eq!(door.entra(json!({"idtyp": "app"})).await, Ok(()));
}

#[tokio::test]
async fn foreign_entra_tokens_stay_outside() {
    let door = Door::open().await;
    let foreign = "44444444-4444-4444-4444-444444444444";
    // Another tenant's token is genuine, and its `tid` agrees with its issuer: that proves nothing.
    assert_eq!(
        door.judge(&Forge::entra().sign(&entra_claims(APP_ID, foreign, now()))).await,
        Err(Rejected::Issuer)
    );
    assert_eq!(door.entra(json!({"tid": foreign})).await, Err(Rejected::Tenant));
    assert_eq!(door.entra(json!({"tid": 7})).await, Err(Rejected::Tenant));
    assert_eq!(door.entra(json!({"appid": OTHER_APP})).await, Err(Rejected::Caller));
    assert_eq!(door.entra(json!({"appid": null})).await, Err(Rejected::Caller));
    assert_eq!(door.entra(json!({"ver": "2.0", "azp": OTHER_APP})).await, Err(Rejected::Caller));
    assert_eq!(door.entra(json!({"ver": "2.0"})).await, Err(Rejected::Caller));
    assert_eq!(door.entra(json!({"ver": null})).await, Err(Rejected::Version));
    assert_eq!(door.entra(json!({"ver": "9"})).await, Err(Rejected::Version));
    assert_eq!(door.entra(json!({"aud": OTHER_APP})).await, Err(Rejected::Audience));
    assert_eq!(
        door.entra(json!({"iss": "https://sts.windows.net//"})).await,
        Err(Rejected::Issuer)
    );
    assert_eq!(
        door.entra(json!({"iss": format!("https://sts.windows.net/{TENANT}")})).await,
        Err(Rejected::Issuer)
    );
    // A bot without a tenant of its own does not take the empty one for it.
    let multi_tenant = Door::with(|config| config.app_tenant = Some(String::new())).await;
    assert_eq!(
        multi_tenant.entra(json!({"iss": "https://sts.windows.net//"})).await,
        Err(Rejected::Issuer)
    );
    assert_eq!(multi_tenant.entra(json!({})).await, Err(Rejected::Issuer));
}

#[tokio::test]
async fn without_keys_nobody_is_to_blame() {
    let door = Door::open().await;
    door.teams.break_keys(true);
    assert_eq!(door.channel(json!({})).await, Err(Rejected::KeysUnavailable));
    assert_eq!(Rejected::KeysUnavailable.status(), 503);
    assert!(!door.verifier.ready(now()).await);
    // What can be judged without keys is.
    assert_eq!(door.channel(json!({"iss": "https://evil.example"})).await, Err(Rejected::Issuer));
    assert_eq!(
        [Rejected::Issuer, Rejected::NoToken, Rejected::Host, Rejected::Endorsement]
            .map(Rejected::status),
        [401; 4]
    );
    // Within ten seconds the failure is believed, then asked again.
    door.teams.break_keys(false);
    assert_eq!(door.channel(json!({})).await, Err(Rejected::KeysUnavailable));
    let later = Timestamp::from_second(1_800_000_010).unwrap();
    assert_eq!(
        door.judge_at(Some(&door.teams.authorization(now())), &door.inbound(json!({})), later)
            .await,
        Ok(())
    );
    assert!(door.verifier.ready(later).await);
}

#[tokio::test]
async fn without_an_app_id_only_the_nameless_come_in() {
    let door = Door::with(|config| {
        config.app_id = None;
        config.service_hosts.clear();
    })
    .await;
    assert_eq!(door.verifier.verify(None, now()).await, Ok(Claims::Anonymous));
    assert_eq!(door.judge_at(None, &door.inbound(json!({})), now()).await, Ok(()));
    assert_eq!(
        door.judge_at(None, &door.inbound(json!({"serviceUrl": "https://evil.example/"})), now())
            .await,
        Err(Rejected::Host)
    );
    for header in ["", "Bearer x", &door.teams.authorization(now())] {
        assert_eq!(
            door.judge_at(Some(header), &door.inbound(json!({})), now()).await,
            Err(Rejected::UnexpectedToken)
        );
    }
    assert!(door.verifier.ready(now()).await);
    assert_eq!(door.teams.keys_fetched(), 0);
}
