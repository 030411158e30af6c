//! The key cache: a known key answers at once, the set is refreshed behind it, one fetch at a time,
//! at most every ten seconds; an unknown key is never denied without asking.

use futures_util::{FutureExt, future::join_all};
use jiff::SignedDuration;
use serde_json::json;
use switchboard::{
    model::Moment,
    teams::{
        client,
        keys::{DEADLINE, Keys, Unavailable},
    },
};

use crate::{
    fake_teams::FakeTeams,
    forge::{Forge, with},
};

const HOUR: i64 = 3600;

fn after(seconds: i64) -> Moment {
    Moment::after(SignedDuration::from_secs(seconds))
}

fn keys(teams: &FakeTeams) -> Keys {
    Keys::new(&teams.metadata_url(), client::build(client::TOTAL).unwrap())
}

async fn knows(keys: &Keys, kid: &str, at: i64) -> Result<bool, Unavailable> {
    keys.find(kid, after(at)).await.map(|key| key.is_some())
}

/// Waits until so many sets were given.
async fn fetched(teams: &FakeTeams, times: usize) {
    let waiting = async {
        while teams.keys_fetched() < times {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    };
    assert!(
        tokio::time::timeout(client::TOTAL, waiting).await.is_ok(),
        "not fetched {times} times"
    );
}

#[tokio::test]
async fn a_set_is_refreshed_behind_those_it_answers_ahead_of_its_end() {
    let teams = FakeTeams::start().await;
    let keys = keys(&teams);
    assert_eq!(knows(&keys, "channel-1", 0).await, Ok(true));
    assert_eq!(knows(&keys, "channel-1", 18 * HOUR - 1).await, Ok(true));
    assert!(keys.ready(after(18 * HOUR - 1)).await);
    assert_eq!(teams.keys_fetched(), 1);
    // Microsoft answers slowly, or not at all: nobody whose key is known notices.
    teams.hold_keys(true);
    let asked = teams.keys_asked();
    for _ in 0..5 {
        assert_eq!(
            keys.find("channel-1", after(18 * HOUR)).now_or_never().map(|it| it.is_ok()),
            Some(true)
        );
    }
    while teams.keys_asked() == asked {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    teams.set_channel_keys(vec![with(Forge::channel().jwk(), json!({"kid": "channel-2"}))]);
    teams.hold_keys(false);
    fetched(&teams, 2).await;
    assert_eq!(knows(&keys, "channel-2", 18 * HOUR).await, Ok(true));
    assert_eq!(teams.keys_fetched(), 2);
}

/// Where nobody wrote for a day, a key that was withdrawn meanwhile counts no longer.
#[tokio::test]
async fn a_set_that_nobody_looked_after_is_fetched_first() {
    let teams = FakeTeams::start().await;
    let keys = keys(&teams);
    assert_eq!(knows(&keys, "channel-1", 0).await, Ok(true));
    teams.set_channel_keys(vec![with(Forge::channel().jwk(), json!({"kid": "channel-2"}))]);
    assert_eq!(knows(&keys, "channel-1", 24 * HOUR).await, Ok(false));
    assert_eq!(teams.keys_fetched(), 2);
    // A probe looks after it as well.
    assert!(keys.ready(after(48 * HOUR)).await);
    fetched(&teams, 3).await;
}

#[tokio::test]
async fn a_crowd_fetches_once() {
    let teams = FakeTeams::start().await;
    let keys = keys(&teams);
    let found = join_all((0..50).map(|_| knows(&keys, "channel-1", 0))).await;
    assert!(found.into_iter().all(|it| it == Ok(true)));
    assert_eq!(teams.keys_fetched(), 1);
    let found = join_all((0..50).map(|_| knows(&keys, "nobody", 60))).await;
    assert!(found.into_iter().all(|it| it == Ok(false)));
    assert_eq!(teams.keys_fetched(), 2);
}

/// A stranger's key ids make us ask every ten seconds at most, and never make us say of Microsoft's
/// newest key that there is none.
#[tokio::test]
async fn an_unknown_key_is_asked_for_or_told_to_come_again() {
    let teams = FakeTeams::start().await;
    let keys = keys(&teams);
    assert_eq!(knows(&keys, "nobody", 0).await, Ok(false));
    teams.set_channel_keys(vec![with(Forge::channel().jwk(), json!({"kid": "channel-2"}))]);
    for (kid, at) in [("channel-2", 1), ("stranger", 5), ("channel-2", 9)] {
        assert_eq!(knows(&keys, kid, at).await, Err(Unavailable), "{kid}");
    }
    assert_eq!(teams.keys_fetched(), 1);
    // The stranger's turn brings the new key along.
    assert_eq!(knows(&keys, "stranger", 10).await, Ok(false));
    assert_eq!(knows(&keys, "channel-2", 11).await, Ok(true));
    assert_eq!(knows(&keys, "channel-1", 12).await, Err(Unavailable));
    assert_eq!(knows(&keys, "channel-1", 20).await, Ok(false));
    assert_eq!(teams.keys_fetched(), 3);
}

#[tokio::test]
async fn the_last_good_set_outlives_failures() {
    let teams = FakeTeams::start().await;
    let keys = keys(&teams);
    assert_eq!(knows(&keys, "channel-1", 0).await, Ok(true));
    teams.break_keys(true);
    assert_eq!(knows(&keys, "channel-1", 100_000).await, Ok(true));
    assert_eq!(knows(&keys, "nobody", 100_020).await, Err(Unavailable));
    teams.break_keys(false);
    // An empty set is a failure too.
    teams.set_channel_keys(vec![]);
    assert_eq!(knows(&keys, "channel-1", 100_040).await, Ok(true));
    assert_eq!(knows(&keys, "nobody", 100_060).await, Err(Unavailable));
}

#[tokio::test]
#[allow(clippy::disallowed_methods, reason = "it measures how long one waits")]
async fn nobody_waits_longer_than_the_deadline() {
    let teams = FakeTeams::start().await;
    let keys = keys(&teams);
    teams.hold_keys(true);
    let begin = std::time::Instant::now();
    let found = join_all((0..5).map(|_| knows(&keys, "channel-1", 0))).await;
    assert!(found.into_iter().all(|it| it == Err(Unavailable)));
    assert!(begin.elapsed() < DEADLINE + DEADLINE / 2, "{:?}", begin.elapsed());
    teams.hold_keys(false);
    assert_eq!(knows(&keys, "channel-1", 10).await, Ok(true));
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
