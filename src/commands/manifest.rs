//! `switchboard manifest`: the app package that an admin uploads to Teams.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::Args;
use switchboard::{app, check, package};

use super::order;

#[derive(Args)]
pub(crate) struct ManifestArgs {
    /// The zip file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The bot's app id, a GUID [default: MicrosoftAppId].
    #[arg(long)]
    app_id: Option<String>,
    /// The host under which the bot is reached, without https:// [default: the host of
    /// SWITCHBOARD_PUBLIC_URL].
    #[arg(long)]
    domain: Option<String>,
    /// The company's folder, whose company.yaml has its name [default: SWITCHBOARD_COMPANY, or the
    /// built-in sample].
    #[arg(long, value_name = "DIR")]
    company: Option<PathBuf>,
    /// The company's name as the app's texts have it, at most 100 characters [default: from
    /// company.yaml].
    #[arg(long, value_name = "NAME")]
    publisher: Option<String>,
    /// The app's name in Teams, at most 30 characters.
    #[arg(long)]
    name: Option<String>,
    /// The app's full name, at most 100 characters.
    #[arg(long)]
    full_name: Option<String>,
    /// Who publishes it, at most 32 characters [default: the company].
    #[arg(long)]
    developer: Option<String>,
    /// The package's version, x.y.z: raise it for every upload.
    #[arg(long)]
    app_version: Option<String>,
    /// https address of the publisher [default: the service's own page].
    #[arg(long)]
    website: Option<String>,
    /// https address of the privacy statement [default: the service's own page, /privacy].
    #[arg(long)]
    privacy: Option<String>,
    /// https address of the terms of use [default: the service's own page, /terms].
    #[arg(long)]
    terms: Option<String>,
    /// #RRGGBB.
    #[arg(long)]
    accent_color: Option<String>,
    /// A PNG of 192×192.
    #[arg(long, value_name = "FILE")]
    color_icon: Option<PathBuf>,
    /// A transparent PNG of 32×32.
    #[arg(long, value_name = "FILE")]
    outline_icon: Option<PathBuf>,
    /// The Teams app's own id [default: the bot's app id].
    #[arg(long)]
    teams_app_id: Option<String>,
    /// Leaves out the permission to read channel messages: people must mention the bot in a desk's
    /// channel.
    #[arg(long)]
    no_channel_read: bool,
}

pub(crate) fn manifest(args: ManifestArgs) -> anyhow::Result<ExitCode> {
    let values = order::values();
    let value = |names: &[&str]| names.iter().find_map(|name| values.get(*name)).cloned();
    let Some(app_id) = args.app_id.or_else(|| value(&["MicrosoftAppId", "CLIENT_ID"])) else {
        bail!("the package needs the bot's app id: give --app-id, or set MicrosoftAppId");
    };
    let public = value(&["SWITCHBOARD_PUBLIC_URL"])
        .and_then(|url| Some(url.split_once("://")?.1.split(['/', ':']).next()?.to_owned()));
    let Some(domain) = args.domain.or(public) else {
        bail!(
            "the package needs the host under which the bot is reached: give --domain bot.contoso.com, or set SWITCHBOARD_PUBLIC_URL"
        );
    };
    let folder = args.company.or_else(|| value(&["SWITCHBOARD_COMPANY"]).map(PathBuf::from));
    let company = match args.publisher {
        Some(name) => name,
        None => name_in(folder.as_deref())?,
    };
    let mut options = package::Options::new(app_id, domain, company);
    if let Some(name) = args.name {
        options.name = name;
    }
    if let Some(version) = args.app_version {
        options.version = version;
    }
    if let Some(color) = args.accent_color {
        options.accent_color = color;
    }
    options.full_name = args.full_name;
    options.developer = args.developer;
    options.website_url = args.website;
    options.privacy_url = args.privacy;
    options.terms_url = args.terms;
    options.teams_app_id = args.teams_app_id;
    options.channel_read = !args.no_channel_read;
    let icon = |path: Option<PathBuf>| {
        path.map(|path| {
            std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))
        })
        .transpose()
    };
    options.color_icon = icon(args.color_icon)?;
    options.outline_icon = icon(args.outline_icon)?;
    match package::build(&options) {
        Ok(zip) => {
            std::fs::write(&args.out, zip)
                .with_context(|| format!("{} cannot be written", args.out.display()))?;
            println!("{} is ready: Teams admin center → Manage apps → Upload", args.out.display());
            Ok(ExitCode::SUCCESS)
        }
        Err(reasons) => {
            eprintln!("Teams would refuse this package:");
            reasons.iter().for_each(|reason| eprintln!("  {reason}"));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// The company's name as its files have it.
fn name_in(folder: Option<&Path>) -> anyhow::Result<String> {
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        let folder = folder.display();
        bail!(
            "there is no folder {folder}: --company is the folder with company.yaml; to give the company's name, write --publisher \"{folder}\""
        );
    }
    match check::check(&app::files(folder)?).ready {
        Some((company, _)) => Ok(company.directory.company),
        None => bail!(
            "the company's files have mistakes: run `switchboard check`, or give --publisher NAME"
        ),
    }
}
