//! What Teams tells of a team or one of its channels, and what that means for the desks there: gone
//! at once, back at once, called otherwise.

use jiff::Timestamp;

use super::connect::{break_desk, mend_desk};
use crate::{
    engine::turn::Turns,
    model::{Channel, Inbound, PlaceNews},
    store::{ConnectedChannel, StoreError},
};

const CHANNEL_DELETED: &str = "the channel was deleted";
const TEAM_DELETED: &str = "the team was deleted";
const TEAM_ARCHIVED: &str = "the team was archived";
/// Why a desk is disconnected although its channel is there: only the app can come back by itself.
const REMOVED: [&str; 2] =
    ["the app was removed from the channel", "the app was removed from the team"];

/// What becomes of a desk.
enum Turn {
    /// Nothing can be delivered there, for this reason.
    Ends(&'static str),
    /// It is there again, if it was away for another reason than these.
    IsBack(&'static [&'static str]),
    /// It has another name.
    IsRenamed,
}

/// Takes over what happened to the place that an activity names. It comes in the conversation of
/// the team's General channel, whichever channel it is about.
pub(super) async fn take_over(
    turns: &Turns,
    inbound: &Inbound,
    news: PlaceNews,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(place) = &inbound.channel else { return Ok(()) };
    let turn = match news {
        PlaceNews::ChannelDeleted => Turn::Ends(CHANNEL_DELETED),
        PlaceNews::TeamDeleted => Turn::Ends(TEAM_DELETED),
        PlaceNews::TeamArchived => Turn::Ends(TEAM_ARCHIVED),
        // A team is restored with its channels, but not with those that were deleted before.
        PlaceNews::ChannelRestored => Turn::IsBack(&[TEAM_DELETED, TEAM_ARCHIVED]),
        PlaceNews::TeamRestored | PlaceNews::TeamUnarchived => Turn::IsBack(&[CHANNEL_DELETED]),
        PlaceNews::ChannelRenamed | PlaceNews::TeamRenamed => Turn::IsRenamed,
    };
    for desk in turns.roster().all() {
        let is_meant =
            if news.is_of_team() { is_in_team(&desk, place) } else { desk.channel == place.id };
        if !is_meant {
            continue;
        }
        match turn {
            // What Teams told first counts: a team that comes back brings no channel along that was
            // deleted in it. What was only concluded from letters does not.
            Turn::Ends(why) if desk.broken.as_deref().is_none_or(|why| !is_told(why)) => {
                break_desk(turns, &desk.tenant, why, now).await?;
            }
            Turn::IsBack(others) => {
                let is_cured = desk
                    .broken
                    .as_deref()
                    .is_some_and(|why| !others.contains(&why) && !REMOVED.contains(&why));
                if is_cured {
                    mend_desk(turns, &desk.tenant, now).await?;
                }
            }
            Turn::IsRenamed => learn_names(turns, &desk, place, news).await?,
            Turn::Ends(_) => {}
        }
    }
    Ok(())
}

/// True for a reason that Teams itself has told.
fn is_told(why: &str) -> bool {
    [CHANNEL_DELETED, TEAM_DELETED, TEAM_ARCHIVED].contains(&why) || REMOVED.contains(&why)
}

fn is_in_team(desk: &ConnectedChannel, place: &Channel) -> bool {
    let Some(team) = &place.team else { return false };
    desk.team.as_ref() == Some(team) || desk.channel == *team
}

async fn learn_names(
    turns: &Turns,
    desk: &ConnectedChannel,
    place: &Channel,
    news: PlaceNews,
) -> Result<(), StoreError> {
    let change = |desk: &mut ConnectedChannel| {
        if news.is_of_team() {
            desk.team_name = place.team_name.clone().or(desk.team_name.take());
        } else {
            desk.name = place.name.clone().or(desk.name.take());
        }
    };
    turns.change_desk(&desk.tenant, change).await.map(|_| ())
}

/// A desk is answered where the newest activity from its channel came from, and is called what that
/// says.
pub(super) async fn follow(turns: &Turns, inbound: &Inbound) -> Result<(), StoreError> {
    let Some(place) = &inbound.channel else { return Ok(()) };
    // What the connector says, not what the activity claims to be about.
    let here = inbound.conversation.id.split(';').next().unwrap_or_default();
    for desk in turns.roster().all().iter().filter(|desk| desk.channel == here) {
        let change = |desk: &mut ConnectedChannel| {
            desk.service_url.clone_from(&inbound.service_url);
            if !inbound.bot.id.is_empty() {
                desk.bot.clone_from(&inbound.bot);
            }
            if place.id == desk.channel && place.name.is_some() {
                desk.name.clone_from(&place.name);
            }
            if place.team == desk.team && place.team_name.is_some() {
                desk.team_name.clone_from(&place.team_name);
            }
        };
        if turns.change_desk(&desk.tenant, change).await? {
            tracing::info!(tenant = %desk.tenant, "what is known of a desk's channel has changed");
        }
    }
    Ok(())
}
