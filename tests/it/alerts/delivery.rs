//! Messages that do not arrive: tried again under a virtual clock, given up, never with secrets.

use std::net::TcpListener;
use std::time::Duration;

use chrono::TimeDelta;
use yuebao::alerts::delivery::DeliveryCounts;
use yuebao::alerts::sender::Refusal;
use yuebao::alerts::{Sender, deliver, raise};
use yuebao::ledger::alerts::NewAlert;
use yuebao::ledger::deliveries::{Delivery, wait_after};

use super::server::{Server, dead};
use super::{at, channel, failed, ledger, project, sender};
use crate::support::scene::Scene;

const NOON: &str = "2025-08-12T12:00:00Z";

/// One alert, delivered once to the channels given.
async fn one_round(channels: &str, sender: &Sender) -> (DeliveryCounts, Vec<Delivery>) {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let project = project(&scene, channels);
    raise(&ledger, &project, &failed("intake", 1), at(NOON)).await.unwrap();
    let tally = deliver(&ledger, sender, &project, at(NOON)).await.unwrap();
    (tally, ledger.deliveries_from(0).await.unwrap())
}

/// Why a message last did not arrive.
fn refusal(delivery: &Delivery) -> String {
    let kept = delivery.error.as_ref().unwrap();
    serde_json::from_str::<Refusal>(kept).unwrap().to_string()
}

#[test]
fn waits_double_up_to_an_hour() {
    let minutes: Vec<i64> = (1..=9).map(|tries| wait_after(tries).num_minutes()).collect();
    assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    assert_eq!(wait_after(i64::MAX), TimeDelta::hours(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_tried_again_when_its_wait_is_over() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let server =
        Server::answering(&[(503, ""), (200, r#"{"errcode":45009}"#), (200, r#"{"errcode":0}"#)]);
    let project = project(&scene, &channel("wecom", &server.url("/send"), ""));
    raise(&ledger, &project, &failed("intake", 1), at(NOON)).await.unwrap();
    for (seconds, tries) in [(0, 1), (59, 1), (60, 2), (179, 2), (180, 3), (9999, 3)] {
        let now = at(NOON) + TimeDelta::seconds(seconds);
        deliver(&ledger, &sender(), &project, now).await.unwrap();
        assert_eq!(server.sent().len(), tries, "after {seconds} s");
    }
    let delivery = ledger.deliveries_from(0).await.unwrap().remove(0);
    assert_eq!((delivery.state.as_str(), delivery.error), ("delivered", None));
    assert_eq!(delivery.delivered_at, Some(at("2025-08-12T12:03:00Z")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_channel_is_given_up_after_a_day_of_tries() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let project = project(&scene, &channel("json", &dead(), ""));
    raise(&ledger, &project, &failed("intake", 1), at(NOON)).await.unwrap();
    let mut tries = Vec::new();
    for minute in 0..1300 {
        let now = at(NOON) + TimeDelta::minutes(minute);
        let tally = deliver(&ledger, &sender(), &project, now).await.unwrap();
        tries.extend((tally != DeliveryCounts::default()).then_some((minute, tally)));
    }
    assert_eq!(tries.len(), 24, "{tries:?}");
    let minutes: Vec<i64> = tries.iter().take(8).map(|(minute, _)| *minute).collect();
    assert_eq!(minutes, [0, 1, 3, 7, 15, 31, 63, 123]);
    assert_eq!(tries[23].1, DeliveryCounts { delivered: 0, failed: 0, given_up: 1 });
    let delivery = ledger.deliveries_from(0).await.unwrap().remove(0);
    assert_eq!((delivery.state.as_str(), delivery.attempts), ("given_up", 24));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_answers_is_waited_for_a_bounded_time() {
    // Connections are made by the system, nobody ever reads from them.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}/", silent.local_addr().unwrap().port());
    let impatient = Sender::new(Duration::from_millis(100), |_| None);
    let (tally, deliveries) = one_round(&channel("json", &url, ""), &impatient).await;
    assert_eq!(tally.failed, 1);
    let error = refusal(&deliveries[0]);
    assert!(error.ends_with("no answer within 0.1 seconds"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_channel_does_not_keep_others_waiting_nor_is_it_tried_twice_a_round() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let server = Server::answering(&[(200, "")]);
    let other = channel("json", &server.url("/"), "").replace("duty", "works");
    let project = project(&scene, &format!("{}{other}", channel("json", &dead(), "")));
    for job in ["one", "two", "three"] {
        raise(&ledger, &project, &failed(job, 1), at(NOON)).await.unwrap();
    }
    let tally = deliver(&ledger, &sender(), &project, at(NOON)).await.unwrap();
    assert_eq!(tally, DeliveryCounts { delivered: 3, failed: 1, given_up: 0 });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_gets_only_the_kinds_it_wants() {
    let server = Server::answering(&[(200, "")]);
    let wanting = channel("json", &server.url("/"), "kinds = [\"reminder\"]");
    let (tally, deliveries) = one_round(&wanting, &sender()).await;
    assert_eq!((tally, deliveries.len()), (DeliveryCounts::default(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let server = Server::answering(&[(307, "")]);
    let (_, deliveries) = one_round(&channel("json", &server.url("/"), ""), &sender()).await;
    assert!(refusal(&deliveries[0]).contains("HTTP status 307"), "{deliveries:?}");
    assert_eq!(server.sent().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_was_removed_is_given_up() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let before = project(&scene, &channel("json", &dead(), ""));
    raise(&ledger, &before, &failed("intake", 1), at(NOON)).await.unwrap();
    let after = project(&scene, "");
    let tally = deliver(&ledger, &sender(), &after, at(NOON)).await.unwrap();
    assert_eq!(tally, DeliveryCounts { delivered: 0, failed: 0, given_up: 1 });
    assert!(ledger.deliveries_due(at(NOON) + TimeDelta::days(9)).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_senders_one_delivers() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let project = project(&scene, &channel("json", &dead(), ""));
    raise(&ledger, &project, &failed("intake", 1), at(NOON)).await.unwrap();
    let due = ledger.deliveries_due(at(NOON)).await.unwrap().remove(0);
    assert!(ledger.claim_delivery(&due, at(NOON)).await.unwrap());
    assert!(!ledger.claim_delivery(&due, at(NOON)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_put_off_by_a_wrong_clock_is_not_lost() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let project = project(&scene, &channel("json", &dead(), ""));
    let wrong = at("2035-01-01T00:00:00Z");
    raise(&ledger, &project, &failed("intake", 1), wrong).await.unwrap();
    let due = ledger.deliveries_due(at(NOON)).await.unwrap().remove(0);
    assert!(ledger.claim_delivery(&due, wrong).await.unwrap());
    assert!(ledger.deliveries_due(wrong).await.unwrap().is_empty());
    assert_eq!(ledger.deliveries_due(at(NOON)).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_name_the_machine_and_no_secret() {
    let echo = r#"{"errcode":93000,"errmsg":"invalid key verysecretkey of SEC0123456789abcdef"}"#;
    let server = Server::answering(&[(200, echo)]);
    let url = server.url("/robot/verysecretpath/send?access_token=verysecretkey");
    let signed = "secret_env = \"SECRET\"";
    for (channels, words) in [
        (channel("dingtalk", &url, signed), "declined it with code 93000: invalid key … of …"),
        (channel("dingtalk", &dead(), signed), "refused"),
        (channel("feishu", &url, ""), "did not answer as such a bot does"),
        (channel("dingtalk", &url, "secret_env = \"OTHER\""), "`OTHER` is not set"),
    ] {
        let (_, deliveries) = one_round(&channels, &sender()).await;
        let error = refusal(&deliveries[0]);
        assert!(error.contains(words), "{error}");
        for secret in ["verysecretpath", "verysecretkey", "SEC0123456789abcdef"] {
            assert!(!format!("{deliveries:?}").contains(secret), "{deliveries:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_url_of_a_bot_may_stand_in_the_environment() {
    let text = "[[channels]]\nname = \"duty\"\nkind = \"wecom\"\nurl_env = \"SECRET\"\n";
    let (_, deliveries) = one_round(text, &sender()).await;
    let error = refusal(&deliveries[0]);
    assert!(error.contains("environment variable `SECRET` holds no address"), "{error}");
    assert!(!error.contains("SEC0123"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_program_raised_waits_for_it() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let project = project(&scene, &channel("json", &dead(), ""));
    let newer = NewAlert {
        kind: failed("intake", 1).kind(),
        subject: "{\"moon\":1}".to_owned(),
        content: "{\"eclipse\":1}".to_owned(),
    };
    ledger.raise_alert(&newer, &["duty"], at(NOON)).await.unwrap();
    let tally = deliver(&ledger, &sender(), &project, at(NOON)).await.unwrap();
    assert_eq!(tally, DeliveryCounts::default());
    assert_eq!(ledger.deliveries_due(at(NOON)).await.unwrap()[0].attempts, 0);
}
