//! What a promise keeps: the deadlines and the zone its instants depend on, so that what is certified
//! of the past does not change with the files of today.

use std::process::Command;

use chrono::{DateTime, Days, FixedOffset, TimeDelta, Utc};
use proptest::prelude::*;
use yuebao::daemon::agenda::{self, Agenda};
use yuebao::ledger::Ledger;
use yuebao::project::Project;
use yuebao::project::schedules::Trigger;
use yuebao::schedule::certificate::{self, Certificate};
use yuebao::schedule::triggers;

use super::harness::{asked, block_on, ledger, record};
use crate::support::scene::Scene;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The shipped jobs but the one of every ten minutes.
fn project(scene: &Scene) -> Project {
    let mut project = scene.open().unwrap().project;
    project.schedules.remove("intake");
    project
}

/// Names the deadlines of B204-1 and no others.
fn set(project: &mut Project, rows: &[(&str, &str)]) {
    let row = |(period, deadline): &(&str, &str)| {
        let deadline = DateTime::parse_from_rfc3339(deadline).unwrap();
        (("B204-1".to_owned(), period.parse().unwrap()), deadline)
    };
    project.seeds.calendar.deadlines = rows.iter().map(row).collect();
}

/// What a daemon does at an instant after it started or its files changed.
async fn start(ledger: &Ledger, project: &Project, now: DateTime<Utc>) -> Agenda {
    let mut agenda = Agenda::align(ledger, project, now).await.unwrap();
    while agenda.keep_up(ledger, now).await.unwrap() {}
    agenda
}

/// The certificate of a job from an instant to another, as told at the latter or later.
async fn certified(
    ledger: &Ledger,
    project: &Project,
    job: &str,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Certificate {
    let record = record(ledger, job, (from, until)).await;
    let local = agenda::local_calendar(project);
    let file = project.schedules.get(job).map(|file| (file, &local));
    certificate::certificate(record, file, (from, until), now)
}

/// How many promises each of some jobs has had.
async fn counts(ledger: &Ledger) -> [usize; 4] {
    let mut counts = [0; 4];
    for (count, job) in counts.iter_mut().zip(["publish", "brief", "closing", "reminders"]) {
        *count = ledger.past_promises(job).await.unwrap().len();
    }
    counts
}

/// The instants of a job, with what became of them.
fn kept(scene: &Scene, job: &str) -> Vec<String> {
    let sql = format!("FROM orders WHERE job = '{job}' ORDER BY due_at");
    asked(scene, &["due_at", "asked_by", "period_from"], &sql)
}

#[test]
fn a_moved_deadline_is_held_to_until_the_edit_was_read() {
    let scene = Scene::new();
    let mut project = project(&scene);
    block_on(async {
        let ledger = ledger(&scene).await;
        set(&mut project, &[("2025-07", "2025-08-07T12:00:00+08:00")]);
        start(&ledger, &project, at("2025-08-01T00:00:00Z")).await;
        // While no daemon runs the deadline passes and is moved to the 20th.
        set(&mut project, &[("2025-07", "2025-08-20T12:00:00+08:00")]);
        let mut agenda = start(&ledger, &project, at("2025-08-10T00:00:00Z")).await;
        assert_eq!(agenda.next()["closing"], at("2025-08-20T04:00:00Z"));
        agenda.keep_up(&ledger, at("2025-08-20T04:00:01Z")).await.unwrap();
        ledger.close().await;
    });
    assert_eq!(
        kept(&scene, "closing"),
        ["2025-08-07T04:00:00.000Z|catch_up|2025-07", "2025-08-20T04:00:00.000Z|deadline|2025-07"]
    );
}

#[test]
fn a_deadline_moved_in_time_comes_once() {
    let scene = Scene::new();
    let mut project = project(&scene);
    block_on(async {
        let ledger = ledger(&scene).await;
        set(&mut project, &[("2025-07", "2025-08-07T12:00:00+08:00")]);
        start(&ledger, &project, at("2025-08-01T00:00:00Z")).await;
        set(&mut project, &[("2025-07", "2025-08-09T12:00:00+08:00")]);
        let mut agenda = start(&ledger, &project, at("2025-08-06T00:00:00Z")).await;
        agenda.keep_up(&ledger, at("2025-08-31T00:00:00Z")).await.unwrap();
        ledger.close().await;
    });
    assert_eq!(kept(&scene, "closing"), ["2025-08-09T04:00:00.000Z|catch_up|2025-07"]);
}

#[test]
fn only_what_lies_ahead_of_a_job_begins_a_new_promise() {
    let scene = Scene::new();
    let mut project = project(&scene);
    block_on(async {
        let ledger = ledger(&scene).await;
        let past = ("2025-06", "2025-07-07T12:00:00+08:00");
        let ahead = ("2025-07", "2025-08-07T12:00:00+08:00");
        set(&mut project, &[past, ahead]);
        start(&ledger, &project, at("2025-08-01T00:00:00Z")).await;
        start(&ledger, &project, at("2025-08-01T00:10:00Z")).await;
        assert_eq!(counts(&ledger).await, [1, 1, 1, 1], "nothing changed");
        // What is over is trimmed: nobody's instants change.
        set(&mut project, &[ahead]);
        start(&ledger, &project, at("2025-08-02T00:00:00Z")).await;
        assert_eq!(counts(&ledger).await, [1, 1, 1, 1], "trimmed");
        // Another form's deadlines are nobody's.
        project.seeds.calendar.deadlines.insert(
            ("LY-01".to_owned(), "2025-07".parse().unwrap()),
            DateTime::parse_from_rfc3339("2025-08-09T12:00:00+08:00").unwrap(),
        );
        start(&ledger, &project, at("2025-08-03T00:00:00Z")).await;
        assert_eq!(counts(&ledger).await, [1, 1, 1, 1], "another form");
        // The next year's calendar: those that go by it promise anew, crons do not.
        set(&mut project, &[ahead, ("2025-08", "2025-09-07T12:00:00+08:00")]);
        start(&ledger, &project, at("2025-08-04T00:00:00Z")).await;
        assert_eq!(counts(&ledger).await, [1, 1, 2, 2], "extended");
        // Another zone concerns all that name none.
        project.settings.time_zone = chrono_tz::Europe::Berlin;
        start(&ledger, &project, at("2025-08-04T12:00:00Z")).await;
        assert_eq!(counts(&ledger).await, [2, 2, 3, 3], "another zone");
        ledger.close().await;
    });
}

#[test]
fn a_job_that_waits_for_coverage_goes_on_waiting_when_its_file_is_edited() {
    let scene = Scene::new();
    let mut project = project(&scene);
    block_on(async {
        let ledger = ledger(&scene).await;
        let [first, second, third] =
            ["2025-08-01T00:00:00Z", "2025-08-05T00:00:00Z", "2025-08-06T00:00:00Z"].map(at);
        let since = |agenda: &Agenda| agenda.waiting_for_coverage()[0].1;
        assert_eq!(since(&start(&ledger, &project, first).await), first);
        // What came in on the third, while nobody ran, is owed still.
        project.schedules.get_mut("brief").unwrap().retries = 7;
        assert_eq!(since(&start(&ledger, &project, second).await), first);
        assert_eq!(since(&start(&ledger, &project, third).await), first, "and is kept so");
        let brief = project.schedules.get_mut("brief").unwrap();
        let Trigger::Coverage(coverage) = &mut brief.trigger else { panic!("waits for a share") };
        coverage.firms_percent = Some(80);
        assert_eq!(since(&start(&ledger, &project, third).await), third, "another promise");
        ledger.close().await;
    });
}

#[test]
fn the_command_certifies_a_past_month_the_same_after_the_calendar_was_edited() {
    let scene = Scene::new();
    let project = project(&scene);
    block_on(async {
        let ledger = ledger(&scene).await;
        let mut agenda = start(&ledger, &project, at("2024-08-01T00:00:00Z")).await;
        agenda.keep_up(&ledger, at("2024-09-15T00:00:00Z")).await.unwrap();
        ledger.close().await;
    });
    let told = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yuebao"));
        command.arg("--project").arg(scene.path(""));
        command.args(["jobs", "closing", "--month", "2024-08", "--json"]);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let before = told();
    let shown: serde_json::Value = serde_json::from_str(&before).unwrap();
    let certificate = &shown["certificate"];
    assert_eq!(certificate["lines"][0]["due_at"], "2024-08-10T04:00:00Z", "{before}");
    assert_eq!(certificate["totals"]["due"], 1, "{before}");
    scene.seed("calendar.csv", "form,period,deadline\nB204-1,2024-07,2024-08-21T12:00:00+08:00\n");
    assert_eq!(told(), before, "moved");
    scene.seed("calendar.csv", "form,period,deadline\nB204-1,2025-07,2025-08-21T12:00:00+08:00\n");
    assert_eq!(told(), before, "trimmed");
    let settings = std::fs::read_to_string(scene.path("jobs/pipeline.toml")).unwrap();
    scene.write("jobs/pipeline.toml", &settings.replace("Asia/Shanghai", "America/New_York"));
    assert_eq!(told(), before, "another zone");
}

#[derive(Clone, Debug)]
enum Edit {
    Nothing,
    Move(usize, i64),
    Remove(usize),
    Trim(usize),
    Extend,
    Zone(&'static str),
    RemoveJob,
    AddJob,
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        2 => Just(Edit::Nothing),
        4 => (0_usize..12, -900_i64..900).prop_map(|(row, hours)| Edit::Move(row, hours)),
        1 => (0_usize..12).prop_map(Edit::Remove),
        1 => (1_usize..4).prop_map(Edit::Trim),
        1 => Just(Edit::Extend),
        1 => prop::sample::select(vec!["Asia/Shanghai", "Europe/Berlin", "America/New_York"])
            .prop_map(Edit::Zone),
        1 => Just(Edit::RemoveJob),
        2 => Just(Edit::AddJob),
    ]
}

/// Edits the project as somebody would.
fn apply(project: &mut Project, edit: &Edit, job: &yuebao::project::schedules::Schedule) {
    let deadlines = &mut project.seeds.calendar.deadlines;
    let key = |row: usize| deadlines.keys().nth(row % deadlines.len().max(1)).cloned();
    match edit {
        Edit::Nothing => {}
        Edit::Move(row, hours) => {
            if let Some(deadline) = key(*row).and_then(|key| deadlines.get_mut(&key)) {
                *deadline += TimeDelta::hours(*hours);
            }
        }
        Edit::Remove(row) => {
            if let Some(key) = key(*row) {
                deadlines.remove(&key);
            }
        }
        Edit::Trim(count) => (0..*count).for_each(|_| {
            deadlines.pop_first();
        }),
        Edit::Extend => {
            let last = deadlines.last_key_value().map(|((_, month), at)| (*month, *at));
            let (month, at): (_, DateTime<FixedOffset>) = last.unwrap_or((
                "2025-06".parse().unwrap(),
                "2025-07-07T12:00:00+08:00".parse().unwrap(),
            ));
            let next = (month.last_day() + Days::new(1)).format("%Y-%m").to_string();
            deadlines.insert(("B204-1".to_owned(), next.parse().unwrap()), at + Days::new(30));
        }
        Edit::Zone(zone) => project.settings.time_zone = zone.parse().unwrap(),
        Edit::RemoveJob => {
            project.schedules.remove(&job.job);
        }
        Edit::AddJob => {
            project.schedules.insert(job.job.clone(), job.clone());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Also where no daemon was there to read an edit: then it holds from when one reads it.
    #[test]
    fn each_instant_is_certified_once_and_no_later_edit_changes_that(
        job in prop::sample::select(vec!["closing", "reminders", "publish"]),
        steps in prop::collection::vec((1_i64..1500, edit(), prop::bool::weighted(0.7)), 2..14),
    ) {
        let scene = Scene::new();
        let mut project = project(&scene);
        project.schedules.retain(|name, _| name == job);
        let schedule = project.schedules[job].clone();
        let from = at("2024-06-01T00:00:00Z");
        block_on(async {
            let ledger = ledger(&scene).await;
            // What the daemon that ran last had read, and when it did.
            let (mut read, mut since, mut now) = (project.clone(), from, from);
            let mut expected = Vec::new();
            let mut told: Vec<(DateTime<Utc>, Certificate)> = Vec::new();
            start(&ledger, &project, now).await;
            for (hours, edit, is_read) in &steps {
                now += TimeDelta::hours(*hours);
                apply(&mut project, edit, &schedule);
                expected.retain(|due_at| *due_at <= since);
                if let Some(promised) = read.schedules.get(job) {
                    let local = agenda::local_calendar(&read);
                    let due = triggers::occasions(promised, &local, since, now, usize::MAX);
                    expected.extend(due.iter().map(|occasion| occasion.at));
                }
                if *is_read {
                    start(&ledger, &project, now).await;
                    (read, since) = (project.clone(), now);
                }
                let certificate = certified(&ledger, &project, job, (from, now), now).await;
                let lines: Vec<_> = certificate.lines.iter().map(|line| line.due_at).collect();
                let before_now = expected.iter().copied().filter(|due_at| *due_at < now);
                assert_eq!(lines, before_now.collect::<Vec<_>>(), "{certificate:#?}");
                let totals = &certificate.totals;
                assert_eq!(totals.due, lines.len() as u64);
                assert_eq!(totals.undecided == 0, lines.last().is_none_or(|last| *last <= since));
                if *is_read {
                    told.push((now, certificate));
                }
            }
            for (until, before) in told {
                let again = certified(&ledger, &project, job, (from, until), now).await;
                assert_eq!(again, before, "{from} to {until}, told at {now}");
            }
            ledger.close().await;
        });
    }
}
