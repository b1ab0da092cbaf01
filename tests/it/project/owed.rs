//! Who owes which report by when, and months that have no deadline.

use std::collections::BTreeMap;

use yuebao::domain::period::Period;
use yuebao::lake::owed::{self, Filed};
use yuebao::project::Project;

use crate::support::scene::{FIRMS, Scene};

fn month(text: &str) -> Period {
    text.parse().unwrap()
}

/// A lake with reports of B204-1 between two months.
fn filed(first: &str, last: &str) -> Filed {
    Filed { first: BTreeMap::from([("B204-1".to_owned(), month(first))]), last: Some(month(last)) }
}

/// A district whose settings were changed, with its calendar of February to December 2024.
fn project(scene: &Scene, (from, to): (&str, &str)) -> Project {
    let settings = std::fs::read_to_string(scene.path("jobs/pipeline.toml")).unwrap();
    scene.write("jobs/pipeline.toml", &settings.replace(from, to));
    scene.open().unwrap().project
}

/// What is owed, a line a form and month: how many firms, and the day of the deadline.
fn lines(project: &Project, filed: &Filed) -> Vec<String> {
    let mut owed: BTreeMap<String, usize> = BTreeMap::new();
    for it in owed::up_to_lake(project, filed) {
        let day = it.deadline.map_or("-".to_owned(), |at| at.date_naive().to_string());
        *owed.entry(format!("{} {} {day}", it.form, it.period)).or_default() += 1;
    }
    owed.into_iter().map(|(line, firms)| format!("{line} {firms}")).collect()
}

#[test]
fn every_firm_on_a_spell_owes_its_forms_up_to_the_last_month_received() {
    let scene = Scene::of_all_forms();
    let [a, b, _] = FIRMS.map(|(code, _)| code);
    scene.seed(
        "firms.csv",
        &format!(
            "credit_code,roster_from,roster_to,name,zone,chain,industry_code,size_class,is_leading,base_rule,forms\n\
             {a},2020-01,2024-02,示例,,,3714,3,false,keep,B204-1\n\
             {a},2024-04,,示例,,,3714,3,false,keep,B204-1;LY-01\n\
             {b},2020-01,,示例,,,3714,3,false,keep,B204-1\n"
        ),
    );
    let project = scene.open().unwrap().project;
    // The calendar begins in February 2024; nobody files January; in March one is off the roster.
    assert_eq!(
        lines(&project, &filed("2023-11", "2024-04")),
        [
            "B204-1 2023-11 - 2",
            "B204-1 2023-12 - 2",
            "B204-1 2024-02 2024-03-10 2",
            "B204-1 2024-03 2024-04-10 1",
            "B204-1 2024-04 2024-05-10 2",
        ]
    );
    assert_eq!(lines(&project, &Filed::default()), [""; 0], "nothing was received yet");
}

#[test]
fn before_the_district_began_nobody_is_late() {
    let scene = Scene::new();
    let began = ("# since = \"2023-02\"", "since = \"2024-04\"");
    let project = project(&scene, began);
    assert_eq!(
        lines(&project, &filed("2024-02", "2024-04")),
        ["B204-1 2024-02 - 3", "B204-1 2024-03 - 3", "B204-1 2024-04 2024-05-10 3"]
    );
    let missing = owed::without_deadline(&project, &filed("2024-02", "2025-02"), now("2024-06-01"));
    assert_eq!(missing["B204-1"], [month("2025-02")], "before it none is missed");
}

fn now(day: &str) -> chrono::DateTime<chrono::Utc> {
    format!("{day}T00:00:00Z").parse().unwrap()
}

#[test]
fn a_month_without_a_deadline_is_named_up_to_the_month_that_just_ended() {
    let scene = Scene::new();
    let project = project(&scene, ("is_synthetic = true", "is_synthetic = false"));
    let missing = |filed: &Filed, day: &str| -> Vec<String> {
        let missing = owed::without_deadline(&project, filed, now(day));
        missing.values().flatten().map(Period::to_string).collect()
    };
    // The calendar ends in December 2024.
    assert_eq!(
        missing(&filed("2024-02", "2024-12"), "2025-02-28"),
        [""; 0],
        "no one files January"
    );
    assert_eq!(missing(&filed("2024-02", "2024-12"), "2025-03-01"), ["2025-02"]);
    assert_eq!(missing(&filed("2024-02", "2025-03"), "2025-03-01"), ["2025-02", "2025-03"]);
    assert_eq!(missing(&Filed::default(), "2025-04-01"), ["2025-02", "2025-03"]);
    // By local time of the district it is April already.
    let local = "2025-03-31T16:00:00Z".parse().unwrap();
    let missing = owed::without_deadline(&project, &Filed::default(), local);
    assert_eq!(missing["B204-1"].len(), 2);
}

#[test]
fn a_form_the_calendar_does_not_know_is_named_with_every_month() {
    let scene = Scene::of_all_forms();
    let firms = std::fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    scene.seed("firms.csv", &firms.replacen("keep,B204-1,", "keep,B204-1;LY-01,", 1));
    let project = scene.open().unwrap().project;
    // A synthetic district has no present: only what was received counts.
    let missing = owed::without_deadline(&project, &filed("2024-02", "2024-04"), now("2031-01-01"));
    let months = ["2024-02", "2024-03", "2024-04"].map(month);
    assert_eq!(missing, BTreeMap::from([("LY-01".to_owned(), months.to_vec())]));
}

#[test]
fn a_ledger_that_the_bureau_never_began_is_missed_by_nobody() {
    let project = Scene::shipped().open().unwrap().project;
    let missing = |filed: &Filed| owed::without_deadline(&project, filed, now("2031-01-01"));
    assert!(project.settings.district.bureau_code.is_some() && project.forms.contains_key("LY-03"));
    let mut filed = filed("2024-02", "2024-04");
    assert_eq!(missing(&filed), BTreeMap::new());
    filed.first.insert("LY-03".to_owned(), month("2024-03"));
    assert_eq!(missing(&filed)["LY-03"], ["2024-03", "2024-04"].map(month));
}
