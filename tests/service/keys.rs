//! The key cache: a day, one fetch at a time, forced at most every five minutes, and never worse
//! than before.

use futures_util::{FutureExt, future::join_all};
use jiff::SignedDuration;
use serde_json::json;
use switchboard::{
    model::Moment,
    teams::{
        client,
        keys::{Keys, Unavailable},
    },
};

use crate::{
    fake_teams::FakeTeams,
    forge::{Forge, with},
};

fn after(seconds: i64) -> Moment {
    Moment::after(SignedDuration::from_secs(seconds))
}

fn keys(teams: &FakeTeams) -> Keys {
    Keys::new(&teams.metadata_url(), client::build(client::TOTAL).unwrap())
}

async fn knows(keys: &Keys, kid: &str, at: i64) -> Result<bool, Unavailable> {
    keys.find(kid, after(at)).await.map(|key| key.is_some())
}

#[tokio::test]
async fn a_set_is_kept_for_a_day() {
    let teams = FakeTeams::start().await;
    let keys = keys(&teams);
    assert_eq!(knows(&keys, "channel-1", 0).await, Ok(true));
    assert_eq!(knows(&keys, "channel-1", 86_399).await, Ok(true));
    assert_eq!(teams.keys_fetched(), 1);
    assert_eq!(knows(&keys, "channel-1", 86_400).await, Ok(true));
    assert_eq!(teams.keys_fetched(), 2);
}

#[tokio::test]
async fn a_crowd_fetches_once() {
    let teams = FakeTeams::start().await;
    let keys = keys(&teams);
    let found = join_all((0..50).map(|_| knows(&keys, "channel-1", 0))).await;
    assert!(found.into_iter().all(|it| it == Ok(true)));
    assert_eq!(teams.keys_fetched(), 1);
    let found = join_all((0..50).map(|_| knows(&keys, "nobody", 0))).await;
    assert!(found.into_iter().all(|it| it == Ok(false)));
    assert_eq!(teams.keys_fetched(), 2);
}

#[tokio::test]
async fn unknown_ids_force_a_fetch_every_five_minutes() {
    let teams = FakeTeams::start().await;
    let keys = keys(&teams);
    assert_eq!(knows(&keys, "nobody", 0).await, Ok(false));
    assert_eq!(teams.keys_fetched(), 1);
    teams.set_channel_keys(vec![with(Forge::channel().jwk(), json!({"kid": "channel-2"}))]);
    assert_eq!(knows(&keys, "channel-2", 1).await, Ok(true));
    assert_eq!(knows(&keys, "channel-1", 2).await, Ok(false));
    assert_eq!(knows(&keys, "another", 300).await, Ok(false));
    assert_eq!(teams.keys_fetched(), 2);
    assert_eq!(knows(&keys, "another", 301).await, Ok(false));
    assert_eq!(teams.keys_fetched(), 3);
}

#[tokio::test]
async fn the_last_good_set_outlives_failures() {
    let teams = FakeTeams::start().await;
    let keys = keys(&teams);
    assert_eq!(knows(&keys, "channel-1", 0).await, Ok(true));
    teams.break_keys(true);
    assert_eq!(knows(&keys, "channel-1", 100_000).await, Ok(true));
    assert_eq!(knows(&keys, "nobody", 100_020).await, Ok(false));
    teams.break_keys(false);
    // An empty set is a failure too.
    teams.set_channel_keys(vec![]);
    assert_eq!(knows(&keys, "channel-1", 100_040).await, Ok(true));
}

#[tokio::test]
async fn keys_never_come_over_plain_http_from_afar() {
    switchboard::teams::install_crypto();
    let keys = Keys::new(
        "http://login.botframework.com/v1/.well-known/openidconfiguration",
        client::build(client::TOTAL).unwrap(),
    );
    assert_eq!(knows(&keys, "channel-1", 0).await, Err(Unavailable));
    assert!(!keys.ready(after(0)).await);
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_waste_the_fetch() {
    let teams = FakeTeams::start().await;
    let keys = keys(&teams);
    assert!(keys.find("channel-1", after(0)).now_or_never().is_none());
    // The second one waits for the first one's fetch.
    assert_eq!(knows(&keys, "channel-1", 0).await, Ok(true));
    assert_eq!(teams.keys_fetched(), 1);
}
