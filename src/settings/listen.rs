//! Where the service listens.

use std::net::{SocketAddr, ToSocketAddrs as _};

/// The address at which the service listens, by what its setting says.
///
/// # Errors
/// When that is no address, with the remedy.
pub fn address_of(listen: Option<&str>) -> Result<SocketAddr, String> {
    let listen = listen.unwrap_or("127.0.0.1:3978");
    let found = listen.to_socket_addrs().ok().and_then(|mut all| all.next());
    found.ok_or_else(|| {
        format!(
            "SWITCHBOARD_LISTEN (--listen) cannot be `{listen}`: write host and port, such as 127.0.0.1:3978"
        )
    })
}
