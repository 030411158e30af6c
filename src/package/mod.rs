//! Floor 2: the Teams app package, the zip that an admin uploads. Its texts and icons live in the
//! top-level folder `manifest/` and are compiled in. What Teams would refuse on upload, often
//! without saying why, is refused here with the reason and the remedy. Limits are those of
//! Microsoft's schema for manifest version 1.30.
//!
//! `supportsChannelFeatures: tier1` (manifest 1.25 and later, at the top) says that the app works
//! in private and shared channels as well, to which it is then added one by one. The schema lets it
//! be left out; Teams does not: "Applications with manifest version 1.25 or higher that support the
//! 'team' scope must include the 'supportsChannelFeatures' property."

mod icons;
#[cfg(test)]
mod tests;
mod wants;

use std::io::{Cursor, Write};

use handlebars::Handlebars;
use include_dir::{Dir, include_dir};
use serde_json::{Value, json};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use wants::{color, domain, guid, https, version, words};

/// The manifest, its texts in [`DEFAULT_LANGUAGE`]; every other `<language>.json.hbs` beside it
/// says them in one more.
const MANIFEST: &str = include_str!("../../manifest/manifest.json.hbs");
static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/manifest");
const DEFAULT_LANGUAGE: &str = "en";
const COLOR_ICON: &[u8] = include_bytes!("../../manifest/color.png");
const OUTLINE_ICON: &[u8] = include_bytes!("../../manifest/outline.png");

/// What a company can say about its app package. The flags named here are those of `switchboard
/// manifest`.
#[derive(Debug, Clone)]
pub struct Options {
    /// `--app-id`: the bot's application (client) id in Entra, a GUID.
    pub app_id: String,
    /// `--teams-app-id`: the id of the Teams app, a GUID; without it the bot's application id
    /// serves.
    pub teams_app_id: Option<String>,
    /// `--domain`: the host name under which the world reaches the bot, such as `bot.contoso.com`.
    pub domain: String,
    /// `--publisher`: the company's name as it stands in the description.
    pub company: String,
    /// `--name`: the app's name under its icon, at most 30 characters.
    pub name: String,
    /// `--full-name`: the app's long name, at most 100 characters; without it "`name` for
    /// `company`".
    pub full_name: Option<String>,
    /// `--developer`: who publishes the app, at most 32 characters; without it the company.
    pub developer: Option<String>,
    /// `--app-version`: `x.y.z`. Teams takes a changed package only with a higher version.
    pub version: String,
    /// `--website`: where people find help with the app; without it the page that the service
    /// shows itself.
    pub website_url: Option<String>,
    /// `--privacy`: the privacy statement; without it the service's `/privacy`.
    pub privacy_url: Option<String>,
    /// `--terms`: the terms of use; without them the service's `/terms`.
    pub terms_url: Option<String>,
    /// `--accent-color`: the colour behind the icon, `#RRGGBB`.
    pub accent_color: String,
    /// `--color-icon`: a PNG of 192 × 192 pixels, its symbol in the middle 96 × 96; without it the
    /// built-in one.
    pub color_icon: Option<Vec<u8>>,
    /// `--outline-icon`: a PNG of 32 × 32 pixels, white on transparent; without it the built-in
    /// one.
    pub outline_icon: Option<Vec<u8>>,
    /// Whether to ask for `ChannelMessage.Read.Group`, so that agents need not mention the app in
    /// their desk's threads.
    /// `--no-channel-read` turns it off.
    pub channel_read: bool,
}

impl Options {
    /// The usual package of a company: everything else has a default.
    pub fn new(
        app_id: impl Into<String>,
        domain: impl Into<String>,
        company: impl Into<String>,
    ) -> Self {
        Self {
            app_id: app_id.into(),
            teams_app_id: None,
            domain: domain.into(),
            company: company.into(),
            name: "Switchboard".into(),
            full_name: None,
            developer: None,
            version: env!("CARGO_PKG_VERSION").into(),
            website_url: None,
            privacy_url: None,
            terms_url: None,
            accent_color: "#3D4DB3".into(),
            color_icon: None,
            outline_icon: None,
            channel_read: true,
        }
    }

    fn developer(&self) -> &str {
        self.developer.as_ref().unwrap_or(&self.company)
    }
}

/// Builds the package: the bytes of the zip, the same for the same options. Otherwise every reason
/// why Teams would refuse it, each a sentence that names the flag and the remedy.
pub fn build(options: &Options) -> Result<Vec<u8>, Vec<String>> {
    let mut problems = Vec::new();
    let app_id = guid("--app-id", &options.app_id, &mut problems);
    let teams_app_id = match &options.teams_app_id {
        Some(own) => guid("--teams-app-id", own, &mut problems),
        None => app_id.clone(),
    };
    domain(&options.domain, &mut problems);
    version(&options.version, &mut problems);
    color(&options.accent_color, &mut problems);
    let full_name = options
        .full_name
        .clone()
        .unwrap_or_else(|| format!("{} for {}", options.name, options.company));
    names(options, &full_name, &mut problems);
    for (flag, own) in [
        ("--website", &options.website_url),
        ("--privacy", &options.privacy_url),
        ("--terms", &options.terms_url),
    ] {
        if let Some(text) = own {
            https(flag, text, &mut problems);
        }
    }
    let color_icon = options.color_icon.as_deref().unwrap_or(COLOR_ICON);
    let outline_icon = options.outline_icon.as_deref().unwrap_or(OUTLINE_ICON);
    icons::color(color_icon, &mut problems);
    icons::outline(outline_icon, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }

    // The service answers these itself: see `src/http/pages.rs`.
    let page = |own: &Option<String>, path: &str| {
        own.clone().unwrap_or_else(|| format!("https://{}/{path}", options.domain))
    };
    let data = json!({
        "app_id": app_id,
        "teams_app_id": teams_app_id,
        "domain": options.domain,
        "company": options.company.trim(),
        "name": options.name.trim(),
        "full_name": full_name.trim(),
        "developer": options.developer().trim(),
        "version": options.version,
        "website_url": page(&options.website_url, ""),
        "privacy_url": page(&options.privacy_url, "privacy"),
        "terms_url": page(&options.terms_url, "terms"),
        "accent_color": options.accent_color,
        "channel_read": options.channel_read,
        "languages": translations().map(|(language, _)| language).collect::<Vec<_>>(),
    });
    let mut files = vec![("manifest.json".to_owned(), render(MANIFEST, &data))];
    files.extend(
        translations().map(|(language, text)| (format!("{language}.json"), render(text, &data))),
    );
    files.push(("color.png".to_owned(), color_icon.to_vec()));
    files.push(("outline.png".to_owned(), outline_icon.to_vec()));
    Ok(zip(&files))
}

/// The names that people read. What is made of the company's name is not blamed for it as well.
fn names(options: &Options, full_name: &str, problems: &mut Vec<String>) {
    words("--name", &options.name, 30, problems);
    let known = problems.len();
    words("--publisher", &options.company, 100, problems);
    if problems.len() == known || options.developer.is_some() {
        words("--developer", options.developer(), 32, problems);
    }
    if problems.len() == known || options.full_name.is_some() {
        words("--full-name", full_name, 100, problems);
    }
    if full_name.trim() == options.name.trim() {
        problems
            .push(format!("--full-name: it equals --name ({full_name:?}); Teams wants two different names, so say more in the full one."));
    }
}

/// The languages of the package: the first is the manifest's own.
pub fn languages() -> impl Iterator<Item = &'static str> {
    [DEFAULT_LANGUAGE].into_iter().chain(translations().map(|(language, _)| language))
}

/// The files that say the manifest's texts in another language, by language.
fn translations() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.files().filter_map(|file| {
        let language = file.path().to_str()?.strip_suffix(".json.hbs")?;
        (language != "manifest").then_some((language, file.contents_utf8()?))
    })
}

/// Fills in a built-in template. What is filled in stands inside quotes and is escaped for JSON.
fn render(template: &str, data: &Value) -> Vec<u8> {
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    handlebars.register_escape_fn(|text| {
        let quoted = Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    });
    let text = handlebars
        .render_template(template, data)
        .expect("the built-in template names only what `build` gives it");
    let value: Value = serde_json::from_str(&text)
        .expect("the built-in template is JSON with every value escaped");
    format!("{value:#}\n").into_bytes()
}

/// The files at the top of a zip, as Teams wants them, with one fixed date.
fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name.as_str(), options).expect("short, different names");
        zip.write_all(bytes).expect("memory takes every write");
    }
    zip.finish().expect("memory takes every write").into_inner()
}
