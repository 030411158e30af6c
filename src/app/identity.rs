//! Who the bot is: what proves who writes to it, and with what it proves itself.

use std::sync::Arc;

use anyhow::anyhow;

use crate::{
    model::Monotonic,
    settings::Settings,
    teams::{
        cloud::Cloud,
        token::{TokenConfig, Tokens},
        verify::{Verifier, VerifierConfig},
    },
};

/// What proves who writes, and what the bot proves itself with.
pub(super) fn identity(
    settings: &Settings,
    steady: Monotonic,
) -> anyhow::Result<(Verifier, Arc<Tokens>)> {
    let mut cloud = Cloud::named(&settings.channel_service).ok_or_else(|| {
        anyhow!(
            "ChannelService cannot be `{}`: leave it out for the public cloud, or write https://botframework.azure.us or https://botframework.azure.cn",
            settings.channel_service
        )
    })?;
    let (app, endpoints) = (settings.app.as_ref(), &settings.endpoints);
    let login = endpoints.login.clone().unwrap_or_else(|| {
        cloud.authority(app.filter(|app| app.single_tenant).and_then(|app| app.tenant.as_deref()))
    });
    let scope = endpoints.scope.clone().unwrap_or_else(|| cloud.scope.clone());
    for (endpoint, given) in [
        (&mut cloud.channel_metadata, &endpoints.channel_metadata),
        (&mut cloud.channel_issuer, &endpoints.channel_issuer),
        (&mut cloud.entra_metadata, &endpoints.emulator_metadata),
    ] {
        if let Some(given) = given {
            endpoint.clone_from(given);
        }
    }
    let verifier = Verifier::new(
        VerifierConfig {
            app_id: app.map(|app| app.id.clone()),
            app_tenant: app.and_then(|app| app.tenant.clone()),
            cloud,
            channels: settings.channels.clone(),
            service_hosts: settings.service_hosts.clone(),
            check_endorsements: true,
        },
        steady.clone(),
    )?;
    let tokens = Tokens::new(
        TokenConfig {
            app_id: app.map(|app| app.id.clone()),
            secret: app.map(|app| app.secret.clone()).unwrap_or_default(),
            login,
            scope,
        },
        steady,
    )?
    .hasty(settings.delivery.haste);
    Ok((verifier, Arc::new(tokens)))
}
