//! The transcript's rows.

use sqlx::{Row as _, sqlite::SqliteRow};

use super::{
    script::Script,
    values::{failed, id_of},
};
use crate::{
    model::{ConversationId, LetterId, SessionId},
    store::{
        Edit, Line, StoreError, Who,
        rules::{instant, nanos},
    },
};

pub(super) fn say(script: &mut Script, line: &Line) {
    let Some(session) = line.session else { return };
    script
        .then(
            "INSERT INTO transcript (session, at, who, name, text, card, activity, letter, edited, deleted, author, hidden) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(session.to_string())
        .bind(nanos(line.at))
        .bind(who(line.from).to_owned())
        .bind(line.name.clone())
        .bind(line.text.clone())
        .bind(line.card.clone())
        .bind(line.activity_id.clone())
        .bind(line.letter.map(|letter| letter.to_string()))
        .bind(line.edited.map(nanos))
        .bind(line.deleted.map(nanos))
        .bind(line.author.clone())
        .bind(line.hidden);
}

/// Changes the editor's own lines of an activity in this conversation. The activity finds them;
/// another conversation may use its id too. A hidden line stays so, whatever was written instead.
pub(super) fn edit(script: &mut Script, conversation: &ConversationId, edit: &Edit) {
    if let Some((session, author)) = &edit.at_desk {
        script
            .then(match edit.text {
                Some(_) => {
                    "UPDATE transcript SET edited = ?, deleted = NULL, text = CASE WHEN hidden = 1 THEN text ELSE ? END WHERE author = ? AND activity = ? AND session = ? AND EXISTS \
                     (SELECT 1 FROM sessions s JOIN journeys j ON j.id = s.journey \
                     WHERE s.id = transcript.session AND j.channel = ? AND j.conversation = ?)"
                }
                None => {
                    "UPDATE transcript SET deleted = ?, text = coalesce(?, ''), card = NULL WHERE author = ? AND activity = ? AND session = ? \
                     AND EXISTS (SELECT 1 FROM sessions s JOIN journeys j ON j.id = s.journey \
                     WHERE s.id = transcript.session AND j.channel = ? AND j.conversation = ?)"
                }
            })
            .bind(nanos(edit.at))
            .bind(edit.text.clone())
            .bind(author.clone())
            .bind(edit.activity_id.clone())
            .bind(session.to_string())
            .bind(conversation.channel.clone())
            .bind(conversation.id.clone());
        return;
    }
    script
        .then(match edit.text {
            Some(_) => {
                "UPDATE transcript SET edited = ?, deleted = NULL, text = CASE WHEN hidden = 1 THEN text ELSE ? END WHERE who = 'guest' AND activity = ? AND EXISTS \
                 (SELECT 1 FROM sessions s JOIN journeys j ON j.id = s.journey \
                 WHERE s.id = transcript.session AND j.channel = ? AND j.conversation = ?)"
            }
            None => {
                "UPDATE transcript SET deleted = ?, text = coalesce(?, ''), card = NULL WHERE who = 'guest' AND activity = ? AND EXISTS \
                 (SELECT 1 FROM sessions s JOIN journeys j ON j.id = s.journey \
                 WHERE s.id = transcript.session AND j.channel = ? AND j.conversation = ?)"
            }
        })
        .bind(nanos(edit.at))
        .bind(edit.text.clone())
        .bind(edit.activity_id.clone())
        .bind(conversation.channel.clone())
        .bind(conversation.id.clone());
}

pub(super) fn line(id: SessionId, row: &SqliteRow) -> Result<Line, StoreError> {
    let from = match row.try_get("who").map_err(failed)? {
        "guest" => Who::Guest,
        "bot" => Who::Bot,
        "agent" => Who::Agent,
        "note" => Who::Note,
        _ => {
            return Err(StoreError::Broken(format!(
                "a line of the session {id} has an unknown speaker"
            )));
        }
    };
    let letter: Option<&str> = row.try_get("letter").map_err(failed)?;
    Ok(Line {
        session: Some(id),
        at: instant(row.try_get("at").map_err(failed)?),
        from,
        name: row.try_get("name").map_err(failed)?,
        text: row.try_get("text").map_err(failed)?,
        card: row.try_get("card").map_err(failed)?,
        activity_id: row.try_get("activity").map_err(failed)?,
        letter: letter.map(id_of).transpose()?.map(LetterId),
        author: row.try_get("author").map_err(failed)?,
        hidden: row.try_get("hidden").map_err(failed)?,
        edited: row.try_get::<Option<i64>, _>("edited").map_err(failed)?.map(instant),
        deleted: row.try_get::<Option<i64>, _>("deleted").map_err(failed)?.map(instant),
    })
}

/// The name of a speaker in the table.
fn who(who: Who) -> &'static str {
    match who {
        Who::Guest => "guest",
        Who::Bot => "bot",
        Who::Agent => "agent",
        Who::Note => "note",
    }
}
