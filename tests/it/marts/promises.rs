//! Whatever arrives, the shipped marts keep their promises: random lakes against the reconciliations.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::lake::{Firm, Lake, Report, rows};

/// What may be true of a firm: zone, chain, industry, size, last month on the roster, base rule.
type Traits = (bool, bool, usize, i32, Option<usize>, bool);

const MONTHS: [&str; 6] = ["2023-11", "2023-12", "2024-02", "2024-03", "2024-04", "2024-12"];
const INDUSTRIES: [&str; 3] = ["3714", "3670", "1353"];

/// One firm and its reports, `None` where it did not report: this year's and last year's output.
fn firm() -> impl Strategy<Value = (Traits, Vec<Option<(i64, i64)>>)> {
    let traits = (
        any::<bool>(),
        any::<bool>(),
        0..INDUSTRIES.len(),
        1..5,
        proptest::option::of(0..MONTHS.len()),
        any::<bool>(),
    );
    // in fen; a base may be nothing, a correction negative
    let figure = prop_oneof![4 => 0_i64..1_000_000_000, 1 => Just(0), 1 => -1_000_i64..0];
    let report = proptest::option::weighted(0.8, (figure.clone(), figure));
    (traits, proptest::collection::vec(report, MONTHS.len()))
}

fn with(lake: Lake, index: usize, traits: Traits, reports: &[Option<(i64, i64)>]) -> Lake {
    let (in_zone, in_chain, industry, size, last, keeps) = traits;
    let code = format!("F{index}");
    let to = last.map(|month| MONTHS[month]);
    let mut lake = lake.firm(Firm {
        code: &code,
        zone: in_zone.then_some("z1"),
        chain: in_chain.then_some("rail"),
        industry: INDUSTRIES[industry],
        size,
        is_leading: index == 0,
        to,
        base_rule: if keeps { "keep" } else { "drop" },
        ..Firm::default()
    });
    for (period, report) in MONTHS.iter().zip(reports) {
        // who has left files no more
        let Some((now, before)) = report.filter(|_| to.is_none_or(|last| *period <= last)) else {
            continue;
        };
        let yuan = |fen: i64| {
            format!("{}{}.{:02}", if fen < 0 { "-" } else { "" }, fen.abs() / 100, fen.abs() % 100)
        };
        let figures = format!("{0} {0} {1} {1}", yuan(now), yuan(before));
        lake = lake.report(
            &Report { firm: &code, period, ..Report::default() },
            &[
                &format!("output {figures}"),
                &format!("sales {figures}"),
                &format!("industry:{} {figures}", INDUSTRIES[industry]),
            ],
        );
    }
    lake
}

#[test]
fn hold_for_whatever_firms_report() {
    let config = Config { cases: 8, failure_persistence: None, ..Config::default() };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, random);
    let lakes = proptest::collection::vec(firm(), 1..12);
    runner
        .run(&lakes, |firms| {
            let lake = firms
                .iter()
                .enumerate()
                .fold(Lake::default(), |lake, (index, firm)| with(lake, index, firm.0, &firm.1));
            let lake = MONTHS
                .iter()
                .fold(lake, |lake, period| lake.deadline("B204-1", period, "2024-08-05T02:00:00Z"));
            let scope = "district:220106";
            let lake = lake
                .target(["g", "2024", scope, "B204-1", "output", "growth", "", "0.05", "", ""])
                .target(["l", "2024", scope, "B204-1", "output", "level", "5000000", "", "", ""]);
            let built = lake.build_all();
            prop_assert_eq!(&built.failures, &[]);
            let filed = rows(&built, "headline", "", "period");
            let progress = rows(&built, "target_progress", "target_id=l", "period");
            prop_assert!(progress.iter().all(|period| filed.contains(period)));
            Ok(())
        })
        .unwrap();
}
