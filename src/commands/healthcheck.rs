//! `switchboard healthcheck`: whether the service is alive, for whoever starts it again when not.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use anyhow::bail;
use switchboard::settings::address_of;

use super::order;

/// Who takes longer is not well.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks `/healthz` of the address at which the service listens. Nothing else of its settings is
/// looked at: they are the service's own matter.
pub(crate) fn healthcheck(listen: Option<String>) -> anyhow::Result<ExitCode> {
    let listen = match listen {
        Some(listen) => Some(listen),
        None => order::values().remove("SWITCHBOARD_LISTEN"),
    };
    let address = match address_of(listen.as_deref()) {
        Ok(address) => reached(address),
        Err(mistake) => bail!(mistake),
    };
    switchboard::teams::install_crypto();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let asked = runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        client.get(format!("http://{address}/healthz")).send().await
    });
    match asked {
        Ok(answer) if answer.status().is_success() => Ok(ExitCode::SUCCESS),
        Ok(answer) => {
            bail!("http://{address}/healthz answers {}: is that the bot?", answer.status())
        }
        Err(error) if error.is_timeout() => {
            bail!("the bot does not answer at {address} within {} seconds", PATIENCE.as_secs())
        }
        Err(_) => bail!(
            "the bot does not answer at {address}: is it running? name its address with --listen"
        ),
    }
}

/// Where a listener is reached from this machine: one on all addresses at loopback.
fn reached(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    address
}
