//! Every shipped rule: a report that raises it, and one that just does not.

use std::collections::BTreeSet;
use std::fmt::Write;

use yuebao::findings::Finding;

use crate::support::report::{RULE_FILES, Scene};

struct Case {
    form: &'static str,
    period: &'static str,
    id: &'static str,
    raises: &'static str,
    holds: &'static str,
}

const fn case(
    form: &'static str,
    id: &'static str,
    raises: &'static str,
    holds: &'static str,
) -> Case {
    Case { form, period: "2024-07", id, raises, holds }
}

/// Changes to a report that is in order; see `support::report`.
const CASES: &[Case] = &[
    case("B204-1", "H3", "output_month=-", "output_month=0"),
    case("B204-1", "H3", "sales_ytd=-", "sales_ytd=0"),
    case("B204-1", "H3", "output_prior_ytd=-", "output_prior_ytd=0"),
    case("B204-1", "H3", "sales_prior_month=-", "sales_prior_month=0"),
    Case {
        period: "2024-02",
        ..case(
            "B204-1",
            "H3",
            "output_ytd=- sales_prior_ytd=-",
            "output_month=- sales_month=- output_prior_month=- exports_prior_month=-",
        )
    },
    case(
        "B204-1",
        "H3",
        "exports_prior_ytd=-",
        "exports_month=- exports_ytd=- exports_prior_month=- exports_prior_ytd=-",
    ),
    Case { period: "2024-02", ..case("B204-1", "H3", "exports_ytd=-", "exports_month=-") },
    case("B204-1", "H4", "exports_ytd=79000.001", "exports_ytd=79000"),
    case("B204-1", "H4", "exports_prior_month=10991", "exports_prior_month=-"),
    case("B204-1", "H5", "output_month=12034.5", "output_month=12034.49999"),
    case("B204-1", "H5", "industry:3714_prior_ytd=55020", "industry:3714_prior_ytd=55021.4"),
    case("B204-1", "H5", "industry:3714_ytd=- industry:3670_ytd=-", "output_ytd=-"),
    Case {
        period: "2024-02",
        ..case(
            "B204-1",
            "H5",
            "industry:3714_month=9033",
            "industry:3714_month=- industry:3670_month=-",
        )
    },
    case("B204-1", "H7", "last_year.output_month=11050.5", "last_year.output_month=11050.49"),
    case("B204-1", "H7", "last_year.sales_ytd=73799", "last_year.sales_ytd=73799 restructured"),
    case(
        "B204-1",
        "H7",
        "last_year.exports_ytd=901 firm.roster_from=2023-12",
        "last_year.exports_ytd=901 firm.roster_from=2024-01",
    ),
    case(
        "B204-1",
        "H7",
        "exports_month=- exports_ytd=- exports_prior_month=- exports_prior_ytd=- \
         last_year.exports_ytd=900",
        "exports_month=- exports_ytd=- exports_prior_month=- exports_prior_ytd=- \
         last_year.exports_ytd=0",
    ),
    Case {
        period: "2024-02",
        ..case("B204-1", "H7", "last_year.output_ytd=1", "last_year.output_month=1")
    },
    // Sales that are negative in all leave nothing for exports to be a part of.
    case("B204-1", "H4", "sales_month=1 exports_month=2", "sales_month=-1"),
    case("B204-1", "H8", "exports_month=-0.01", "exports_month=0"),
    case("B204-1", "H8", "output_prior_ytd=-1", "output_prior_ytd=1"),
    case("B204-1", "Q1", "previous.output_ytd=68276.99", "previous.output_ytd=68277"),
    case("B204-1", "Q1", "previous.exports_ytd=1201.01", "previous.exports_ytd=1201"),
    case("B204-1", "Q2", "sales_month=79000.01", "sales_month=79000"),
    case("B204-1", "Q3", "sales_month=15644.21", "sales_month=15644.2"),
    case("B204-1", "Q3", "sales_ytd=64249.59", "sales_ytd=64249.6"),
    case("B204-1", "Q3", "sales_month=0", "sales_month=0 output_month=0"),
    case("B204-1", "Q4", "output_ytd=111031.51", "output_ytd=111031.5"),
    case("B204-1", "Q4", "output_ytd=37010", "output_ytd=37011"),
    case(
        "B204-1",
        "Q4",
        "firm.size_class=1 output_ytd=96227.31",
        "firm.size_class=1 output_ytd=96227.3",
    ),
    case("B204-1", "Q4", "output_prior_ytd=0", "output_ytd=0 output_prior_ytd=0"),
    case("B204-1", "Q4", "output_ytd=0", "output_prior_ytd=-"),
    case(
        "B204-1",
        "Q5",
        "output_month=12000.01 previous.output_month=8000",
        "output_month=12000 previous.output_month=8000",
    ),
    case("B204-1", "Q5", "previous.output_month=24069", "previous.output_month=24068"),
    case("B204-1", "Q5", "previous.output_month=0", "previous.output_month=0 output_month=0"),
    case(
        "B204-1",
        "Q8",
        "previous.output_month=12034 previous.sales_month=11800 previous.exports_month=0 \
         previous.industry:3714_month=9034 previous.industry:3670_month=3000 \
         product:37150_month=-",
        "previous.output_month=12034 previous.sales_month=11800 previous.exports_month=0 \
         previous.industry:3714_month=9034 previous.industry:3670_month=3000.01 \
         product:37150_month=-",
    ),
    case(
        "B204-1",
        "Q8",
        "output_month=12000 output_ytd=80000 sales_month=11000 sales_ytd=79000 exports_ytd=1000 \
         industry:3714_month=9000 industry:3714_ytd=60000",
        "output_month=12000 output_ytd=80000 sales_month=11000 sales_ytd=79000 exports_ytd=1200 \
         industry:3714_month=9000 industry:3714_ytd=60000",
    ),
    case(
        "B204-1",
        "U1",
        "past.output_month=120340 past.sales_month=118000",
        "past.output_month=60000 past.sales_month=59000",
    ),
    case(
        "B204-1",
        "U1",
        "past.output_month=12.03 past.sales_month=11.8",
        "past.output_month=12.03 past.sales_month=118",
    ),
    case(
        "B204-1",
        "U1",
        "past.output_month=1203400000 past.sales_month=1180000000",
        "past.output_month=1203400000 past.sales_month=11800",
    ),
    // 80312 in January and February are 40156 a month.
    Case {
        period: "2024-02",
        ..case(
            "B204-1",
            "U1",
            "output_month=- sales_month=- past.output_month=401560 past.sales_month=395000",
            "output_month=4015 past.output_month=40156 past.sales_month=39500",
        )
    },
    case("B204-1", "U2", "district.output_ytd=125819", "district.output_ytd=125820"),
    // 12034 a month against a median of 2406, and of 2407, is just above and below five times.
    case(
        "B204-1",
        "U3",
        "other.output_month=2406 firm.is_leading=true",
        "other.output_month=2407 firm.is_leading=true",
    ),
    case(
        "B204-1",
        "U3",
        "other.output_month=60171 firm.is_leading=true",
        "other.output_month=60170 firm.is_leading=true",
    ),
    // February of 2025: 80312 in two months are 40156 each.
    Case {
        period: "2025-02",
        ..case(
            "B204-1",
            "U3",
            "output_month=- other.output_month=8031 firm.is_leading=true",
            "output_month=- other.output_month=8032 firm.is_leading=true",
        )
    },
    // 7/12 of a revenue of 45.892 million yuan are 26.770 million, a third of 80.310 million.
    case("B204-1", "U3", "firm.annual_revenue=45892000", "firm.annual_revenue=45893000"),
    case("B204-1", "U3", "firm.annual_revenue=413034000", "firm.annual_revenue=413033000"),
    // The other firm of another size makes 240679 a month, of which 12034 are just above 5 %.
    case(
        "B204-1",
        "U3",
        "firm.size_class=1 other.output_month=240679",
        "firm.size_class=1 other.output_month=240680",
    ),
    case(
        "B204-1",
        "U3",
        "other.output_month=12034",
        "other.output_month=12034 firm.is_leading=true",
    ),
    case("B204-1", "U3", "firm.annual_revenue=-", "firm.annual_revenue=137678000"),
    case(
        "LY-01",
        "H3",
        "supply:91220106MA0000015Q_ytd=- supply:91220106MA0000431P_ytd=-",
        "supply:91220106MA0000015Q_ytd=- supply:91220106MA0000431P_ytd=0",
    ),
    case(
        "LY-01",
        "H7",
        "last_year.supply:91220106MA0000015Q_month=4051 last_year.supply:91220106MA0000431P_month=90",
        "last_year.supply:91220106MA0000015Q_month=4050 last_year.supply:91220106MA0000431P_month=90",
    ),
    case(
        "LY-01",
        "H8",
        "supply:91220106MA0000431P_month=-5035",
        "supply:91220106MA0000431P_month=-5034",
    ),
    case(
        "LY-01",
        "Q1",
        "previous.supply:91220106MA0000015Q_ytd=27876.99",
        "previous.supply:91220106MA0000015Q_ytd=27877",
    ),
    case(
        "LY-01",
        "Q2",
        "supply:91220106MA0000431P_month=27979",
        "supply:91220106MA0000431P_month=27978",
    ),
    case(
        "LY-01",
        "H3",
        "supply:91220106MA0000015Q_prior_ytd=- supply:91220106MA0000431P_prior_ytd=-",
        "supply:91220106MA0000015Q_prior_ytd=-",
    ),
    Case {
        period: "2024-02",
        ..case(
            "LY-01",
            "U1",
            "past.supply:91220106MA0000015Q_month=165060",
            "past.supply:91220106MA0000015Q_month=16506",
        )
    },
    // 33012 to date; 7/12 of 18.864 million yuan are 11.004 million, a third of it.
    case("LY-01", "U3", "firm.annual_revenue=18863000", "firm.annual_revenue=18864000"),
    case("LY-01", "U3", "firm.annual_revenue=-", "firm.annual_revenue=- beside.sales_ytd=33012"),
    // 33012 supplied to date; without a B204-1 nothing is said (`an_ordinary_report…`).
    case("LY-01", "Q9", "beside.sales_ytd=33011.5", "beside.sales_ytd=33011.51"),
    case("LY-02", "H3", "local_purchases_month=-", "local_purchases_month=0"),
    case("LY-02", "H3", "purchases_prior_month=-", "purchases_prior_month=0"),
    Case {
        period: "2024-02",
        ..case(
            "LY-02",
            "U1",
            "past.local_purchases_month=1100000",
            "past.local_purchases_month=110000",
        )
    },
    // 8031.2 million to date; 7/12 of 4589.257 million yuan are 2677.067 million, a third of it.
    case("LY-02", "U3", "firm.annual_revenue=4589256000", "firm.annual_revenue=4589257000"),
    case("LY-02", "U3", "firm.annual_revenue=-", "firm.annual_revenue=- beside.output_ytd=8031200"),
    case("LY-02", "Q9", "beside.output_ytd=4015599", "beside.output_ytd=4015600"),
    case("LY-02", "H4", "local_purchases_ytd=8031201", "local_purchases_ytd=8031200"),
    case(
        "LY-02",
        "H7",
        "last_year.purchases_ytd=7402101",
        "last_year.purchases_ytd=7402101 restructured",
    ),
    case("LY-02", "H4", "purchases_month=1", "purchases_month=-1 local_purchases_month=0"),
    case("LY-02", "H8", "local_purchases_month=-1", "local_purchases_month=1"),
    case("LY-02", "Q1", "previous.purchases_ytd=6827801.01", "previous.purchases_ytd=6827801"),
    case("LY-02", "Q2", "local_purchases_month=220001", "local_purchases_month=220000"),
];

impl Case {
    fn findings(&self, changes: &str) -> Vec<Finding> {
        let scene = Scene::new(self.form, self.period).with(changes);
        let findings = scene.verdict().findings.into_iter();
        findings.filter(|finding| finding.code == self.id).collect()
    }
}

#[test]
fn an_ordinary_report_raises_nothing() {
    for form in ["B204-1", "LY-01", "LY-02"] {
        let verdict = Scene::new(form, "2025-07").verdict();
        assert_eq!(verdict.findings, [], "{form}");
    }
}

#[test]
fn each_rule_is_raised_where_it_is_broken() {
    for case in CASES {
        assert!(
            !case.findings(case.raises).is_empty(),
            "{} {}: {}",
            case.form,
            case.id,
            case.raises
        );
    }
}

#[test]
fn each_rule_is_silent_where_it_just_holds() {
    for case in CASES {
        assert_eq!(case.findings(case.holds), [], "{} {}: {}", case.form, case.id, case.holds);
    }
}

#[test]
fn every_rule_has_a_case() {
    let of_file = |file: &'static yuebao::project::rules::RuleFile| {
        file.rules.iter().map(|rule| (file.form.as_str(), rule.id.text.as_str()))
    };
    let rules: BTreeSet<_> = RULE_FILES.iter().flat_map(of_file).collect();
    let cases: BTreeSet<_> = CASES.iter().map(|case| (case.form, case.id)).collect();
    assert_eq!(rules, cases);
}

#[test]
fn what_every_rule_says() {
    let mut said = String::new();
    for case in CASES {
        writeln!(said, "# {} {}: {}", case.form, case.period, case.raises).unwrap();
        for finding in case.findings(case.raises) {
            let cell = finding.cell.map(|cell| cell.to_string()).unwrap_or_default();
            let item = finding.item.as_deref().unwrap_or_default();
            let (value, expected) = (finding.value.as_deref(), finding.expected.as_deref());
            let severity = finding.severity.name();
            writeln!(said, "{severity}[{}] {cell} {item} {value:?} {expected:?}", finding.code)
                .unwrap();
            for text in [&finding.message, &finding.hint] {
                writeln!(said, "  {}\n  {}", text.zh, text.en).unwrap();
            }
        }
    }
    insta::assert_snapshot!(said);
}

#[test]
fn no_text_of_a_rule_keeps_a_placeholder() {
    for case in CASES {
        for finding in case.findings(case.raises) {
            for text in [&finding.message, &finding.hint] {
                assert!(!text.zh.contains('{') && !text.en.contains('{'), "{text:?}");
            }
        }
    }
}
