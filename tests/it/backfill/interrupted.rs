//! Killed for real, at many points: what is resumed ends in the bytes of an undisturbed backfill.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use sqlx::Row;

use super::{ID, Scene, all, begin, carry_on, command, correct, done, json, published, yuebao};
use crate::support::scene::assert_same;

/// Rounds in CI; `YUEBAO_KILLS` asks for more.
const ROUNDS: usize = 4;

fn to_be_done() -> Scene {
    let scene = published();
    correct(&scene, 0, (2024, 3), 110);
    correct(&scene, 1, (2024, 5), 110);
    scene
}

const ARGUMENTS: [&str; 9] =
    ["-vv", "backfill", "publish", "--from", "2024-03", "--to", "2024-04", "--why", "a correction"];

/// The lake, and the tables and briefs of the second edition.
fn figures(scene: &Scene) -> BTreeMap<String, Vec<u8>> {
    let mut files = scene.files("lake");
    let edition = scene.files("editions/2").into_iter().filter(|(name, _)| name != "manifest.json");
    files.extend(edition);
    files
}

/// Runs a call and kills it once it has logged so many lines; says whether it was killed.
fn kill_after(scene: &Scene, arguments: &[&str], lines: usize) -> bool {
    let mut child =
        command(scene, arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let log = BufReader::new(child.stderr.take().unwrap()).lines();
    let seen = log.take(lines).count();
    child.kill().unwrap();
    child.wait().unwrap();
    seen == lines
}

/// How many lines an undisturbed backfill logs.
fn lines_of_a_whole_one() -> (usize, BTreeMap<String, Vec<u8>>) {
    let scene = to_be_done();
    let whole = yuebao(&scene, &ARGUMENTS);
    done(&whole);
    (super::err(&whole).lines().count(), figures(&scene))
}

fn open_in_the_ledger(scene: &Scene) -> i64 {
    let threads = tokio::runtime::Runtime::new().unwrap();
    threads.block_on(async {
        sqlx::any::install_default_drivers();
        let url = format!("sqlite://{}", scene.out("ledger.sqlite").display());
        let pool = sqlx::AnyPool::connect(&url).await.unwrap();
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM attempts WHERE state = 'running') \
             + (SELECT COUNT(*) FROM orders WHERE state IN ('waiting', 'running'))",
        );
        let open = row.fetch_one(&pool).await.unwrap().get::<i64, _>(0);
        pool.close().await;
        open
    })
}

#[test]
fn a_killed_backfill_ends_in_the_same_bytes() {
    let rounds = std::env::var("YUEBAO_KILLS").ok().and_then(|it| it.parse().ok());
    let rounds: usize = rounds.unwrap_or(ROUNDS);
    let (lines, whole) = lines_of_a_whole_one();
    assert!(lines > rounds, "only {lines} lines are logged: too few points to kill at");
    for round in 1..=rounds {
        let scene = to_be_done();
        let was_killed = kill_after(&scene, &ARGUMENTS, (lines * round / (rounds + 1)).max(1));
        let resume = ["-vv", "backfill", "resume", ID, "--why", "a correction"];
        let has_begun = yuebao(&scene, &["backfill", "show", ID]).status.success();
        if has_begun && was_killed {
            // Killed once more on its way, a little later each round; then left to end.
            kill_after(&scene, &resume, 20 * round);
        }
        let ended = if has_begun { yuebao(&scene, &resume) } else { yuebao(&scene, &ARGUMENTS) };
        let had_ended = super::err(&ended).contains("is done");
        assert!(ended.status.success() || had_ended, "{round}: {}", super::err(&ended));
        assert_same(&figures(&scene), &whole);
        assert_eq!(open_in_the_ledger(&scene), 0, "round {round}");
    }
}

#[test]
fn a_number_given_again_after_the_ledger_was_lost_hides_no_edition() {
    let scene = published();
    correct(&scene, 0, (2024, 3), 110);
    let first = carry_on(&scene, "publish", &all("2024-03", "2024-03"), &|_, _| {});
    assert_eq!((first.backfill.order.order_id, first.report.edition), (2, Some(2)));
    for name in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"] {
        let _ = std::fs::remove_file(scene.out(name));
    }
    correct(&scene, 0, (2024, 3), 220);
    let output = begin(&scene, "publish", ["2024-03", "2024-03"], &["--reprocess", "all"]);
    done(&output);
    let manifest = std::fs::read_to_string(scene.out("editions/3/manifest.json")).unwrap();
    assert_eq!(json(&manifest)["backfill"], 1);
}
