//! Attachments that are files. Teams puts cards, the text once more as HTML, and things of its own
//! into the same list.

use serde_json::{Map, Value};

use super::fields::{items, object, text};
use crate::model::{File, FileKind, file::harmless};
use crate::teams::{quoted, rich::Picture};

/// A file that somebody sent to the bot in a personal chat: `content.downloadUrl` needs no token
/// and works for a few minutes (Microsoft Learn, "Send and receive files through a bot").
const DOWNLOAD: &str = "application/vnd.microsoft.teams.file.download.info";
/// What a picture is called that has no name.
const IMAGE: &str = "image";

/// The files and pictures of a message: its attachments, and the pictures that stand in its HTML
/// alone. Nothing of either is left out: what cannot be carried is told to whoever sent it.
pub(super) fn all(activity: &Map<String, Value>, pictures: &[Picture]) -> Vec<File> {
    let mut files: Vec<File> = items(activity, "attachments").filter_map(read).collect();
    // The client attaches the pictures that it shows, in the same order.
    let attached = files.iter().filter(|file| file.content_type.starts_with("image/")).count();
    let is_word = |picture: &&Picture| {
        let name = picture.name.as_deref();
        name.is_some_and(|name| picture.is_drawn || !name.contains(char::is_alphanumeric))
    };
    files.extend(pictures.iter().filter(|it| !is_word(it)).skip(attached).map(picture));
    files
}

fn picture(picture: &Picture) -> File {
    let is_web = picture.url.starts_with("https://") || picture.url.starts_with("http://");
    File {
        name: picture.name.as_deref().and_then(harmless).unwrap_or_else(|| IMAGE.to_owned()),
        content_type: "image/*".to_owned(),
        url: if is_web { picture.url.clone() } else { String::new() }.into(),
        kind: if is_web { FileKind::Connector } else { FileKind::Foreign },
    }
}

/// A file or picture; none for what is no file.
fn read(attachment: &Map<String, Value>) -> Option<File> {
    let content_type = text(attachment, "contentType").unwrap_or_default().to_ascii_lowercase();
    if attachment.is_empty() || content_type.starts_with("text/html") || quoted::is_read(attachment)
    {
        return None;
    }
    let content = object(attachment, "content");
    let name = text(attachment, "name").and_then(harmless);
    let file = |name: Option<String>, content_type: &str, url: Option<&str>, kind| File {
        name: name
            .or_else(|| harmless(quoted::kind(content_type)?))
            .or_else(|| harmless(&content_type.replace('/', " ")))
            .unwrap_or_else(|| "?".to_owned()),
        content_type: content_type.to_owned(),
        url: url.unwrap_or_default().into(),
        kind: if url.is_some() { kind } else { FileKind::Foreign },
    };
    if content_type == DOWNLOAD {
        let ending = content.and_then(|content| text(content, "fileType")).and_then(harmless);
        let name = name
            .or_else(|| ending.map(|ending| format!("file.{ending}")))
            .unwrap_or_else(|| "file".to_owned());
        return Some(file(
            Some(name),
            "",
            content.and_then(|content| text(content, "downloadUrl")),
            FileKind::Open,
        ));
    }
    if let Some(ending) = content_type.strip_prefix("image/") {
        // A pasted picture has no name, and often the type `image/*`.
        let ending: String = ending.chars().take_while(char::is_ascii_alphanumeric).collect();
        let own = if ending.is_empty() { IMAGE.to_owned() } else { format!("{IMAGE}.{ending}") };
        let url = text(attachment, "contentUrl")
            .filter(|url| url.starts_with("https://") || url.starts_with("http://"));
        return Some(file(name.or(Some(own)), &content_type, url, FileKind::Connector));
    }
    Some(file(name, &content_type, None, FileKind::Foreign))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use serde_json::json;

    use super::*;

    fn of(attachment: Value) -> Option<(String, String, String, FileKind)> {
        let file = read(attachment.as_object().unwrap())?;
        assert!(!format!("{file:?}").contains("://"), "the address is secret: {file:?}");
        Some((file.name, file.content_type, file.url.expose_secret().to_owned(), file.kind))
    }

    #[test]
    fn what_is_sent_in_a_personal_chat_can_be_fetched() {
        let sent = json!({
            "contentType": "application/vnd.microsoft.teams.file.download.info", "name": "plan.pdf",
            "contentUrl": "https://contoso-my.sharepoint.com/personal/kim/Documents/plan.pdf",
            "content": { "downloadUrl": "https://contoso-my.sharepoint.com/d?tempauth=1", "uniqueId": "1", "fileType": "pdf" }
        });
        let url = "https://contoso-my.sharepoint.com/d?tempauth=1";
        assert_eq!(
            of(sent.clone()),
            Some(("plan.pdf".into(), String::new(), url.into(), FileKind::Open))
        );
        let mut nameless = sent.clone();
        nameless["name"] = json!("../");
        assert_eq!(of(nameless).unwrap().0, "file.pdf");
        for content in [
            json!({}),
            json!(null),
            json!({ "downloadUrl": 7 }),
            json!({ "downloadUrl": "" }),
            json!("x"),
        ] {
            let mut broken = sent.clone();
            broken["content"] = content;
            let (name, _, url, kind) = of(broken).unwrap();
            assert_eq!((name.as_str(), url.as_str(), kind), ("plan.pdf", "", FileKind::Foreign));
        }
    }

    #[test]
    fn pictures_lie_on_the_connector() {
        let url = "https://smba.trafficmanager.net/emea/v3/attachments/0-weu/views/original";
        let picture =
            |kind: &str, url: &str| of(json!({ "contentType": kind, "contentUrl": url })).unwrap();
        assert_eq!(
            picture("image/*", url),
            ("image".into(), "image/*".into(), url.into(), FileKind::Connector)
        );
        assert_eq!(
            picture("IMAGE/PNG", url),
            ("image.png".into(), "image/png".into(), url.into(), FileKind::Connector)
        );
        assert_eq!(picture("image/svg+xml", url).0, "image.svg");
        for other in ["data:image/png;base64,AAAA", "", "file:///etc/passwd"] {
            assert_eq!(
                picture("image/png", other),
                ("image.png".into(), "image/png".into(), String::new(), FileKind::Foreign)
            );
        }
    }

    #[test]
    fn everything_else_is_named_or_no_file() {
        let channel_file = json!({
            "contentType": "reference", "name": "a\r\nb \"c\".docx", "contentUrl": "https://contoso.sharepoint.com/sites/it/b.docx"
        });
        assert_eq!(
            of(channel_file),
            Some(("a b \"c\".docx".into(), "reference".into(), String::new(), FileKind::Foreign))
        );
        assert_eq!(of(json!({ "contentType": "audio/mp4" })).unwrap().0, "audio mp4");
        for none in [
            json!({ "contentType": "text/html", "content": "<p>x</p>" }),
            json!({ "contentType": "application/vnd.microsoft.card.adaptive", "content": {} }),
            json!({ "contentType": "application/vnd.microsoft.card.hero", "content": { "title": "x" } }),
            json!({ "contentType": "messageReference" }),
            json!({}),
        ] {
            assert_eq!(of(none), None);
        }
        for (lost, name) in [
            (json!({ "name": "x" }), "x"),
            (json!({ "contentType": 7 }), "?"),
            (json!({ "contentType": "application/vnd.microsoft.card.adaptive" }), "card"),
            (
                json!({ "contentType": "application/vnd.microsoft.card.hero", "content": {} }),
                "hero",
            ),
            (json!({ "contentType": "forwardedMessageReference", "content": {} }), "message"),
            (
                json!({ "contentType": "application/vnd.microsoft.card.animation", "content": { "title": "x" } }),
                "GIF",
            ),
        ] {
            assert_eq!(
                of(lost).map(|file| (file.0, file.3)),
                Some((name.into(), FileKind::Foreign))
            );
        }
    }
}
