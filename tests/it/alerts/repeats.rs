//! The same thing is one alert: counted up, told again after a day, settled once.

use chrono::TimeDelta;
use yuebao::alerts::delivery::Tally;
use yuebao::alerts::{brief_published, deliver, raise, run_failed, settle};
use yuebao::ledger::alerts::NewAlert;
use yuebao::project::alerts::Kind;

use super::server::{Server, dead};
use super::{alerts, at, channel, courier, ledger, project};
use crate::support::scene::Scene;

fn failed(run: i64) -> NewAlert {
    run_failed("intake", run, "could not read `x`")
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
        let raised = raise(&ledger, &project.channels, &failed(hour), now).await.unwrap();
        assert_eq!((raised.is_new, raised.is_told), (hour == 0, hour % 24 == 0), "hour {hour}");
        deliver(&ledger, &courier(), &project, now).await.unwrap();
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
    let now = at("2025-08-10T00:00:00Z");
    let other = run_failed("publish", 1, "could not read `x`");
    let trouble = yuebao::alerts::daemon_trouble("intake", "could not read `x`");
    for alert in [failed(1), other, trouble, failed(2)] {
        raise(&ledger, &[], &alert, now).await.unwrap();
    }
    assert_eq!(alerts(&ledger).await.len(), 3);
}

#[test]
fn what_the_daemon_is_in_trouble_with_is_told_in_the_readers_language() {
    let trouble = |subject| yuebao::alerts::daemon_trouble(subject, "could not read `x`");
    let reload = trouble("reload");
    assert!(reload.text_zh.contains("重新读取 jobs/ 和 seeds/"), "{}", reload.text_zh);
    assert!(!reload.text_zh.contains("reload"), "{}", reload.text_zh);
    assert_eq!(reload.subject, "reload");
    let backfill = trouble("backfill 3");
    assert!(backfill.text_zh.contains("补跑 3"), "{}", backfill.text_zh);
    assert!(backfill.text_en.contains("backfill 3"), "{}", backfill.text_en);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_is_told_once_and_the_next_failure_is_new() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let server = Server::answering(&[(200, "")]);
    let project = project(&scene, &channel("json", &server.url("/"), "locale = \"en\""));
    let start = at("2025-08-10T00:00:00Z");
    let minute = |count| start + TimeDelta::minutes(count);
    raise(&ledger, &project.channels, &failed(1), start).await.unwrap();
    deliver(&ledger, &courier(), &project, start).await.unwrap();
    let settled = settle(&ledger, Kind::RunFailed, "intake", minute(1)).await.unwrap();
    assert!(settled.is_some());
    assert_eq!(settle(&ledger, Kind::RunFailed, "intake", minute(2)).await.unwrap(), None);
    for count in 1..4 {
        deliver(&ledger, &courier(), &project, minute(count)).await.unwrap();
    }
    let sent = server.sent();
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(sent[1].1.contains("Job intake succeeds again"), "{sent:?}");
    assert!(sent[1].1.contains(r#""is_settled":true,"at":"2025-08-10T00:01:00.000Z""#), "{sent:?}");
    let raised = raise(&ledger, &project.channels, &failed(2), minute(5)).await.unwrap();
    assert!(raised.is_new && raised.is_told);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_was_told_of_needs_no_recovery() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let down = project(&scene, &channel("json", &dead(), ""));
    let now = at("2025-08-10T00:00:00Z");
    raise(&ledger, &down.channels, &failed(1), now).await.unwrap();
    deliver(&ledger, &courier(), &down, now).await.unwrap();
    settle(&ledger, Kind::RunFailed, "intake", now).await.unwrap();
    let server = Server::answering(&[(200, "")]);
    let up = project(&scene, &channel("json", &server.url("/"), ""));
    let later = now + TimeDelta::hours(2);
    assert_eq!(deliver(&ledger, &courier(), &up, later).await.unwrap(), Tally::default());
    assert!(server.sent().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_merely_happened_is_told_once_for_ever() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let start = at("2025-08-10T00:00:00Z");
    let brief = brief_published("2025-07".parse().unwrap(), 4, "brief-2025-07.md");
    for days in [0, 1, 40] {
        let raised = raise(&ledger, &[], &brief, start + TimeDelta::days(days)).await.unwrap();
        assert_eq!((raised.is_new, raised.is_told), (days == 0, days == 0), "{days} days later");
    }
    let listed = ledger.alerts_since(start + TimeDelta::days(60)).await.unwrap();
    assert!(listed.is_empty(), "it does not stay open: {listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_does_not_silence_alerts() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    raise(&ledger, &[], &failed(1), at("2035-01-01T00:00:00Z")).await.unwrap();
    let raised = raise(&ledger, &[], &failed(2), at("2025-08-10T00:00:00Z")).await.unwrap();
    assert!(!raised.is_new && raised.is_told);
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_raised_at_once_are_one() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let now = at("2025-08-10T00:00:00Z");
    let raising = (0..8).map(|run| {
        let ledger = ledger.clone();
        tokio::spawn(async move { ledger.raise_alert(&failed(run), &["duty"], now).await.unwrap() })
    });
    let mut new = 0;
    for raised in raising.collect::<Vec<_>>() {
        new += usize::from(raised.await.unwrap().is_new);
    }
    let all = alerts(&ledger).await;
    assert_eq!((new, all.len(), all[0].times), (1, 1, 8));
}
