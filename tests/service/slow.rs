//! Those who do nothing, slowly: connections without requests, heads and bodies that never end. They
//! get nothing, and nobody else waits for them.

#![allow(clippy::disallowed_methods, reason = "it measures how long answers take")]

use std::{
    net::TcpListener,
    sync::{Arc, atomic::AtomicUsize},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    app::{ADMIN, TestApp},
    company,
    fake_teams::FakeTeams,
    kills::{COMPANY, FRONT, start_with, wait_until_ready, write},
};

/// What a slow one has said before it falls silent.
const HEADS: [&str; 4] = [
    "",
    "POST /api/messages HTTP/1.1\r\nHost: x\r\nAuthor",
    "POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n{",
    "POST /api/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n",
];

async fn connect(address: &str, said: &str) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.unwrap();
    // The server may be done with it already.
    let _ = socket.write_all(said.as_bytes()).await;
    socket
}

/// What comes until the server hangs up.
async fn rest(mut socket: TcpStream) -> String {
    let mut answer = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(25), socket.read_to_end(&mut answer)).await;
    assert!(end.is_ok(), "the server holds on; so far: {}", String::from_utf8_lossy(&answer));
    String::from_utf8(answer).unwrap()
}

/// Runs the program with limits of a shell, and lets guests write beside `slow` connections.
async fn guests_beside(slow: usize, limits: &'static str) -> (Duration, String) {
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let teams = Arc::new(FakeTeams::start().await);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    company::write(folder.path(), "company/company.yaml", COMPANY);
    company::write(folder.path(), "company/tenants/front/tenant.yaml", FRONT);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (address, base) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
    let _program = start_with(&teams, folder.path(), port, "info", limits);
    wait_until_ready(&base).await;
    let mut sockets = Vec::new();
    for index in 0..slow {
        sockets.push(connect(&address, HEADS[index % HEADS.len()]).await);
    }
    let begin = Instant::now();
    let (done, failed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    for guest in 0..3 {
        write(guest, teams.clone(), base.clone(), done.clone(), failed.clone()).await;
    }
    let took = begin.elapsed();
    drop(sockets);
    (took, std::fs::read_to_string(folder.path().join("log.txt")).unwrap())
}

/// Few files may be open at first: the program raises the limit as far as it may.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_slow_connections_hold_no_guest_up() {
    let (took, log) = guests_beside(2000, "ulimit -S -n 256").await;
    assert!(took < Duration::from_secs(4), "18 turns took {took:?}\n{log}");
    assert!(!log.contains("Too many open files"), "{log}");
}

/// Where it may not, connections are fewer than files: the slow ones are let go, and nothing else
/// of the program lacks a file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_few_files_may_be_open_connections_are_fewer() {
    let (_, log) = guests_beside(200, "ulimit -n 200").await;
    assert!(!log.contains("Too many open files") && !log.contains("ERROR"), "{log}");
}

#[tokio::test]
async fn a_strangers_connection_ends_with_the_answer_however_much_is_still_to_come() {
    let app = TestApp::start().await;
    let address = app.base().trim_start_matches("http://").to_owned();
    let answers = futures_util::future::join_all(
        ["/api/messages", "/api/v1/check", "/nowhere", "/healthz"].into_iter().flat_map(|path| {
            [
                "Content-Length: 200000\r\n\r\n{",
                "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n",
            ]
            .map(|body| {
                let said = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{body}");
                let address = address.clone();
                async move {
                    let begin = Instant::now();
                    let answer = rest(connect(&address, &said).await).await;
                    (said, answer, begin.elapsed())
                }
            })
        }),
    )
    .await;
    for (said, answer, took) in answers {
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(["401", "404", "405"].contains(&status), "{said}: {answer}");
        assert!(answer.to_lowercase().contains("\r\nconnection: close\r\n"), "{said}: {answer}");
        assert!(took < Duration::from_secs(5), "{said} {took:?}");
    }
    // A second head that never ends, after a request that anybody may make.
    let said = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HT";
    let answer = rest(connect(&address, said).await).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.contains("connection: close"),
        "{answer}"
    );
    app.finish().await;
}

/// Also of those who may come in: a body has ten seconds.
#[tokio::test]
async fn a_body_that_never_ends_is_408() {
    let app = TestApp::start().await;
    let address = app.base().trim_start_matches("http://").to_owned();
    let own = app.teams.authorization(app.now());
    let admin = format!("Bearer {ADMIN}");
    let asked = [("/api/messages", own), ("/api/v1/check", admin)].into_iter().flat_map(|(path, authorization)| {
        ["Content-Length: 9\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n"].map(|body| {
            format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n{body}")
        })
    });
    let answers = futures_util::future::join_all(asked.map(|said| {
        let address = address.clone();
        async move {
            let begin = Instant::now();
            (rest(connect(&address, &said).await).await, begin.elapsed())
        }
    }))
    .await;
    assert_eq!(answers.len(), 4);
    for (answer, took) in answers {
        assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("too_slow"), "{answer}");
        assert!((10..14).contains(&took.as_secs()), "{took:?}");
    }
    app.finish().await;
}

/// Teams and proxies keep connections for a minute or two: one that was quiet is not cut while the
/// next request is on its way, and how long it may be quiet is announced.
#[tokio::test]
async fn a_known_senders_connection_is_kept_longer_than_they_keep_it() {
    let app = TestApp::start().await;
    let address = app.base().trim_start_matches("http://").to_owned();
    let mut socket = TcpStream::connect(&address).await.unwrap();
    for pause in [0, 6] {
        // Longer than the five seconds after which the server would hang up by itself.
        tokio::time::sleep(Duration::from_secs(pause)).await;
        let body = app.chat("kim").activity("typing", serde_json::json!({})).to_string();
        let head = format!(
            "POST /api/messages HTTP/1.1\r\nHost: {address}\r\nAuthorization: {}\r\nContent-Length: {}\r\n\r\n",
            app.teams.authorization(app.now()),
            body.len()
        );
        socket.write_all((head + &body).as_bytes()).await.unwrap();
        let mut answer = String::new();
        while !answer.ends_with("\r\n\r\n") {
            let mut bytes = [0; 1024];
            let read = socket.read(&mut bytes).await.unwrap();
            assert!(read > 0, "cut after {answer:?}");
            answer.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
        }
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.contains("keep-alive: timeout=120\r\n"), "{answer}");
    }
    const { assert!(switchboard::http::KEEP_ALIVE > 120) };
    app.finish().await;
}

/// What a few compressed bytes would become is never found out.
#[tokio::test]
async fn compressed_bodies_are_not_understood() {
    let app = TestApp::start().await;
    let own = app.teams.authorization(app.now());
    for (coding, status) in
        [("gzip", 415), ("br", 415), ("deflate", 415), ("identity, gzip", 415), ("identity", 400)]
    {
        let headers = [("authorization", &*own), ("content-encoding", coding)];
        let path = "/api/messages";
        let reply = app.request(reqwest::Method::POST, path, &headers, "x").await;
        assert_eq!(reply.status, status, "{coding}: {reply:?}");
        let headers = [("content-encoding", coding)];
        let path = "/api/v1/check";
        let reply = app.request(reqwest::Method::POST, path, &headers, "x").await;
        assert_eq!(reply.status, status, "{coding}: {reply:?}");
    }
    app.finish().await;
}
