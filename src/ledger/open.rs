//! Opening: the file, its settings, its tables brought up to date.
//!
//! In: a path. Out: a pool of connections that are all set alike. One connection goes ahead and does
//! all that can fail: a pool would try again and again, and say in the end that it ran out of time.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::any::AnyPoolOptions;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, Connection, Executor, SqlSafeStr};

use super::{Ledger, LedgerError, PATIENCE, Trouble};

/// The migrations in order: number, what it does, its statements.
const MIGRATIONS: [(i64, &str, &str); 1] =
    [(1, "the ledger", include_str!("migrations/0001_ledger.sql"))];

/// What each connection is told: references hold; how long to wait for another that writes (as
/// `PATIENCE`). None of it touches the file.
const SETTINGS: &str = "PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000";

/// Readers never wait for the writer. Kept in the file, so that it is asked for once.
const WRITE_AHEAD: &str = "PRAGMA journal_mode = WAL";

/// Where the disk knows no shared memory (some network shares): readers wait for the writer.
const ROLL_BACK: &str = "PRAGMA journal_mode = TRUNCATE";

/// Time between two tries when several processes open a new ledger at once.
const TRY_AGAIN: Duration = Duration::from_millis(50);

/// Opens a ledger for reading and writing, its tables brought up to date; makes it when there is none.
pub(super) async fn writable(path: &Path) -> Result<Ledger, LedgerError> {
    let url = url(path, "rwc");
    let failed = |source| LedgerError::new("open", path, source);
    let began = Instant::now();
    let first = loop {
        match first_writable(&url).await.map_err(failed) {
            Err(error) if is_race(&error) && began.elapsed() < PATIENCE => {
                tokio::time::sleep(TRY_AGAIN).await;
            }
            outcome => break outcome?,
        }
    };
    pool(path, &url, first).await
}

/// Whether somebody else may have been opening the same new ledger: SQLite does not wait where two
/// change the journal at once, and the slower finds the tables made.
fn is_race(error: &LedgerError) -> bool {
    matches!(error.trouble(), Trouble::Locked | Trouble::Unknown)
}

async fn first_writable(url: &str) -> Result<AnyConnection, sqlx::Error> {
    let mut first = connect(url).await?;
    if let Err(error) = first.execute(WRITE_AHEAD).await {
        // Codes 10 and 14: no shared memory here.
        let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
        if !matches!(code.map(|code| code & 0xff), Some(10 | 14)) {
            return Err(error);
        }
        first.execute(ROLL_BACK).await?;
    }
    migrator().run(&mut first).await?;
    Ok(first)
}

/// Opens a ledger for reading. Nothing is created beside it: where no process has it open and none
/// was killed, there is no write-ahead log, and the file alone is everything.
pub(super) async fn readable(path: &Path) -> Result<Ledger, LedgerError> {
    let shared = url(path, "ro");
    let alone = format!("{shared}&immutable=1");
    let failed = |source| LedgerError::new("open", path, source);
    let (url, opened) = if log_of(path).exists() {
        match first_readable(&shared).await.map_err(failed) {
            // The log is there, and neither may the folder be written nor the log be shared.
            Err(error) if error.trouble() == Trouble::Unusable => {
                (alone.clone(), first_readable(&alone).await.map_err(failed))
            }
            opened => (shared, opened),
        }
    } else {
        (alone.clone(), first_readable(&alone).await.map_err(failed))
    };
    pool(path, &url, opened?).await
}

async fn first_readable(url: &str) -> Result<AnyConnection, sqlx::Error> {
    let mut first = connect(url).await?;
    let tables = "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'";
    let tables: i64 = sqlx::query_scalar(tables).fetch_one(&mut first).await?;
    let mut applied: Vec<i64> = Vec::new();
    if tables > 0 {
        let versions = "SELECT version FROM _sqlx_migrations ORDER BY version";
        applied = sqlx::query_scalar(versions).fetch_all(&mut first).await?;
    }
    let known = MIGRATIONS.map(|(version, ..)| version);
    if let Some(newer) = applied.iter().find(|version| !known.contains(version)) {
        return Err(MigrateError::VersionMissing(*newer).into());
    }
    match known.iter().find(|version| !applied.contains(version)) {
        Some(pending) => Err(MigrateError::VersionNotPresent(*pending).into()),
        None => Ok(first),
    }
}

async fn connect(url: &str) -> Result<AnyConnection, sqlx::Error> {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(url).await?;
    connection.execute(SETTINGS).await?;
    Ok(connection)
}

/// The pool; the connection that went ahead is closed once the pool has one, so that it is not the
/// last, which would fold up the write-ahead log.
async fn pool(path: &Path, url: &str, first: AnyConnection) -> Result<Ledger, LedgerError> {
    let failed = |source| LedgerError::new("open", path, source);
    let pool = AnyPoolOptions::new()
        .max_connections(4)
        .acquire_timeout(PATIENCE * 2)
        .after_connect(|connection, _| {
            Box::pin(async move { connection.execute(SETTINGS).await.map(|_| ()) })
        })
        .connect(url)
        .await
        .map_err(failed)?;
    first.close().await.map_err(failed)?;
    Ok(Ledger { pool, path: path.to_owned() })
}

fn migrator() -> Migrator {
    let migrations = MIGRATIONS.map(|(version, about, sql)| {
        let sql = sql.into_sql_str();
        Migration::new(version, Cow::Borrowed(about), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.to_vec())
}

/// The write-ahead log beside a ledger: there while anybody has it open, and after a kill.
pub(super) fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// What stays as it is in the path of a URL.
const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// The URL of a file: what has a meaning in a URL is escaped.
fn url(path: &Path, mode: &str) -> String {
    let path = path.to_string_lossy();
    format!("sqlite://{}?mode={mode}", utf8_percent_encode(&path, &PLAIN))
}
