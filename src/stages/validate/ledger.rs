//! The rules over the rows of a ledger: its columns are the fields, beside what older ledgers say.
//!
//! In: a ledger, the compiled rules of its form, what it is held against. Out: findings, each at its cell.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::compile::FormRules;
use super::evaluate;
use super::fields::{Origin, RuleField};
use super::known::Known;
use super::{BATCH_ROWS, Candidate, References, ValidateError};
use crate::domain::cell::Cell;
use crate::domain::entry::Entries;
use crate::domain::period::Period;
use crate::findings::Finding;
use crate::project::forms::Form;
use crate::project::seeds::Seeds;
use crate::stages::parse::{LedgerRecord, Report};

/// A row of a ledger, and what is known beside it.
#[derive(Clone, Copy)]
pub(super) struct LedgerKnown<'a> {
    pub(super) record: &'a LedgerRecord,
    /// The newest older row of its key.
    pub(super) before: Option<&'a Entries>,
    listed: &'a BTreeMap<String, Vec<&'a str>>,
}

/// The fields of a ledger: each column, the same of the older row with its key, whether it stands in its
/// seed; and two days to hold days against.
pub(super) fn fields(form: &Form) -> Vec<RuleField> {
    let mut fields = Vec::new();
    let mut add = |name: String, origin| fields.push(RuleField { name, origin });
    for column in &form.column {
        let (name, kind) = (&column.column, column.kind);
        add(name.clone(), Origin::Entry(name.clone(), kind, |it, name| it.row?.record.get(name)));
        let before = Origin::Entry(name.clone(), kind, |it, name| it.row?.before?.get(name));
        add(format!("previous_{name}"), before);
        if column.seed.is_some() {
            add(format!("{name}_is_listed"), Origin::Listed(name.clone()));
        }
    }
    // The day the ledger came, by the clock of the project.
    let received =
        |it: &Known<'_>| Some(it.received_at.with_timezone(&it.against.zone).date_naive());
    add("received_on".to_owned(), Origin::Day(received));
    add("last_day".to_owned(), Origin::Day(|it| Some(it.period?.last_day())));
    fields
}

impl Known<'_> {
    /// Whether what stands in a column of the row stands in its seed; `None` where it is blank.
    pub(super) fn is_listed(&self, column: &str) -> Option<bool> {
        let row = self.row?;
        let text = row.record.get(column)?.text()?;
        Some(row.listed.get(column)?.binary_search(&text).is_ok())
    }
}

/// What the rules say of a ledger.
pub(super) fn findings(
    rules: &FormRules,
    form: &Form,
    candidate: &Candidate,
    against: &References<'_>,
) -> Result<Vec<Finding>, ValidateError> {
    let report = &candidate.report;
    let looked_up =
        form.column.iter().filter_map(|it| Some((it.column.clone(), it.seed.as_deref()?)));
    let stand = |seed| listed(against.seeds, seed, report.month());
    let listed: BTreeMap<String, Vec<&str>> =
        looked_up.map(|(column, seed)| (column, stand(seed))).collect();
    let older = report
        .code()
        .zip(report.month())
        .map(|filed| against.history.rows(&form.form, filed, candidate.submission.received_at));
    let older = older.unwrap_or_default();
    let none = BTreeMap::new();
    let whole = Known::of(candidate, (form, &rules.fields), against, &none);
    let chunks = report.records.par_chunks(BATCH_ROWS).map(|records| {
        let known = records.iter().map(|record| {
            let before = older.get(record.key.as_str()).copied();
            whole.with_row(LedgerKnown { record, before, listed: &listed })
        });
        let batch = rules.fields.batch(&known.collect::<Vec<_>>());
        let rows: Vec<_> = records.iter().map(|record| (candidate, Some(record))).collect();
        evaluate::run(rules, &batch, &rows, form)
    });
    Ok(chunks.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().flatten().collect())
}

/// What stands in a seed in a month, by its key and its name, sorted.
fn listed<'a>(seeds: &'a Seeds, seed: &str, period: Option<Period>) -> Vec<&'a str> {
    let Some(table) = seeds.tables.get(seed) else { return Vec::new() };
    let schema = table.batch.schema();
    let place = |names: &[&str]| names.iter().find_map(|name| schema.index_of(name).ok());
    let (from, to) = (place(&["from", "roster_from"]), place(&["to", "roster_to"]));
    let in_force = |cells: &Vec<String>| {
        let month = |at: Option<usize>| cells.get(at?)?.parse().ok();
        period.is_none_or(|period| period.is_within(month(from), month(to)))
    };
    let rows = table.rows.iter().map(|(_, cells)| cells).filter(|cells| in_force(cells));
    let names = [Some(0), place(&["name_zh", "name"])];
    let mut listed: Vec<&str> = rows
        .flat_map(|cells| names.iter().filter_map(|at| Some(cells.get((*at)?)?.as_str())))
        .collect();
    listed.sort_unstable();
    listed
}

/// The cell of a column in a row.
pub(super) fn cell(report: &Report, record: &LedgerRecord, column: &str) -> Option<Cell> {
    report.columns.get(column).map(|place| Cell::new(record.row, *place))
}
