//! A mart that cannot be computed from the figures there are: held back and named, never a failure of
//! the machine that is tried again for ever.

use std::fs;

use yuebao::pipeline::edition::Publication;

use crate::support::scene::{Scene, b204_book};

/// A mart whose one column is computed by `sql` from the observations.
fn mart(sql: &str) -> String {
    format!(
        "-- mart: doubtful
-- purpose: what some figures make impossible
-- grain: credit_code, item, measure
-- inputs: observations
-- columns:
--   credit_code | code | The firm | 企业
--   item | code | The item | 指标
--   measure | code | The measure | 口径
--   value | count | A number | 数
select credit_code, item, measure, {sql} as value
from observations
"
    )
}

/// An edition of one firm, then a second firm whose figures are a hundred thousand times as large:
/// 2,000,000,000 thousand yuan are 2 × 10^12 yuan.
fn scene() -> Scene {
    let scene = Scene::new();
    scene.drop_file("small.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2400);
    scene.take_in();
    assert_eq!(scene.publish(), Publication::Published(1));
    let huge = [2_000_000_001, 6_000_000_003, 1_900_000_001, 5_700_000_001];
    scene.drop_file("huge.xlsx", &b204_book(0, 3, huge), 2410);
    scene.take_in();
    scene
}

#[test]
fn a_figure_too_large_for_a_mart_names_mart_file_and_cell_and_keeps_the_edition() {
    let scene = scene();
    for sql in [
        // Too large for eight digits, for an integer, and for the type of the column itself.
        "cast(cast(value as decimal(8, 2)) as int)",
        "cast(value as int)",
        "value",
        "1 / (cast(value / 1000000 as int) * 0)",
        "cast(item as int)",
    ] {
        scene.write("jobs/marts/doubtful.sql", &mart(sql));
        assert_eq!(scene.faults(), "");
        let Publication::HeldBack(failures) = scene.publish() else { panic!("{sql}: published") };
        let [failure] = failures.as_slice() else { panic!("{sql}: {failures:?}") };
        assert_eq!(failure.mart, "doubtful", "{sql}");
        assert!(failure.cause.is_some(), "{sql}");
        // 1-本月 of the year: 6,000,000,003 thousand yuan, in the column of the year to date.
        let first = &failure.rows[0];
        for words in ["file_name=huge.xlsx", "cell=E", "value=6000000003000", "period=2024-03-01"] {
            assert!(first.contains(words), "{sql}: {first}");
        }
        assert_eq!(fs::read_link(scene.out("marts")).unwrap().to_str(), Some("editions/1"));
    }
}
