//! The wire's zoo becomes names: one activity as JSON → [`Inbound`].
//!
//! Strict about the four things without which no answer can be routed, lenient about everything
//! else: a field of the wrong type counts as absent, unknown types and fields are tolerated (that
//! is what the Bot Framework's activity specification asks of a receiver).

mod fields;
mod files;
mod mentions;
mod said;

use serde_json::{Map, Value};

use super::{
    json::{self, NotJson},
    quoted,
};
use crate::model::{Account, Channel, ConversationId, Guest, Inbound, Scope, What};
use fields::{entities, items, object, owned, same, text, text_of};
use said::Said;

/// The key in a card's data that marks a click as ours; `messageBack` clicks carry text as well,
/// and then the key decides.
pub const OURS: &str = "switchboard";

/// What stands between a channel's id and that of a thread's first post.
const THREAD: &str = ";messageid=";

/// Why a body is no activity. Answered with 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not JSON, or nested too deep.
    #[error(transparent)]
    NotJson(#[from] NotJson),
    /// JSON, but not an object.
    #[error("the body is not a JSON object")]
    NotAnObject,
    /// `type` is missing, empty or not text.
    #[error("`type` is missing")]
    NoType,
    /// `channelId` is missing, empty or not text. An empty one would slip through the check of the
    /// endorsements.
    #[error("`channelId` is missing")]
    NoChannel,
    /// `conversation.id` is missing, empty or not text.
    #[error("`conversation.id` is missing")]
    NoConversation,
    /// `serviceUrl` is missing, empty or not text.
    #[error("`serviceUrl` is missing")]
    NoServiceUrl,
}

/// Reads one activity. What it means is decided here, once; nobody behind this function sees the
/// wire.
pub fn read(body: &[u8]) -> Result<Inbound, Unreadable> {
    let Value::Object(activity) = json::parse(body)? else { return Err(Unreadable::NotAnObject) };
    let kind = text(&activity, "type").ok_or(Unreadable::NoType)?;
    let channel = text(&activity, "channelId").ok_or(Unreadable::NoChannel)?;
    let conversation = object(&activity, "conversation").ok_or(Unreadable::NoConversation)?;
    let id = text(conversation, "id").ok_or(Unreadable::NoConversation)?;
    let service_url = text(&activity, "serviceUrl").ok_or(Unreadable::NoServiceUrl)?;

    let bot = account(object(&activity, "recipient"));
    let scope = scope(&activity, conversation);
    let said = said::read(&activity, &bot);
    let what = what(&activity, kind, &bot.id, &said);
    let (place, root) =
        id.split_once(THREAD).map_or((id, None), |(place, root)| (place, root.split(';').next()));
    Ok(Inbound {
        activity_id: owned(&activity, "id"),
        channel: (scope == Scope::Channel).then(|| place_of(&activity, place)),
        files: files::all(&activity, &said.pictures),
        thread: root.filter(|root| scope == Scope::Channel && !root.is_empty()).map(str::to_owned),
        scope,
        service_url: service_url.to_owned(),
        guest: guest(&activity, conversation, channel),
        reply_to: owned(&activity, "replyToId"),
        mentioned: said.calls_bot,
        expect_replies: text(&activity, "deliveryMode")
            .is_some_and(|mode| mode.eq_ignore_ascii_case("expectReplies")),
        invoke: kind == "invoke",
        is_note: said.is_note,
        uncalled: said.uncalled,
        formatted: said.formatted.filter(|_| matches!(what, What::Text(_) | What::Edited(_))),
        enclosed: quoted::enclosed(&activity),
        what,
        conversation: ConversationId { channel: channel.to_owned(), id: id.to_owned() },
        bot,
    })
}

fn what(activity: &Map<String, Value>, kind: &str, bot: &str, said: &Said) -> What {
    let other = || What::Other(kind.to_owned());
    let names_bot = |field| {
        items(activity, field).any(|member| text(member, "id").is_some_and(|id| same(id, bot)))
    };
    match kind {
        // Some channels show a bot its own messages; answering them would never end.
        "message"
            if text_of(activity, "from", "role")
                .is_some_and(|role| role.eq_ignore_ascii_case("bot")) =>
        {
            other()
        }
        "message" => message(activity, said),
        // `eventType` editMessage or undeleteMessage; the id is that of the message.
        "messageUpdate" if said.is_there || is_restored(activity) => {
            What::Edited(said.words.clone())
        }
        "messageDelete" => What::Deleted,
        "invoke" => invoke(activity),
        "conversationUpdate" if names_bot("membersAdded") => What::Installed,
        "conversationUpdate" if names_bot("membersRemoved") => What::Removed,
        "installationUpdate" => {
            match text(activity, "action").map(str::to_ascii_lowercase).as_deref() {
                Some("add") => What::Installed,
                Some("add-upgrade") => What::Upgraded,
                Some("remove" | "remove-upgrade") => What::Removed,
                _ => other(),
            }
        }
        _ => other(),
    }
}

/// A deletion is undone: the message is there again, whether it is repeated or not.
fn is_restored(activity: &Map<String, Value>) -> bool {
    object(activity, "channelData")
        .and_then(|data| text(data, "eventType"))
        .is_some_and(|kind| kind.eq_ignore_ascii_case("undeleteMessage"))
}

/// A message is a click when its value is marked as ours, else its text when it has one, else a
/// click of whatever value it has.
fn message(activity: &Map<String, Value>, said: &Said) -> What {
    match activity.get("value").and_then(click) {
        Some(data) if data.contains_key(OURS) || said.words.is_empty() => What::Submit(data),
        _ if said.words.is_empty() => What::Wordless,
        _ => What::Text(said.words.clone()),
    }
}

/// The data of a click: an object, or (seen with `messageBack`) a text that holds one.
fn click(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(data) => Some(data.clone()),
        Value::String(text) => match json::parse(text.as_bytes()) {
            Ok(Value::Object(data)) => Some(data),
            _ => None,
        },
        _ => None,
    }
}

fn invoke(activity: &Map<String, Value>) -> What {
    let value = activity.get("value").cloned().unwrap_or_default();
    match text(activity, "name") {
        // Local clients leave out `trigger` and the action's `id`; nothing but `data` is needed.
        Some("adaptiveCard/action") => {
            let action = value.get("action").and_then(Value::as_object);
            What::Execute {
                verb: action.and_then(|action| owned(action, "verb")),
                data: action
                    .and_then(|action| action.get("data"))
                    .and_then(click)
                    .unwrap_or_default(),
            }
        }
        name => What::Invoke { name: name.map(str::to_owned), value },
    }
}

/// The channel, as far as the activity says. `place` is the conversation's id without the thread:
/// in a channel that is the channel's id.
fn place_of(activity: &Map<String, Value>, place: &str) -> Channel {
    let data = object(activity, "channelData");
    let of = |inner, field| data.and_then(|data| text_of(data, inner, field));
    let id = of("channel", "id").or_else(|| data.and_then(|data| text(data, "teamsChannelId")));
    Channel {
        id: id.unwrap_or(place).to_owned(),
        name: of("channel", "name").map(str::to_owned),
        team: of("team", "id").map(str::to_owned),
        kind: of("channel", "type").map(str::to_ascii_lowercase),
    }
}

fn guest(activity: &Map<String, Value>, conversation: &Map<String, Value>, channel: &str) -> Guest {
    let from = account(object(activity, "from"));
    let client = entities(activity, "clientInfo").next();
    let client = |field| client.and_then(|client| owned(client, field));
    let tenant = object(activity, "channelData").and_then(|data| text_of(data, "tenant", "id"));
    Guest {
        id: from.id,
        aad_object_id: from.aad_object_id,
        name: from.name,
        entra_tenant: tenant.or_else(|| text(conversation, "tenantId")).map(str::to_owned),
        locale: owned(activity, "locale").or_else(|| client("locale")),
        country: client("country"),
        platform: client("platform"),
        timezone: client("timezone").or_else(|| owned(activity, "localTimezone")),
        channel_id: channel.to_owned(),
        ..Guest::default()
    }
}

fn scope(activity: &Map<String, Value>, conversation: &Map<String, Value>) -> Scope {
    let kind = text(conversation, "conversationType").map(str::to_ascii_lowercase);
    let is_group = conversation.get("isGroup").and_then(Value::as_bool).unwrap_or(false);
    let in_team =
        || object(activity, "channelData").is_some_and(|data| object(data, "team").is_some());
    match kind.as_deref() {
        Some("channel") => Scope::Channel,
        Some("groupchat") => Scope::Group,
        Some("personal") => Scope::Personal,
        _ if is_group && in_team() => Scope::Channel,
        _ if is_group => Scope::Group,
        _ => Scope::Personal,
    }
}

fn account(account: Option<&Map<String, Value>>) -> Account {
    account.map_or_else(Account::default, |account| Account {
        id: owned(account, "id").unwrap_or_default(),
        name: owned(account, "name"),
        aad_object_id: owned(account, "aadObjectId"),
    })
}

#[cfg(test)]
mod tests;
