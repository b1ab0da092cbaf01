//! The same thing is one alert: counted up, told again after a day, settled once.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use yuebao::alerts::delivery::DeliveryCounts;
use yuebao::alerts::{Alert, DaemonTrouble, Notice, Subject, deliver, raise, tell};
use yuebao::lake::matters::UnknownDocument;
use yuebao::ledger::Ledger;
use yuebao::ledger::reason::Reason;
use yuebao::project::Project;
use yuebao::project::alerts::Kind;

use super::server::{Server, dead};
use super::{alerts, at, channel, failed, ledger, project, sender};
use crate::support::scene::Scene;

/// `intake` succeeds again.
async fn settle(ledger: &Ledger, project: &Project, now: DateTime<Utc>) {
    let settled = Notice::Settle(Kind::RunFailed, Subject::Job("intake".to_owned()));
    tell(ledger, project, &settled, now).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_on_is_counted_and_told_again_after_a_day() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let server = Server::answering(&[(200, "")]);
    let project = project(&scene, &channel("json", &server.url("/"), ""));
    let start = at("2025-08-10T00:00:00Z");
    for hour in 0..50 {
        let now = start + TimeDelta::hours(hour);
        let raised = raise(&ledger, &project, &failed("intake", hour), now).await.unwrap();
        assert_eq!((raised.is_new, raised.is_told), (hour == 0, hour % 24 == 0), "hour {hour}");
        deliver(&ledger, &sender(), &project, now).await.unwrap();
    }
    assert_eq!(server.sent().len(), 3);
    assert!(server.sent()[2].1.contains("第 48 次运行"), "the newest is told: {:?}", server.sent());
    let all = alerts(&ledger).await;
    assert_eq!((all.len(), all[0].times), (1, 50));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_subjects_and_kinds_are_other_alerts() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let project = project(&scene, "");
    let trouble = Alert::DaemonTrouble(DaemonTrouble::Files(vec![Reason::Unobserved]));
    for alert in [failed("intake", 1), failed("publish", 1), trouble, failed("intake", 2)] {
        raise(&ledger, &project, &alert, at("2025-08-10T00:00:00Z")).await.unwrap();
    }
    assert_eq!(alerts(&ledger).await.len(), 3);
}

#[test]
fn what_the_daemon_is_in_trouble_with_is_told_in_the_readers_language() {
    let settings = Scene::new().open().unwrap().project.settings;
    let told = |trouble: DaemonTrouble| {
        let alert = Alert::DaemonTrouble(trouble);
        (alert.subject().to_string(), alert.text(&settings))
    };
    let (subject, reload) =
        told(DaemonTrouble::Reload { faults: 2, place: "jobs/x.toml:3".to_owned() });
    assert_eq!(subject, "reload");
    assert!(reload.zh.contains("重新读取 jobs/ 和 seeds/"), "{}", reload.zh);
    assert!(reload.zh.contains("`jobs/x.toml:3`（错误共 2 处）"), "{}", reload.zh);
    assert!(!reload.zh.contains("reload"), "{}", reload.zh);
    let (subject, backfill) =
        told(DaemonTrouble::Backfill { order_id: 3, reasons: vec![Reason::TimeOut] });
    assert_eq!(subject, "backfill 3");
    assert!(backfill.zh.contains("补跑 3") && backfill.zh.contains("超过时限"), "{}", backfill.zh);
    assert!(backfill.en.contains("backfill 3"), "{}", backfill.en);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_is_told_as_a_whole_whatever_is_left_out_is_settled() {
    let scene = Scene::new();
    let (ledger, project) = (ledger(&scene).await, project(&scene, ""));
    let unknown = |document: &str| {
        let (form, document) = ("B204-1".to_owned(), document.to_owned());
        Alert::UnknownDocument(UnknownDocument { form, document, reports: 1, edition: 2024 })
    };
    let now = at("2025-08-10T00:00:00Z");
    raise(&ledger, &project, &failed("intake", 1), now).await.unwrap();
    let mut open = Vec::new();
    for held in [vec!["a", "b"], vec!["b", "c"], vec![]] {
        let held = held.into_iter().map(unknown).collect();
        tell(&ledger, &project, &Notice::Hold(Kind::UnknownDocument, held), now).await.unwrap();
        let mut held = alerts(&ledger).await;
        held.retain(|it| it.settled_at.is_none());
        open.push(held.iter().map(|it| Subject::shown(&it.subject)).rev().collect::<Vec<_>>());
    }
    let expected: [&[&str]; 3] = [&["intake", "a", "b"], &["intake", "b", "c"], &["intake"]];
    assert_eq!(open, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_is_told_once_and_the_next_failure_is_new() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let server = Server::answering(&[(200, "")]);
    let project = project(&scene, &channel("json", &server.url("/"), "locale = \"en\""));
    let start = at("2025-08-10T00:00:00Z");
    let minute = |count| start + TimeDelta::minutes(count);
    raise(&ledger, &project, &failed("intake", 1), start).await.unwrap();
    deliver(&ledger, &sender(), &project, start).await.unwrap();
    settle(&ledger, &project, minute(1)).await;
    settle(&ledger, &project, minute(2)).await;
    assert_eq!(alerts(&ledger).await[0].settled_at, Some(minute(1)));
    for count in 1..4 {
        deliver(&ledger, &sender(), &project, minute(count)).await.unwrap();
    }
    let sent = server.sent();
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(sent[1].1.contains("Job intake succeeds again"), "{sent:?}");
    assert!(sent[1].1.contains(r#""is_settled":true,"at":"2025-08-10T00:01:00.000Z""#), "{sent:?}");
    let raised = raise(&ledger, &project, &failed("intake", 2), minute(5)).await.unwrap();
    assert!(raised.is_new && raised.is_told);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_was_told_of_needs_no_recovery() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let down = project(&scene, &channel("json", &dead(), ""));
    let now = at("2025-08-10T00:00:00Z");
    raise(&ledger, &down, &failed("intake", 1), now).await.unwrap();
    deliver(&ledger, &sender(), &down, now).await.unwrap();
    settle(&ledger, &down, now).await;
    let server = Server::answering(&[(200, "")]);
    let up = project(&scene, &channel("json", &server.url("/"), ""));
    let later = now + TimeDelta::hours(2);
    assert_eq!(deliver(&ledger, &sender(), &up, later).await.unwrap(), DeliveryCounts::default());
    assert!(server.sent().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_merely_happened_is_told_once_for_ever() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let start = at("2025-08-10T00:00:00Z");
    let project = project(&scene, "");
    let (period, page) = ("2025-07".parse().unwrap(), "brief-2025-07.md".to_owned());
    let brief = Alert::BriefPublished { period, edition: 4, page };
    for days in [0, 1, 40] {
        let raised = raise(&ledger, &project, &brief, start + TimeDelta::days(days)).await.unwrap();
        assert_eq!((raised.is_new, raised.is_told), (days == 0, days == 0), "{days} days later");
    }
    let listed = ledger.alerts_since(start + TimeDelta::days(60)).await.unwrap();
    assert!(listed.is_empty(), "it does not stay open: {listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_does_not_silence_alerts() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let project = project(&scene, "");
    raise(&ledger, &project, &failed("intake", 1), at("2035-01-01T00:00:00Z")).await.unwrap();
    let raised =
        raise(&ledger, &project, &failed("intake", 2), at("2025-08-10T00:00:00Z")).await.unwrap();
    assert!(!raised.is_new && raised.is_told);
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_raised_at_once_are_one() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let project = Arc::new(project(&scene, ""));
    let now = at("2025-08-10T00:00:00Z");
    let raising = (0..8).map(|id| {
        let (ledger, project) = (ledger.clone(), Arc::clone(&project));
        tokio::spawn(async move { raise(&ledger, &project, &failed("intake", id), now).await })
    });
    let mut new = 0;
    for raised in raising.collect::<Vec<_>>() {
        new += usize::from(raised.await.unwrap().unwrap().is_new);
    }
    let all = alerts(&ledger).await;
    assert_eq!((new, all.len(), all[0].times), (1, 1, 8));
}
