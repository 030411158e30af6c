//! Several statements that go to SQLite's thread as one, all or nothing. The way there and back
//! costs more than most statements do.

use sqlx::{
    Arguments as _, AssertSqlSafe, Encode, Sqlite, SqliteConnection, Type, sqlite::SqliteArguments,
};

use super::{
    values::failed,
    writer::{Failure, execute},
};
use crate::store::StoreError;

/// Longer scripts are rare and not worth a place among the prepared ones.
const PREPARED: usize = 32;

/// Statements to be run one after the other, each with its values. When one fails, a savepoint
/// takes back those before it.
pub(super) struct Script {
    sql: String,
    values: SqliteArguments,
    statements: usize,
}

impl Script {
    /// An empty script.
    pub(super) fn new() -> Self {
        Script {
            sql: "SAVEPOINT script;".to_owned(),
            values: SqliteArguments::default(),
            statements: 0,
        }
    }

    /// Begins the next statement. The text is the program's own; values are bound to its question
    /// marks by [`Script::bind`], in order.
    pub(super) fn then(&mut self, sql: &'static str) -> &mut Self {
        self.sql.push_str(sql);
        self.sql.push(';');
        self.statements += 1;
        self
    }

    /// Binds the next value.
    pub(super) fn bind<T>(&mut self, value: T) -> &mut Self
    where
        T: for<'a> Encode<'a, Sqlite> + Type<Sqlite>,
    {
        self.values.add(value).expect("text and numbers can always be encoded");
        self
    }

    /// Makes the whole script a conflict when the last statement changed no row.
    pub(super) fn or_conflict(&mut self) {
        self.then("INSERT INTO conflicts SELECT 1 WHERE changes() = 0");
    }

    /// Makes the whole script [`StoreError::Full`] when an agent has more than `most` seats.
    pub(super) fn or_full(&mut self, agent: &str, most: u32) {
        let sql =
            "INSERT INTO overfull SELECT 1 WHERE (SELECT count(*) FROM claims WHERE agent = ?) > ?";
        self.then(sql).bind(agent.to_owned()).bind(i64::from(most));
    }

    /// Runs it.
    pub(super) async fn run(mut self, db: &mut SqliteConnection) -> Result<(), Failure> {
        self.sql.push_str("RELEASE script");
        // Safe: put together from `&'static str` only.
        let query = sqlx::query_with(AssertSqlSafe(self.sql), self.values)
            .persistent(self.statements <= PREPARED);
        let Err(error) = query.execute(&mut *db).await else { return Ok(()) };
        // After a full disk and the like SQLite has ended the transaction by itself. Then there is
        // no savepoint, and this fails.
        execute(db, "ROLLBACK TO script; RELEASE script").await.map_err(Failure::Batch)?;
        // The tables `conflicts` and `overfull` have the only CHECKs of all; the latter's has a
        // name, which the message tells.
        let check = error.as_database_error().filter(|error| error.is_check_violation());
        Err(Failure::Job(match check {
            Some(error) if error.message().ends_with("overfull") => StoreError::Full,
            Some(_) => StoreError::Conflict,
            None => failed(error),
        }))
    }
}
