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

use super::{Ledger, LedgerError, LedgerTrouble, PATIENCE};

/// The migrations in order: number, what it does, its statements.
const MIGRATIONS: [(i64, &str, &str); 1] =
    [(1, "the ledger", include_str!("migrations/0001_ledger.sql"))];

/// The table that tells which migrations were carried out; made before all others.
const HISTORY: &str = "_sqlx_migrations";

/// What each connection is told: references hold; how long to wait for another that writes (as
/// `PATIENCE`). None of it touches the file.
const SETTINGS: &str = "PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000";

/// Readers never wait for the writer. Kept in the file, so that it is asked for once.
const WRITE_AHEAD: &str = "PRAGMA journal_mode = WAL";

/// Where the disk knows no shared memory (some network shares): readers wait for the writer.
const ROLL_BACK: &str = "PRAGMA journal_mode = TRUNCATE";

/// Has the database look through itself.
pub(super) const CHECK: &str = "PRAGMA quick_check(5)";

/// Time between two tries when several processes open a new ledger at once.
const TRY_AGAIN: Duration = Duration::from_millis(50);

/// Opens a ledger for reading and writing, its tables brought up to date; makes it when there is none.
pub(super) async fn writable(path: &Path) -> Result<Ledger, LedgerError> {
    let url = url(path, "rwc");
    let began = Instant::now();
    let first = loop {
        match first_writable(path, &url).await {
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
    matches!(error.trouble(), LedgerTrouble::Locked | LedgerTrouble::Unknown)
}

async fn first_writable(path: &Path, url: &str) -> Result<AnyConnection, LedgerError> {
    let failed = |source| LedgerError::new("open", path, source);
    let mut first = connect(url).await.map_err(failed)?;
    refuse_others(path, &tables(&mut first).await.map_err(failed)?)?;
    bring_up_to_date(&mut first).await.map_err(failed)?;
    Ok(first)
}

async fn bring_up_to_date(first: &mut AnyConnection) -> Result<(), sqlx::Error> {
    if let Err(error) = first.execute(WRITE_AHEAD).await {
        // Codes 10 and 14: no shared memory here.
        let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
        if !matches!(code.map(|code| code & 0xff), Some(10 | 14)) {
            return Err(error);
        }
        first.execute(ROLL_BACK).await?;
    }
    migrator().run(first).await?;
    Ok(())
}

/// The names of all tables in a database; none where it is empty.
async fn tables(connection: &mut AnyConnection) -> Result<Vec<String>, sqlx::Error> {
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
    sqlx::query_scalar(names).fetch_all(connection).await
}

/// The tables of another program are neither read as a ledger nor added to.
fn refuse_others(path: &Path, tables: &[String]) -> Result<(), LedgerError> {
    if tables.is_empty() || tables.iter().any(|name| name == HISTORY) {
        return Ok(());
    }
    let said = format!("it holds the tables of another program: {}", tables.join(", "));
    Err(LedgerError::damaged(path, said))
}

/// Opens a ledger for reading; `None` where the file is there and nothing was written to it yet: its
/// maker was killed at once, or somebody emptied it. Nothing is created beside it: where no process has it open and none
/// was killed, there is no write-ahead log, and the file alone is everything.
pub(super) async fn readable(path: &Path) -> Result<Option<Ledger>, LedgerError> {
    let shared = url(path, "ro");
    let alone = format!("{shared}&immutable=1");
    let (url, opened) = if log_of(path).exists() {
        match first_readable(path, &shared).await {
            // The log is there, and neither may the folder be written nor the log be shared.
            Err(error) if error.trouble() == LedgerTrouble::Unusable => {
                (alone.clone(), first_readable(path, &alone).await)
            }
            opened => (shared, opened),
        }
    } else {
        (alone.clone(), first_readable(path, &alone).await)
    };
    match opened? {
        Some(first) => pool(path, &url, first).await.map(Some),
        None => Ok(None),
    }
}

async fn first_readable(path: &Path, url: &str) -> Result<Option<AnyConnection>, LedgerError> {
    let failed = |source| LedgerError::new("open", path, source);
    let mut first = connect(url).await.map_err(failed)?;
    let tables = tables(&mut first).await.map_err(failed)?;
    refuse_others(path, &tables)?;
    if tables.is_empty() {
        return Ok(None);
    }
    let applied = "SELECT version, checksum FROM _sqlx_migrations ORDER BY version";
    let applied: Vec<(i64, Vec<u8>)> =
        sqlx::query_as(applied).fetch_all(&mut first).await.map_err(failed)?;
    if applied.is_empty() && tables == [HISTORY] {
        return Ok(None);
    }
    match differing(&applied) {
        Some(error) => Err(failed(error.into())),
        None => Ok(Some(first)),
    }
}

/// What sets tables made by these migrations apart from those this version makes.
fn differing(applied: &[(i64, Vec<u8>)]) -> Option<MigrateError> {
    let known = migrator();
    let other = applied.iter().find_map(|(version, checksum)| {
        match known.iter().find(|it| it.version == *version) {
            None => Some(MigrateError::VersionMissing(*version)),
            Some(it) if *it.checksum != **checksum => Some(MigrateError::VersionMismatch(*version)),
            Some(_) => None,
        }
    });
    let is_pending = |it: &&Migration| applied.iter().all(|(version, _)| *version != it.version);
    let pending = known.iter().find(is_pending);
    other.or(pending.map(|it| MigrateError::VersionNotPresent(it.version)))
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
