//! Who the bot is: what proves who writes to it, and with what it proves itself.

use std::{sync::Arc, time::Duration};

use actix_web::web;
use anyhow::anyhow;

use crate::{
    http::Ctx,
    model::Monotonic,
    settings::Settings,
    teams::{
        cloud::Cloud,
        skew::Skew,
        token::{TokenConfig, Tokens},
        verify::{Verifier, VerifierConfig},
    },
};

/// How soon, and how late, it is looked again whether all is well at Microsoft.
const OFTEN: Duration = Duration::from_secs(2);
const SELDOM: Duration = Duration::from_secs(60);

/// Asks for token and keys at the start, and ahead of their end, so that who writes first waits for
/// nothing and whoever starts the service hears at once what is wrong. What is wrong is logged where
/// it is found. Never returns while there is an app id.
pub(super) async fn look_after(ctx: web::Data<Ctx>) {
    if ctx.tokens.is_anonymous() {
        return;
    }
    let mut is_said = false;
    loop {
        let (token, keys) = tokio::join!(ctx.tokens.bearer(), ctx.verifier.ready());
        let clock = ctx.tokens.clock().await;
        if token.is_ok() && keys && clock.is_none() && !is_said {
            is_said = true;
            tracing::info!("Microsoft knows the app: token and signing keys are here");
        }
        let rest = Duration::try_from(ctx.tokens.rests().await).unwrap_or_default();
        let most = if keys { SELDOM } else { OFTEN };
        tokio::time::sleep(rest.clamp(OFTEN, most)).await;
    }
}

/// What proves who writes, and what the bot proves itself with. `skew` compares the clocks.
pub(super) fn identity(
    settings: &Settings,
    steady: Monotonic,
    skew: Option<Skew>,
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
    let tokens = match skew {
        Some(skew) => tokens.comparing(skew),
        None => tokens,
    };
    Ok((verifier, Arc::new(tokens)))
}
