use std::io::{Cursor, Read};

use serde_json::{Value, json};

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

/// The files of the other languages.
fn translated(zip: &[u8]) -> Vec<(&'static str, Value)> {
    let of = |language| (language, json_of(zip.to_vec(), &format!("{language}.json")));
    languages().skip(1).map(of).collect()
}

fn manifest(options: &Options) -> Value {
    json_of(build(options).unwrap(), "manifest.json")
}

/// The flags that are complained about.
fn flags(options: &Options) -> Vec<String> {
    let problems = build(options).err().unwrap_or_default();
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
fn the_usual_package_holds_its_files_at_its_top() {
    let names: Vec<String> =
        files(build(&contoso()).unwrap()).into_iter().map(|(name, _)| name).collect();
    let mut wanted = vec!["manifest.json".to_owned()];
    wanted.extend(languages().skip(1).map(|language| format!("{language}.json")));
    wanted.extend(["color.png".to_owned(), "outline.png".to_owned()]);
    assert_eq!(names, wanted);
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
    assert_eq!(manifest["developer"]["privacyUrl"], "https://bot.contoso.com/privacy");
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
fn lengths_and_counts_stay_within_the_schema_in_every_language() {
    let zip = build(&contoso()).unwrap();
    let manifest = json_of(zip.clone(), "manifest.json");
    let own = (manifest["description"]["short"].clone(), manifest["description"]["full"].clone());
    let others = translated(&zip);
    let others = others
        .iter()
        .map(|(_, json)| (json["description.short"].clone(), json["description.full"].clone()));
    for (short, full) in [own].into_iter().chain(others) {
        let length = |text: &Value| text.as_str().unwrap().encode_utf16().count();
        assert!(length(&short) <= 80, "{short}");
        assert!(length(&full) <= 3_900, "a company name of 100 must still fit: {full}");
    }
    for list in manifest["bots"][0]["commandLists"].as_array().unwrap() {
        assert!((1..=12).contains(&list["commands"].as_array().unwrap().len()));
    }
}

#[test]
fn every_command_has_its_form_in_every_language_and_no_form_is_left_over() {
    let zip = build(&contoso()).unwrap();
    let manifest = json_of(zip.clone(), "manifest.json");
    let mut expected = Vec::new();
    for (l, list) in manifest["bots"][0]["commandLists"].as_array().unwrap().iter().enumerate() {
        for c in 0..list["commands"].as_array().unwrap().len() {
            for what in ["title", "description"] {
                expected.push(format!("bots[0].commandLists[{l}].commands[{c}].{what}"));
            }
        }
    }
    for (language, json) in translated(&zip) {
        let keys = json.as_object().unwrap().keys();
        let found: Vec<&String> = keys.filter(|key| key.starts_with("bots")).collect();
        assert_eq!(found, expected.iter().collect::<Vec<_>>(), "{language}");
    }
}

#[test]
fn a_team_is_offered_the_command_that_makes_a_channel_a_desk() {
    let zip = build(&contoso()).unwrap();
    let (manifest, german) = (json_of(zip.clone(), "manifest.json"), json_of(zip, "de.json"));
    let lists = manifest["bots"][0]["commandLists"].as_array().unwrap();
    let team = lists.iter().position(|list| list["scopes"] == json!(["team"])).unwrap();
    let commands = lists[team]["commands"].as_array().unwrap();
    let connect = commands.iter().position(|command| command["title"] == "connect").unwrap();
    assert!(commands[connect]["description"].as_str().unwrap().contains("one-time code"));
    let in_german =
        |what: &str| &german[format!("bots[0].commandLists[{team}].commands[{connect}].{what}")];
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
    assert_eq!(build(&contoso()).unwrap(), build(&contoso()).unwrap());
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
        assert!(build(&with(|o| o.domain = good.into())).is_ok(), "{good}");
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
        assert!(build(&with(|o| o.version = good.into())).is_ok(), "{good}");
    }
}

#[test]
fn names_have_limits_that_are_counted_in_utf16() {
    assert!(build(&with(|o| o.name = "n".repeat(30))).is_ok());
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
    assert_eq!(manifest["developer"]["websiteUrl"], "https://contoso.com/help?a=1&b=2");
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
    assert!(build(&good).is_ok());

    assert_eq!(
        flags(&with(|o| o.color_icon = Some(png(96, |_, _| [61, 77, 179, 255])))),
        ["--color-icon"]
    );
    assert_eq!(flags(&with(|o| o.color_icon = Some(png(192, |_, _| [0; 4])))), ["--color-icon"]);
    assert_eq!(flags(&with(|o| o.outline_icon = Some(png(192, ring)))), ["--outline-icon"]);
    assert_eq!(
        flags(&with(|o| o.outline_icon = Some(png(32, |_, _| [255; 4])))),
        ["--outline-icon"]
    );
    assert_eq!(flags(&with(|o| o.outline_icon = Some(png(32, |_, _| [0; 4])))), ["--outline-icon"]);
    assert_eq!(
        flags(&with(
            |o| o.outline_icon = Some(png(32, |x, _| [x as u8, 0, 0, if x < 9 { 0 } else { 9 }]))
        )),
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
    assert_eq!(flags(&with(|o| o.company = String::new())), ["--publisher"]);
    assert_eq!(flags(&with(|o| o.company = "C".repeat(101))), ["--publisher"]);
    assert_eq!(flags(&with(|o| o.company = "C".repeat(33))), ["--developer"]);
}
