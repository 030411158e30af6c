//! How many turns a file takes in a second. Run it alone, built for release:
//! `cargo test --release --test store -- --ignored --nocapture speed`.

use std::{sync::Arc, time::Duration};

use switchboard::store::{Line, Turn, Who};

use crate::make::{at, letter, line, next, seen, started, step, turn};

/// What a turn of a guest writes as a rule: their line, an answer, a step on, one changed session.
async fn play(conversations: usize, turns: u64) -> Duration {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("s.db");
    let store = switchboard::store::open(&format!("sqlite:{}", path.display())).await.expect("opens");
    let mut guests = Vec::new();
    for n in 0..conversations {
        let (ann, id) = started(&n.to_string(), "it", at(0));
        store.commit(turn(&ann)).await.expect("commit");
        guests.push((ann, id));
    }
    #[expect(clippy::disallowed_methods, reason = "it measures")]
    let start = std::time::Instant::now();
    let tasks = guests.into_iter().map(|(ann, id)| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for version in 1..=turns {
                let stamp = at(i64::try_from(version).expect("small"));
                let answer = letter(&ann.id, &format!("{{\"type\":\"message\",\"text\":\"{}\"}}", "words ".repeat(60)));
                let said = Line { activity_id: Some(format!("17{version:011}")), ..line(id, Who::Guest, "my VPN is broken again") };
                let told = Line { letter: Some(answer.id), ..line(id, Who::Bot, &"words ".repeat(30)) };
                store
                    .commit(Turn {
                        changed: vec![id],
                        trail: vec![step(id, "topic", stamp, Some("VPN")), step(id, "topic", stamp, None)],
                        lines: vec![said, told],
                        letters: vec![answer],
                        seen: vec![seen(&format!("a:{version}"), at(100_000))],
                        ..next(&ann, version)
                    })
                    .await
                    .expect("commit");
            }
        })
    });
    futures_util::future::try_join_all(tasks).await.expect("no panic");
    let took = start.elapsed();
    store.close().await;
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it measures, and proves nothing"]
async fn turns_in_a_second() {
    for (conversations, turns) in [(1, 1000), (16, 500), (256, 100), (256, 100)] {
        let took = play(conversations, turns).await;
        let number = f64::from(u32::try_from(turns).expect("small")) * f64::from(u32::try_from(conversations).expect("small"));
        println!("{conversations} at once: {:.0} turns/s", number / took.as_secs_f64());
    }
}
