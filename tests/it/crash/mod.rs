//! The program killed, starved of disk, locked out: what it leaves, and that the next run ends in
//! the bytes of one that nobody disturbed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sqlx::{AnyConnection, Connection};

use crate::support::scene::{Scene, assert_same, b204_book};
use crate::support::workbook::Book;

mod daemon;
mod kill;
mod obstacles;

/// What an undisturbed run makes, to compare with.
#[derive(Clone)]
struct Whole {
    lake: BTreeMap<String, Vec<u8>>,
    archive: BTreeMap<String, Vec<u8>>,
    /// But for the time at which they were made.
    editions: BTreeMap<String, Vec<u8>>,
    /// What the link of the readers points at; `None` before the first edition.
    marts: Option<PathBuf>,
}

/// The district with five months of workbooks of three firms, a correction, a workbook of two
/// months and one that is none, all waiting in the inbox.
fn filled() -> Scene {
    let scene = Scene::new();
    for firm in 0..3_u16 {
        let base = 1007 * (i64::from(firm) + 1);
        for month in 3..=7_u16 {
            let (now, count) = (base + i64::from(month), i64::from(month));
            let figures = [now, base * count, now - 50, base * count - 150];
            let bytes = b204_book(firm.into(), month.into(), figures);
            let hours = 760 * u64::from(month) + u64::from(firm);
            scene.drop_file(&format!("{month}/{firm}.xlsx"), &bytes, hours);
        }
    }
    scene.drop_file("correction.xlsx", &b204_book(1, 4, [2030, 8060, 1900, 7600]), 5000);
    scene.drop_file("page.xls", b"<html></html>", 5001);
    let sheet = |month| crate::support::scene::b204(2, month, [3100, 24_800, 3000, 24_000]);
    let both = Book::new().sheet("8月", &sheet(8)).sheet("9月", &sheet(9)).bytes();
    scene.drop_file("both.xlsx", &both, 6900);
    scene
}

/// The program over a scene.
fn program(scene: &Scene, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuebao"));
    command.arg("--project").arg(scene.path("")).args(arguments).stdin(Stdio::null());
    command
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

fn said(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}

/// Runs the program to its end, which must be a good one.
#[track_caller]
fn runs(scene: &Scene, arguments: &[&str]) -> String {
    let output = program(scene, arguments).output().unwrap();
    assert_eq!(code(&output), 0, "{}", said(&output));
    said(&output)
}

/// What an undisturbed `run` makes of the filled scene.
fn filled_and_run() -> Whole {
    Whole::of(&Scene::like("crash-whole", || {
        let scene = filled();
        runs(&scene, &["run"]);
        scene
    }))
}

impl Whole {
    /// What a scene holds after a run.
    fn of(scene: &Scene) -> Self {
        let mut editions = scene.files("editions");
        for (name, bytes) in &mut editions {
            if name.ends_with("manifest.json") {
                let mut manifest: serde_json::Value = serde_json::from_slice(bytes).unwrap();
                assert!(manifest.as_object_mut().unwrap().remove("created_at").is_some());
                *bytes = serde_json::to_vec(&manifest).unwrap();
            }
        }
        Self {
            lake: scene.files("lake"),
            archive: scene.files("archive"),
            editions,
            marts: fs::read_link(scene.out("marts")).ok(),
        }
    }

    /// Asserts that a scene ended like an undisturbed one: the same bytes, nothing half-written,
    /// nothing open, a sound ledger.
    #[track_caller]
    fn assert_is(&self, scene: &Scene) {
        let Self { lake, archive, editions, marts } = Self::of(scene);
        assert_same(&archive, &self.archive);
        assert_same(&lake, &self.lake);
        assert_same(&editions, &self.editions);
        assert_eq!(marts, self.marts);
        let ledger = scene.out("ledger.sqlite");
        assert_eq!(ask(&ledger, "PRAGMA integrity_check"), ["ok"]);
        assert_eq!(ask(&ledger, OPEN), Vec::<String>::new());
        let left = scene.files("");
        let left: Vec<_> = left
            .keys()
            .filter(|name| name.contains(".unfinished-") || name.starts_with("inbox/"))
            .collect();
        assert!(left.is_empty(), "left over: {left:?}");
    }
}

/// What is open in a ledger.
const OPEN: &str = "SELECT 'order ' || order_id FROM orders \
     WHERE state = 'running' OR (state <> 'waiting' AND ended_at IS NULL) \
     UNION ALL SELECT 'attempt of ' || order_id FROM attempts \
     WHERE state = 'running' OR ended_at IS NULL OR steps LIKE '%\"running\"%' \
     OR steps LIKE '%\"ended_at\":null%'";

/// The first column of what a ledger answers.
fn ask(ledger: &Path, sql: &'static str) -> Vec<String> {
    wait(async {
        let mut connection = connect(ledger).await;
        let answer = sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        answer
    })
}

async fn connect(ledger: &Path) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(&format!("sqlite://{}", ledger.display())).await.unwrap()
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(work)
}
