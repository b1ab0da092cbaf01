//! Reports without workbooks: a plausible report of each form, changed by words such as
//! `output_month=12034 sales_ytd=- previous.output_ytd=68278 firm.size_class=1`.
//!
//! Figures are in 千元; `-` takes one away. Prefixes put figures elsewhere: `previous.` into the
//! counted report of the month before, `last_year.` of the same month last year, `past.` into each
//! of the twelve months before, `district.` into another firm's report of last year, `other.` into
//! that of each of the twelve months before, `beside.` into the firm's B204-1 of the same month.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use yuebao::domain::cell::Cell;
use yuebao::domain::measure::Measure;
use yuebao::domain::period::Period;
use yuebao::domain::unit::Unit;
use yuebao::lake::counted::{Counted, Figures};
use yuebao::project::files::Texts;
use yuebao::project::forms::Form;
use yuebao::project::rules::{self, RuleFile};
use yuebao::project::seeds::Seeds;
use yuebao::project::seeds::roster::{BaseRule, Firm, Restructuring, RestructuringKind, Roster};
use yuebao::project::settings::Checks;
use yuebao::stages::parse::{Figure, Found, Layout, Report};
use yuebao::stages::validate::{
    Candidate, History, References, Rules, Submission, Verdict, check, compile,
};

/// The firm every report is of.
pub(crate) const FIRM: &str = "91220106MA0000429W";
/// Another firm of the district.
pub(crate) const OTHER: &str = "91220106MA0000015Q";
/// A third one, which the first supplies.
const BUYER: &str = "91220106MA0000431P";

static CHECKS: LazyLock<Checks> = LazyLock::new(Checks::default);
static SEEDS: LazyLock<Seeds> = LazyLock::new(Seeds::default);

/// The shipped forms.
pub(crate) static FORMS: LazyLock<BTreeMap<String, Form>> = LazyLock::new(|| {
    let texts = Texts::read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    Form::read_all(&texts, &mut Vec::new())
});

/// The shipped rules as written.
pub(crate) static RULE_FILES: LazyLock<Vec<RuleFile>> = LazyLock::new(|| {
    let files = ["B204-1", "LY-01", "LY-02"].into_iter().map(|name| {
        let text = std::fs::read_to_string(jobs().join(format!("rules/{name}.toml"))).unwrap();
        rules::parse(Path::new(&format!("jobs/rules/{name}.toml")), &text).unwrap()
    });
    files.collect()
});

/// The shipped rules, compiled.
pub(crate) static RULES: LazyLock<Rules> = LazyLock::new(|| compile(&RULE_FILES, &FORMS).unwrap());

fn jobs() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/jobs"))
}

/// A firm of the roster that is asked for every form.
pub(crate) fn firm(credit_code: &str) -> Firm {
    Firm {
        credit_code: credit_code.to_owned(),
        name: "示例轨道配件有限公司".to_owned(),
        zone: "green".to_owned(),
        chain: "rail".to_owned(),
        industry_code: "3714".to_owned(),
        size_class: 2,
        is_leading: false,
        roster_from: "2020-01".parse().unwrap(),
        roster_to: None,
        base_rule: BaseRule::Keep,
        forms: FORMS.keys().cloned().collect(),
        annual_revenue_cny: None,
        contact: String::new(),
        may_be_named: false,
    }
}

/// A report and all it is held against.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) roster: Roster,
    pub(crate) history: History,
    pub(crate) candidate: Candidate,
}

impl Scene {
    /// A report of a form for a month that every shipped rule is content with.
    pub(crate) fn new(form: &str, period: &str) -> Self {
        let candidate = Candidate {
            submission: Submission {
                id: "s-1".to_owned(),
                sha256: String::new(),
                file_name: "report.xlsx".to_owned(),
                received_at: DateTime::parse_from_rfc3339("2026-01-05T00:00:00Z").unwrap().to_utc(),
            },
            is_alone_in_file: true,
            is_enclosed: false,
            report: report(form, period),
        };
        let mut firms = [FIRM, OTHER, BUYER].map(firm);
        firms[0].annual_revenue_cny = Some(revenue(form, candidate.report.month().unwrap()));
        "示例客车有限公司".clone_into(&mut firms[1].name);
        "示例机车有限公司".clone_into(&mut firms[2].name);
        let roster = Roster::new(firms, Vec::new());
        Self { roster, history: History::default(), candidate }
    }

    /// The same with changes, in words.
    pub(crate) fn with(mut self, changes: &str) -> Self {
        changes.split_whitespace().for_each(|change| self.change(change));
        self
    }

    /// The same with an explanation.
    pub(crate) fn explained(mut self, explanation: &str) -> Self {
        self.candidate.report.explanation = Some(found(explanation.to_owned(), 16, 0));
        self
    }

    /// The same, arrived at an instant.
    pub(crate) fn received(mut self, at: &str) -> Self {
        let at: DateTime<Utc> = DateTime::parse_from_rfc3339(at).unwrap().to_utc();
        self.candidate.submission.received_at = at;
        self
    }

    /// What the reports are held against.
    pub(crate) fn against(&self) -> References<'_> {
        References {
            forms: &FORMS,
            roster: &self.roster,
            history: &self.history,
            seeds: &SEEDS,
            checks: &CHECKS,
            zone: chrono_tz::Asia::Shanghai,
        }
    }

    /// The verdict by the shipped rules.
    pub(crate) fn verdict(&self) -> Verdict {
        self.verdict_by(&RULES)
    }

    /// The verdict by other rules.
    pub(crate) fn verdict_by(&self, rules: &Rules) -> Verdict {
        check(std::slice::from_ref(&self.candidate), rules, &self.against()).unwrap().remove(0)
    }

    /// The month of the report.
    pub(crate) fn period(&self) -> Period {
        self.candidate.report.period.as_ref().unwrap().value
    }

    fn change(&mut self, change: &str) {
        let (name, value) = change.split_once('=').unwrap_or((change, ""));
        let (place, field) = name.split_once('.').unwrap_or(("", name));
        let back = |months| self.period().months_before(months).unwrap();
        match place {
            "" if field == "restructured" => {
                let period = self.period();
                self.roster.restructurings.push(Restructuring {
                    credit_code: FIRM.to_owned(),
                    period,
                    kind: RestructuringKind::Base,
                    predecessor: None,
                });
            }
            "" => put(&mut self.candidate.report, field, value),
            "firm" => self.change_firm(field, value),
            "previous" => self.remember(back(1), FIRM, (field, value)),
            "last_year" => self.remember(back(12), FIRM, (field, value)),
            "district" => self.remember(back(12), OTHER, (field, value)),
            // What counts of B204-1 in the same month.
            "beside" => {
                let (item, measure) = split(field);
                let period = self.period();
                let figures = counted(&mut self.history, "B204-1", period, FIRM);
                let number: Decimal = value.parse().unwrap();
                figures.insert(item, measure, Unit::ThousandYuan.canonical(number).unwrap());
            }
            "other" => (1..=12).for_each(|months| {
                self.remember(self.period().months_before(months).unwrap(), OTHER, (field, value));
            }),
            "past" => (1..=12).for_each(|months| {
                self.remember(self.period().months_before(months).unwrap(), FIRM, (field, value));
            }),
            _ => panic!("no place `{place}`"),
        }
    }

    fn change_firm(&mut self, field: &str, value: &str) {
        if field == "gone" {
            self.roster.firms.remove(FIRM);
            return;
        }
        let firm = &mut self.roster.firms.get_mut(FIRM).unwrap()[0];
        match field {
            "size_class" => firm.size_class = value.parse().unwrap(),
            "is_leading" => firm.is_leading = value.parse().unwrap(),
            "annual_revenue" => firm.annual_revenue_cny = value.parse().ok(),
            "roster_from" => firm.roster_from = value.parse().unwrap(),
            "roster_to" => firm.roster_to = Some(value.parse().unwrap()),
            "forms" => firm.forms = vec![value.to_owned()],
            "name" => value.clone_into(&mut firm.name),
            _ => panic!("no field `{field}`"),
        }
    }

    fn remember(&mut self, month: Period, credit_code: &str, (field, value): (&str, &str)) {
        let (item, measure) = split(field);
        let form = &self.candidate.report.form;
        let figures = counted(&mut self.history, form, month, credit_code);
        let number: Decimal = value.parse().unwrap();
        figures.insert(item, measure, Unit::ThousandYuan.canonical(number).unwrap());
    }
}

/// The figures of what counts of a firm, to be filled; one from the beginning of time when there is
/// none.
pub(crate) fn counted<'a>(
    history: &'a mut History,
    form: &str,
    period: Period,
    credit_code: &str,
) -> &'a mut Figures {
    let forms = history.months.entry(period).or_default();
    let firms = forms.entry(form.to_owned()).or_default();
    let versions = firms.entry(credit_code.to_owned()).or_default();
    if versions.is_empty() {
        versions.push(Counted {
            form: form.to_owned(),
            credit_code: credit_code.to_owned(),
            submission_id: String::new(),
            received_at: DateTime::UNIX_EPOCH,
            figures: Figures::default(),
        });
    }
    &mut versions.last_mut().unwrap().figures
}

/// Sets or, with `-`, takes away a figure of a report: `output_month`, `12034`.
pub(crate) fn put(report: &mut Report, field: &str, value: &str) {
    let (item, measure) = split(field);
    let at = report.figures.iter().position(|f| f.item == item && f.measure == measure);
    match (value, at) {
        ("-", Some(at)) => drop(report.figures.remove(at)),
        ("-", None) => {}
        (number, Some(at)) => report.figures[at].number = number.parse().unwrap(),
        (number, None) => {
            let rows = report.figures.iter().map(|f| f.cell.row);
            let of_item = report.figures.iter().find(|f| f.item == item).map(|f| f.cell.row);
            let row = of_item.unwrap_or_else(|| rows.max().map_or(8, |last| last + 1));
            report.figures.push(figure(item, measure, number, row));
        }
    }
}

fn split(field: &str) -> (&str, Measure) {
    let found = ["_prior_month", "_prior_ytd", "_month", "_ytd"]
        .into_iter()
        .find_map(|suffix| Some((field.strip_suffix(suffix)?, suffix[1..].parse().unwrap())));
    found.unwrap_or_else(|| panic!("`{field}` names no measure"))
}

/// A report on a single-firm sheet, as the specimen forms are filled.
pub(crate) fn report(form: &str, period: &str) -> Report {
    let document = FORMS[form].edition.last().unwrap().document.squeezed().to_owned();
    let mut report = Report {
        form: form.to_owned(),
        layout: Layout::Sheet,
        sheet: form.to_owned(),
        document: Some(found(document, 3, 5)),
        credit_code: Some(found(FIRM.to_owned(), 3, 0)),
        firm_name: Some(found("示例轨道配件有限公司".to_owned(), 4, 0)),
        period: Some(found(period.parse().unwrap(), 4, 3)),
        explanation: None,
        reported_on: None,
        figures: Vec::new(),
        records: Vec::new(),
        columns: BTreeMap::new(),
        row_names: BTreeMap::new(),
        findings: Vec::new(),
        is_named_by_sheet: true,
    };
    for (row, (item, numbers)) in rows(form).iter().enumerate() {
        for (measure, number) in Measure::ALL.into_iter().zip(numbers) {
            report.figures.push(figure(item, measure, number, 8 + u32::try_from(row).unwrap()));
        }
    }
    report
}

/// A yearly revenue of which the year to date of `rows` is what is due by the month.
fn revenue(form: &str, period: Period) -> Decimal {
    let ytd: i64 = if form == "LY-02" { 8_031_200_000 } else { 80_312_000 };
    Decimal::from(ytd * 12 / i64::from(period.month()))
}

fn rows(form: &str) -> &'static [(&'static str, [&'static str; 4])] {
    match form {
        "B204-1" => &[
            ("output", ["12034", "80312", "11050", "74021"]),
            ("sales", ["11800", "79000", "10990", "73800"]),
            ("exports", ["0", "1200", "0", "900"]),
            ("industry:3714", ["9034", "60312", "8050", "55021"]),
            ("industry:3670", ["3000", "20000", "3000", "19000"]),
            ("product:37150", ["12.5", "80.2", "11", "75"]),
        ],
        "LY-01" => &[
            ("supply:91220106MA0000015Q", ["5034", "32312", "4050", "25021"]),
            ("supply:91220106MA0000431P", ["100", "700", "90", "600"]),
        ],
        "LY-02" => &[
            ("purchases", ["1203400", "8031200", "1105000", "7402100"]),
            ("local_purchases", ["35000", "220000", "30000", "200000"]),
        ],
        _ => panic!("no form `{form}`"),
    }
}

fn figure(item: &str, measure: Measure, number: &str, row: u32) -> Figure {
    let column = Measure::ALL.iter().position(|known| *known == measure).unwrap() + 3;
    let is_product = item.starts_with("product:");
    let unit = if is_product { Unit::Quantity("吨".to_owned()) } else { Unit::ThousandYuan };
    let number = number.parse().unwrap();
    Figure {
        item: item.to_owned(),
        measure,
        number,
        unit,
        cell: Cell::new(row, u32::try_from(column).unwrap()),
    }
}

/// A value and its cell.
pub(crate) fn found<T>(value: T, row: u32, column: u32) -> Found<T> {
    Found { value, cell: Cell::new(row, column) }
}
