//! Edits of jobs and seeds under a running daemon.

use super::harness::{Daemon, add_job, asked, scene};
use crate::support::wait;

#[test]
fn a_faulty_set_is_refused_the_old_one_goes_on_until_the_faults_are_mended() {
    let scene = scene(&[(
        "ticking",
        "cron = \"* * * * * *\"\nsteps = [\"remind\"]\nperiod = \"reporting\"",
    )]);
    let daemon = Daemon::start(&scene, &[]);
    let sound = std::fs::read_to_string(scene.path("seeds/zones.csv")).unwrap();
    scene.append("seeds/zones.csv", "a,,A\n");
    daemon.wait_for(&["fault in the project", "seeds/zones.csv:3"]);
    daemon.wait_for(&["reload refused"]);
    let (status, said) = daemon.get("/readyz");
    assert!(status == 503 && said.contains("seeds/zones.csv:3"), "{status} {said}");
    assert_eq!(daemon.metric("yuebao_project_sound"), 0);
    assert_eq!(daemon.metric("yuebao_reloads_refused_total"), 1);

    // Runs read the set in force, not the faulty one on disk.
    let done = "FROM orders WHERE state = 'done'";
    let before = asked(&scene, &["order_id"], done).len();
    daemon.wait_for_rows(&["order_id"], done, |rows| before + 2 <= rows.len());

    scene.seed("zones.csv", &sound);
    daemon.wait_for(&["the project is sound again"]);
    wait::until("ready", || (daemon.get("/readyz").0 == 200).then_some(()), || daemon.log());
    daemon.end();
    let failed = asked(&scene, &["reasons"], "FROM orders WHERE state = 'failed'");
    assert_eq!(failed, Vec::<String>::new());
}

#[test]
fn a_new_job_comes_in_force_by_itself_and_a_removed_one_goes() {
    let scene = scene(&[("yearly", "")]);
    let daemon = Daemon::start(&scene, &[]);
    add_job(&scene, "ticking", "cron = \"* * * * * *\"");
    std::fs::remove_file(scene.path("jobs/schedules/yearly.toml")).unwrap();
    daemon.wait_for(&["new set of jobs and seeds in force"]);
    let done = "FROM orders WHERE state = 'done' AND job = 'ticking'";
    daemon.wait_for_rows(&["job"], done, |rows| !rows.is_empty());
    let promises = asked(&scene, &["job"], "FROM promises WHERE until IS NULL");
    assert_eq!(promises, ["ticking"]);
    daemon.end();
    let copies = std::fs::read_dir(scene.out(".project")).unwrap().count();
    assert_eq!(copies, 1, "the set before is removed");
}

#[test]
fn a_hang_up_reads_the_files_again() {
    let scene = scene(&[("yearly", "")]);
    let daemon = Daemon::start(&scene, &[]);
    daemon.signal("HUP");
    daemon.wait_for(&["jobs and seeds are as before"]);
    daemon.end();
}
