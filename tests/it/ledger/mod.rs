//! The ledger: opened in every state a disk can leave it in, tidied, looked at, rebuilt.

use std::future::Future;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use sqlx::{AnyConnection, Connection, Executor, Row};
use yuebao::files::lock::Holder;
use yuebao::ledger::attempts::{Attempt, StepRun};
use yuebao::ledger::orders::{Asked, AskedBy, OrderStep, State};
use yuebao::ledger::{Ledger, LedgerError};

use crate::daemon::harness;

mod doctor;
mod opening;
mod operator;
mod orders;
mod portable;
mod retention;
mod values;
mod words;

const NOW: &str = "2025-01-01T00:00:00Z";

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

/// An instant.
fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// What the clock asks a job for.
fn asked(job: &str) -> Asked {
    Asked::new(job, AskedBy::Clock, at(NOW))
}

/// Takes in an order and begins an attempt at it.
async fn begin(ledger: &Ledger, asked: &Asked, now: DateTime<Utc>) -> Result<Attempt, LedgerError> {
    let order_id = ledger.add_order(asked, State::Waiting, now).await?.unwrap();
    ledger.begin_attempt(order_id, now).await
}

/// Ends an attempt with one step that took in so many files.
async fn finish(ledger: &Ledger, mut attempt: Attempt, state: State, files: usize) {
    attempt.steps.push(StepRun {
        step: OrderStep::Receive,
        started_at: attempt.started_at,
        ended_at: None,
        state: State::Running,
        counts: (0 < files).then(|| ("files_received".to_owned(), files)).into_iter().collect(),
    });
    attempt.end(state, at("2025-01-01T00:00:01Z"));
    ledger.keep_attempt(&attempt).await.unwrap();
}

/// Another process that holds a lock.
fn holder(command: &str) -> Holder {
    Holder { pid: 77, ..harness::holder(command) }
}
