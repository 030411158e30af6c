//! The log follows one guest: every turn names conversation and session, every letter the
//! conversation; and nothing of what anybody said or is called.

#![allow(clippy::disallowed_methods, reason = "a process of its own has the system's clock")]

use std::{
    fs,
    net::TcpListener,
    sync::{Arc, atomic::AtomicUsize},
    time::{Duration, Instant},
};

use crate::{
    company,
    fake_teams::FakeTeams,
    kills::{COMPANY, FRONT, conversation, get, start, wait_until_ready, write},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_guest_can_be_followed_through_the_log() {
    let teams = Arc::new(FakeTeams::start().await);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    company::write(folder.path(), "company/company.yaml", COMPANY);
    company::write(folder.path(), "company/tenants/front/tenant.yaml", FRONT);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let base = format!("http://127.0.0.1:{port}");
    let _program = start(&teams, folder.path(), port, "switchboard=debug");
    wait_until_ready(&base).await;
    let count = Arc::new(AtomicUsize::new(0));
    for guest in 0..2 {
        write(guest, teams.clone(), base.clone(), count.clone(), count.clone()).await;
    }
    for guest in 0..2 {
        let id = conversation(guest);
        let sessions = get(&format!("{base}/api/v1/sessions?conversation={id}")).await;
        let session = sessions["items"][0]["id"].as_str().unwrap();
        let begin = Instant::now();
        loop {
            let log = fs::read_to_string(folder.path().join("log.txt")).unwrap();
            let of_guest: Vec<&str> = log.lines().filter(|line| line.contains(&id)).collect();
            let count = |words: &str, part: &str| {
                of_guest.iter().filter(|line| line.contains(words) && line.contains(part)).count()
            };
            // Six messages: each is a turn of this session, and each turn is answered.
            let turns = count("a turn was kept", &format!("session={session}"));
            if turns == 6 && count("a letter was delivered", "letter=") >= 6 {
                for said in ["Again", "Adele", "Vance", "Turn 1 of", "Bearer"] {
                    assert!(!log.contains(said), "the log repeats `{said}`:\n{log}");
                }
                break;
            }
            assert!(begin.elapsed() < Duration::from_secs(60), "{turns} turns in\n{log}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
