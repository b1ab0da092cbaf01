//! Whoever looks at what was done while `jobs/` or `seeds/` is faulty gets an answer.

use yuebao::daemon::current;
use yuebao::pipeline::output::Output;

use super::{code, err, out, published, yuebao};
use crate::support::scene::Scene;

/// What only looks at ledger and editions.
const LOOKS: [&[&str]; 5] = [
    &["alerts"],
    &["backfill", "list"],
    &["edition", "list"],
    &["edition", "show", "1"],
    &["edition", "diff", "1", "1"],
];

/// What needs to know the jobs, or who owes what, too.
const LOOKS_AT_JOBS: [&[&str]; 3] =
    [&["jobs"], &["jobs", "publish", "--month", "2024-03"], &["status"]];

/// What computes.
const WORKS: [&[&str]; 5] = [
    &["run"],
    &["backfill", "publish", "--from", "2024-02", "--to", "2024-03"],
    &["daemon"],
    &["check", "x.xlsx"],
    &["alerts", "test"],
];

/// Keeps the set in force as a daemon does.
fn keep(scene: &Scene) {
    current::keep(&scene.open().unwrap().project, &Output::new(scene.path("output"))).unwrap();
}

#[track_caller]
fn assert_refused(scene: &Scene, call: &[&str]) {
    let output = yuebao(scene, call);
    assert_eq!(code(&output), 2, "{call:?}");
    assert!(err(&output).contains("faults in the project"), "{call:?}: {}", err(&output));
}

#[test]
fn what_only_looks_answers_by_the_last_sound_set() {
    let scene = published();
    keep(&scene);
    let calls = || LOOKS.into_iter().chain(LOOKS_AT_JOBS);
    // The first line of a status bears the time.
    let said = |call: &[&str]| {
        let said = out(&yuebao(&scene, call));
        let skipped = usize::from(call == ["status"]);
        said.lines().skip(skipped).map(str::to_owned).collect::<Vec<_>>()
    };
    let before: Vec<Vec<String>> = calls().map(said).collect();
    scene.append("jobs/pipeline.toml", "\nx = 1\n");
    scene.append("seeds/zones.csv", "a,,A\n");
    for (call, before) in calls().zip(before) {
        let output = yuebao(&scene, call);
        let warned = err(&output);
        assert_eq!(code(&output), 0, "{call:?}: {warned}");
        assert_eq!(said(call), before, "{call:?}");
        // Where there is nothing to show, nothing is shown otherwise.
        let is_empty = ["alerts", "backfill"].contains(&call[0]);
        assert_eq!(warned.matches("`yuebao doctor`").count(), usize::from(!is_empty), "{warned}");
    }
    for call in WORKS {
        assert_refused(&scene, call);
    }
}

#[test]
fn without_a_sound_set_times_are_still_those_of_the_project() {
    let scene = published();
    let pipeline = std::fs::read_to_string(scene.path("jobs/pipeline.toml")).unwrap();
    scene.write("jobs/pipeline.toml", &pipeline.replace("Asia/Shanghai", "Asia/Tokyo"));
    scene.append("seeds/zones.csv", "a,,A\nb\n");
    for call in LOOKS {
        let output = yuebao(&scene, call);
        assert_eq!(code(&output), 0, "{call:?}: {}", err(&output));
    }
    assert!(out(&yuebao(&scene, &["edition", "show", "1"])).contains(" JST"));
    for call in LOOKS_AT_JOBS.into_iter().chain(WORKS) {
        assert_refused(&scene, call);
    }
    scene.write("jobs/pipeline.toml", "this is no TOML");
    let shown = yuebao(&scene, &["edition", "show", "1"]);
    assert!(out(&shown).contains(" CST"), "{}{}", out(&shown), err(&shown));
    assert!(err(&shown).contains("`yuebao doctor`"), "{}", err(&shown));
}
