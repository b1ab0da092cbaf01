//! Contradictions in what firms became: each is refused at the line that has to be edited.

use std::fmt::Write;

use crate::support::scene::Scene;

const A: &str = "91220106MA0000015Q";
const B: &str = "91220106MA0000429W";
const C: &str = "91220106MA0000437P";

/// The faults of a district of these spells (firm, first, last month) and restructurings.
fn faults(spells: &[(&str, &str, &str)], changes: &[&str]) -> String {
    let mut firms = "credit_code,roster_from,roster_to,name,zone,chain,industry_code,size_class,is_leading,base_rule,forms\n".to_owned();
    for (code, from, to) in spells {
        writeln!(firms, "{code},{from},{to},示例,,,3714,3,false,keep,B204-1").unwrap();
    }
    let scene = Scene::new();
    scene.seed("firms.csv", &firms);
    let rows = changes.iter().map(|row| format!("{row},批复\n"));
    let changes: String = rows.collect();
    scene.seed(
        "restructurings.csv",
        &format!("credit_code,period,kind,predecessor,approved_by\n{changes}"),
    );
    scene.faults()
}

/// A until March 2025, B from then on, C all the time.
const SPELLS: [(&str, &str, &str); 3] =
    [(A, "2020-01", "2025-03"), (B, "2025-04", ""), (C, "2020-01", "")];

#[track_caller]
fn assert_only(faults: &str, line: &str, words: &str) {
    assert!(faults.starts_with(line) && faults.contains(words), "{faults}");
    assert_eq!(faults.lines().count(), 1, "{faults}");
}

#[test]
fn what_holds_together_is_taken() {
    for change in [
        format!("{B},2025-04,code_change,{A}"),
        format!("{C},2025-04,merger,{A}"),
        format!("{C},2024-07,base,"),
    ] {
        assert_eq!(faults(&SPELLS, &[&change]), "", "{change}");
    }
    let split = [format!("{B},2025-04,split,{C}"), format!("{C},2025-04,base,")];
    assert_eq!(faults(&SPELLS, &[&split[0], &split[1]]), "");
    // B is A under a new code, and took in a third firm at once.
    let spells = [(A, "2020-01", "2025-03"), (B, "2025-04", ""), (C, "2020-01", "2025-03")];
    let both = [format!("{B},2025-04,code_change,{A}"), format!("{B},2025-04,merger,{C}")];
    assert_eq!(faults(&spells, &[&both[0], &both[1]]), "");
}

#[test]
fn a_predecessor_belongs_to_every_kind_but_a_base() {
    for kind in ["code_change", "merger", "split"] {
        let found = faults(&SPELLS, &[&format!("{B},2025-04,{kind},")]);
        assert_only(
            &found,
            "seeds/restructurings.csv:2:",
            &format!("`{kind}` needs a `predecessor`"),
        );
    }
    let found = faults(&SPELLS, &[&format!("{C},2025-04,base,{A}")]);
    assert_only(&found, "seeds/restructurings.csv:2:", "`base` has no `predecessor`");
    let found = faults(&SPELLS, &[&format!("{C},2025-04,merge,{A}")]);
    assert_only(&found, "seeds/restructurings.csv:2:", "did you mean `merger`?");
}

#[test]
fn both_firms_are_known() {
    let stranger = "91110000101623741K";
    let found = faults(&SPELLS, &[&format!("{B},2025-04,merger,{stranger}")]);
    assert_only(&found, "seeds/restructurings.csv:2:", "in `predecessor` is not in firms.csv");
    let found = faults(&SPELLS, &[&format!("{stranger},2025-04,base,")]);
    assert_only(&found, "seeds/restructurings.csv:2:", "in `credit_code` is not in firms.csv");
}

#[test]
fn nobody_comes_out_of_itself() {
    let found = faults(&SPELLS, &[&format!("{C},2025-04,merger,{C}")]);
    assert_only(&found, "seeds/restructurings.csv:2:", "is its own predecessor");
    let spells = [(A, "2020-01", "2025-03"), (B, "2020-01", "2025-03"), (C, "2020-01", "")];
    let circle = [format!("{A},2025-03,merger,{B}"), format!("{B},2025-03,merger,{A}")];
    let found = faults(&spells, &[&circle[0], &circle[1]]);
    for line in 2..=3 {
        let wanted = format!("seeds/restructurings.csv:{line}: `");
        let named = |fault: &str| fault.starts_with(&wanted) && fault.contains("each other's");
        assert!(found.lines().any(named), "{found}");
    }
}

#[test]
fn a_predecessor_that_goes_on_would_count_twice() {
    for kind in ["code_change", "merger"] {
        let spells = [(A, "2020-01", "2025-04"), (B, "2025-04", "")];
        let found = faults(&spells, &[&format!("{B},2025-04,{kind},{A}")]);
        assert_only(&found, "seeds/restructurings.csv:2:", "is on the roster in 2025-04 or later");
        // It came back later.
        let spells = [(A, "2020-01", "2025-03"), (A, "2025-09", ""), (B, "2025-04", "")];
        let found = faults(&spells, &[&format!("{B},2025-04,{kind},{A}")]);
        assert_only(&found, "seeds/restructurings.csv:2:", "is on the roster in 2025-04 or later");
    }
    let found =
        faults(&SPELLS, &[&format!("{B},2025-04,merger,{A}"), &format!("{C},2025-04,merger,{A}")]);
    assert_only(
        &found,
        "seeds/restructurings.csv:3:",
        "went on in another firm already, by line 2",
    );
}

#[test]
fn a_code_change_begins_a_firm_and_has_one_code_before() {
    let found = faults(&SPELLS, &[&format!("{C},2025-04,code_change,{A}")]);
    assert_only(&found, "seeds/restructurings.csv:2:", "was on the roster before 2025-04");
    let spells = [(A, "2020-01", "2025-03"), (B, "2025-04", ""), (C, "2020-01", "2025-03")];
    let two = [format!("{B},2025-04,code_change,{A}"), format!("{B},2025-04,code_change,{C}")];
    let found = faults(&spells, &[&two[0], &two[1]]);
    assert_only(&found, "seeds/restructurings.csv:3:", "another `code_change` in line 2");
}

#[test]
fn a_successor_is_on_the_roster_in_its_first_month() {
    let spells = [(A, "2020-01", "2025-03"), (B, "2025-05", "")];
    let found = faults(&spells, &[&format!("{B},2025-04,merger,{A}")]);
    assert_only(&found, "seeds/restructurings.csv:2:", "is not on the roster in 2025-04");
}

#[test]
fn spells_of_a_firm_do_not_overlap_and_end_after_they_begin() {
    let found = faults(&[(A, "2020-01", ""), (A, "2025-04", "")], &[]);
    assert_only(&found, "seeds/firms.csv:3:", "that of line 2 has no `roster_to`");
    let found = faults(&[(A, "2025-04", ""), (A, "2020-01", "2025-04")], &[]);
    assert_only(&found, "seeds/firms.csv:2:", "that of line 3 ends in 2025-04");
    assert_eq!(faults(&[(A, "2020-01", "2025-03"), (A, "2025-04", "")], &[]), "");
    let found = faults(&[(A, "2025-04", "2025-03")], &[]);
    assert_only(&found, "seeds/firms.csv:2:", "`roster_to` lies before `roster_from`");
}
