//! Who sent this request? The order of the checks, and the configuration that they need; the checks
//! themselves are in `checks`.
//!
//! The order is: shape, algorithm, issuer, key, signature (only then is anything in the token
//! true), audience, kind, time, caller. What can be checked only with the activity at hand follows
//! in [`Verifier::fits`]: service URL, endorsement, host, channel.

use jiff::Timestamp;
use serde_json::Value;

pub use super::checks::Rejected;
use super::{
    checks::{self, Token},
    client,
    cloud::Cloud,
    hosts::ServiceHosts,
    keys::Keys,
};
use crate::model::{Inbound, Monotonic};

/// What a [`Verifier`] must know.
#[derive(Debug, Clone)]
pub struct VerifierConfig {
    /// The bot's app id. Without one, requests without a token are let in and such with one are
    /// not.
    pub app_id: Option<String>,
    /// The bot's own Entra tenant: the only foreign-issued tokens of local clients that count,
    /// besides Microsoft's, come from it.
    pub app_tenant: Option<String>,
    /// Metadata addresses and issuers.
    pub cloud: Cloud,
    /// Channels besides `msteams` that may write; without an app id all may. `emulator` lets in the
    /// tokens of local clients too, whatever channel they name among these.
    pub channels: Vec<String>,
    /// Further hosts that may be answered, `host` or `host:port`.
    pub service_hosts: Vec<String>,
    /// False only to live with a channel whose keys carry no endorsements; every token let in that
    /// way is logged.
    pub check_endorsements: bool,
}

/// What a token has proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claims {
    /// No token, and none was needed.
    Anonymous,
    /// A token of the Bot Framework's channels.
    Channel {
        /// The `serviceurl` claim.
        service_url: Option<String>,
        /// What the signing key is endorsed for; `None` when the key says nothing.
        endorsements: Option<Vec<String>>,
    },
    /// A token of Entra for this very app: Emulator or Playground with the bot's own credentials.
    Entra {
        /// The issuing tenant.
        tenant: String,
    },
}

/// Judges requests. One per process; holds the key caches.
pub struct Verifier {
    config: VerifierConfig,
    hosts: ServiceHosts,
    steady: Monotonic,
    channel_keys: Keys,
    entra_keys: Keys,
}

/// The two families of issuers. Each has its own key set, and the sets are never mixed.
enum Issuer {
    Channel,
    Entra { tenant: String },
}

impl Verifier {
    /// Fetches nothing yet. How old the keys are is measured by `steady`.
    ///
    /// # Errors
    /// As [`client::build`].
    pub fn new(config: VerifierConfig, steady: Monotonic) -> Result<Self, reqwest::Error> {
        super::install_crypto();
        let http = client::build(super::keys::DEADLINE)?;
        Ok(Self {
            hosts: ServiceHosts::new(
                &config.cloud.service_hosts,
                &config.service_hosts,
                config.app_id.is_none(),
            ),
            channel_keys: Keys::new(&config.cloud.channel_metadata, http.clone()),
            entra_keys: Keys::new(&config.cloud.entra_metadata, http),
            steady,
            config,
        })
    }

    /// Judges the `Authorization` header.
    ///
    /// # Errors
    /// The first check that fails.
    pub async fn verify(
        &self,
        authorization: Option<&str>,
        now: Timestamp,
    ) -> Result<Claims, Rejected> {
        let Some(app_id) = self.config.app_id.as_deref() else {
            return if authorization.is_none() {
                Ok(Claims::Anonymous)
            } else {
                Err(Rejected::UnexpectedToken)
            };
        };
        let token = Token::read(checks::bearer(authorization)?)?;
        checks::algorithm(&token)?;
        let issuer = self.issuer(&token)?;
        let keys = match issuer {
            Issuer::Channel => &self.channel_keys,
            Issuer::Entra { .. } => &self.entra_keys,
        };
        let kid = token
            .header
            .get("kid")
            .and_then(Value::as_str)
            .filter(|kid| !kid.is_empty())
            .ok_or(Rejected::UnknownKey)?;
        let key = keys.find(kid, self.steady.now()).await?.ok_or(Rejected::UnknownKey)?;
        checks::signature(&token, &key)?;
        checks::audience(&token.claims, app_id)?;
        checks::of_an_app(&token.claims)?;
        checks::time(&token.claims, now)?;
        match issuer {
            Issuer::Channel => Ok(Claims::Channel {
                service_url: token
                    .claims
                    .get("serviceurl")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
                endorsements: key.endorsements,
            }),
            Issuer::Entra { tenant } => {
                checks::key_of_tenant(&key, &tenant)?;
                checks::own_tenant(&token.claims, &tenant)?;
                checks::caller(&token.claims, app_id)?;
                Ok(Claims::Entra { tenant })
            }
        }
    }

    /// Judges whether the activity is one for which the token was given. To be called before
    /// anything of it is kept, logged or answered.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn fits(&self, claims: &Claims, inbound: &Inbound) -> Result<(), Rejected> {
        if let Claims::Channel { service_url, endorsements } = claims {
            checks::same_service_url(service_url.as_deref(), &inbound.service_url)?;
            if let Err(rejected) =
                checks::endorsed(endorsements.as_deref(), &inbound.conversation.channel)
            {
                if self.config.check_endorsements {
                    return Err(rejected);
                }
                tracing::warn!(
                    channel = inbound.conversation.channel,
                    "token let in without endorsement, as configured"
                );
            }
        }
        self.service_host(&inbound.service_url)?;
        match claims {
            Claims::Anonymous => Ok(()),
            _ => checks::channel(&self.config.channels, &inbound.conversation.channel),
        }
    }

    /// True when answers may go to `service_url`: the same judgement as in [`Verifier::fits`], for
    /// whoever sends later.
    pub fn service_url_allowed(&self, service_url: &str) -> bool {
        self.hosts.allows(service_url)
    }

    /// The allow-list, to be shared with the connector.
    pub fn hosts(&self) -> &ServiceHosts {
        &self.hosts
    }

    /// True when tokens of the channels can be judged: keys are there, or none are needed.
    pub async fn ready(&self) -> bool {
        self.config.app_id.is_none() || self.channel_keys.ready(self.steady.now()).await
    }

    /// Why Microsoft's keys could not be fetched at last, in words; none when they could.
    pub fn failure(&self) -> Option<String> {
        self.channel_keys.failure()
    }

    /// True when tokens of local clients (Emulator, Playground) are let in.
    fn knows_local_clients(&self) -> bool {
        self.config.channels.iter().any(|channel| channel == "emulator")
    }

    /// Stops: a token of any Entra tenant, which anybody can open for free, and a token that claims
    /// an issuer and is signed by another. The token only picks a row of a fixed table; the row
    /// decides which keys count.
    fn issuer(&self, token: &Token<'_>) -> Result<Issuer, Rejected> {
        let issuer = token.claims.get("iss").and_then(Value::as_str).ok_or(Rejected::Issuer)?;
        let cloud = &self.config.cloud;
        if issuer == cloud.channel_issuer {
            return Ok(Issuer::Channel);
        }
        let tenants = cloud
            .local_tenants
            .iter()
            .chain(&self.config.app_tenant)
            .filter(|tenant| !tenant.is_empty());
        let issued_by = |tenant: &str| {
            let (v1, v2, gov) = (
                format!("{}/{tenant}/", cloud.sts),
                format!("{}/{tenant}/v2.0", cloud.login),
                format!("{}/{tenant}/", cloud.login),
            );
            // The third form exists in US Government only.
            issuer == v1 || issuer == v2 || (cloud.login.ends_with(".us") && issuer == gov)
        };
        tenants
            .map(|tenant| tenant.to_ascii_lowercase())
            .find(|tenant| issued_by(tenant))
            .ok_or(Rejected::Issuer)
            .and_then(|tenant| match self.knows_local_clients() {
                true => Ok(Issuer::Entra { tenant }),
                false => Err(Rejected::LocalClient),
            })
    }

    /// Stops: a token thief or a forged activity that makes us send our own token, or any request,
    /// to a host of the attacker's choice or to one inside the company.
    fn service_host(&self, service_url: &str) -> Result<(), Rejected> {
        if self.hosts.allows(service_url) { Ok(()) } else { Err(Rejected::Host) }
    }
}
