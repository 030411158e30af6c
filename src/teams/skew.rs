//! How far the clock of this machine is from Microsoft's: every answer brings theirs. Tokens of Teams
//! are good from one instant to another, so that a wrong clock refuses all of them, and nothing else
//! says why.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use reqwest::{
    Client,
    header::{AGE, DATE, HeaderMap},
};

use crate::model::{Moment, Monotonic};

/// So far a clock may be off: what the checks of tokens allow.
const MOST: SignedDuration = SignedDuration::from_secs(300);
/// From this age on an old answer is believed no more when it says that the clock is wrong: this
/// machine may have slept, or somebody has set the clock.
const OLD: SignedDuration = SignedDuration::from_secs(2);
/// How long it may take to ask.
const DEADLINE: Duration = Duration::from_millis(1500);

/// The present instant by the wall clock.
pub type Wall = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Compares the two clocks. Cheap to clone.
#[derive(Clone)]
pub struct Skew(Arc<Inner>);

struct Inner {
    wall: Wall,
    steady: Monotonic,
    latest: Mutex<Option<Sample>>,
    told: Mutex<bool>,
}

/// An answer's instant, and when it came by the clock that nobody sets.
#[derive(Clone, Copy)]
struct Sample {
    theirs: Timestamp,
    came: Moment,
}

impl Skew {
    /// Nothing is known yet.
    pub fn new(wall: Wall, steady: Monotonic) -> Self {
        Skew(Arc::new(Inner { wall, steady, latest: Mutex::default(), told: Mutex::default() }))
    }

    /// An answer of Microsoft's came just now. One from a cache says when it was made.
    pub(super) fn note(&self, headers: &HeaderMap) {
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        let theirs = date
            .filter(|_| !headers.contains_key(AGE))
            .and_then(|date| httpdate::parse_http_date(date).ok())
            .and_then(|date| Timestamp::try_from(date).ok());
        if let Some(theirs) = theirs {
            let came = self.0.steady.now();
            *self.0.latest.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(Sample { theirs, came });
        }
    }

    /// How far this machine's clock is ahead, as far as is known, and how old that knowledge is.
    fn known(&self) -> Option<(SignedDuration, SignedDuration)> {
        let sample = (*self.0.latest.lock().unwrap_or_else(PoisonError::into_inner))?;
        let age = self.0.steady.now().duration_since(sample.came);
        let theirs = sample.theirs.checked_add(age).ok()?;
        Some(((self.0.wall)().duration_since(theirs), age))
    }

    /// What is wrong with the clock, in words; none when nothing is, or nothing is known. What an old
    /// answer says against it is asked anew, at the address of the login service.
    pub(super) async fn wrong(&self, http: &Client, login: &str) -> Option<String> {
        let (ahead, age) = self.known()?;
        let ahead = if ahead.abs() > MOST && age > OLD {
            if let Ok(answer) = http.head(login).timeout(DEADLINE).send().await {
                self.note(answer.headers());
            }
            self.known()?.0
        } else {
            ahead
        };
        let wrong = (ahead.abs() > MOST).then(|| words(ahead));
        self.tell(wrong.as_deref());
        wrong
    }

    /// Says it once, and once that it is over.
    fn tell(&self, wrong: Option<&str>) {
        let mut told = self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        match (wrong, *told) {
            (Some(wrong), false) => tracing::error!("{wrong}"),
            (None, true) => tracing::info!("the clock of this machine is right again"),
            _ => {}
        }
        *told = wrong.is_some();
    }
}

fn words(ahead: SignedDuration) -> String {
    let seconds = ahead.abs().as_secs();
    let span = match (seconds + 30) / 60 {
        minutes if minutes < 120 => format!("{minutes} minutes"),
        minutes => format!("{} hours", (minutes + 30) / 60),
    };
    let (side, what) = if ahead.is_negative() {
        ("behind", "fresh tokens of Teams are refused as not yet valid")
    } else {
        ("ahead of", "tokens of Teams are refused as expired")
    };
    format!(
        "the clock of this machine is {span} {side} Microsoft's: {what}; set it, and let it be set over the network (NTP)"
    )
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    fn skew() -> (Skew, Arc<AtomicI64>, Arc<AtomicI64>) {
        let (wall, passed) = (Arc::new(AtomicI64::new(1_800_000_000)), Arc::new(AtomicI64::new(0)));
        let (own, steady) = (wall.clone(), passed.clone());
        let skew = Skew::new(
            Arc::new(move || Timestamp::from_second(own.load(Ordering::SeqCst)).unwrap()),
            Monotonic::new(move || {
                Moment::after(SignedDuration::from_secs(steady.load(Ordering::SeqCst)))
            }),
        );
        (skew, wall, passed)
    }

    fn dated(seconds: u64) -> HeaderMap {
        let date = std::time::UNIX_EPOCH + Duration::from_secs(seconds);
        [(DATE, httpdate::fmt_http_date(date).parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn a_clock_that_is_set_later_is_noticed() {
        let (skew, wall, passed) = skew();
        assert_eq!(skew.known(), None);
        skew.note(&dated(1_800_000_600));
        assert_eq!(skew.known().unwrap().0, SignedDuration::from_secs(-600));
        // Somebody sets it right; time passes for both.
        wall.fetch_add(700, Ordering::SeqCst);
        passed.fetch_add(100, Ordering::SeqCst);
        assert_eq!(skew.known().unwrap().0, SignedDuration::ZERO);
        // What a cache kept says nothing of now.
        let mut cached = dated(1_800_000_000);
        cached.insert(AGE, "700".parse().unwrap());
        skew.note(&cached);
        assert_eq!(skew.known().unwrap().0, SignedDuration::ZERO);
    }

    #[tokio::test]
    async fn five_minutes_are_allowed() {
        crate::teams::install_crypto();
        let http = super::super::client::build(DEADLINE).unwrap();
        let (skew, ..) = skew();
        for (theirs, part) in [
            (1_800_000_300, None),
            (1_800_000_301, Some("5 minutes behind")),
            (1_799_999_400, Some("10 minutes ahead of")),
            (1_799_970_000, Some("8 hours ahead of")),
        ] {
            skew.note(&dated(theirs));
            let wrong = skew.wrong(&http, "http://127.0.0.1:9/").await;
            match part {
                None => assert_eq!(wrong, None),
                Some(part) => assert!(wrong.is_some_and(|said| said.contains(part)), "{part}"),
            }
        }
    }
}
