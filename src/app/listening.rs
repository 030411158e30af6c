//! What the process knows of the place where it listens: under which names it is reached, and how
//! many connections it takes.

use std::net::SocketAddr;

use crate::settings::Settings;

/// The limit of open files that is assumed where it cannot be read.
const LEAST_FILES: u64 = 256;
/// Open files that are not connections of clients: the database, what is sent, what is read.
const OWN_FILES: u64 = 512;
/// Connections at a time, however many files may be open.
const MOST_CONNECTIONS: usize = 25_000;

/// Allows as many open files as the system lets us have, and gives the number of workers and of the
/// connections that each of them takes at a time: fewer than files, so that there are always some
/// for the database and for what is sent.
pub(super) fn connections() -> (usize, usize) {
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or_else(|error| {
        tracing::warn!(%error, "the limit of open files cannot be raised");
        LEAST_FILES
    });
    let own = (files / 2).min(OWN_FILES);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let most = usize::try_from(files - own).unwrap_or(usize::MAX) / workers;
    let most = most.clamp(1, MOST_CONNECTIONS / workers);
    tracing::debug!(files, connections = most * workers, "open files and connections");
    (workers, most)
}

/// The origins under which this listener is reached, as browsers write them.
pub(super) fn origins(settings: &Settings, listens: SocketAddr) -> Vec<String> {
    let (ip, port) = (listens.ip(), listens.port());
    let mut hosts = vec![listens.to_string()];
    if ip.is_loopback() || ip.is_unspecified() {
        hosts.extend(["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{host}:{port}")));
    }
    let own = hosts.into_iter().map(|host| format!("http://{host}"));
    own.chain(settings.public_url.clone())
        .filter_map(|url| Some(url::Url::parse(&url).ok()?.origin().ascii_serialization()))
        .collect()
}

/// The address with which links begin that people click; none where nobody could reach it.
pub(super) fn base_of(settings: &Settings, listens: SocketAddr) -> Option<String> {
    if let Some(url) = &settings.public_url {
        return Some(url.clone());
    }
    if !listens.ip().is_loopback() {
        tracing::warn!(
            "files are not carried between employees and agents: set SWITCHBOARD_PUBLIC_URL to the https address of this service"
        );
        return None;
    }
    if settings.app.is_some() {
        tracing::warn!(
            "links to files work on this machine only: set SWITCHBOARD_PUBLIC_URL to the https address of this service"
        );
    }
    Some(format!("http://{listens}"))
}
