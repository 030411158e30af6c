//! A hundred changes of the company's files in a second, under load: is a turn lost, is memory left
//! behind?

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use crate::{
    Forge, Guest, Shared, Target, mock,
    targets::{ADMIN, FRONT},
};

/// A matter has so many turns; then it is closed, and the next one begins on the files of that
/// moment.
const TURNS: u64 = 6;
/// A guest writes this often: the bot lets 60 activities pass in ten seconds.
const PACE: Duration = Duration::from_millis(200);
/// Wanted changes a second.
const CHANGES: u64 = 100;

/// What guests and the changing files share.
#[derive(Default)]
struct State {
    stop: AtomicBool,
    turns: AtomicU64,
    /// Turns on files that were no longer in use for new matters.
    pinned: AtomicU64,
    version: AtomicU64,
}

/// Guests talk all the time; the files change in the middle third of `seconds`.
pub(crate) async fn run(guests: u64, seconds: u64) {
    switchboard::teams::install_crypto();
    let shared = mock();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut target =
        Target::start("sqlite", &shared.base, &Forge::channel().jwk().to_string(), guests);
    let state = Arc::new(State::default());
    let talks: Vec<_> = std::mem::take(&mut target.guests)
        .into_iter()
        .map(|guest| {
            let talk = talk(guest, shared.clone(), http.clone(), target.url.clone(), state.clone());
            tokio::spawn(talk)
        })
        .collect();
    println!(
        "| part | s | changes | changes/s | turns | RSS before, MiB | RSS after, MiB |\n|---|---:|---:|---:|---:|---:|---:|"
    );
    for (part, share, changes) in [
        ("warming up", 6, false),
        ("quiet", 3, false),
        ("changes", 3, true),
        ("changes", 3, true),
        ("quiet", 3, false),
    ] {
        let (before, turns_before, version_before, begin) =
            (rss(&target), state.turns.load(Relaxed), state.version.load(Relaxed), Instant::now());
        let span = Duration::from_secs(seconds) / share;
        while begin.elapsed() < span {
            if changes {
                change(&target, &http, state.version.load(Relaxed) + 1).await;
                let count = state.version.fetch_add(1, Relaxed) + 1 - version_before;
                let due = begin
                    + Duration::from_micros(1_000_000 / CHANGES) * u32::try_from(count).unwrap();
                tokio::time::sleep_until(due.into()).await;
            } else {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        let (elapsed, count) =
            (begin.elapsed().as_secs_f64(), state.version.load(Relaxed) - version_before);
        println!(
            "| {part} | {elapsed:.1} | {count} | {:.0} | {} | {before:.1} | {:.1} |",
            count as f64 / elapsed,
            state.turns.load(Relaxed) - turns_before,
            rss(&target)
        );
    }
    state.stop.store(true, Relaxed);
    for talk in talks {
        talk.await.unwrap();
    }
    println!(
        "\n{} turns, each answered right and on the files that its matter began with; {} of them while other files were in use",
        state.turns.load(Relaxed),
        state.pinned.load(Relaxed)
    );
    drop(target.child.stdin.take());
    assert!(target.child.wait().unwrap().success());
}

/// Writes other files, by rename as an editor does, and waits until they are in use.
async fn change(target: &Target, http: &reqwest::Client, version: u64) {
    let file = Path::new(&target.company).join("tenants/front/tenant.yaml");
    let text = FRONT.replace("{{Guest.Id}}.", &format!("{{{{Guest.Id}}}}. Files {version}."));
    let next = file.with_extension("next");
    std::fs::write(&next, text).unwrap();
    std::fs::rename(&next, &file).unwrap();
    let url = target.url.replace("/api/messages", "/api/v1/reload");
    let answer = http.post(url).bearer_auth(ADMIN).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let answer: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(answer["ok"], true, "{answer}");
}

/// Talks until told to stop: every turn must be answered, with this matter's count of turns and on
/// the files that it began with.
async fn talk(
    mut guest: Guest,
    shared: Arc<Shared>,
    http: reqwest::Client,
    url: String,
    state: Arc<State>,
) {
    guest.open(&shared);
    let mut number = 0;
    while !state.stop.load(Relaxed) {
        let mut began_on: Option<String> = None;
        for turn in 1..=TURNS {
            let begin = Instant::now();
            number += 1;
            let id = format!("f:{}:{number}", guest.conversation());
            guest.post(&http, &url, &id, if turn == TURNS { "Nothing" } else { "Again" }).await;
            let right = if turn == TURNS {
                "Bye.".to_owned()
            } else {
                format!("Turn {turn} of 29:{}.", guest.conversation())
            };
            let (_, reply) = guest.reply(&right).await;
            assert!(reply.contains(&right), "not `{right}` but {reply}");
            if turn < TURNS {
                let files = reply
                    .split("Files ")
                    .nth(1)
                    .and_then(|rest| rest.split('.').next())
                    .unwrap_or_default()
                    .to_owned();
                let first = began_on.get_or_insert_with(|| files.clone());
                assert_eq!(*first, files, "the matter began on other files");
                state.pinned.fetch_add(
                    u64::from(
                        files.parse().is_ok_and(|files: u64| files < state.version.load(Relaxed)),
                    ),
                    Relaxed,
                );
            }
            state.turns.fetch_add(1, Relaxed);
            tokio::time::sleep(PACE.saturating_sub(begin.elapsed())).await;
        }
    }
}

/// Resident memory of the target's process.
fn rss(target: &Target) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", target.child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}
