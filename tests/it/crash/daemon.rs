//! The daemon killed, or the run it watches over, while workbooks come in: the next one ends in the
//! bytes of a run that nobody disturbed, and accounts for every instant.
//!
//! `YUEBAO_KILLS` and `YUEBAO_KILL_SEED` as in `kill.rs`.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use yuebao::ledger::Ledger;
use yuebao::schedule::certificate::{Totals, certificate};

use super::kill::{Chance, Told};
use super::{OPEN, Whole, ask, filled, filled_and_run};
use crate::daemon::harness::{Daemon, add_job, asked, command, kill, record};
use crate::support::scene::{Scene, assert_same};
use crate::support::wait;

/// Kills in CI, and before a scene is let come to its end.
const KILLS: u64 = 3;

/// The jobs while it is stormy: name, cron, the rest.
const JOBS: [(&str, &str, &str); 2] = [
    (
        "both",
        "*/4 * * * * *",
        "steps = [\"intake\", \"publish\"]\nretries = 9\nretry_wait_secs = 1",
    ),
    ("ticking", "* * * * * *", "steps = [\"remind\"]\nperiod = \"reporting\"\npriority = 0"),
];

/// Who is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Daemon,
    Run,
}

/// Writes the jobs with their crons, or with one that does not come during a test.
fn schedule(scene: &Scene, is_stormy: bool) {
    for (job, cron, differs) in JOBS {
        let cron = if is_stormy { cron } else { "0 3 29 2 *" };
        add_job(scene, job, &format!("cron = \"{cron}\"\n{differs}"));
    }
}

/// A scene without workbooks, and another whose inbox holds them.
fn stormy() -> (Scene, Scene) {
    let (scene, senders) = (filled(), filled());
    fs::remove_dir_all(scene.out("inbox")).unwrap();
    fs::create_dir_all(scene.out("inbox")).unwrap();
    fs::remove_dir_all(scene.path("jobs/schedules")).unwrap();
    schedule(&scene, true);
    (scene, senders)
}

/// Sends a share of the workbooks: each appears whole and with its time.
fn send(senders: &Scene, scene: &Scene, count: usize) {
    let inbox = senders.out("inbox");
    for path in yuebao::files::list_deep(&inbox).unwrap().into_iter().take(count) {
        let place = scene.out("inbox").join(path.strip_prefix(&inbox).unwrap());
        let beside = place.with_file_name(".sent");
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::copy(&path, &beside).unwrap();
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        fs::File::options().write(true).open(&beside).unwrap().set_modified(time).unwrap();
        fs::rename(&beside, &place).unwrap();
        fs::remove_file(&path).unwrap();
    }
}

/// The tables of the newest edition, by name.
fn tables(editions: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let number = |name: &str| name.split('/').next().unwrap().parse::<u32>().unwrap_or_default();
    let newest = editions.keys().map(|name| number(name)).max().unwrap_or_default();
    let of_newest = editions.iter().filter(|(name, _)| number(name) == newest);
    let tables = of_newest.filter(|(name, _)| name.ends_with(".parquet"));
    tables
        .map(|(name, bytes)| (name.split_once('/').unwrap().1.to_owned(), bytes.clone()))
        .collect()
}

/// A daemon under which each job has been due: on a busy machine others are killed before that.
fn begun(scene: &Scene) -> Daemon<'_> {
    let daemon = Daemon::start(scene, &[]);
    let due = "FROM orders WHERE asked_by NOT IN ('inbox', 'gap')";
    daemon.wait_for_rows(&["COUNT(DISTINCT job)"], due, |rows| rows == [JOBS.len().to_string()]);
    daemon
}

/// Starts a daemon and kills it after a while.
fn kill_a_daemon(scene: &Scene, chance: &mut Chance) {
    let mut command = command(scene, &[]);
    let mut daemon = command.stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(Duration::from_millis(chance.below(4000)));
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}

/// Waits for the next run of a daemon and kills it within so many milliseconds; whether it was still
/// going on.
fn kill_a_run(daemon: &Daemon<'_>, nth: usize, within: u64, chance: &mut Chance) -> bool {
    let started = daemon.wait_for_times(nth, &["run started"]);
    thread::sleep(Duration::from_millis(chance.below(within)));
    let process = started["fields"]["process"].as_u64().unwrap();
    let called = fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let is_there = called.contains("--order");
    if is_there {
        kill("KILL", process.try_into().unwrap());
    }
    daemon.wait_for_times(nth, &["run ended"]);
    is_there
}

/// Kills one of the next runs. Runs that end before they could be killed make the next kill come
/// sooner; their number.
fn kill_runs(daemon: &Daemon<'_>, nth: &mut usize, chance: &mut Chance) -> u64 {
    let mut missed = 0;
    loop {
        *nth += 1;
        if kill_a_run(daemon, *nth, 800 >> missed.min(9), chance) {
            return missed;
        }
        missed += 1;
    }
}

/// Lets a daemon carry out what still waits, and take in and publish what came last.
fn calm(scene: &Scene) {
    schedule(scene, false);
    let daemon = Daemon::start(scene, &[]);
    wait::until(
        "an empty inbox",
        || scene.files("inbox").is_empty().then_some(()),
        || daemon.log(),
    );
    let open = "FROM orders WHERE state IN ('waiting', 'running')";
    daemon.wait_for_rows(&["job", "state"], open, <[String]>::is_empty);
    daemon.end();
}

/// What became of the instants of a job, by its certificate.
fn certified(scene: &Scene, job: &str, since: DateTime<Utc>) -> Totals {
    let until = Utc::now();
    super::wait(async {
        let ledger = Ledger::open(&scene.out("ledger.sqlite")).await.unwrap();
        let record = record(&ledger, job, (since, until)).await;
        ledger.close().await;
        certificate(record, None, (since, until), until).totals
    })
}

/// Holds what is there against an undisturbed run.
#[track_caller]
fn check(scene: &Scene, whole: &Whole, since: DateTime<Utc>) {
    let now = Whole::of(scene);
    assert_same(&now.archive, &whole.archive);
    assert_same(&now.lake, &whole.lake);
    assert_same(&tables(&now.editions), &tables(&whole.editions));
    assert!(scene.files("inbox").is_empty());
    let ledger = scene.out("ledger.sqlite");
    assert_eq!(ask(&ledger, "PRAGMA integrity_check"), ["ok"]);
    assert_eq!(ask(&ledger, OPEN), Vec::<String>::new());
    for (job, ..) in JOBS {
        let totals = certified(scene, job, since);
        assert_eq!((totals.undecided, totals.waiting), (0, 0), "{job}: {totals:?}");
        let kept = "FROM orders WHERE asked_by NOT IN ('inbox', 'gap') AND job =";
        let rows = asked(scene, &["COUNT(*)"], &format!("{kept} '{job}'")).concat();
        let of_inbox = asked(
            scene,
            &["COUNT(*)"],
            &format!("FROM orders WHERE asked_by = 'inbox' AND job = '{job}'"),
        );
        let beside: u64 = of_inbox.concat().parse().unwrap();
        assert_eq!(totals.due - beside, rows.parse::<u64>().unwrap(), "{job}: {totals:?}");
        assert!(totals.due > 0, "{job} was never due");
    }
}

/// Kills, several times a scene, then lets it come to its end.
fn storms(victim: Victim) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let rounds = number("YUEBAO_KILLS").map_or(1, |kills| kills.div_ceil(KILLS));
    let seed = number("YUEBAO_KILL_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    let whole = filled_and_run();
    let mut missed = 0;
    for round in 0..rounds {
        let told = Told(format!("YUEBAO_KILL_SEED={seed}, round {round} of {victim:?}"));
        let mut chance = Chance(seed ^ round);
        let (scene, senders) = stormy();
        let since = Utc::now().trunc_subsecs(0);
        let mut daemon = Some(begun(&scene));
        if victim == Victim::Daemon
            && let Some(mut daemon) = daemon.take()
        {
            daemon.signal("KILL");
            daemon.wait();
        }
        let mut nth = 0;
        for _ in 0..KILLS {
            send(&senders, &scene, 5);
            match &daemon {
                None => kill_a_daemon(&scene, &mut chance),
                Some(daemon) => missed += kill_runs(daemon, &mut nth, &mut chance),
            }
        }
        if let Some(daemon) = daemon {
            daemon.end();
        }
        send(&senders, &scene, usize::MAX);
        calm(&scene);
        check(&scene, &whole, since);
        told.end_well();
    }
    if number("YUEBAO_KILLS").is_some() {
        say(victim, rounds * KILLS, missed);
    }
}

#[expect(clippy::print_stderr, reason = "what many rounds by hand came to")]
fn say(victim: Victim, killed: u64, missed: u64) {
    eprintln!("{victim:?}: {killed} killed, {missed} had ended before");
}

#[test]
fn the_daemon_may_be_killed_anywhere() {
    storms(Victim::Daemon);
}

#[test]
fn its_runs_may_be_killed_anywhere() {
    storms(Victim::Run);
}
