//! Files, and secrets.

use async_trait::async_trait;
use sqlx::{SqliteConnection, query, query_as, query_scalar};

use super::{
    open::SqliteStore,
    script::Script,
    values::{changed, count, failed, id_of, json, to_json},
    writer::{Failure, Write},
};
use crate::{
    model::{FileId, SessionId},
    store::{
        FileBytes, FileRow, Files, StoreError, Told,
        rules::{instant, nanos},
    },
};

/// Adds a file; that one of its id is there already is an error.
pub(super) fn add(script: &mut Script, file: &FileRow) -> Result<(), StoreError> {
    use secrecy::ExposeSecret as _;
    script
        .then(
            "INSERT INTO files (id, session, sender, name, content_type, kind, state, created, expires, url) \
             VALUES (?, ?, ?, ?, ?, ?, 'wanted', ?, ?, ?)",
        )
        .bind(file.id.to_string())
        .bind(file.session.to_string())
        .bind(to_json(&file.sender)?)
        .bind(file.name.clone())
        .bind(file.content_type.clone())
        .bind(to_json(&file.kind)?)
        .bind(nanos(file.created))
        .bind(nanos(file.expires))
        .bind(file.url.as_ref().map(|url| url.expose_secret().to_owned()));
    Ok(())
}

/// Notes that somebody was told of a file; that it was noted before is a conflict.
pub(super) fn told(script: &mut Script, told: &Told) {
    script
        .then(if told.ready {
            "UPDATE files SET state = 'ready', url = NULL WHERE id = ? AND state = 'wanted'"
        } else {
            "UPDATE files SET state = 'failed', url = NULL, bytes = NULL WHERE id = ? AND state = 'wanted'"
        })
        .bind(told.file.to_string())
        .or_conflict();
}

/// Id, session, sender, name, content type, kind, created, expires, size, address.
type Row = (String, String, String, String, String, String, i64, i64, Option<i64>, Option<String>);

#[async_trait]
impl Files for SqliteStore {
    async fn wanted_files(&self) -> Result<Vec<FileRow>, StoreError> {
        let rows: Vec<Row> = query_as(
            "SELECT id, session, sender, name, content_type, kind, created, expires, size, url \
             FROM files WHERE state = 'wanted' ORDER BY created, id",
        )
        .fetch_all(&mut *self.readers.one().await?)
        .await
        .map_err(failed)?;
        let file =
            |(id, session, sender, name, content_type, kind, created, expires, size, url): Row| {
                Ok(FileRow {
                    id: FileId(id_of(&id)?),
                    session: SessionId(id_of(&session)?),
                    sender: json("a file", &sender)?,
                    name,
                    content_type,
                    kind: json("a file", &kind)?,
                    url: url.map(Into::into),
                    size: size.map(count).transpose()?,
                    created: instant(created),
                    expires: instant(expires),
                })
            };
        rows.into_iter().map(file).collect()
    }

    async fn keep_file(
        &self,
        id: FileId,
        name: String,
        content_type: String,
        bytes: Vec<u8>,
    ) -> Result<(), StoreError> {
        self.writer.write(Keep { id, name, content_type, bytes }).await
    }

    async fn file(&self, id: FileId) -> Result<Option<FileBytes>, StoreError> {
        let statement = query_as(
            "SELECT name, content_type, expires, bytes FROM files WHERE id = ? AND state = 'ready' AND bytes NOT NULL",
        );
        let row: Option<(String, String, i64, Vec<u8>)> = statement
            .bind(id.to_string())
            .fetch_optional(&mut *self.readers.one().await?)
            .await
            .map_err(failed)?;
        Ok(row.map(|(name, content_type, expires, bytes)| FileBytes {
            name,
            content_type,
            expires: instant(expires),
            bytes,
        }))
    }

    async fn secret(&self, name: &'static str, fresh: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        self.writer.write(Secret { name, fresh }).await
    }
}

/// The bytes of a file.
struct Keep {
    id: FileId,
    name: String,
    content_type: String,
    bytes: Vec<u8>,
}

#[async_trait]
impl Write for Keep {
    type Answer = ();

    async fn run(&self, db: &mut SqliteConnection) -> Result<(), Failure> {
        let statement = query(
            "UPDATE files SET name = ?, content_type = ?, size = ?, url = NULL, bytes = ? WHERE id = ? AND state = 'wanted'",
        );
        let size = i64::try_from(self.bytes.len())
            .map_err(|_| StoreError::Broken("a file is too large for the table".to_owned()))?;
        let statement = statement
            .bind(&self.name)
            .bind(&self.content_type)
            .bind(size)
            .bind(&self.bytes[..])
            .bind(self.id.to_string());
        changed(db, statement).await?;
        Ok(())
    }
}

/// A secret by its name; made of these bytes when there is none.
struct Secret {
    name: &'static str,
    fresh: Vec<u8>,
}

#[async_trait]
impl Write for Secret {
    type Answer = Vec<u8>;

    async fn run(&self, db: &mut SqliteConnection) -> Result<Vec<u8>, Failure> {
        let statement =
            query("INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING");
        changed(db, statement.bind(self.name).bind(&self.fresh[..])).await?;
        let kept = query_scalar("SELECT value FROM secrets WHERE name = ?")
            .bind(self.name)
            .fetch_one(db)
            .await;
        Ok(kept.map_err(failed)?)
    }
}
