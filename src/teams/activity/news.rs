//! What Teams tells of a team and its channels.

use serde_json::{Map, Value};

use super::fields::{object, text};
use crate::model::PlaceNews;

/// The events that mean something to desks. Teams' documentation and its SDKs do not agree on the
/// case of the names.
const EVENTS: [(&str, PlaceNews); 9] = [
    ("channelDeleted", PlaceNews::ChannelDeleted),
    ("channelRestored", PlaceNews::ChannelRestored),
    ("channelRenamed", PlaceNews::ChannelRenamed),
    ("teamDeleted", PlaceNews::TeamDeleted),
    ("teamHardDeleted", PlaceNews::TeamDeleted),
    ("teamRestored", PlaceNews::TeamRestored),
    ("teamArchived", PlaceNews::TeamArchived),
    ("teamUnarchived", PlaceNews::TeamUnarchived),
    ("teamRenamed", PlaceNews::TeamRenamed),
];

/// What a `conversationUpdate` tells of its team or of a channel there. Teams alone knows: what
/// another channel says of it is nothing.
pub(super) fn read(activity: &Map<String, Value>) -> Option<PlaceNews> {
    text(activity, "channelId").filter(|channel| *channel == "msteams")?;
    let kind = text(object(activity, "channelData")?, "eventType")?;
    EVENTS.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(kind)).map(|(_, news)| news)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nobody_but_teams_tells_what_becomes_of_a_team() {
        let told = |channel: &str| {
            let data = json!({ "eventType": "TEAMDELETED", "team": { "id": "19:t" } });
            let activity = json!({ "channelId": channel, "channelData": data });
            read(activity.as_object().unwrap())
        };
        assert_eq!(told("msteams"), Some(PlaceNews::TeamDeleted));
        assert_eq!((told("directline"), told("webchat"), told("")), (None, None, None));
    }
}
