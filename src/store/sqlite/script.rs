//! Several statements that go to SQLite's thread as one. The way there and back costs more than most statements do.

use sqlx::{Arguments as _, AssertSqlSafe, Encode, Sqlite, SqliteConnection, Type, sqlite::SqliteArguments};

use super::failed;
use crate::store::StoreError;

/// Longer scripts are rare and not worth a place among the prepared ones.
const PREPARED: usize = 24;

/// Statements to be run one after the other, each with its values. When one fails, the savepoint around takes the others back.
#[derive(Default)]
pub(super) struct Script {
    sql: String,
    values: SqliteArguments,
    statements: usize,
}

impl Script {
    /// Begins the next statement. The text is the program's own; values are bound to its question marks by [`Script::bind`], in order.
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

    /// How many statements there are.
    pub(super) fn len(&self) -> usize {
        self.statements
    }

    /// Runs it, answers how many rows were changed in all. Counts are right only when every statement is one that changes rows.
    pub(super) async fn run(self, db: &mut SqliteConnection) -> Result<u64, StoreError> {
        if self.statements == 0 {
            return Ok(0);
        }
        // Safe: put together from `&'static str` only.
        let query = sqlx::query_with(AssertSqlSafe(self.sql), self.values).persistent(self.statements <= PREPARED);
        query.execute(db).await.map(|result| result.rows_affected()).map_err(failed)
    }
}
