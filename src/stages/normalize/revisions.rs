//! Which revision of a report each submission is, and which one counts.
//!
//! Reports of one form and firm are numbered from 1 in the order of receipt. The newest accepted one
//! counts; a refused or queried newer one does not displace it, nor does one that repeats its
//! figures (the day the figures first came stays the day they came), nor an old form that is only
//! enclosed with a later month's.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::Checked;
use crate::domain::measure::Measure;
use crate::stages::validate::State;

/// What a submission is among those of the same form and firm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Revision {
    /// Its number, from 1.
    pub(super) number: i32,
    /// Whether it is the one that counts.
    pub(super) is_current: bool,
    /// Whether it counted when it came, until another one did.
    pub(super) has_counted: bool,
}

/// The revision of each report, in the order given.
pub(super) fn number(reports: &[Checked]) -> Vec<Revision> {
    let mut families: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (position, checked) in reports.iter().enumerate() {
        // A report without a readable code is a family of its own.
        let code = checked.verdict.credit_code.as_deref();
        let code = code.unwrap_or(&checked.candidate.submission_id);
        families.entry((&checked.candidate.report.form, code)).or_default().push(position);
    }
    let mut revisions = vec![Revision::default(); reports.len()];
    for mut family in families.into_values() {
        family.sort_by_key(|position| reports.get(*position).map(received));
        let counted = counted(reports, &family);
        for (number, position) in (1..).zip(family) {
            if let Some(revision) = revisions.get_mut(position) {
                let is_current = counted.last() == Some(&position);
                let has_counted = counted.contains(&position);
                *revision = Revision { number, is_current, has_counted };
            }
        }
    }
    revisions
}

fn received(checked: &Checked) -> (chrono::DateTime<chrono::Utc>, &str, &str) {
    let candidate = &checked.candidate;
    (candidate.received_at, &checked.sha256, &candidate.submission_id)
}

/// The reports that counted one after the other, of a family in the order of receipt.
fn counted(reports: &[Checked], family: &[usize]) -> Vec<usize> {
    let mut counted = Vec::new();
    let mut current: Option<&Checked> = None;
    for position in family {
        let Some(checked) = reports.get(*position) else { continue };
        let is_new = match current {
            None => true,
            Some(older) => !checked.is_enclosed && figures(older) != figures(checked),
        };
        if checked.verdict.state == State::Accepted && is_new {
            current = Some(checked);
            counted.push(*position);
        }
    }
    counted
}

fn figures(checked: &Checked) -> BTreeMap<(&str, Measure), Decimal> {
    let figures = checked.candidate.report.figures.iter();
    figures.map(|figure| ((figure.item.as_str(), figure.measure), figure.canonical())).collect()
}
