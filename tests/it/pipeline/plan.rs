//! The plan over any archive: nothing twice, nothing forgotten, oldest first, whatever the order.

use std::collections::BTreeSet;
use std::fs;

use proptest::prelude::*;
use yuebao::domain::partition::Partition;
use yuebao::domain::period::Period;
use yuebao::pipeline::output::Output;
use yuebao::pipeline::plan::{self, Scope, StaleReason};

use crate::support::scene::Scene;

/// The month so many months after 2020-01.
fn month_at(months: u32) -> Option<Period> {
    let year = 2020 + i32::try_from(months / 12).unwrap();
    Period::new(year, months % 12 + 1)
}

/// Lays an archive out with one workbook on each partition, in the order given.
fn archive(months: &[u32]) -> (tempfile::TempDir, BTreeSet<Period>) {
    let folder = tempfile::tempdir().unwrap();
    let mut periods = BTreeSet::new();
    for month in months {
        let period = month_at(*month).unwrap();
        let partition = folder.path().join(format!("archive/{period}"));
        fs::create_dir_all(&partition).unwrap();
        fs::write(partition.join("ab.xlsx"), "x").unwrap();
        let list =
            "received_at,sha256,extension,received_as\n2024-01-01T00:00:00Z,ab,xlsx,a.xlsx\n";
        fs::write(partition.join("received.csv"), list).unwrap();
        periods.insert(period);
    }
    (folder, periods)
}

#[test]
fn the_plan_is_the_archive_cut_to_the_scope() {
    let workshop = Scene::new().open().unwrap();
    let config = ProptestConfig { cases: 48, ..ProptestConfig::default() };
    let input = (proptest::collection::vec(0_u32..60, 0..20), 0_u32..60, 0_u32..60);
    proptest!(config, |((months, from, to) in input)| {
        let (folder, periods) = archive(&months);
        let scope = Scope { from: month_at(from), to: month_at(to), is_forced: false };
        let planned = plan::preview(&workshop, &Output::new(folder.path()), scope).unwrap();
        let expected: Vec<_> = periods
            .into_iter()
            .filter(|period| scope.from <= Some(*period) && Some(*period) <= scope.to)
            .map(|period| (Partition::Month(period), Some(StaleReason::New)))
            .collect();
        prop_assert_eq!(planned, expected);
    });
}
