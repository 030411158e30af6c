//! The Teams app package: the zip that an admin uploads. Its texts and icons live in the top-level
//! folder `manifest/` and are compiled in. What Teams would refuse on upload, often without saying
//! why, is refused here with the reason and the remedy. Limits are those of Microsoft's schema for
//! manifest version 1.30.
//!
//! `supportsChannelFeatures: tier1` (manifest 1.25 and later, at the top) says that the app works
//! in private and shared channels as well, to which it is then added one by one. The schema lets it
//! be left out; Teams does not: "Applications with manifest version 1.25 or higher that support the
//! 'team' scope must include the 'supportsChannelFeatures' property."

use std::io::{Cursor, Write};

use handlebars::Handlebars;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

const MANIFEST: &str = include_str!("../../manifest/manifest.json.hbs");
const GERMAN: &str = include_str!("../../manifest/de.json.hbs");
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
    /// `--company`: the company's name as it stands in the description.
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
    /// `--website`: where people find help with the app; without it the bot's own domain.
    pub website_url: Option<String>,
    /// `--privacy`: the privacy statement; without it the website.
    pub privacy_url: Option<String>,
    /// `--terms`: the terms of use; without them the website.
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
}

/// Builds the package: the bytes of the zip, the same for the same options. Otherwise every reason
/// why Teams would refuse it, each a sentence that names the flag and the remedy.
pub fn package(options: &Options) -> Result<Vec<u8>, Vec<String>> {
    let mut problems = Vec::new();

    let app_id = guid("--app-id", &options.app_id, &mut problems);
    let teams_app_id = match &options.teams_app_id {
        Some(own) => guid("--teams-app-id", own, &mut problems),
        None => app_id.clone(),
    };
    domain(&options.domain, &mut problems);
    version(&options.version, &mut problems);
    color(&options.accent_color, &mut problems);

    let developer = options.developer.as_ref().unwrap_or(&options.company);
    let full_name = options
        .full_name
        .clone()
        .unwrap_or_else(|| format!("{} for {}", options.name, options.company));
    words("--name", &options.name, 30, &mut problems);
    let known = problems.len();
    words("--company", &options.company, 100, &mut problems);
    // What is made of the company's name is not blamed for it as well.
    if problems.len() == known || options.developer.is_some() {
        words("--developer", developer, 32, &mut problems);
    }
    if problems.len() == known || options.full_name.is_some() {
        words("--full-name", &full_name, 100, &mut problems);
    }
    if full_name.trim() == options.name.trim() {
        problems
            .push(format!("--full-name: it equals --name ({full_name:?}); Teams wants two different names, so say more in the full one."));
    }

    let website =
        options.website_url.clone().unwrap_or_else(|| format!("https://{}", options.domain));
    let privacy = options.privacy_url.as_ref().unwrap_or(&website);
    let terms = options.terms_url.as_ref().unwrap_or(&website);
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
    if let Some(pixels) = icon("--color-icon", color_icon, 192, &mut problems)
        && pixels.iter().all(|[.., alpha]| *alpha == 0)
    {
        problems.push("--color-icon: every pixel is transparent; draw the symbol on a background that fills the square.".into());
    }
    if let Some(pixels) = icon("--outline-icon", outline_icon, 32, &mut problems) {
        white_on_transparent(&pixels, &mut problems);
    }

    if !problems.is_empty() {
        return Err(problems);
    }
    let data = json!({
        "app_id": app_id,
        "teams_app_id": teams_app_id,
        "domain": options.domain,
        "company": options.company.trim(),
        "name": options.name.trim(),
        "full_name": full_name.trim(),
        "developer": developer.trim(),
        "version": options.version,
        "website_url": website,
        "privacy_url": privacy,
        "terms_url": terms,
        "accent_color": options.accent_color,
        "channel_read": options.channel_read,
    });
    Ok(zip(&[
        ("manifest.json", &render(MANIFEST, &data)),
        ("de.json", &render(GERMAN, &data)),
        ("color.png", color_icon),
        ("outline.png", outline_icon),
    ]))
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
        .expect("the built-in template names only what `package` gives it");
    let value: Value = serde_json::from_str(&text)
        .expect("the built-in template is JSON with every value escaped");
    format!("{value:#}\n").into_bytes()
}

/// The files at the top of a zip, as Teams wants them, with one fixed date.
fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, options).expect("four short, different names");
        zip.write_all(bytes).expect("memory takes every write");
    }
    zip.finish().expect("memory takes every write").into_inner()
}

fn guid(flag: &str, text: &str, problems: &mut Vec<String>) -> String {
    match Uuid::try_parse(text) {
        // `Uuid` also reads braces, `urn:uuid:` and bare digits, which Teams does not: only the 36
        // characters have dashes.
        Ok(id) if text.len() == 36 => id.to_string(),
        _ => {
            problems.push(format!(
                "{flag}: {text:?} is not a GUID; copy the application (client) id of the bot's app registration, \
                 in the form 11111111-2222-3333-4444-555555555555."
            ));
            String::new()
        }
    }
}

fn domain(text: &str, problems: &mut Vec<String>) {
    let mut wrong = |what: &str| {
        problems.push(format!(
            "--domain: {text:?} {what}; give the bare host name under which the world reaches the bot, such as bot.contoso.com."
        ));
    };
    if text.contains("://") {
        return wrong("has a scheme");
    }
    if text.contains(['/', '?', '#']) {
        return wrong("has a path");
    }
    if text.contains('*') {
        return wrong("has a wildcard");
    }
    if text.contains(':') {
        return wrong("has a port");
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if text.len() > 253 || !text.split('.').all(label) {
        return wrong("is not a host name (an international one is written in its xn-- form)");
    }
    let last = text.rsplit('.').next().unwrap_or_default();
    if !text.contains('.')
        || last.bytes().all(|byte| byte.is_ascii_digit())
        || last.eq_ignore_ascii_case("localhost")
    {
        wrong("is not a public host name");
    }
}

fn version(text: &str, problems: &mut Vec<String>) {
    let number = |part: &str| {
        part == "0"
            || (part.bytes().all(|byte| byte.is_ascii_digit())
                && !part.starts_with('0')
                && !part.is_empty())
    };
    if text.split('.').count() != 3 || !text.split('.').all(number) || text.len() > 256 {
        problems
            .push(format!("--app-version: {text:?} is not three numbers; write it as 1.4.0, without leading zeros, letters or suffix."));
    }
}

fn color(text: &str, problems: &mut Vec<String>) {
    let hex = text
        .strip_prefix('#')
        .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if !hex {
        problems.push(format!("--accent-color: {text:?} is not a colour; write it as #3D4DB3."));
    }
}

/// A name that people read. Teams counts as .NET does, in UTF-16 units.
fn words(flag: &str, text: &str, most: usize, problems: &mut Vec<String>) {
    let length = text.trim().encode_utf16().count();
    if length == 0 {
        problems.push(format!("{flag}: it is empty; give at least one word."));
    } else if length > most {
        problems.push(format!(
            "{flag}: {text:?} has {length} characters, at most {most} are allowed; shorten it."
        ));
    }
    if text.chars().any(char::is_control) {
        problems.push(format!(
            "{flag}: {text:?} has a line break or another control character; write it on one line."
        ));
    }
}

fn https(flag: &str, text: &str, problems: &mut Vec<String>) {
    let remedy = "give a full address such as https://contoso.com/privacy";
    match Url::parse(text) {
        Ok(url) if url.scheme() != "https" => problems.push(format!("{flag}: {text:?} is not https; {remedy}.")),
        // `Url` repairs what Teams' own pattern does not, such as `https:contoso.com` and outer
        // blanks.
        Ok(url)
            if text.len() <= 2048 && text.starts_with("https://") && !text.contains(char::is_whitespace) && url.password().is_none() => {}
        Ok(_) => problems.push(format!("{flag}: {text:?} is too long, has blanks, misses its slashes or holds a password; {remedy}.")),
        Err(error) => problems.push(format!("{flag}: {text:?} is not an address ({error}); {remedy}.")),
    }
}

/// The pixels of a square PNG as red, green, blue, alpha; nothing when it is not one of that size.
fn icon(flag: &str, bytes: &[u8], side: u32, problems: &mut Vec<String>) -> Option<Vec<[u8; 4]>> {
    let unreadable = |error: &dyn std::fmt::Display| {
        format!(
            "{flag}: not a readable PNG ({error}); export it again as PNG, {side}×{side} pixels."
        )
    };
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(
        png::Transformations::normalize_to_color8() | png::Transformations::ALPHA,
    );
    let mut reader = match decoder.read_info() {
        Ok(reader) => reader,
        Err(error) => {
            problems.push(unreadable(&error));
            return None;
        }
    };
    // Before any pixel is unpacked: a few bytes may claim to be an enormous picture.
    let (width, height) = reader.info().size();
    if (width, height) != (side, side) {
        problems.push(format!(
            "{flag}: the picture has {width}×{height} pixels; Teams wants exactly {side}×{side}."
        ));
        return None;
    }
    let mut buffer = vec![0; reader.output_buffer_size().unwrap_or_default()];
    if let Err(error) = reader.next_frame(&mut buffer) {
        problems.push(unreadable(&error));
        return None;
    }
    Some(match reader.output_color_type().0 {
        png::ColorType::GrayscaleAlpha => {
            buffer.chunks_exact(2).map(|pixel| [pixel[0], pixel[0], pixel[0], pixel[1]]).collect()
        }
        _ => buffer.chunks_exact(4).map(|pixel| [pixel[0], pixel[1], pixel[2], pixel[3]]).collect(),
    })
}

fn white_on_transparent(pixels: &[[u8; 4]], problems: &mut Vec<String>) {
    let visible = pixels.iter().filter(|[.., alpha]| *alpha > 0);
    let coloured = visible
        .clone()
        .filter(|[red, green, blue, _]| (*red, *green, *blue) != (255, 255, 255))
        .count();
    if coloured > 0 {
        problems.push(format!(
            "--outline-icon: {coloured} pixels are neither white nor transparent; draw it in white alone on a transparent background."
        ));
    }
    match visible.count() {
        0 => problems
            .push("--outline-icon: every pixel is transparent; draw the symbol in white.".into()),
        all if all == pixels.len() => {
            problems.push("--outline-icon: no pixel is transparent; draw the symbol in white on a transparent background.".into());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    const APP: &str = "a1b2c3d4-1111-4111-8111-abcdefabcdef";

    fn contoso() -> Options {
        Options::new(APP, "bot.contoso.com", "Contoso")
    }

    fn files(zip: Vec<u8>) -> Vec<(String, Vec<u8>)> {
        let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
        (0..archive.len())
            .map(|index| {
                let mut file = archive.by_index(index).unwrap();
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes).unwrap();
                (file.name().unwrap().into_owned(), bytes)
            })
            .collect()
    }

    fn json_of(zip: Vec<u8>, name: &str) -> Value {
        let bytes = files(zip).into_iter().find(|(file, _)| file == name).unwrap().1;
        serde_json::from_slice(&bytes).unwrap()
    }

    fn manifest(options: &Options) -> Value {
        json_of(package(options).unwrap(), "manifest.json")
    }

    /// The flags that are complained about.
    fn flags(options: &Options) -> Vec<String> {
        let problems = package(options).err().unwrap_or_default();
        problems.iter().map(|problem| problem.split(':').next().unwrap().to_owned()).collect()
    }

    fn with(change: impl FnOnce(&mut Options)) -> Options {
        let mut options = contoso();
        change(&mut options);
        options
    }

    fn png(side: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, side, side);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        let data: Vec<u8> = (0..side * side).flat_map(|at| pixel(at % side, at / side)).collect();
        encoder.write_header().unwrap().write_image_data(&data).unwrap();
        bytes
    }

    #[test]
    fn the_usual_package_holds_four_files_at_its_top() {
        let names: Vec<String> =
            files(package(&contoso()).unwrap()).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["manifest.json", "de.json", "color.png", "outline.png"]);
    }

    #[test]
    fn the_manifest_is_the_one_teams_expects() {
        let manifest = manifest(&contoso());
        assert_eq!(manifest["manifestVersion"], "1.30");
        assert_eq!(
            manifest["$schema"],
            "https://developer.microsoft.com/json-schemas/teams/v1.30/MicrosoftTeams.schema.json"
        );
        assert_eq!(manifest["id"], APP);
        assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(
            manifest["name"],
            json!({ "short": "Switchboard", "full": "Switchboard for Contoso" })
        );
        assert_eq!(manifest["developer"]["name"], "Contoso");
        assert_eq!(manifest["developer"]["privacyUrl"], "https://bot.contoso.com");
        assert_eq!(manifest["validDomains"], json!(["bot.contoso.com"]));
        assert_eq!(manifest["webApplicationInfo"]["id"], APP);
        assert_eq!(manifest["defaultInstallScope"], "personal");
        assert_eq!(
            manifest["supportsChannelFeatures"], "tier1",
            "private and shared channels; Teams insists on it"
        );
        let bot = &manifest["bots"][0];
        assert_eq!(bot["botId"], APP);
        assert_eq!(bot["scopes"], json!(["personal", "team"]));
        assert_eq!(bot["supportsFiles"], true);
    }

    #[test]
    fn lengths_and_counts_stay_within_the_schema_in_both_languages() {
        let zip = package(&contoso()).unwrap();
        let (manifest, german) = (json_of(zip.clone(), "manifest.json"), json_of(zip, "de.json"));
        for description in [&manifest["description"]["short"], &german["description.short"]] {
            assert!(description.as_str().unwrap().encode_utf16().count() <= 80, "{description}");
        }
        for description in [&manifest["description"]["full"], &german["description.full"]] {
            assert!(
                description.as_str().unwrap().encode_utf16().count() <= 3_900,
                "a company name of 100 must still fit: {description}"
            );
        }
        for list in manifest["bots"][0]["commandLists"].as_array().unwrap() {
            assert!((1..=12).contains(&list["commands"].as_array().unwrap().len()));
        }
    }

    #[test]
    fn every_command_has_its_german_form_and_no_german_form_is_left_over() {
        let zip = package(&contoso()).unwrap();
        let (manifest, german) = (json_of(zip.clone(), "manifest.json"), json_of(zip, "de.json"));
        let mut expected = Vec::new();
        for (l, list) in manifest["bots"][0]["commandLists"].as_array().unwrap().iter().enumerate()
        {
            for c in 0..list["commands"].as_array().unwrap().len() {
                for what in ["title", "description"] {
                    expected.push(format!("bots[0].commandLists[{l}].commands[{c}].{what}"));
                }
            }
        }
        let found: Vec<&String> =
            german.as_object().unwrap().keys().filter(|key| key.starts_with("bots")).collect();
        assert_eq!(found, expected.iter().collect::<Vec<_>>());
    }

    #[test]
    fn a_team_is_offered_the_command_that_makes_a_channel_a_desk() {
        let zip = package(&contoso()).unwrap();
        let (manifest, german) = (json_of(zip.clone(), "manifest.json"), json_of(zip, "de.json"));
        let lists = manifest["bots"][0]["commandLists"].as_array().unwrap();
        let team = lists.iter().position(|list| list["scopes"] == json!(["team"])).unwrap();
        let commands = lists[team]["commands"].as_array().unwrap();
        let connect = commands.iter().position(|command| command["title"] == "connect").unwrap();
        assert!(commands[connect]["description"].as_str().unwrap().contains("one-time code"));
        let in_german = |what: &str| {
            &german[format!("bots[0].commandLists[{team}].commands[{connect}].{what}")]
        };
        assert_eq!(in_german("title"), "verbinden");
        assert!(in_german("description").as_str().unwrap().contains("Einmalcode"));
    }

    #[test]
    fn channel_read_is_asked_for_unless_it_is_turned_off() {
        let permission = json!({ "permissions": { "resourceSpecific": [{ "name": "ChannelMessage.Read.Group", "type": "Application" }] } });
        assert_eq!(manifest(&contoso())["authorization"], permission);
        assert_eq!(manifest(&with(|o| o.channel_read = false)).get("authorization"), None);
    }

    #[test]
    fn the_same_options_make_the_same_bytes() {
        assert_eq!(package(&contoso()).unwrap(), package(&contoso()).unwrap());
    }

    #[test]
    fn ids_are_written_in_lower_case_and_the_teams_app_may_have_its_own() {
        let own = with(|o| {
            o.app_id = APP.to_uppercase();
            o.teams_app_id = Some("B1B2C3D4-1111-4111-8111-ABCDEFABCDEF".into());
        });
        assert_eq!(manifest(&own)["bots"][0]["botId"], APP);
        assert_eq!(manifest(&own)["id"], "b1b2c3d4-1111-4111-8111-abcdefabcdef");
    }

    #[test]
    fn whatever_a_company_is_called_the_manifest_stays_json() {
        let name = r#"Quotes" \ {{app_id}} <b>& 日本語"#;
        let manifest = manifest(&with(|o| o.company = name.into()));
        assert_eq!(manifest["developer"]["name"], name);
        assert!(manifest["description"]["full"].as_str().unwrap().contains(name));
    }

    #[test]
    fn only_a_guid_is_an_app_id() {
        for bad in [
            "",
            "switchboard",
            "{a1b2c3d4-1111-4111-8111-abcdefabcdef}",
            "a1b2c3d4111141118111abcdefabcdef",
            "urn:uuid:a1b2c3d4-1111-4111-8111-abcdefabcdef",
        ] {
            assert_eq!(flags(&with(|o| o.app_id = bad.into())), ["--app-id"], "{bad}");
            assert_eq!(
                flags(&with(|o| o.teams_app_id = Some(bad.into()))),
                ["--teams-app-id"],
                "{bad}"
            );
        }
    }

    #[test]
    fn a_domain_is_a_bare_public_host_name() {
        for bad in [
            "",
            "https://bot.contoso.com",
            "bot.contoso.com/api",
            "bot.contoso.com?x",
            "*.contoso.com",
            "bot.contoso.com:443",
            "localhost",
            "dev.localhost",
            "127.0.0.1",
            "[::1]",
            "bot..contoso.com",
            "-bot.contoso.com",
            "bot_1.contoso.com",
            "bücher.contoso.com",
            " bot.contoso.com",
            "bot.contoso.com.",
        ] {
            assert_eq!(flags(&with(|o| o.domain = bad.into())), ["--domain"], "{bad}");
        }
        for good in
            ["contoso.com", "a-b.xn--bcher-kva.contoso.com", "Bot.Contoso.com", "3978.contoso.com"]
        {
            assert!(package(&with(|o| o.domain = good.into())).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_version_is_three_numbers() {
        for bad in [
            "",
            "1",
            "1.0",
            "1.0.0.0",
            "1.0.0-beta",
            "v1.0.0",
            "01.0.0",
            "1.00.0",
            "1..0",
            "1.0.x",
            "1.0.-1",
            " 1.0.0",
        ] {
            assert_eq!(flags(&with(|o| o.version = bad.into())), ["--app-version"], "{bad}");
        }
        for good in ["0.0.1", "1.0.0", "10.20.30"] {
            assert!(package(&with(|o| o.version = good.into())).is_ok(), "{good}");
        }
    }

    #[test]
    fn names_have_limits_that_are_counted_in_utf16() {
        assert!(package(&with(|o| o.name = "n".repeat(30))).is_ok());
        assert_eq!(flags(&with(|o| o.name = "n".repeat(31))), ["--name"]);
        assert_eq!(flags(&with(|o| o.name = "😀".repeat(16))), ["--name"]);
        assert_eq!(flags(&with(|o| o.full_name = Some("n".repeat(101)))), ["--full-name"]);
        assert_eq!(flags(&with(|o| o.developer = Some("n".repeat(33)))), ["--developer"]);
        assert_eq!(flags(&with(|o| o.name = " ".into())), ["--name"]);
        assert_eq!(flags(&with(|o| o.developer = Some("Con\ntoso".into()))), ["--developer"]);
    }

    #[test]
    fn the_full_name_differs_from_the_short_one() {
        assert_eq!(flags(&with(|o| o.full_name = Some("Switchboard ".into()))), ["--full-name"]);
    }

    #[test]
    fn addresses_are_https() {
        for bad in [
            "http://contoso.com",
            "contoso.com/privacy",
            "",
            "https:contoso.com",
            " https://contoso.com",
            "https://a:b@contoso.com",
            "https://",
            "mailto:x@contoso.com",
        ] {
            assert_eq!(flags(&with(|o| o.website_url = Some(bad.into()))), ["--website"], "{bad}");
            assert_eq!(flags(&with(|o| o.privacy_url = Some(bad.into()))), ["--privacy"], "{bad}");
            assert_eq!(flags(&with(|o| o.terms_url = Some(bad.into()))), ["--terms"], "{bad}");
        }
        let manifest =
            manifest(&with(|o| o.website_url = Some("https://contoso.com/help?a=1&b=2".into())));
        assert_eq!(manifest["developer"]["termsOfUseUrl"], "https://contoso.com/help?a=1&b=2");
    }

    #[test]
    fn a_colour_has_six_digits() {
        for bad in ["", "blue", "#FFF", "3D4DB3", "#3D4DBG", "#3D4DB300"] {
            assert_eq!(flags(&with(|o| o.accent_color = bad.into())), ["--accent-color"], "{bad}");
        }
    }

    #[test]
    fn own_icons_are_looked_at() {
        let ring = |x: u32, y: u32| {
            if (8..24).contains(&x) && (8..24).contains(&y) {
                [255, 255, 255, 200]
            } else {
                [0, 0, 0, 0]
            }
        };
        let good = with(|o| {
            o.color_icon = Some(png(192, |_, _| [61, 77, 179, 255]));
            o.outline_icon = Some(png(32, ring));
        });
        assert!(package(&good).is_ok());

        assert_eq!(
            flags(&with(|o| o.color_icon = Some(png(96, |_, _| [61, 77, 179, 255])))),
            ["--color-icon"]
        );
        assert_eq!(
            flags(&with(|o| o.color_icon = Some(png(192, |_, _| [0; 4])))),
            ["--color-icon"]
        );
        assert_eq!(flags(&with(|o| o.outline_icon = Some(png(192, ring)))), ["--outline-icon"]);
        assert_eq!(
            flags(&with(|o| o.outline_icon = Some(png(32, |_, _| [255; 4])))),
            ["--outline-icon"]
        );
        assert_eq!(
            flags(&with(|o| o.outline_icon = Some(png(32, |_, _| [0; 4])))),
            ["--outline-icon"]
        );
        assert_eq!(
            flags(&with(|o| o.outline_icon =
                Some(png(32, |x, _| [x as u8, 0, 0, if x < 9 { 0 } else { 9 }])))),
            ["--outline-icon"]
        );
        assert_eq!(flags(&with(|o| o.color_icon = Some(b"GIF89a".to_vec()))), ["--color-icon"]);
        let mut torn = png(192, |x, y| [x as u8, y as u8, 0, 255]);
        torn.truncate(torn.len() / 2);
        assert_eq!(flags(&with(|o| o.color_icon = Some(torn))), ["--color-icon"]);
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let bad = with(|o| {
            o.app_id = "me".into();
            o.domain = "https://*.contoso.com/".into();
            o.version = "one".into();
            o.name = "n".repeat(31);
            o.website_url = Some("http://contoso.com".into());
            o.outline_icon = Some(Vec::new());
        });
        assert_eq!(
            flags(&bad),
            ["--app-id", "--domain", "--app-version", "--name", "--website", "--outline-icon"]
        );
    }

    #[test]
    fn an_unknown_company_is_one_complaint_not_three() {
        assert_eq!(flags(&with(|o| o.company = String::new())), ["--company"]);
        assert_eq!(flags(&with(|o| o.company = "C".repeat(101))), ["--company"]);
        assert_eq!(flags(&with(|o| o.company = "C".repeat(33))), ["--developer"]);
    }
}
