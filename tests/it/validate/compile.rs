//! Compiling rules: new ones need no Rust, faults name file, line and the nearest field.

use std::path::Path;

use yuebao::project::fault::Fault;
use yuebao::project::rules::parse;
use yuebao::stages::validate::{Rules, State, compile};

use crate::support::report::{FORMS, Scene};

const TEXTS: &str = "message = { zh = \"{value} 不对\", en = \"{value} is amiss\" }\n\
                     hint = { zh = \"请改\", en = \"change it\" }\n";

/// The rules of B204-1 with one rule; the rule begins on line 3.
pub(super) fn rules(rule: &str) -> Result<Rules, Vec<Fault>> {
    let text = format!("form = \"B204-1\"\n[[rule]]\n{rule}");
    let file = parse(Path::new("jobs/rules/B204-1.toml"), &text)?;
    compile(&[file], &FORMS)
}

fn with_sql(sql: &str) -> Result<Rules, Vec<Fault>> {
    rules(&format!(
        "id = \"Q9\"\nseverity = \"query\"\nsql = \"{sql}\"\nfields = [\"output_month\"]\n{TEXTS}"
    ))
}

fn fault(outcome: Result<Rules, Vec<Fault>>) -> String {
    let faults = outcome.unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults[0].to_string()
}

#[test]
fn a_new_rule_needs_no_rust() {
    let rules = with_sql("output_month < 12034000").unwrap();
    let verdict = Scene::new("B204-1", "2025-07").verdict_by(&rules);
    assert_eq!(verdict.state, State::Queried);
    assert_eq!(verdict.findings[0].message.zh, "12,034 千元 不对");
    let verdict = Scene::new("B204-1", "2025-07").with("output_month=12033").verdict_by(&rules);
    assert_eq!(verdict.state, State::Accepted);
}

#[test]
fn an_unknown_field_names_line_and_nearest_field() {
    insta::assert_snapshot!(fault(with_sql("outptu_month > 0")), @"jobs/rules/B204-1.toml:5: form `B204-1` has no field `outptu_month`: did you mean `output_month`?");
}

#[test]
fn a_field_that_resembles_none_points_to_the_list() {
    insta::assert_snapshot!(fault(with_sql("electricity > 0")), @"jobs/rules/B204-1.toml:5: form `B204-1` has no field `electricity`: `jobs/rules/README.md` lists the fields");
}

#[test]
fn a_rule_that_is_no_condition_is_refused() {
    insta::assert_snapshot!(fault(with_sql("output_month + 1")), @"jobs/rules/B204-1.toml:5: a rule is true or false, but this is not: `output_month + 1`");
}

#[test]
fn sql_that_is_none_is_refused() {
    insta::assert_snapshot!(fault(with_sql("output_month >")), @r#"jobs/rules/B204-1.toml:5: SQL error: ParserError("Expected: an expression, found: EOF")"#);
}

#[test]
fn a_text_compared_with_a_number_is_refused() {
    assert!(fault(with_sql("layout + 1 > 0")).starts_with("jobs/rules/B204-1.toml:5: "));
}

#[test]
fn the_clock_and_chance_are_refused() {
    insta::assert_snapshot!(fault(with_sql("random() > 0.5")), @"jobs/rules/B204-1.toml:5: a rule may not depend on the clock or on chance");
    assert!(fault(with_sql("cast(now() as date) > date '2024-01-01'")).contains("clock"));
}

#[test]
fn unknown_fields_in_lists_and_texts_are_faults() {
    let listed =
        "id = \"Q9\"\nseverity = \"query\"\nsql = \"true\"\nfields = [\"outputs_month\"]\n";
    insta::assert_snapshot!(fault(rules(&format!("{listed}{TEXTS}"))), @"jobs/rules/B204-1.toml:3: form `B204-1` has no field `outputs_month`: did you mean `output_month`?");
    let said = "id = \"Q9\"\nseverity = \"query\"\nsql = \"true\"\nfields = [\"output_month\"]\n\
                message = { zh = \"{outptu_ytd}\", en = \"a\" }\nhint = { zh = \"一\", en = \"a\" }\n";
    insta::assert_snapshot!(fault(rules(said)), @"jobs/rules/B204-1.toml:3: form `B204-1` has no field `outptu_ytd`: did you mean `output_ytd`?");
}

#[test]
fn a_placeholder_in_sql_that_means_nothing_is_a_fault() {
    insta::assert_snapshot!(fault(with_sql("output_month > {limit}")), @"jobs/rules/B204-1.toml:5: `{limit}` is none of `{m}`, `{i}` and the names in `[rule.let]`");
}

#[test]
fn names_defined_by_each_other_are_a_fault() {
    let circle = "[rule.let]\na = { sql = \"{b}\" }\nb = { sql = \"{a}\" }\n";
    let rule = format!(
        "id = \"Q9\"\nseverity = \"query\"\nsql = \"{{a}} > 0\"\nfields = [\"output_month\"]\n\
         {TEXTS}{circle}"
    );
    assert!(fault(rules(&rule)).contains("circle"));
}

#[test]
fn a_name_every_rule_has_cannot_be_defined_again() {
    let rule = format!(
        "id = \"Q9\"\nseverity = \"query\"\nsql = \"true\"\nfields = [\"output_month\"]\n\
         {TEXTS}[rule.let]\nvalue = {{ sql = \"1\" }}\n"
    );
    insta::assert_snapshot!(fault(rules(&rule)), @"jobs/rules/B204-1.toml:10: `value` already means something in texts: choose another name");
}

#[test]
fn one_slip_in_a_repeated_rule_is_one_fault() {
    let rule = format!(
        "id = \"Q9\"\nseverity = \"query\"\nmeasures = [\"month\", \"ytd\"]\n\
         sql = \"outptu_{{m}} > 0\"\nfields = [\"output_{{m}}\"]\n{TEXTS}"
    );
    assert!(fault(rules(&rule)).starts_with("jobs/rules/B204-1.toml:6: "));
}

#[test]
fn a_fault_of_when_names_its_own_line() {
    let rule = format!(
        "id = \"Q9\"\nseverity = \"query\"\nwhen = \"is_nwe\"\nsql = \"true\"\n\
         fields = [\"output_month\"]\n{TEXTS}"
    );
    insta::assert_snapshot!(fault(rules(&rule)), @"jobs/rules/B204-1.toml:5: form `B204-1` has no field `is_nwe`: did you mean `is_new`?");
}

#[test]
fn keys_nobody_knows_and_values_of_no_kind_are_faults_with_a_line() {
    let outcome = rules("id = \"Q9\"\nseverty = \"query\"\n");
    insta::assert_snapshot!(fault(outcome), @"jobs/rules/B204-1.toml:4: unknown key `severty`; did you mean `severity`?");
    let outcome = rules(&format!(
        "id = \"Q9\"\nseverity = \"fatal\"\nsql = \"true\"\nfields = [\"output_month\"]\n{TEXTS}"
    ));
    insta::assert_snapshot!(fault(outcome), @"jobs/rules/B204-1.toml:4: unknown word `fatal`, none of error, query, note");
}

#[test]
fn what_is_missing_in_a_rule_is_said_all_at_once() {
    let rule = "id = \"Q9\"\nseverity = \"query\"\nmeasures = [\"month\"]\nsql = \"true\"\nfields = []\n\
                message = { zh = \"\", en = \"a\" }\nhint = { zh = \"一\", en = \"\" }\n";
    let faults: Vec<String> = rules(rule).unwrap_err().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(faults.join("\n"), @r#"
jobs/rules/B204-1.toml:3: rule `Q9` names no field: `fields` says which cells it is about
jobs/rules/B204-1.toml:3: rule `Q9` has an empty message: write it in zh and en
jobs/rules/B204-1.toml:3: rule `Q9` has an empty hint: write it in zh and en
jobs/rules/B204-1.toml:3: rule `Q9`: `{m}` stands for each of `measures`, which the rule never uses
"#);
}

#[test]
fn a_rule_that_stands_twice_is_a_fault() {
    let rule = format!(
        "id = \"Q9\"\nseverity = \"query\"\nsql = \"true\"\nfields = [\"output_month\"]\n{TEXTS}"
    );
    insta::assert_snapshot!(fault(rules(&format!("{rule}[[rule]]\n{rule}"))), @"jobs/rules/B204-1.toml:10: rule `Q9` stands here a second time: delete one");
}

#[test]
fn a_file_named_unlike_its_form_is_a_fault() {
    let faults = parse(Path::new("jobs/rules/B205.toml"), "form = \"B204-1\"\n").unwrap_err();
    insta::assert_snapshot!(faults[0].to_string(), @"jobs/rules/B205.toml:1: the file is named `B205` but its form is `B204-1`: name both alike");
}

#[test]
fn rules_for_a_form_nobody_has_are_a_fault() {
    let file = parse(Path::new("jobs/rules/B203.toml"), "form = \"B203\"\n").unwrap();
    let faults = compile(&[file], &FORMS).unwrap_err();
    insta::assert_snapshot!(faults[0].to_string(), @"jobs/rules/B203.toml: there is no form `B203`: `jobs/forms/B203.toml` is missing");
}

#[test]
fn a_rule_that_divides_by_zero_fails_and_says_which() {
    let rules = with_sql("sales_month / output_month > 0").unwrap();
    let scene = Scene::new("B204-1", "2025-07").with("output_month=0");
    let outcome = yuebao::stages::validate::check(
        std::slice::from_ref(&scene.candidate),
        &rules,
        &scene.against(),
    );
    insta::assert_snapshot!(outcome.unwrap_err().to_string(), @"rule `Q9` of form `B204-1` failed; guard divisions with `nullif(…, 0)`");
}

#[test]
fn when_keeps_a_rule_from_being_computed() {
    let rule = format!(
        "id = \"Q9\"\nseverity = \"query\"\nwhen = \"output_month <> 0\"\n\
         sql = \"sales_month / output_month > 0\"\nfields = [\"output_month\"]\n{TEXTS}"
    );
    let rules = rules(&rule).unwrap();
    let verdict = Scene::new("B204-1", "2025-07").with("output_month=0").verdict_by(&rules);
    assert_eq!(verdict.state, State::Accepted);
}

/// A rule of 2025 alone.
fn of_2025(sql: &str, months: &str) -> Result<Rules, Vec<Fault>> {
    rules(&format!(
        "id = \"Q9\"\nseverity = \"error\"\n{months}sql = \"{sql}\"\nfields = [\"output_month\"]\n{TEXTS}"
    ))
}

#[test]
fn a_rule_says_nothing_of_months_before_and_after_its_own() {
    let state = |months: &str, period: &str| {
        let rules = of_2025("output_month < 0", months).unwrap();
        Scene::new("B204-1", period).verdict_by(&rules).state
    };
    let year = "from = \"2025-02\"\nto = \"2025-11\"\n";
    for period in ["2025-02", "2025-07", "2025-11"] {
        assert_eq!(state(year, period), State::Refused, "{period}");
    }
    for period in ["2024-12", "2025-12"] {
        assert_eq!(state(year, period), State::Accepted, "{period}");
    }
    assert_eq!(state("from = \"2025-08\"\n", "2025-07"), State::Accepted);
    assert_eq!(state("to = \"2025-07\"\n", "2025-07"), State::Refused);
}

#[test]
fn a_stricter_rule_and_the_one_before_it_may_stand_side_by_side() {
    let rule = |months: &str| {
        format!(
            "id = \"Q9\"\nseverity = \"query\"\n{months}sql = \"true\"\nfields = [\"output_month\"]\n{TEXTS}"
        )
    };
    let both = format!("{}[[rule]]\n{}", rule("to = \"2025-07\"\n"), rule("from = \"2025-08\"\n"));
    rules(&both).unwrap();
}

#[test]
fn months_of_a_rule_that_end_before_they_begin_are_a_fault() {
    let outcome = of_2025("true", "from = \"2025-08\"\nto = \"2025-07\"\n");
    insta::assert_snapshot!(fault(outcome), @"jobs/rules/B204-1.toml:3: from 2025-08 to 2025-07 is no month at all: `to` is the last one");
    let outcome = of_2025("true", "from = \"2025-13\"\n");
    assert!(fault(outcome).starts_with("jobs/rules/B204-1.toml:5: `2025-13` is not a month"));
}

#[test]
fn two_forms_held_against_each_other_are_a_fault() {
    let file = |form: &str, sql: &str, field: &str| {
        let text = format!(
            "form = \"{form}\"\n[[rule]]\nid = \"Q9\"\nseverity = \"query\"\nsql = \"{sql}\"\n\
             fields = [\"{field}\"]\n{TEXTS}"
        );
        parse(Path::new(&format!("jobs/rules/{form}.toml")), &text).unwrap()
    };
    let sales = file("B204-1", "sales_ytd >= ly_01_supply_ytd", "sales_ytd");
    let supply = file("LY-01", "supply_ytd <= b204_1_sales_ytd", "supply_ytd");
    let rules = compile(std::slice::from_ref(&supply), &FORMS).unwrap();
    assert!(rules.looks_beside("LY-01") && !rules.looks_beside("B204-1"));
    let faults = compile(&[sales, supply], &FORMS).unwrap_err();
    insta::assert_snapshot!(faults[0].to_string(), @"jobs/rules/B204-1.toml: form `B204-1` is held against `LY-01`, whose rules look at another form themselves");
}

#[test]
fn the_readme_names_fields_that_exist() {
    let readme = include_str!("../../../jobs/rules/README.md");
    let table = readme.split("| field | what it is |").nth(1).unwrap();
    let names = table.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let names: Vec<String> = names
        .flat_map(|cell| cell.split_whitespace())
        .map(|name| name.trim_matches('`').replace("F_", "output_"))
        .collect();
    assert!(names.len() >= 20, "{names:?}");
    for name in names {
        with_sql(&format!("{name} is null")).unwrap();
    }
}
