//! What the ledger keeps as values: every one is worded in both languages and comes back from its JSON.

use std::collections::BTreeSet;
use std::io;

use yuebao::alerts::sender::Refusal;
use yuebao::alerts::{Absent, Alert, DaemonTrouble, FailedTest, Filing};
use yuebao::lake::matters::UnknownDocument;
use yuebao::ledger::alerts::NewAlert;
use yuebao::ledger::orders::{Asked, AskedBy, Cause, Details, OrderStep, Reprocess, Sequence};
use yuebao::ledger::reason::Reason;
use yuebao::project::alerts::Kind;
use yuebao::project::inputs::Input;
use yuebao::texts::{self, Text};

use super::{NOW, at, holder};
use crate::support::scene::{FIRMS, Scene};

/// A backfill of two months.
pub(super) fn backfill() -> Asked {
    let details = Details::Backfill {
        reprocess: Reprocess::All,
        order: Sequence::Oldest,
        threads: 1,
        failed: BTreeSet::new(),
        is_planned: true,
    };
    let months = Some(["2024-03", "2024-04"].map(|month| month.parse().unwrap()).into());
    Asked { details, months, ..Asked::new("publish", AskedBy::Backfill, at(NOW)) }
}

/// Its months.
pub(super) fn pieces(parent: i64) -> [Asked; 2] {
    ["2024-03", "2024-04"].map(|month| {
        let month = month.parse().unwrap();
        let (cause, because, content) = (Cause::Cascade, Some(month), Some("5eed".to_owned()));
        Asked {
            parent_id: Some(parent),
            months: Some((month, month)),
            steps: vec![OrderStep::Rebuild],
            details: Details::Month { is_forced: true, cause, because, content },
            ..backfill()
        }
    })
}

/// Every reason there is.
pub(super) fn reasons() -> Vec<Reason> {
    vec![
        Reason::NotCaughtUp,
        Reason::LaterStands,
        Reason::BeyondGrace,
        Reason::Gap { count: 3, first: at(NOW), before: at("2025-01-04T00:00:00Z") },
        Reason::MadeUp,
        Reason::Overlap,
        Reason::Queued,
        Reason::Crowded { most: 100 },
        Reason::Output { holder: holder("run") },
        Reason::JobIsGone,
        Reason::Backfill,
        Reason::Interrupted,
        Reason::Requeued,
        Reason::TimeOut,
        Reason::HeldBack,
        Reason::ExitCode { code: 3 },
        Reason::Signal { signal: 9 },
        Reason::Unobserved,
        Reason::NotStarted,
        Reason::Words { words: vec!["out of memory".to_owned(), "aborted".to_owned()] },
        Reason::Panicked { step: OrderStep::Receive, said: "index 7".to_owned() },
        Reason::error(&io::Error::from_raw_os_error(28)),
    ]
}

/// Every alert there is.
pub(super) fn alerts() -> Vec<Alert> {
    let period = "2025-03".parse().unwrap();
    let absent = |state: Option<&str>, firm: usize| Absent {
        state: state.map(ToOwned::to_owned),
        name: FIRMS[firm].1.to_owned(),
    };
    let filing = Filing {
        form: "B204-1".to_owned(),
        period,
        deadline: at(NOW),
        due: 3,
        missing: vec![absent(None, 0), absent(Some("refused"), 1)],
    };
    let failed = |rows| {
        let (mart, test) = ("monthly_totals".to_owned(), "one_row_a_month".to_owned());
        FailedTest { mart, test, rows }
    };
    let job = || "intake".to_owned();
    vec![
        Alert::RunFailed { job: job(), order_id: 7, reasons: reasons() },
        Alert::JobOverdue { job: job(), due_at: at(NOW) },
        Alert::FirmsMissing(filing.clone()),
        Alert::Reminder { filing, day: at(NOW).date_naive() },
        Alert::EditionHeldBack { tests: vec![failed(Some(2)), failed(None)] },
        Alert::UnknownDocument(UnknownDocument {
            form: "B204-1".to_owned(),
            document: "国统字〔2025〕101号".to_owned(),
            reports: 2,
            edition: 2026,
        }),
        Alert::EditionAwaitsReason {
            causes: [(period, Input::ALL.iter().copied().collect())].into(),
        },
        Alert::BriefPublished {
            period,
            edition: 3,
            page: "marts/briefs/brief-2025-03.html".to_owned(),
        },
        Alert::DaemonTrouble(DaemonTrouble::Reload {
            faults: 2,
            place: "seeds/zones.csv:3".to_owned(),
        }),
        Alert::DaemonTrouble(DaemonTrouble::Files(reasons())),
        Alert::DaemonTrouble(DaemonTrouble::Backfill { order_id: 7, reasons: reasons() }),
        Alert::Test { channel: "bureau".to_owned() },
    ]
}

/// Every refusal of a channel there is.
pub(super) fn refusals() -> Vec<Refusal> {
    let place = || "https://example.org".to_owned();
    vec![
        Refusal::NoChannel,
        Refusal::NoVariable("HOOK".to_owned()),
        Refusal::NoUrl("HOOK".to_owned()),
        Refusal::Unreachable { place: place(), cause: "no such host".to_owned() },
        Refusal::Status { place: place(), status: 503 },
        Refusal::Declined { place: place(), code: 310_000, said: "sign not match".to_owned() },
        Refusal::NotABot(place()),
    ]
}

/// An alert as the ledger takes it.
pub(super) fn new(alert: &Alert) -> NewAlert {
    NewAlert { kind: alert.kind(), subject: alert.subject().key(), content: alert.json() }
}

#[track_caller]
fn assert_worded(text: &Text, of: &str) {
    for said in [&text.zh, &text.en] {
        assert!(!said.is_empty() && !said.contains(['{', '}']), "{of}: {said}");
    }
}

#[test]
fn every_reason_is_worded_and_comes_back() {
    let mut names = BTreeSet::new();
    for reason in reasons() {
        let json = serde_json::to_value(&reason).unwrap();
        names.insert(format!("reason.{}", json["reason"].as_str().unwrap()));
        assert_worded(&reason.text(), &json.to_string());
        assert_eq!(serde_json::from_value::<Reason>(json).unwrap(), reason);
    }
    let texts = texts::keys().filter(|key| key.starts_with("reason.")).map(ToOwned::to_owned);
    assert_eq!(names, texts.collect());
}

#[test]
fn every_alert_is_worded_and_comes_back() {
    let scene = Scene::new();
    let settings = scene.open().unwrap().project.settings;
    for alert in alerts() {
        assert_eq!(Alert::read(&alert.json()), Some(alert.clone()));
        assert_worded(&alert.text(&settings), &alert.json());
        if !alert.kind().is_event() {
            assert_worded(&alert.settled(), &alert.json());
        }
    }
    let kinds: BTreeSet<Kind> = alerts().iter().map(Alert::kind).collect();
    assert_eq!(kinds, Kind::ALL.iter().copied().collect());
    for refusal in refusals() {
        let json = serde_json::to_string(&refusal).unwrap();
        assert_eq!(serde_json::from_str::<Refusal>(&json).unwrap(), refusal);
    }
}
