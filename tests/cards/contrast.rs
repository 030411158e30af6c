//! Words on built-in cards can be read: WCAG 2.2 AA (success criterion 1.4.3) in the light and the
//! dark theme of Teams.

use serde_json::Value;

use super::{built_in, card, looks};

/// What body text needs at least. Cards have no text that is large by WCAG (18 pt, or 14 pt bold).
const AA: f64 = 4.5;

type Rgba = (f64, f64, f64, f64);

/// Colours of a theme, from `samples/HostConfig/microsoft-teams-{light,dark}.json` of
/// microsoft/AdaptiveCards@644d933e; the Playground 0.2.28 has the same light ones and no dark ones.
struct Theme {
    name: &'static str,
    /// Backgrounds of containers by style.
    backgrounds: [(&'static str, u32); 6],
    /// Text by colour: plain, subtle, with alpha in the highest byte.
    texts: [(&'static str, u32, u32); 5],
    /// Plain and subtle text in the default colour on containers with a style of their own.
    tinted: (u32, u32),
}

const LIGHT: Theme = Theme {
    name: "light",
    backgrounds: [
        ("default", 0xff_ff_ff),
        ("emphasis", 0xf9_f8_f7),
        ("accent", 0xc7_de_f9),
        ("good", 0xcc_ff_cc),
        ("attention", 0xff_c5_b2),
        ("warning", 0xff_e2_b2),
    ],
    texts: [
        ("default", 0xff25_2424, 0xbf25_2424),
        ("accent", 0xff62_64a7, 0xff8b_8cc7),
        ("good", 0xff92_c353, 0xe592_c353),
        ("warning", 0xfff8_d22a, 0xe5f8_d22a),
        ("attention", 0xffc4_314b, 0xe5c4_314b),
    ],
    tinted: (0xff25_2424, 0xbf25_2424),
};

const DARK: Theme = Theme {
    name: "dark",
    backgrounds: [
        ("default", 0x2d_2c_2c),
        ("emphasis", 0x29_28_28),
        ("accent", 0xc7_de_f9),
        ("good", 0xcc_ff_cc),
        ("attention", 0xff_c5_b2),
        ("warning", 0xff_e2_b2),
    ],
    texts: [
        ("default", 0xffff_ffff, 0xbfff_ffff),
        ("accent", 0xffa6_a7dc, 0xff8b_8cc7),
        ("good", 0xff92_c353, 0xe592_c353),
        ("warning", 0xfff8_d22a, 0xe5f8_d22a),
        ("attention", 0xffd7_4654, 0xe5d7_4654),
    ],
    tinted: (0xff20_1f1f, 0xff2d_2c2c),
};

fn rgba(argb: u32) -> Rgba {
    let byte = |shift: u32| f64::from((argb >> shift) & 0xff) / 255.0;
    (byte(16), byte(8), byte(0), byte(24))
}

/// Relative luminance, as WCAG defines it.
fn luminance((r, g, b, _): Rgba) -> f64 {
    let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

fn contrast(text: Rgba, ground: Rgba) -> f64 {
    let over = |t: f64, g: f64| t * text.3 + g * (1.0 - text.3);
    let seen = (over(text.0, ground.0), over(text.1, ground.1), over(text.2, ground.2), 1.0);
    let (a, b) = (luminance(seen), luminance(ground));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn word(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or("default").to_lowercase()
}

/// Every text of a card with its contrast, where `style` is the container's around it.
fn texts(value: &Value, style: &str, theme: &Theme, found: &mut Vec<(String, f64)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| texts(item, style, theme, found)),
        Value::Object(map) => {
            let kind = word(value, "type");
            let own = word(value, "style");
            let has_style = matches!(kind.as_str(), "container" | "column" | "columnset");
            let style = if has_style && own != "default" { own.as_str() } else { style };
            if kind == "textblock" {
                let (_, ground) =
                    theme.backgrounds.iter().find(|(name, _)| *name == style).unwrap();
                let color = word(value, "color");
                let (_, plain, subtle) =
                    theme.texts.iter().find(|(name, ..)| *name == color).unwrap();
                let is_tinted = !matches!(style, "default" | "emphasis") && color == "default";
                let (plain, subtle) = if is_tinted { theme.tinted } else { (*plain, *subtle) };
                let is_subtle = value.get("isSubtle") == Some(&Value::Bool(true));
                let text = rgba(if is_subtle { subtle } else { plain });
                let ground = rgba(0xff00_0000 | ground);
                let says = map.get("text").and_then(Value::as_str).unwrap_or_default();
                found.push((format!("{says} ({style})"), contrast(text, ground)));
            }
            map.iter()
                .filter(|(key, _)| !matches!(key.as_str(), "data" | "fallback"))
                .for_each(|(_, inner)| texts(inner, style, theme, found));
        }
        _ => {}
    }
}

#[test]
fn every_text_of_the_built_in_cards_can_be_read_in_both_themes() {
    let cards = built_in();
    for (name, mut data) in looks(&cards) {
        for accent in ["accent", "good", "warning", "attention"] {
            data["Tenant"]["Accent"] = accent.into();
            if data["to"].is_object() {
                data["to"]["accent"] = accent.into();
            }
            let content = cards.render(&card(name, data.clone())).unwrap().content;
            for theme in [&LIGHT, &DARK] {
                let mut found = Vec::new();
                texts(&content, "default", theme, &mut found);
                assert!(!found.is_empty(), "{name}");
                for (text, contrast) in found {
                    assert!(contrast >= AA, "{name}, {}: {text} has {contrast:.2} : 1", theme.name);
                }
            }
        }
    }
}

#[test]
fn what_the_headers_were_before_fails() {
    let accent = LIGHT.texts.iter().find(|(name, ..)| *name == "accent").unwrap();
    let was = contrast(rgba(accent.2), rgba(0xffff_ffff));
    assert!((3.1..3.2).contains(&was), "{was:.2}");
}
