//! Files, and secrets.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{SqliteConnection, query, query_as, query_scalar};

use super::{
    open::SqliteStore,
    script::Script,
    values::{changed, count, failed, id_of, json, number, to_json},
    writer::{Failure, Write},
};
use crate::{
    model::{FileId, SessionId},
    store::{
        FileContent, FileHead, FileRow, Files, FilesUsed, Kept, LEAST, PIECE, Room, StoreError,
        Told,
        rules::{instant, nanos},
    },
};

/// Adds a file; that one of its id is there already is an error.
pub(super) fn add(script: &mut Script, file: &FileRow) -> Result<(), StoreError> {
    use secrecy::ExposeSecret as _;
    script
        .then(
            "INSERT INTO files (id, session, sender, name, content_type, kind, state, created, expires, url, person) \
             VALUES (?, ?, ?, ?, ?, ?, 'wanted', ?, ?, ?, ?)",
        )
        .bind(file.id.to_string())
        .bind(file.session.to_string())
        .bind(to_json(&file.sender)?)
        .bind(file.name.clone())
        .bind(file.content_type.clone())
        .bind(to_json(&file.kind)?)
        .bind(nanos(file.created))
        .bind(nanos(file.expires))
        .bind(file.url.as_ref().map(|url| url.expose_secret().to_owned()))
        .bind(file.person.clone());
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

/// Id, session, sender, name, content type, kind, created, expires, size, address, person.
type Row =
    (String, String, String, String, String, String, i64, i64, Option<i64>, Option<String>, String);

#[async_trait]
impl Files for SqliteStore {
    async fn wanted_files(&self) -> Result<Vec<FileRow>, StoreError> {
        let rows: Vec<Row> = query_as(
            "SELECT id, session, sender, name, content_type, kind, created, expires, size, url, person \
             FROM files WHERE state = 'wanted' ORDER BY created, id",
        )
        .fetch_all(&mut *self.readers.one().await?)
        .await
        .map_err(failed)?;
        let file = |(
            id,
            session,
            sender,
            name,
            content_type,
            kind,
            created,
            expires,
            size,
            url,
            person,
        ): Row| {
            Ok(FileRow {
                id: FileId(id_of(&id)?),
                session: SessionId(id_of(&session)?),
                sender: json("a file", &sender)?,
                person,
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
        content: FileContent,
        room: Room,
    ) -> Result<Kept, StoreError> {
        self.writer.write(Keep { id, content, room }).await
    }

    async fn file(&self, id: FileId) -> Result<Option<FileHead>, StoreError> {
        let statement = query_as(
            "SELECT name, content_type, expires, size FROM files WHERE id = ? AND state = 'ready' AND size NOT NULL",
        );
        let row: Option<(String, String, i64, i64)> = statement
            .bind(id.to_string())
            .fetch_optional(&mut *self.readers.one().await?)
            .await
            .map_err(failed)?;
        row.map(|(name, content_type, expires, size)| {
            Ok(FileHead { name, content_type, expires: instant(expires), size: count(size)? })
        })
        .transpose()
    }

    async fn file_piece(&self, id: FileId, piece: u64) -> Result<Option<Vec<u8>>, StoreError> {
        // What was kept by earlier versions stands in one piece.
        let statement = query_scalar(
            "SELECT coalesce((SELECT bytes FROM pieces WHERE file = f.id AND number = ?2), \
             nullif(substr(f.bytes, 1 + ?2 * ?3, ?3), x'')) FROM files f WHERE f.id = ?1 AND f.state = 'ready'",
        );
        let piece: Option<Option<Vec<u8>>> = statement
            .bind(id.to_string())
            .bind(number(piece)?)
            .bind(number(PIECE)?)
            .fetch_optional(&mut *self.readers.one().await?)
            .await
            .map_err(failed)?;
        Ok(piece.flatten())
    }

    async fn files_used(&self, person: String, since: Timestamp) -> Result<FilesUsed, StoreError> {
        used(&mut *self.readers.one().await?, &person, since).await
    }

    async fn drop_file(&self, id: FileId) -> Result<bool, StoreError> {
        self.writer.write(DropFile(id)).await
    }

    async fn secret(&self, name: &'static str, fresh: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        self.writer.write(Secret { name, fresh, replaces: false }).await
    }

    async fn replace_secret(&self, name: &'static str, fresh: Vec<u8>) -> Result<(), StoreError> {
        self.writer.write(Secret { name, fresh, replaces: true }).await.map(drop)
    }
}

/// What files take; read off the indexes.
async fn used(
    db: &mut SqliteConnection,
    person: &str,
    since: Timestamp,
) -> Result<FilesUsed, StoreError> {
    let least = number(LEAST)?;
    let all = "SELECT count(*), coalesce(sum(max(size, ?)), 0) FROM files WHERE state IN ('wanted', 'ready') AND size NOT NULL";
    let (files, store): (i64, i64) =
        query_as(all).bind(least).fetch_one(&mut *db).await.map_err(failed)?;
    let theirs: i64 = query_scalar(
        "SELECT coalesce(sum(max(size, ?)), 0) FROM files WHERE person = ? AND created > ? \
         AND state IN ('wanted', 'ready') AND size NOT NULL",
    )
    .bind(least)
    .bind(person)
    .bind(nanos(since))
    .fetch_one(db)
    .await
    .map_err(failed)?;
    Ok(FilesUsed { files: count(files)?, store: count(store)?, person: count(theirs)? })
}

/// The bytes of a file.
struct Keep {
    id: FileId,
    content: FileContent,
    room: Room,
}

#[async_trait]
impl Write for Keep {
    type Answer = Kept;

    async fn run(&self, db: &mut SqliteConnection) -> Result<Kept, Failure> {
        let (id, Keep { content, room, .. }) = (self.id.to_string(), self);
        let person: Option<String> =
            query_scalar("SELECT person FROM files WHERE id = ? AND state = 'wanted'")
                .bind(&id)
                .fetch_optional(&mut *db)
                .await
                .map_err(failed)?;
        let Some(person) = person else { return Ok(Kept::Kept) };
        let size = u64::try_from(content.bytes.len()).unwrap_or(u64::MAX);
        let (takes, used) = (size.max(LEAST), used(db, &person, room.since).await?);
        // Files of earlier versions are nobody's.
        if !person.is_empty() && used.person.saturating_add(takes) > room.person {
            return Ok(Kept::PersonFull);
        }
        if used.store.saturating_add(takes) > room.store {
            return Ok(Kept::StoreFull);
        }
        let statement = query(
            "UPDATE files SET name = ?, content_type = ?, size = ?, url = NULL, bytes = NULL WHERE id = ?",
        );
        let statement =
            statement.bind(&content.name).bind(&content.content_type).bind(number(size)?).bind(&id);
        changed(db, statement).await?;
        let whole = usize::try_from(PIECE).unwrap_or(usize::MAX);
        for (at, piece) in content.bytes.chunks(whole).enumerate() {
            let statement =
                query("INSERT OR REPLACE INTO pieces (file, number, bytes) VALUES (?, ?, ?)");
            changed(db, statement.bind(&id).bind(number(at)?).bind(piece)).await?;
        }
        Ok(Kept::Kept)
    }
}

/// A file that nobody may read any more.
struct DropFile(FileId);

#[async_trait]
impl Write for DropFile {
    type Answer = bool;

    async fn run(&self, db: &mut SqliteConnection) -> Result<bool, Failure> {
        let statement = query("DELETE FROM files WHERE id = ? AND state = 'ready'");
        Ok(changed(db, statement.bind(self.0.to_string())).await? > 0)
    }
}

/// A secret by its name; made of these bytes when there is none, or when it is replaced.
struct Secret {
    name: &'static str,
    fresh: Vec<u8>,
    replaces: bool,
}

#[async_trait]
impl Write for Secret {
    type Answer = Vec<u8>;

    async fn run(&self, db: &mut SqliteConnection) -> Result<Vec<u8>, Failure> {
        let statement = query(if self.replaces {
            "INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
        } else {
            "INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING"
        });
        changed(db, statement.bind(self.name).bind(&self.fresh[..])).await?;
        let kept = query_scalar("SELECT value FROM secrets WHERE name = ?")
            .bind(self.name)
            .fetch_one(db)
            .await;
        Ok(kept.map_err(failed)?)
    }
}
