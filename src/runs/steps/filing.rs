//! Who is due to report which form for a month, and whose report does not count yet.
//!
//! In: roster, calendar and the lake's submissions of the month. Out: one filing a form. Who is due
//! is told as the mart `submission_status` tells it, but before anybody has filed, too: each firm on
//! the roster in that month that is asked for a form which the calendar has for it.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};
use arrow::record_batch::RecordBatch;
use chrono::Utc;

use crate::alerts::{Absent, Filing};
use crate::domain::period::Period;
use crate::files::parquet::TableError;
use crate::pipeline::Site;
use crate::project::seeds::roster::Firm;
use crate::stages::store;

/// The filings of a month, by form; empty when the calendar lacks the month.
pub(super) fn of(site: &Site<'_>, period: Period) -> Result<Vec<Filing>, TableError> {
    let seeds = &site.workshop.project.seeds;
    let sent = sent(site, period)?;
    let due = seeds.calendar.deadlines.iter().filter(|((_, month), _)| *month == period);
    let filing = |((form, _), deadline): (&(String, Period), &chrono::DateTime<_>)| {
        let asked = seeds.roster.firms.values().filter(|firm| is_due(firm, form, period));
        let mut filing = Filing {
            form: form.clone(),
            period,
            deadline: deadline.with_timezone(&Utc),
            due: 0,
            missing: Vec::new(),
        };
        for firm in asked {
            filing.due += 1;
            let state = match sent.get(&(form.clone(), firm.credit_code.clone())) {
                Some(Sent::Counts) => continue,
                Some(Sent::Newest(_, state)) => Some(state.clone()),
                None => None,
            };
            filing.missing.push(Absent { state, name: firm.name.clone() });
        }
        filing.missing.sort();
        filing
    };
    Ok(due.map(filing).collect())
}

fn is_due(firm: &Firm, form: &str, period: Period) -> bool {
    firm.is_on_roster(period) && firm.forms.iter().any(|asked| asked == form)
}

/// What a firm sent of a form.
enum Sent {
    /// A revision that counts.
    Counts,
    /// None that counts; the newest revision, and what became of it.
    Newest(i32, String),
}

/// What was sent for a month, by form and credit code.
fn sent(site: &Site<'_>, period: Period) -> Result<BTreeMap<(String, String), Sent>, TableError> {
    let (lake, partition) = (site.output.lake(), period.to_string());
    let mut sent = BTreeMap::new();
    if store::marks(&lake, &partition)?.is_some() {
        collect(&store::submissions(&lake, &partition)?, &mut sent);
    }
    Ok(sent)
}

fn collect(submissions: &RecordBatch, sent: &mut BTreeMap<(String, String), Sent>) {
    let text = |name: &str| submissions.column_by_name(name).map(AsArray::as_string::<i32>);
    let revisions = submissions
        .column_by_name("revision")
        .map(AsArray::as_primitive::<arrow::datatypes::Int32Type>);
    let current = submissions.column_by_name("is_current").map(AsArray::as_boolean);
    let (Some(forms), Some(codes), Some(states), Some(revisions), Some(current)) =
        (text("form"), text("credit_code"), text("state"), revisions, current)
    else {
        return;
    };
    let is_known = |row: &usize| !forms.is_null(*row) && !codes.is_null(*row);
    for row in (0..submissions.num_rows()).filter(is_known) {
        let key = (forms.value(row).to_owned(), codes.value(row).to_owned());
        let revision = revisions.value(row);
        match sent.get(&key) {
            _ if current.value(row) => {
                sent.insert(key, Sent::Counts);
            }
            Some(Sent::Counts) => {}
            Some(Sent::Newest(newest, _)) if *newest > revision => {}
            _ => {
                sent.insert(key, Sent::Newest(revision, states.value(row).to_owned()));
            }
        }
    }
}
