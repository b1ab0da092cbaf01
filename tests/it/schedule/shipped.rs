//! The shipped jobs do what their comments say.

use std::path::Path;

use chrono::{DateTime, Utc};
use yuebao::project::{self, Project};
use yuebao::schedule::{LocalCalendar, triggers};

use super::{at, utc};

fn shipped() -> Project {
    project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn next(project: &Project, job: &str, after: &str) -> Option<DateTime<Utc>> {
    let zone = project.settings.time_zone;
    let local = LocalCalendar { zone, calendar: &project.seeds.calendar };
    triggers::next(&project.schedules[job], &local, at(after)).map(|occasion| occasion.at)
}

#[test]
fn five_jobs_are_shipped() {
    let jobs: Vec<String> = shipped().schedules.into_keys().collect();
    assert_eq!(jobs, ["brief", "closing", "intake", "publish", "reminders"]);
}

#[test]
fn they_come_when_they_say() {
    let project = shipped();
    // The deadline of 2025-03 is 8 April, 12:00; see seeds/calendar.csv.
    let deadline = project.seeds.calendar.deadlines
        [&("B204-1".to_owned(), "2025-03".parse().unwrap())]
        .with_timezone(&Utc);
    let after = utc(deadline - chrono::TimeDelta::days(9));
    assert_eq!(next(&project, "closing", &after), Some(deadline));
    let reminder = deadline - chrono::TimeDelta::days(2) - chrono::TimeDelta::hours(3);
    assert_eq!(next(&project, "reminders", &after), Some(reminder), "09:00 two days before");
    let from = "2025-03-01T00:00:00Z";
    assert_eq!(next(&project, "intake", from), Some(at("2025-03-01T00:10:00Z")));
    assert_eq!(next(&project, "publish", from), Some(at("2025-03-01T04:30:00Z")));
    assert_eq!(next(&project, "brief", from), None, "coverage has no instant beforehand");
}

#[test]
fn every_key_is_explained_in_a_comment_or_by_the_page_about_jobs() {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs/README.md"))
            .unwrap();
    for key in [
        "cron",
        "time_zone",
        "deadline",
        "days_before",
        "days_after",
        "coverage",
        "firms_percent",
        "value_percent",
        "period",
        "steps",
        "catch_up",
        "grace_secs",
        "overlap",
        "retries",
        "retry_wait_secs",
        "time_out_secs",
        "priority",
    ] {
        assert!(page.contains(&format!("`{key}")) || page.contains(&format!(".{key}`")), "{key}");
    }
}
