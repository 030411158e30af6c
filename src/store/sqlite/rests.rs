//! Pauses that the connector asked for.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{SqliteConnection, query, query_as};

use super::{
    open::SqliteStore,
    values::{changed, failed},
    writer::{Failure, Write},
};
use crate::{
    model::ConversationId,
    store::{
        Rests, StoreError,
        rules::{instant, nanos},
    },
};

#[async_trait]
impl Rests for SqliteStore {
    async fn rest(
        &self,
        conversation: &ConversationId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer.write(Rest { conversation: conversation.clone(), until }).await
    }

    async fn rests(&self, now: Timestamp) -> Result<Vec<(ConversationId, Timestamp)>, StoreError> {
        self.writer.write(Left(now)).await
    }
}

struct Rest {
    conversation: ConversationId,
    until: Timestamp,
}

#[async_trait]
impl Write for Rest {
    type Answer = ();

    async fn run(&self, db: &mut SqliteConnection) -> Result<(), Failure> {
        let statement =
            query("INSERT OR REPLACE INTO rests (channel, conversation, until) VALUES (?, ?, ?)");
        let ConversationId { channel, id } = &self.conversation;
        changed(db, statement.bind(channel).bind(id).bind(nanos(self.until))).await?;
        Ok(())
    }
}

/// What is left at this instant.
struct Left(Timestamp);

#[async_trait]
impl Write for Left {
    type Answer = Vec<(ConversationId, Timestamp)>;

    async fn run(&self, db: &mut SqliteConnection) -> Result<Self::Answer, Failure> {
        changed(db, query("DELETE FROM rests WHERE until <= ?").bind(nanos(self.0))).await?;
        let statement = query_as(
            "SELECT channel, conversation, until FROM rests ORDER BY channel, conversation",
        );
        let rows: Vec<(String, String, i64)> = statement.fetch_all(db).await.map_err(failed)?;
        let row = |(channel, id, until)| (ConversationId { channel, id }, instant(until));
        Ok(rows.into_iter().map(row).collect())
    }
}
