//! Mart files as text: what a header must say, and what marts are to each other.

use std::collections::BTreeSet;
use std::path::Path;

use yuebao::project::marts::{Mart, check, order, parse};

const GOOD: &str = "\
-- mart: m
-- purpose: What it
--   is for
-- grain: id, day
-- inputs: a, b
-- columns:
--   id | code | Key | 编号
--   day | date | Day | 日期
--   sum_cny | CNY | Money | 金额
-- not_null: sum_cny
-- accepted id: x, y
-- reconcile holds:
--   select id from this
--   where sum_cny < 0
-- rules: One thing: another | 一物：一物
with c as (select * from a)
select c.id, b.day, c.sum_cny from c join b on b.id = c.id;
";

fn faults(text: &str) -> String {
    let found = parse(Path::new("jobs/marts/m.sql"), text).unwrap_err();
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn named(name: &str, inputs: &str) -> Mart {
    let from: Vec<&str> = inputs.split(", ").collect();
    let text = format!(
        "-- mart: {name}\n-- purpose: p\n-- grain: id\n-- inputs: {inputs}\n-- columns:\n\
         --   id | code | k | 键\nselect t.id from {}\n",
        from.iter()
            .enumerate()
            .map(|(index, table)| format!("{table} as {}", ["t", "u"][index]))
            .collect::<Vec<_>>()
            .join(" cross join ")
    );
    let file = format!("jobs/marts/{name}.sql");
    parse(Path::new(&file), &text).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

fn checked(marts: &[Mart]) -> String {
    let tables = BTreeSet::from(["observations", "submissions"]);
    let found = check(marts, &tables);
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_header_is_read_in_full() {
    let mart = parse(Path::new("jobs/marts/m.sql"), GOOD).unwrap();
    assert_eq!((mart.name.as_str(), mart.purpose.en.as_str()), ("m", "What it is for"));
    assert_eq!(mart.grain, ["id", "day"]);
    assert_eq!(mart.reads, BTreeSet::from(["a".to_owned(), "b".to_owned()]));
    assert_eq!(mart.rules.zh, "一物：一物", "after the bar");
    assert_eq!(mart.rules.en, "One thing: another");
    assert_eq!(mart.accepted[0].values, ["x", "y"]);
    assert_eq!(mart.reconciliations[0].sql, "select id from this\nwhere sum_cny < 0");
    assert_eq!(mart.reconciliations[0].line, 12);
    assert!(mart.is_required("day") && mart.is_required("sum_cny") && !mart.is_intermediate());
}

#[test]
fn what_a_header_lacks_is_said_at_once() {
    insta::assert_snapshot!(faults("select 1 as id"), @"
    jobs/marts/m.sql:1: the header lacks `columns:`
    jobs/marts/m.sql:1: the header lacks `grain:`
    jobs/marts/m.sql:1: the header lacks `mart:`
    jobs/marts/m.sql:1: the header lacks `purpose:`
    ");
}

#[test]
fn slips_in_a_header_are_said_with_line_and_remedy() {
    let text = GOOD
        .replace("-- grain: id, day", "-- grian: id, day")
        .replace("| CNY |", "| CYN |")
        .replace("id | code | Key | 编号", "id | code | Key")
        .replace("-- accepted id", "-- accepted")
        .replace("-- not_null: sum_cny", "-- not_null: sum_cnu");
    insta::assert_snapshot!(faults(&text), @"
    jobs/marts/m.sql:1: the header lacks `grain:`
    jobs/marts/m.sql:4: `grian` is no key of a header; did you mean `grain`?
    jobs/marts/m.sql:7: a column is `name | unit | English | 中文`
    jobs/marts/m.sql:9: `CYN` is none of the units month, date, time, code, text, CNY, quantity, fraction, pp, count, number, flag
    jobs/marts/m.sql:10: `not_null` names `sum_cnu`, which is no column; did you mean `sum_cny`?
    jobs/marts/m.sql:11: `accepted` takes a name before the colon
    ");
}

#[test]
fn only_a_mart_with_months_says_whether_it_looks_ahead() {
    let text = GOOD.replace("-- not_null", "-- looks_ahead: never\n-- not_null");
    insta::assert_snapshot!(faults(&text), @"
    jobs/marts/m.sql:10: `looks_ahead` is `yes` or `no`, not `never`
    jobs/marts/m.sql:10: `looks_ahead` is about months, and `grain` has no `period`
    ");
    let text = GOOD.replace("id, day", "id, period").replace("day | date", "period | month");
    let said = |word: &str| {
        let text = text.replace("-- not_null", &format!("-- looks_ahead: {word}\n-- not_null"));
        parse(Path::new("jobs/marts/m.sql"), &text).unwrap().looks_ahead
    };
    assert!(said("yes") && !said("no"));
    assert!(parse(Path::new("jobs/marts/m.sql"), &text).unwrap().looks_ahead, "unless it says no");
}

#[test]
fn a_column_or_key_said_twice_is_a_fault() {
    let text = GOOD
        .replace("--   day | date", "--   id | date")
        .replace("-- rules: One thing: another | 一物：一物", "-- inputs: a, b");
    insta::assert_snapshot!(faults(&text), @"
    jobs/marts/m.sql:4: `grain` names `day`, which is no column
    jobs/marts/m.sql:8: column `id` is declared twice
    jobs/marts/m.sql:15: `inputs` is said twice
    ");
}

#[test]
fn the_name_is_that_of_the_file() {
    insta::assert_snapshot!(faults(&GOOD.replace("-- mart: m", "-- mart: M-2")), @"
    jobs/marts/m.sql:1: `M-2` cannot be a mart's name: use a-z, 0-9 and _, and not `this`
    jobs/marts/m.sql:1: the mart is called `M-2`, its file `m.sql`
    ");
}

#[test]
fn a_mart_is_exactly_one_select() {
    insta::assert_snapshot!(faults(&format!("{GOOD}select 2;")), @"jobs/marts/m.sql: a mart is exactly one SELECT, here are 2");
    insta::assert_snapshot!(faults(&GOOD.replace("with c as (select * from a)\nselect c.id", "drop table a; select c.id")), @"jobs/marts/m.sql: a mart is exactly one SELECT, here are 2");
    insta::assert_snapshot!(faults(&GOOD[..GOOD.find("with").unwrap()]), @"jobs/marts/m.sql: a mart is exactly one SELECT, here are 0");
}

#[test]
fn only_a_query_is_a_mart() {
    let start = GOOD.find("with c").unwrap();
    insta::assert_snapshot!(faults(&format!("{}drop table a", &GOOD[..start])), @"jobs/marts/m.sql: a mart is a SELECT or a WITH … SELECT and nothing else");
}

#[test]
fn a_slip_in_the_sql_is_said_with_its_line() {
    insta::assert_snapshot!(faults(&GOOD.replace("select c.id,", "select c.id,,")), @"jobs/marts/m.sql:17: Expected: an expression, found: , at Line: 17, Column: 13");
    insta::assert_snapshot!(faults(&GOOD.replace("--   where sum_cny < 0", "--   where sum_cny <")), @"jobs/marts/m.sql:12: reconciliation `holds`: Expected: an expression, found: EOF");
}

#[test]
fn no_text_breaks_the_reader() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let line = proptest::string::string_regex("(-- ?)?[a-z :|,;'(\"-]{0,20}").unwrap();
    let text = proptest::collection::vec(line, 0..12);
    runner
        .run(&text, |lines| {
            let text = lines.join("\n");
            if let Ok(mart) = parse(Path::new("m.sql"), &text) {
                proptest::prop_assert_eq!(mart.name, "m");
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_unknown_table_names_the_nearest() {
    insta::assert_snapshot!(checked(&[named("m", "observatoins")]), @"jobs/marts/m.sql:4: there is no table `observatoins`; did you mean `observations`?");
}

#[test]
fn inputs_are_those_the_query_reads() {
    let mut mart = named("m", "observations");
    mart.inputs = vec!["submissions".to_owned()];
    insta::assert_snapshot!(checked(&[mart]), @"
    jobs/marts/m.sql: `observations` is read but not declared under `inputs`
    jobs/marts/m.sql: `submissions` is declared under `inputs` but never read
    ");
}

#[test]
fn a_circle_is_named() {
    let marts = [named("a", "observations, b"), named("b", "c"), named("c", "a"), named("d", "b")];
    insta::assert_snapshot!(checked(&marts), @"jobs/marts/a.sql: marts read each other in a circle: a → b → c → a");
    assert_eq!(order(&marts).len(), 4);
}

#[test]
fn a_mart_may_bear_the_name_of_a_table_it_reads() {
    assert_eq!(checked(&[named("observations", "observations"), named("b", "observations")]), "");
}

#[test]
fn two_marts_of_one_name_are_a_fault() {
    insta::assert_snapshot!(checked(&[named("a", "observations"), named("a", "submissions")]), @"jobs/marts/a.sql: mart `a` is also in jobs/marts/a.sql");
}

#[test]
fn the_order_follows_the_reading_then_the_name() {
    let marts = [
        named("z", "observations"),
        named("a", "y, z"),
        named("y", "observations"),
        named("b", "observations"),
    ];
    let names = |marts: &[Mart]| -> Vec<String> {
        order(marts).iter().map(|mart| mart.name.clone()).collect()
    };
    assert_eq!(names(&marts), ["b", "y", "z", "a"]);
    let mut reversed = marts.to_vec();
    reversed.reverse();
    assert_eq!(names(&reversed), names(&marts));
}
