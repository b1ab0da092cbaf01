//! The ledger: opened in every state a disk can leave it in, tidied, looked at, rebuilt.

use std::future::Future;
use std::path::{Path, PathBuf};

use sqlx::{AnyConnection, Connection, Executor, Row};
use yuebao::ledger::Ledger;
use yuebao::ledger::runs::{AskedBy, Begun, End, NewRun, State};

mod admission;
mod doctor;
mod opening;
mod operator;
mod portable;
mod retention;
mod words;

/// Waits for what a ledger does.
fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(work)
}

/// A folder and the path of a ledger in it.
fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    (folder, path)
}

/// A connection past the ledger's back.
async fn raw(path: &Path) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap()
}

/// Says something to the database past the ledger's back.
fn tell(path: &Path, sql: &'static str) {
    wait(async {
        let mut connection = raw(path).await;
        connection.execute(sql).await.unwrap();
        connection.close().await.unwrap();
    });
}

/// The first column of what the database answers, as text.
fn ask(path: &Path, sql: &'static str) -> Vec<String> {
    wait(async {
        let mut connection = raw(path).await;
        let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        rows.iter().map(|row| row.try_get::<String, _>(0).unwrap()).collect()
    })
}

/// A run of the clock.
fn run_of(job: &str) -> NewRun {
    NewRun {
        activation_id: None,
        backfill_id: None,
        job: job.to_owned(),
        asked_by: AskedBy::Clock,
        who: "tester@here".to_owned(),
        why: None,
        from: None,
        to: None,
    }
}

/// Ends a run with one step that counted so much.
async fn finish(ledger: &Ledger, begun: Begun, state: State, counts: &str) {
    let at = "2025-01-01T00:00:01Z".parse().unwrap();
    ledger.begin_step(begun, 1, "intake", at).await.unwrap();
    let end = End { at, state, error: None };
    ledger.end_step(begun, 1, &end, Some(counts)).await.unwrap();
    ledger.end_run(begun, &end).await.unwrap();
}
