//! What is wrong with a schedule is said in one sentence, with the nearest that is right.

use std::collections::BTreeMap;
use std::path::Path;

use yuebao::project::read::Source;
use yuebao::project::schedules::{Cron, Schedule};

use super::{schedule, text_of};

#[track_caller]
fn refuses(cron: &str, words: &str) {
    let error = Cron::parse(cron).expect_err(cron);
    assert!(error.contains(words), "{cron}: {error}");
}

#[test]
fn every_form_of_a_cron_is_read() {
    for cron in [
        "* * * * *",
        "*/10 * * * *",
        "0,30 8-18/2 * * MON-FRI",
        "0 12 ? * FRI#2",
        "0 12 * * FRIL",
        "0 12 * * 5#L",
        "0 12 L * ?",
        "0 12 15W JAN,jul *",
        "15 0 12 1 * *",
        "*/15 * * * * *",
        "0 0 29 2 *",
        "5/10 * * * *",
        "0 0 * * SAT-SUN",
        "0 0 * * 7",
    ] {
        assert_eq!(Cron::parse(cron).err(), None, "{cron}");
    }
}

#[test]
fn a_wrong_field_names_itself_and_its_range() {
    refuses("75 * * * *", "has minute 75: 0 to 59");
    refuses("0 24 * * *", "has hour 24: 0 to 23");
    refuses("0 0 32 * *", "has day 32: 1 to 31");
    refuses("0 0 0 * *", "has day 0: 1 to 31");
    refuses("0 0 1 13 *", "has month 13: 1 to 12 or JAN to DEC");
    refuses("0 0 * * 8", "has weekday 8: 0 to 7");
    refuses("60 0 0 1 * *", "has second 60: 0 to 59");
    refuses("0 0 * * MONDAY", "did you mean `MON`?");
    refuses("0 0 1 SEPT *", "did you mean `SEP`?");
    refuses("1,2,x * * * *", "has minute `x`: 0 to 59");
    refuses("-5 * * * *", "has minute ``");
    refuses("? 0 * * *", "has minute `?`: 0 to 59");
}

#[test]
fn steps_and_ranges_that_cannot_be_meant() {
    refuses("*/0 * * * *", "a step of `0` in minute `*/0`: 1 to 59");
    refuses("*/90 * * * *", "a step of `90` in minute `*/90`: 1 to 59");
    refuses("*/x * * * *", "a step of `x`");
    refuses("0 22-6 * * *", "runs backwards: write `22-23,0-6`");
    refuses("0 0 * * FRI-MON", "runs backwards");
    refuses("0 0 * * FRI#6", "after `#` 1 to 5");
    refuses("0 0 L-3 * *", "has day `L`");
}

#[test]
fn too_few_and_too_many_fields_say_which_would_do() {
    refuses("0 12 1 *", "has 4 fields");
    refuses("0 12 1 *", "did you mean `0 12 1 * *`?");
    refuses("0 12", "did you mean `0 12 * * *`?");
    refuses("0 0 12 1 * * 2025", "a year cannot be named; did you mean `0 0 12 1 * *`?");
    refuses("", "has 0 fields");
    refuses("0 0 12 1 * * 2025 x", "has 8 fields");
}

#[test]
fn a_day_of_the_month_and_of_the_week_are_never_both_named() {
    refuses("0 12 1 * MON", "both a day of the month and a day of the week: use one");
    refuses("0 0 12 */2 * 1-5", "both a day of the month and a day of the week: use one");
}

#[test]
fn nicknames_say_what_they_mean() {
    refuses("@monthly", "write `0 0 1 * *`");
    refuses("@Daily", "write `0 0 * * *`");
    refuses("@weakly", "did you mean `0 0 * * SUN`?");
    refuses("@noon", "is no cron");
}

#[test]
fn a_cron_that_never_comes_is_refused() {
    refuses("0 0 31 2 *", "never comes");
    refuses("0 0 31 4,6,9,11 *", "never comes");
    assert!(Cron::parse("0 0 31 * *").is_ok());
}

/// The faults of keys over sensible ones; each has a line.
fn faults(keys: &str) -> String {
    let text = text_of(keys);
    let source = Source { file: Path::new("jobs/schedules/a.toml"), text: &text };
    let faults = Schedule::read(&source, &BTreeMap::new()).err().unwrap_or_default();
    assert!(faults.iter().all(|fault| fault.line.is_some()), "{faults:?}");
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn is_faulty(keys: &str, words: &str) {
    let said = faults(keys);
    assert!(said.contains(words), "{keys}\nsays: {said}");
}

#[test]
fn triggers_are_checked() {
    is_faulty("", "give one");
    is_faulty("cron = \"0 0 * * *\"\ndeadline.form = \"B204-1\"", "give one");
    is_faulty("deadline = { form = \"B\", days_before = 1, days_after = 1 }", "give one");
    is_faulty("deadline = { form = \"B\", days_before = 400 }", "give 0 to 366");
    is_faulty("deadline = { form = \"B\", at = \"9:00\" }", "did you mean `09:00`?");
    is_faulty("deadline = { form = \"B\", at = \"24:00\" }", "`00:00` to `23:59`");
    is_faulty("coverage = { form = \"B\" }", "give one");
    is_faulty("coverage = { form = \"B\", firms_percent = 0 }", "give 1 to 100");
    is_faulty("coverage = { form = \"B\", firms_percent = 101 }", "give 1 to 100");
    is_faulty("coverage = { form = \"B\", value_percent = 80 }", "needs `item`");
    let both = "coverage = { form = \"B\", firms_percent = 80, item = \"output\" }";
    is_faulty(both, "leave it out");
}

#[test]
fn the_other_keys_are_checked() {
    let cron = "cron = \"0 0 * * *\"\n";
    is_faulty(&format!("{cron}time_zone = \"Asia/Shangai\""), "did you mean `Asia/Shanghai`?");
    is_faulty(&format!("{cron}time_zone = \"asia/shanghai\""), "did you mean `Asia/Shanghai`?");
    is_faulty(&format!("{cron}time_zone = \"Asia/Beijing\""), "did you mean `Asia/Shanghai`?");
    is_faulty(&format!("{cron}time_zone = \"+08\""), "an IANA name such as");
    is_faulty(&format!("{cron}steps = []"), "name at least one");
    is_faulty(&format!("{cron}steps = [\"intake\", \"intake\"]"), "stands twice");
    is_faulty(&format!("{cron}steps = [\"remind\"]"), "`period = \"reporting\"`");
    is_faulty(&format!("{cron}priority = 10"), "0 (last) to 9 (first)");
    is_faulty(&format!("{cron}time_out_secs = 0"), "give 1 to");
    is_faulty(&format!("{cron}retries = 1000"), "give 0 to 100");
    assert_eq!(faults(&format!("{cron}period = \"reporting\"\nsteps = [\"close\"]")), "");
}

#[test]
fn unknown_words_name_the_nearest() {
    for (line, words) in [
        ("steps = [\"intkae\"]", "did you mean `intake`?"),
        ("catch_up = \"lsat\"", "did you mean `last`?"),
        ("overlap = \"qeue\"", "did you mean `queue`?"),
        ("period = \"reporting_month\"", "did you mean `reporting`?"),
    ] {
        let key = line.split(' ').next().unwrap();
        let sound = ["steps = [\"intake\"]", "catch_up = \"all\"", "overlap = \"skip\""];
        let sound = sound.iter().filter(|it| !it.starts_with(key)).copied();
        let rest = "job = \"a\"\nabout = \"b\"\nretries = 1\ntime_out_secs = 9";
        let text = sound.chain([line, rest]).collect::<Vec<_>>().join("\n");
        let error = toml::from_str::<Schedule>(&text).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn a_schedule_survives_being_kept_as_json() {
    for keys in [
        "cron = \"0 0 * * *\"\ntime_zone = \"Europe/Berlin\"\ngrace_secs = 5\nperiod = \"reporting\"",
        "deadline = { form = \"B\", days_after = 1, at = \"09:00\" }",
        "coverage = { form = \"B\", value_percent = 80, item = \"output\" }",
    ] {
        let one = schedule(keys);
        let json = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<Schedule>(&json).unwrap(), one);
    }
}
