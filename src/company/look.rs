//! `icon:` and `accent:`: by what people know a department again on its cards.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use regex::Regex;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::{
    model::TenantId,
    pipeline::directory::Look,
    source::{At, Fields, Files, Problems, short},
};

/// The largest picture, in bytes: it goes along with every card of its department.
pub(super) const LARGEST: usize = 4 * 1024;
/// The most points that a picture has on a side; cards show it with 24.
const MOST_POINTS: u32 = 256;
/// What a PNG file begins with (PNG specification, 5.2); its width and height follow at 16 and 20.
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Before a picture's content where a card takes an address.
const ADDRESS: &str = "data:image/png;base64,";

/// A picture as the files of a company hold it: the address under which cards show it. Of one that
/// is too large only so much that it is known to be.
pub(super) fn address(bytes: &[u8]) -> String {
    format!("{ADDRESS}{}", STANDARD.encode(&bytes[..bytes.len().min(LARGEST + 1)]))
}

/// How the department looks that is written in `folder`.
pub(super) fn read(fields: &Fields<'_>, folder: &str, files: &Files) -> Look {
    let mut look = Look::built_in(&TenantId::from(folder));
    if let Some(accent) = fields.one_of("accent", &Look::ACCENTS) {
        look.accent = accent;
    }
    let Some(icon) = fields.text("icon") else { return look };
    if icon.value.to_lowercase().ends_with(".png") {
        if let Some(picture) = picture(&icon, folder, files, fields.problems) {
            (look.icon, look.picture) = (String::new(), picture);
        }
    } else if is_emoji(&icon.value) {
        look.icon = icon.value;
    } else {
        fields.problems.error(
            &icon.place,
            format!("`{}` is no icon", short(&icon.value)),
            "write one emoji, as in `icon: 💻`, or the name of a PNG in the department's folder, as in `icon: icon.png`",
        );
    }
    look
}

/// True for one sign that is shown as a picture.
fn is_emoji(text: &str) -> bool {
    let is_one = text.graphemes(true).count() == 1;
    is_one
        && Regex::new(r"^(\p{Extended_Pictographic}|[\u{1F1E6}-\u{1F1FF}]{2})")
            .is_ok_and(|emoji| emoji.is_match(text))
}

fn picture(name: &At<String>, folder: &str, files: &Files, problems: &Problems) -> Option<String> {
    let path = format!("tenants/{folder}/{}", name.value);
    let Some(found) = files.get(&path) else {
        problems.error(
            &name.place,
            format!("there is no `{path}`"),
            "put the picture beside tenant.yaml, or write one emoji",
        );
        return None;
    };
    let bytes = found.strip_prefix(ADDRESS).and_then(|text| STANDARD.decode(text.trim_end()).ok());
    let bytes = bytes.unwrap_or_default();
    let side = |at: usize| {
        let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
        four.map_or(0, u32::from_be_bytes)
    };
    let fault = if bytes.len() > LARGEST {
        "is larger than 4 KB"
    } else if !bytes.starts_with(SIGNATURE)
        || &bytes[12.min(bytes.len())..16.min(bytes.len())] != b"IHDR"
    {
        "is no PNG"
    } else if [side(16), side(20)].iter().any(|side| *side == 0 || *side > MOST_POINTS) {
        "has more than 256 points on a side, or none"
    } else {
        return Some(found.trim_end().to_owned());
    };
    problems.error(
        &name.place,
        format!("`{path}` {fault}"),
        "save it as a PNG of 48 × 48 points and at most 4 KB: it goes along with every card",
    );
    None
}

#[cfg(test)]
mod tests {
    use super::is_emoji;

    #[test]
    fn one_emoji_is_an_icon_and_nothing_else() {
        for icon in ["💻", "⚖️", "👩‍⚕️", "🇩🇪", "🛎️"] {
            assert!(is_emoji(icon), "{icon}");
        }
        for text in ["", "IT", "💻💻", "a", "1", "<b>", "*", "💻 IT"] {
            assert!(!is_emoji(text), "{text}");
        }
    }
}
