//! What is read and written of desks.

use sqlx::{SqlitePool, query_as};

use super::{failed, read::id_of};
use crate::{
    model::{ConversationId, SessionId},
    store::{StoreError, Thread},
};

pub(super) async fn thread(readers: &SqlitePool, place: &str) -> Result<Option<Thread>, StoreError> {
    let statement = query_as("SELECT session, channel, conversation FROM threads WHERE place = ?").bind(place);
    let row: Option<(String, String, String)> = statement.fetch_optional(readers).await.map_err(failed)?;
    let thread =
        |(session, channel, id): (String, _, _)| Ok(Thread { session: SessionId(id_of(&session)?), guest: ConversationId { channel, id } });
    row.map(thread).transpose()
}
