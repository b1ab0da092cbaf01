//! Bodies to the byte, signatures against values computed by other means.

use yuebao::alerts::bodies::{WebhookAnswer, body, verdict};
use yuebao::alerts::message::Message;
use yuebao::alerts::signature::Signature;
use yuebao::alerts::{Absent, Alert, Filing, deliver, raise};
use yuebao::ledger::reason::Reason;
use yuebao::project::alerts::{Format, Kind};
use yuebao::texts::Locale;

use super::server::Server;
use super::{at, channel, ledger, project, sender};
use crate::support::scene::Scene;

/// What a channel is sent when a run failed: path, body.
async fn sent(kind: &str, locale: &str, path: &str, more: &str) -> (String, String) {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let server = Server::answering(&[(200, r#"{"errcode":0,"code":0}"#)]);
    let more = format!("locale = \"{locale}\"\n{more}");
    let project = project(&scene, &channel(kind, &server.url(path), &more));
    let disk = "disk (os error 28)".to_owned();
    let chain = vec!["could not write `output/lake`".to_owned(), disk.clone()];
    let reasons = vec![Reason::Error { chain, system: vec![disk] }];
    let alert = Alert::RunFailed { job: "intake".to_owned(), order_id: 7, reasons };
    let now = at("2025-08-12T12:00:00Z");
    raise(&ledger, &project, &alert, now).await.unwrap();
    let tally = deliver(&ledger, &sender(), &project, now).await.unwrap();
    assert_eq!((tally.delivered, tally.failed), (1, 0));
    let mut sent = server.sent();
    assert_eq!(sent.len(), 1);
    sent.remove(0)
}

const ZH: &str = r"作业 intake 重试后仍然失败（第 7 次运行）。\n原因：could not write `output/lake`: disk (os error 28)\n详情见日志。";
const EN: &str = r"Job intake failed, also when tried again (run 7).\nBecause: could not write `output/lake`: disk (os error 28)\nThe log has the details.";

fn chat(locale: &str) -> String {
    match locale {
        "zh" => format!(r"【绿园区月报】{ZH}\n（示例数据，不是真实统计）"),
        _ => format!(
            r"[Lüyuan District, monthly report] {EN}\n(SYNTHETIC sample data, no real statistics)"
        ),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_json_tells_machines() {
    for (locale, district, text) in [("zh", "绿园区", ZH), ("en", "Lüyuan District", EN)] {
        let (path, body) = sent("json", locale, "/hook", "").await;
        assert_eq!(path, "/hook");
        let expected = format!(
            r#"{{"kind":"run_failed","subject":"intake","text":"{text}","district":"{district}","is_synthetic":true,"is_settled":false,"at":"2025-08-12T12:00:00.000Z"}}"#
        );
        assert_eq!(body, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wecom_and_dingtalk_take_the_same_text() {
    for kind in ["wecom", "dingtalk"] {
        for locale in ["zh", "en"] {
            let (path, body) = sent(kind, locale, "/send?key=abc", "").await;
            assert_eq!(path, "/send?key=abc");
            let text = chat(locale);
            assert_eq!(body, format!(r#"{{"msgtype":"text","text":{{"content":"{text}"}}}}"#));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn feishu_takes_text_of_its_own() {
    for locale in ["zh", "en"] {
        let (_, body) = sent("feishu", locale, "/hook", "").await;
        let text = chat(locale);
        assert_eq!(body, format!(r#"{{"msg_type":"text","content":{{"text":"{text}"}}}}"#));
    }
}

/// Computed by Python: `base64.b64encode(hmac.new(SECRET, b"1755000000000\n" + SECRET, "sha256")
/// .digest())`, and for Feishu `hmac.new(b"1755000000\n" + SECRET, b"", "sha256")`.
const DINGTALK: &str = "3TyGMSeGhD7Phj6JhEsYIrUOTYryXSTtALjb6JNbtG8=";
const FEISHU: &str = "GM+djjbXhBbyf8wyGhGf5WEpWUEXbC4n/OJcDG6fnzQ=";
const SECRET: &str = "SEC0123456789abcdef";

#[test]
fn signatures_are_those_of_the_documentation() {
    let now = at("2025-08-12T12:00:00Z");
    let dingtalk = Signature::dingtalk(SECRET, now);
    assert_eq!((dingtalk.timestamp, dingtalk.sign.as_str()), (1_755_000_000_000, DINGTALK));
    let feishu = Signature::feishu(SECRET, now);
    assert_eq!((feishu.timestamp, feishu.sign.as_str()), (1_755_000_000, FEISHU));
    assert_eq!(
        feishu.in_query("http://a/b"),
        "http://a/b?timestamp=1755000000&sign=GM%2BdjjbXhBbyf8wyGhGf5WEpWUEXbC4n%2FOJcDG6fnzQ%3D"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn dingtalk_is_signed_in_the_query() {
    let (path, body) = sent("dingtalk", "en", "/send?key=a", "secret_env = \"SECRET\"").await;
    let sign = "3TyGMSeGhD7Phj6JhEsYIrUOTYryXSTtALjb6JNbtG8%3D";
    assert_eq!(path, format!("/send?key=a&timestamp=1755000000000&sign={sign}"));
    assert!(body.starts_with(r#"{"msgtype":"#), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn feishu_is_signed_in_the_body() {
    let (path, body) = sent("feishu", "en", "/hook", "secret_env = \"SECRET\"").await;
    assert_eq!(path, "/hook");
    let head =
        format!(r#"{{"timestamp":"1755000000","sign":"{FEISHU}","msg_type":"text","content":"#);
    assert!(body.starts_with(&head), "{body}");
}

#[test]
fn answers_are_understood() {
    let declined = |code, said: &str| WebhookAnswer::Declined(code, said.to_owned());
    let cases = [
        (Format::Json, "anything", WebhookAnswer::Taken),
        (Format::Wecom, r#"{"errcode":0,"errmsg":"ok"}"#, WebhookAnswer::Taken),
        (
            Format::Dingtalk,
            r#"{"errcode":310000,"errmsg":"sign not match"}"#,
            declined(310_000, "sign not match"),
        ),
        (Format::Feishu, r#"{"code":0,"msg":"success"}"#, WebhookAnswer::Taken),
        (Format::Feishu, r#"{"StatusCode":0,"StatusMessage":"success"}"#, WebhookAnswer::Taken),
        (
            Format::Feishu,
            r#"{"code":19021,"msg":"sign match fail"}"#,
            declined(19_021, "sign match fail"),
        ),
        (Format::Wecom, "<html>welcome to the guest network</html>", WebhookAnswer::Unknown),
        (Format::Feishu, r#"{"errcode":0}"#, WebhookAnswer::Unknown),
    ];
    for (format, answer, expected) in cases {
        assert_eq!(verdict(format, answer), expected, "{answer}");
    }
}

fn message(text: String) -> Message {
    Message {
        kind: Kind::FirmsMissing,
        subject: "B204-1 2025-07".to_owned(),
        text,
        district: "绿园区".to_owned(),
        is_synthetic: true,
        is_settled: false,
        at: String::new(),
        locale: Locale::Zh,
    }
}

#[test]
fn a_text_too_long_for_a_bot_loses_whole_lines() {
    let text = (1..=100).map(|at| format!("- 示例第{at}有限公司")).collect::<Vec<_>>().join("\n");
    let body = body(Format::Wecom, &message(text), None);
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let content = body["text"]["content"].as_str().unwrap();
    assert!(content.len() <= 2048 && content.len() > 1990, "{}", content.len());
    let lines: Vec<&str> = content.lines().collect();
    assert_eq!(&lines[lines.len() - 2..], ["…", "（示例数据，不是真实统计）"]);
    assert!(lines[1..lines.len() - 2].iter().all(|line| line.ends_with("有限公司")), "{content}");
}

#[test]
fn one_line_too_long_is_cut_between_characters() {
    let lines = message("月".repeat(5000)).lines(2048);
    assert!(lines.len() <= 2048 && lines.contains("月…"), "{}", lines.len());
}

#[test]
fn at_most_twenty_firms_are_named() {
    let scene = Scene::new();
    let settings = scene.open().unwrap().project.settings;
    let missing: Vec<Absent> =
        (0..23).map(|at| Absent { state: None, name: format!("示例{at}号") }).collect();
    let filing = Filing {
        form: "B204-1".to_owned(),
        period: "2025-07".parse().unwrap(),
        deadline: at("2025-08-10T04:00:00Z"),
        due: 113,
        missing,
    };
    assert_eq!(filing.subject().to_string(), "B204-1 2025-07");
    let told = Alert::FirmsMissing(filing).text(&settings);
    assert_eq!(told.zh.lines().filter(|line| line.ends_with('号')).count(), 20);
    assert!(told.zh.ends_with("\n- 另有 3 家"), "{}", told.zh);
    assert!(told.en.contains("2025-08-10 12:00"), "{}", told.en);
    assert!(told.en.ends_with("\n- and 3 more"), "{}", told.en);
}

#[test]
fn every_text_of_alerts_is_used_and_every_kind_has_its_texts() {
    let mut used: Vec<String> = [
        "sender",
        "synthetic",
        "firm",
        "firm.received",
        "more",
        "failed_test",
        "not_computed",
        "more_tests",
        "more_months",
        "moved",
        "about.reload",
        "about.backfill",
        "trouble.reload",
    ]
    .map(|name| format!("alert.{name}"))
    .to_vec();
    for kind in Kind::ALL {
        used.push(format!("alert.{}", kind.name()));
        used.extend((!kind.is_event()).then(|| format!("alert.{}.settled", kind.name())));
    }
    used.sort();
    let known: Vec<&str> = yuebao::texts::keys().filter(|key| key.starts_with("alert.")).collect();
    assert_eq!(known, used);
}
