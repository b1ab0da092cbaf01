//! Which revision of a report each submission is, which one counts, and why another does not.
//!
//! In: the reports of a month, judged each by itself. Out: their numbers in the order of receipt, the
//! ones that count or have counted, and what they are to one another. A refused report takes no part.
//! Of the others the newest accepted one counts, but:
//! - two that came at the same time and differ stand equal: neither counts, until a later one settles it;
//! - one that repeats what counts changes nothing: the day its figures came stays the day they came;
//! - last year's form that is only enclosed with this year's counts where nothing else was filed;
//! - a bureau-side export that agrees with the firm's own form never stands in its place.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::{Checked, notes};
use crate::domain::entry::Entry;
use crate::domain::measure::Measure;
use crate::findings::{Code, Finding};
use crate::project::Project;
use crate::project::forms::Form;
use crate::project::settings::Settings;
use crate::stages::parse::Layout;
use crate::stages::validate::{Candidate, State};

/// What a submission is among those of the same form and firm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RevisionState {
    /// Its number, from 1.
    pub number: i32,
    /// Whether it is the one that counts.
    pub is_current: bool,
    /// Whether it counted when it came, until another one did.
    pub has_counted: bool,
}

/// The revision of each report, in the order given, and what is to be said of it.
pub(super) fn settle(
    reports: &[Checked],
    project: &Project,
) -> Vec<(RevisionState, Option<Finding>)> {
    let mut families: BTreeMap<(&str, &str), Vec<(usize, &Checked)>> = BTreeMap::new();
    for (position, checked) in reports.iter().enumerate() {
        let Candidate { submission, report, .. } = &checked.candidate;
        // A report without a readable code is a family of its own.
        let code = checked.verdict.credit_code.as_deref().unwrap_or(&submission.id);
        families.entry((&report.form, code)).or_default().push((position, checked));
    }
    let mut settled = vec![(RevisionState::default(), None); reports.len()];
    for mut family in families.into_values() {
        family.sort_by_key(|(_, checked)| order(checked));
        let (positions, alike): (Vec<usize>, Vec<&Checked>) = family.into_iter().unzip();
        let mut members = members(&alike, &project.forms);
        let outcomes = outcomes(&mut members, &project.settings);
        for (position, outcome) in positions.into_iter().zip(outcomes) {
            if let Some(place) = settled.get_mut(position) {
                *place = outcome;
            }
        }
    }
    settled
}

/// The order of receipt. Of what came at one instant a form of its own goes before an enclosed one,
/// and a firm's before an export of it: the first stands, and what only repeats it does not.
fn order(checked: &Checked) -> (DateTime<Utc>, bool, bool, &str, &str) {
    let Candidate { submission, report, is_enclosed, .. } = &checked.candidate;
    let is_export = report.layout == Layout::Table;
    (submission.received_at, *is_enclosed, is_export, &submission.sha256, &submission.id)
}

/// What a report says.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Laid<'a> {
    /// Its figures, canonical, with the unit of quantities.
    figures: BTreeMap<(&'a str, Measure), (Decimal, Option<&'a str>)>,
    /// The rows of a ledger, by key and column.
    rows: BTreeMap<(&'a str, &'a str), &'a Entry>,
}

/// A report of a family, in the order of receipt.
struct Member<'a> {
    checked: &'a Checked,
    /// One value for all that say the same.
    laid: Rc<Laid<'a>>,
    /// Whether it can count or keep another from counting.
    takes_part: bool,
    /// Whether it is in conflict with another.
    is_open: bool,
    /// Whether the columns of the month mean nothing in this one (February).
    is_cumulative: bool,
}

/// What the members that are alike to all others share.
type Kind<'a> = (*const Laid<'a>, [bool; 4]);

fn members<'a>(family: &[&'a Checked], forms: &BTreeMap<String, Form>) -> Vec<Member<'a>> {
    let is_cumulative = family.first().is_some_and(|first| is_cumulative(first, forms));
    let mut known: BTreeSet<Rc<Laid<'a>>> = BTreeSet::new();
    let mut is_filed = false;
    let member = |checked: &&'a Checked| {
        // Nearly every report is the only one, and compared with nothing.
        let laid = Rc::new(if family.len() > 1 { laid(checked) } else { Laid::default() });
        let same = Rc::clone(known.get(&laid).unwrap_or(&laid));
        known.insert(laid);
        let is_refused = checked.verdict.state == State::Refused;
        let takes_part = !(is_refused || checked.candidate.is_enclosed && is_filed);
        is_filed |= takes_part && !checked.candidate.is_enclosed;
        Member { checked, laid: same, takes_part, is_open: false, is_cumulative }
    };
    family.iter().map(member).collect()
}

fn is_cumulative(checked: &Checked, forms: &BTreeMap<String, Form>) -> bool {
    let report = &checked.candidate.report;
    let form = forms.get(&report.form).zip(report.month());
    form.is_some_and(|(form, month)| form.cumulative_months.contains(&month.month()))
}

fn laid(checked: &Checked) -> Laid<'_> {
    let figures = checked.candidate.report.figures.iter().map(|figure| {
        let unit = (!figure.unit.is_money()).then(|| figure.unit.name());
        ((figure.item.as_str(), figure.measure), (figure.canonical(), unit))
    });
    let records = checked.candidate.report.records.iter();
    let rows = records.flat_map(|it| {
        let entries = it.entries.iter();
        entries.map(|(column, found)| ((it.key.as_str(), column.as_str()), &found.value))
    });
    Laid { figures: figures.collect(), rows: rows.collect() }
}

/// What a report is beside the others of its family; numbers are places in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// It does not count for what is wrong with it.
    Apart,
    /// It counts from its receipt on.
    Counts,
    /// Others that came at the same time differ from it: the first, and how many there are.
    Conflicts(usize, usize),
    /// It repeats the one that counts.
    Repeats(usize),
    /// It is an export that agrees with the firm's form that counts.
    Agrees(usize),
    /// It is only enclosed, and a report was filed.
    Enclosed,
}

fn outcomes(
    members: &mut [Member<'_>],
    settings: &Settings,
) -> Vec<(RevisionState, Option<Finding>)> {
    let window = TimeDelta::seconds(settings.checks.same_time_seconds.into());
    let parts = parts(members, window);
    let counted: Vec<usize> =
        (0..members.len()).filter(|at| parts.get(*at) == Some(&Part::Counts)).collect();
    let successors: BTreeMap<usize, usize> =
        counted.iter().copied().zip(counted.iter().copied().skip(1)).collect();
    let report = |at: usize| members.get(at).map(|member| member.checked);
    let note = |code, own, other: usize| {
        Some(notes::note(code, own, Some((report(other)?, settings.time_zone))))
    };
    let outcome = |(at, part): (usize, Part)| {
        let revision = RevisionState {
            number: i32::try_from(at + 1).unwrap_or(i32::MAX),
            is_current: counted.last() == Some(&at),
            has_counted: part == Part::Counts,
        };
        let said = report(at).and_then(|own| match part {
            Part::Apart => None,
            Part::Counts => note(Code::Replaced, own, *successors.get(&at)?),
            Part::Conflicts(with, count) => Some(notes::conflict(own, report(with)?, count)),
            Part::Repeats(what) => note(Code::Repeated, own, what),
            Part::Agrees(with) => note(Code::ExportAgrees, own, with),
            Part::Enclosed => Some(notes::note(Code::Enclosed, own, None)),
        });
        (revision, said)
    };
    parts.iter().copied().enumerate().map(outcome).collect()
}

fn parts(members: &mut [Member<'_>], window: TimeDelta) -> Vec<Part> {
    let conflicts = conflicts(members, window);
    let mut current: Option<(usize, &Member<'_>)> = None;
    let part = |((at, member), conflict)| {
        let part = part(member, conflict, current);
        if part == Part::Counts {
            current = Some((at, member));
        }
        part
    };
    members.iter().enumerate().zip(conflicts).map(part).collect()
}

fn part(
    member: &Member<'_>,
    conflict: Option<(usize, usize)>,
    current: Option<(usize, &Member<'_>)>,
) -> Part {
    if let Some((with, count)) = conflict {
        return Part::Conflicts(with, count);
    }
    if member.checked.verdict.state != State::Accepted {
        return Part::Apart;
    }
    if !member.takes_part {
        return Part::Enclosed;
    }
    let Some((at, current)) = current else { return Part::Counts };
    let is_same = Rc::ptr_eq(&current.laid, &member.laid);
    match (current.layout(), member.layout()) {
        // The firm's own form says more than an export, or is where it came from.
        (Layout::Table, Layout::Sheet) => Part::Counts,
        _ if is_same => Part::Repeats(at),
        (Layout::Sheet, Layout::Table) if agree(current, member) => Part::Agrees(at),
        _ => Part::Counts,
    }
}

/// For each report the first of those that came at the same time and differ, and how many there are.
fn conflicts(members: &mut [Member<'_>], window: TimeDelta) -> Vec<Option<(usize, usize)>> {
    let found = opposed(members, window, differ);
    for (member, found) in members.iter_mut().zip(&found) {
        member.is_open = found.is_some();
    }
    let between = opposed(members, window, stands_between);
    found.into_iter().zip(between).map(|(found, between)| found.or(between)).collect()
}

/// For each report the first of those received at the same time to which it is opposed, and how many
/// there are. Those of a kind are looked at once: months with thousands of receipts stay fast.
fn opposed(
    members: &[Member<'_>],
    window: TimeDelta,
    is_opposed: impl Fn(&Member<'_>, &Member<'_>) -> bool,
) -> Vec<Option<(usize, usize)>> {
    let received = |member: &Member<'_>| member.checked.candidate.submission.received_at;
    let mut near: BTreeMap<Kind<'_>, VecDeque<usize>> = BTreeMap::new();
    let mut coming = members.iter().enumerate().peekable();
    let look = |own| {
        let until = received(own) + window;
        while let Some((at, other)) = coming.next_if(|(_, other)| received(other) <= until) {
            near.entry(other.kind()).or_default().push_back(at);
        }
        let is_past =
            |at: &usize| members.get(*at).is_none_or(|it| received(it) + window < received(own));
        near.retain(|_, places| {
            while places.pop_front_if(|at| is_past(at)).is_some() {}
            !places.is_empty()
        });
        near.values().fold(None, |found: Option<(usize, usize)>, places| {
            let first = *places.front()?;
            if !members.get(first).is_some_and(|other| is_opposed(own, other)) {
                return found;
            }
            let (least, count) = found.unwrap_or((first, 0));
            Some((least.min(first), count + places.len()))
        })
    };
    members.iter().map(look).collect()
}

/// Whether one report has no more right to count than the other.
fn stand_equal(one: &Member<'_>, other: &Member<'_>) -> bool {
    let are_alike = one.checked.candidate.is_enclosed == other.checked.candidate.is_enclosed;
    one.takes_part && other.takes_part && are_alike
}

/// Whether two reports say different things of one month.
fn differ(one: &Member<'_>, other: &Member<'_>) -> bool {
    let is_same = Rc::ptr_eq(&one.laid, &other.laid);
    stand_equal(one, other) && !is_same && !agree(one, other)
}

/// Whether one is an export that agrees with a form which is in conflict: it does not decide at that
/// moment between two forms that it may both agree with.
fn stands_between(one: &Member<'_>, other: &Member<'_>) -> bool {
    let is_another = !Rc::ptr_eq(&one.laid, &other.laid);
    let is_export = one.layout() == Layout::Table && agree(one, other);
    is_export && is_another && other.is_open && stand_equal(one, other)
}

/// Whether one is an export and the other a firm's form that bears its fixed items: the export has
/// one row for what the form has in many.
fn agree(one: &Member<'_>, other: &Member<'_>) -> bool {
    let (export, form) = match (one.layout(), other.layout()) {
        (Layout::Table, Layout::Sheet) => (one, other),
        (Layout::Sheet, Layout::Table) => (other, one),
        _ => return false,
    };
    let mut shared = export.laid.figures.iter().filter(|((item, measure), _)| {
        let is_of_month = matches!(measure, Measure::Month | Measure::PriorMonth);
        notes::is_fixed(item) && !(is_of_month && export.is_cumulative)
    });
    // A row that the form leaves blank as a whole states what zeros do.
    let is_blank =
        |item: &str| Measure::ALL.iter().all(|it| !form.laid.figures.contains_key(&(item, *it)));
    shared.all(|(place, value)| {
        form.laid.figures.get(place) == Some(value) || value.0.is_zero() && is_blank(place.0)
    })
}

impl<'a> Member<'a> {
    fn layout(&self) -> Layout {
        self.checked.candidate.report.layout
    }

    fn kind(&self) -> Kind<'a> {
        let is_export = self.layout() == Layout::Table;
        let figures = Rc::as_ptr(&self.laid);
        (figures, [is_export, self.checked.candidate.is_enclosed, self.takes_part, self.is_open])
    }
}
