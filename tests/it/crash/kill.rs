//! SIGKILL at random points, again and again, until a run comes to its end.
//!
//! `YUEBAO_KILLS=300` raises the number of rounds, `YUEBAO_KILL_SEED=…` repeats those of a failure:
//! the same decisions, though the machine's timing stays its own.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use yuebao::files;

use super::{Whole, ask, filled, filled_and_run, program, runs};
use crate::support::scene::Scene;

/// Kills before a round's run is let come to its end.
const KILLS_A_ROUND: u64 = 4;

/// Chance that can be had again: splitmix64.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit.max(1)
    }
}

/// When a process is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// So long after it was started.
    After(Duration),
    /// So long after that many more files than before stand in archive, lake and editions.
    AtFile(usize, Duration),
}

/// What an undisturbed run of a command takes and makes, and how many rounds of kills it is worth in
/// the test suite.
pub(super) struct Measure {
    rounds: u64,
    took: Duration,
    files: usize,
}

/// How the kills of all rounds went.
#[derive(Debug, Default)]
pub(super) struct Counted {
    /// Processes that were killed before they ended.
    killed: usize,
    /// Those of them that had begun an attempt.
    pub(super) interrupted: usize,
    /// Processes that ended before they could be killed.
    ended: usize,
}

/// Files a run has put in place so far.
fn progress(scene: &Scene) -> usize {
    ["archive", "lake", "editions"]
        .iter()
        .map(|folder| files::list_deep(&scene.out(folder)).map_or(0, |files| files.len()))
        .sum()
}

/// Starts a command and kills it; whether it was still going on.
fn killed(scene: &Scene, command: &[&str], moment: Moment) -> bool {
    let before = progress(scene);
    let began = Instant::now();
    let quiet = || Stdio::null();
    let mut child = program(scene, command).stdout(quiet()).stderr(quiet()).spawn().unwrap();
    loop {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        match moment {
            Moment::After(wait) if began.elapsed() >= wait => break,
            Moment::AtFile(count, wait) if before + count <= progress(scene) => {
                thread::sleep(wait);
                break;
            }
            _ => thread::sleep(Duration::from_millis(1)),
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    true
}

/// Attempts that are open, by a copy of the ledger: to open it itself would mend it.
fn open_attempts(scene: &Scene) -> Vec<String> {
    if !scene.out("ledger.sqlite").exists() {
        return Vec::new();
    }
    let copy = tempfile::tempdir().unwrap();
    for part in ["ledger.sqlite", "ledger.sqlite-wal"] {
        if scene.out(part).exists() {
            fs::copy(scene.out(part), copy.path().join(part)).unwrap();
        }
    }
    let copy = copy.path().join("ledger.sqlite");
    let tables = "SELECT name FROM sqlite_master WHERE name = 'attempts'";
    if ask(&copy, tables).is_empty() {
        return Vec::new();
    }
    let open = "SELECT order_id || '/' || attempt FROM attempts WHERE state = 'running'";
    ask(&copy, open)
}

/// Kills a command at random points, several times a round, then lets it come to its end and holds
/// what is there against `check`. `prepare` makes the scene of a round.
pub(super) fn killed_rounds(
    command: &[&str],
    measure: &Measure,
    prepare: impl Fn() -> Scene,
    check: impl Fn(&Scene),
) -> Counted {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let rounds =
        number("YUEBAO_KILLS").map_or(measure.rounds, |kills| kills.div_ceil(KILLS_A_ROUND));
    let seed = number("YUEBAO_KILL_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    let mut counted = Counted::default();
    for round in 0..rounds {
        let told = Told(format!("YUEBAO_KILL_SEED={seed}, round {round} of {command:?}"));
        let mut chance = Chance(seed ^ round);
        let mut scene = prepare();
        let mut known = interrupted(&scene);
        let mut hit = BTreeSet::new();
        for nth in 0..10 * KILLS_A_ROUND {
            // A run may end before its moment: then another is killed in its place.
            if nth >= KILLS_A_ROUND && !hit.is_empty() {
                break;
            }
            if hit.is_empty() && progress(&scene) >= measure.files {
                scene = prepare();
                known = interrupted(&scene);
            }
            let moment = moment(&mut chance, measure, progress(&scene));
            let was_killed = killed(&scene, command, moment);
            counted.killed += usize::from(was_killed);
            counted.ended += usize::from(!was_killed);
            hit.extend(open_attempts(&scene));
        }
        runs(&scene, command);
        counted.interrupted += hit.len();
        hit.extend(known);
        assert_eq!(interrupted(&scene), hit, "what was killed is what counts as interrupted");
        check(&scene);
        told.end_well();
    }
    if number("YUEBAO_KILLS").is_some() {
        say(&counted);
    }
    counted
}

/// Attempts that count as interrupted.
fn interrupted(scene: &Scene) -> BTreeSet<String> {
    let ledger = scene.out("ledger.sqlite");
    if !ledger.exists() {
        return BTreeSet::new();
    }
    let interrupted = "SELECT order_id || '/' || attempt FROM attempts WHERE state = 'interrupted'";
    ask(&ledger, interrupted).into_iter().collect()
}

/// A moment of a run over a scene where so many files are there already.
fn moment(chance: &mut Chance, measure: &Measure, there: usize) -> Moment {
    let took = u64::try_from(measure.took.as_micros()).unwrap();
    if chance.below(3) == 0 {
        return Moment::After(Duration::from_micros(chance.below(took)));
    }
    let left = u64::try_from(measure.files.saturating_sub(there)).unwrap();
    let count = usize::try_from(chance.below(left)).unwrap();
    Moment::AtFile(count, Duration::from_micros(chance.below(8000)))
}

/// Says what failed when a round panics.
pub(super) struct Told(pub(super) String);

impl Told {
    pub(super) fn end_well(mut self) {
        self.0.clear();
    }
}

impl Drop for Told {
    #[expect(clippy::print_stderr, reason = "how to repeat a failure")]
    fn drop(&mut self) {
        if !self.0.is_empty() {
            eprintln!("to repeat: {}", self.0);
        }
    }
}

#[test]
fn taking_in_may_be_killed_anywhere() {
    let scene = filled();
    let measure = measured(&scene, &["run", "intake"], 2);
    let whole = Whole::of(&scene);
    whole.assert_is(&scene);
    let counted =
        killed_rounds(&["run", "intake"], &measure, filled, |scene| whole.assert_is(scene));
    assert!(counted.interrupted > 0, "no kill hit a run: {counted:?}");
}

#[test]
fn a_whole_run_may_be_killed_anywhere() {
    let scene = filled();
    let measure = measured(&scene, &["run"], 1);
    let whole = filled_and_run();
    whole.assert_is(&scene);
    let counted = killed_rounds(&["run"], &measure, filled, |scene| whole.assert_is(scene));
    assert!(counted.interrupted > 0, "no kill hit a run: {counted:?}");
}

/// Carries out a command undisturbed and measures it.
pub(super) fn measured(scene: &Scene, command: &[&str], rounds: u64) -> Measure {
    let began = Instant::now();
    runs(scene, command);
    Measure { rounds, took: began.elapsed(), files: progress(scene) }
}

#[expect(clippy::print_stderr, reason = "what many rounds by hand came to")]
fn say(counted: &Counted) {
    eprintln!("{counted:?}");
}
