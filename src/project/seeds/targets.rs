//! What can be wrong with a target: what it measures, of whom, and what it asks for.
//!
//! In: `targets.csv` with the tables and forms its rows name. Out: a fault for each target that the mart
//! could not measure, or would measure in silence as something else than was meant.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::people::{SeedRow, SeedTables, check_region, keys, rows};
use super::roster::Restructuring;
use crate::project::fault::Fault;
use crate::project::forms::{self, CodeKind, Form};
use crate::project::read::{among, nearest};

const KINDS: [&str; 5] = ["level", "growth", "level_and_growth", "ratio", "count"];

/// The ledger whose rows the mart `projects` has, and a target of kind `count` counts.
const COUNTED: &str = "LY-04";

const SCOPES: [&str; 7] = ["district", "zone", "chain", "industry", "size", "leading", "firm"];

/// Years a target can be about.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2099;

/// Checks every target.
pub(super) fn check(
    tables: &SeedTables,
    forms: &BTreeMap<String, Form>,
    region: Option<&str>,
    faults: &mut Vec<Fault>,
) {
    for row in rows(tables, "targets") {
        let unknown = kind(&row);
        let mut found = if unknown.is_some() { Vec::new() } else { asked(&row) };
        found.extend(unknown);
        found.extend(years(&row));
        found.extend(measured(&row, forms));
        found.extend(scope(&row, tables));
        found.extend(outlived(&row, tables));
        faults.extend(found.into_iter().map(|message| row.fault(message)));
        if row.cell("scope_kind") == "district" {
            check_region(&row, region, faults);
        }
    }
}

fn kind(row: &SeedRow<'_>) -> Option<String> {
    let kind = row.cell("kind");
    let is_known = KINDS.contains(&kind);
    (!is_known).then(|| format!("target kind `{kind}` is none of {}", among(kind, KINDS)))
}

/// The amounts its kind asks for, no others, and none without sense.
fn asked(row: &SeedRow<'_>) -> Vec<String> {
    let kind = row.cell("kind");
    let uses: &[&str] = match kind {
        "level" => &["level_cny"],
        "growth" => &["growth", "baseline_cny"],
        "ratio" => &["growth"],
        "count" => &["level_count"],
        _ => &["level_cny", "growth", "baseline_cny"],
    };
    let mut found = Vec::new();
    for name in ["level_cny", "growth", "baseline_cny", "level_count"] {
        let amount: Option<Decimal> = row.cell(name).parse().ok();
        match (uses.contains(&name), amount) {
            (true, None) if name != "baseline_cny" => {
                found.push(format!("a target of kind `{kind}` needs `{name}`"));
            }
            (false, Some(_)) => found.push(format!("a target of kind `{kind}` has no `{name}`")),
            (true, Some(amount)) if name == "growth" => found.extend(growth(kind, amount)),
            (true, Some(amount)) if amount <= Decimal::ZERO => {
                found.push(format!("`{name}` is {amount}: it must be above zero"));
            }
            _ => {}
        }
    }
    found
}

/// A growth nobody asks for: less than nothing left, or a percentage typed as a fraction.
fn growth(kind: &str, growth: Decimal) -> Option<String> {
    let most = if kind == "ratio" { Decimal::ONE } else { Decimal::TEN };
    (growth <= -Decimal::ONE || most < growth).then(|| {
        format!(
            "`growth` is {growth}: a fraction above -1 and not above {most}, 0.085 is 8.5 % or, of a ratio, 8.5 points"
        )
    })
}

fn years(row: &SeedRow<'_>) -> Vec<String> {
    let year = |name: &str| row.cell(name).parse::<i32>().ok();
    let implausible = ["year", "baseline_year"].into_iter().filter_map(|name| {
        let year = year(name).filter(|year| !YEARS.contains(year))?;
        Some(format!("`{name}` is {year}, no year between {} and {}", YEARS.start(), YEARS.end()))
    });
    let order = year("year").zip(year("baseline_year")).filter(|(year, base)| year <= base);
    let order = order
        .map(|(year, base)| format!("`baseline_year` {base} does not come before `year` {year}"));
    implausible.chain(order).collect()
}

/// An item of its form, or the ratio of two.
fn measured(row: &SeedRow<'_>, forms: &BTreeMap<String, Form>) -> Vec<String> {
    let Some(form) = forms.get(row.cell("form")) else {
        return Vec::from_iter(forms::unknown(row.cell("form"), forms));
    };
    if row.cell("kind") == "count" {
        return counted(row, form);
    }
    let by_industry = form.rows.iter().find(|rows| rows.code == CodeKind::Industry);
    let sum = by_industry.and_then(|rows| rows.sum.as_deref());
    let known: Vec<&str> = form.fields().filter(|field| Some(*field) != sum).collect();
    let items: Vec<&str> = row.cell("item").split('/').collect();
    let mut found = Vec::new();
    for item in items.iter().filter(|item| !known.contains(item)) {
        let known = among(item, known.iter().copied());
        found.push(format!("form `{}` has no item `{item}`: {known}", form.form));
    }
    let is_ratio = row.cell("kind") == "ratio";
    let distinct: BTreeSet<&str> = items.iter().copied().collect();
    if is_ratio && (items.len() != 2 || distinct.len() != 2) {
        found.push("a target of kind `ratio` is about `a/b`, the ratio of two items".to_owned());
    } else if !is_ratio && items.len() != 1 {
        let kind = row.cell("kind");
        found.push(format!("a target of kind `{kind}` is about one item, a `ratio` about `a/b`"));
    }
    let output = form.table.as_ref().map_or("output", |table| table.industry.item.as_str());
    if row.cell("scope_kind") == "industry" && (by_industry.is_none() || items != [output]) {
        found.push(format!("of an industry nothing is known but `{output}` of B204-1"));
    }
    found
}

/// Projects of a kind, of the district or of a chain.
fn counted(row: &SeedRow<'_>, form: &Form) -> Vec<String> {
    let kinds = form.column.iter().filter(|column| column.column == "kind");
    let known: BTreeSet<&str> =
        kinds.flat_map(|column| column.values.values()).map(String::as_str).collect();
    let (item, scope) = (row.cell("item"), row.cell("scope_kind"));
    let mut found = Vec::new();
    if form.form != COUNTED {
        let message = "a target of kind `count` counts projects: its `form` is";
        found.push(format!("{message} `{COUNTED}`, not `{}`", form.form));
    } else if !known.contains(item) {
        found.push(format!("`{item}` in `item` is no kind of project: {}", among(item, known)));
    }
    if !["district", "chain"].contains(&scope) {
        found.push(format!("projects are counted of the `district` or a `chain`, not `{scope}`"));
    }
    found
}

/// A target of a firm that reports under another code by the end of its year: figures go by codes.
fn outlived(row: &SeedRow<'_>, tables: &SeedTables) -> Option<String> {
    let scope = row.cell("scope_id");
    let year: i32 = row.cell("year").parse().ok()?;
    let is_of_firm = matches!(row.cell("scope_kind"), "firm" | "leading");
    let changes = rows(tables, "restructurings").filter_map(|row| row.read::<Restructuring>());
    let change = changes
        .filter(|it| is_of_firm && it.kind.is_code_change())
        .find(|it| it.predecessor.as_deref() == Some(scope) && it.period.year() <= year)?;
    Some(format!(
        "`{scope}` in `scope_id` reports as `{code}` from {from} on, where the target would be blank: name that code",
        code = change.credit_code,
        from = change.period,
    ))
}

fn scope(row: &SeedRow<'_>, tables: &SeedTables) -> Option<String> {
    let (kind, scope) = (row.cell("scope_kind"), row.cell("scope_id"));
    let (seed, known): (&str, Vec<&str>) = match kind {
        "district" => return None,
        "zone" => ("zones", keys(tables, "zones").into_iter().collect()),
        "chain" => ("chains", keys(tables, "chains").into_iter().collect()),
        "industry" => {
            let codes = keys(tables, "industries").into_iter();
            ("industries", codes.filter_map(|code| code.get(..2)).collect())
        }
        "size" => ("firms", vec!["1", "2", "3", "4"]),
        "leading" => {
            let leading = rows(tables, "firms").filter(|firm| firm.cell("is_leading") == "true");
            ("firms", leading.map(|firm| firm.cell("credit_code")).collect())
        }
        "firm" => ("firms", keys(tables, "firms").into_iter().collect()),
        other => {
            let known = among(other, SCOPES);
            return Some(format!("`{other}` in `scope_kind` is none of {known}"));
        }
    };
    // A faulty table is a fault already; industries may consist of their header alone.
    if !tables.contains_key(seed) || (seed == "industries" && known.is_empty()) {
        return None;
    }
    (!known.contains(&scope)).then(|| {
        let hint = nearest(scope, known.iter().copied());
        let kind = if kind == "leading" { "leading firm" } else { kind };
        format!("`{scope}` in `scope_id` is no {kind} of {seed}.csv{hint}")
    })
}
