//! What is to be done: which partitions of the lake are older than their inputs.
//!
//! Pure but for reading fingerprints: nothing is opened that was sent.

use crate::domain::partition::Partition;
use crate::domain::period::Period;
use crate::files;
use crate::project::inputs::Input;
use crate::stages::archive::{self, Entry};

use super::context::{Context, MONTHS_BACK, months_back};
use super::output::Output;
use super::{RunError, Workshop};

/// Which months a run is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The first month; open when `None`.
    pub from: Option<Period>,
    /// The last month, included; open when `None`.
    pub to: Option<Period>,
    /// Whether months that are up to date are done again.
    pub is_forced: bool,
}

impl Scope {
    /// Whether a partition lies in the scope; what has no month does when the scope is open.
    pub fn holds(&self, partition: Partition) -> bool {
        match partition {
            Partition::Month(period) => {
                let has_begun = self.from.is_none_or(|from| from <= period);
                has_begun && self.to.is_none_or(|to| period <= to)
            }
            Partition::Unreadable => self.from.is_none() && self.to.is_none(),
        }
    }
}

/// A partition with what it would be made from.
#[derive(Clone, Debug)]
pub struct Work {
    /// The partition.
    pub partition: Partition,
    /// Its workbooks.
    pub entries: Vec<Entry>,
    /// Fingerprint of what was received.
    pub received: String,
    /// Fingerprint of its inputs as they are now.
    pub inputs: String,
    /// Fingerprint of the inputs it was made from; `None` when it was never finished or is damaged.
    pub made_from: Option<String>,
}

impl Work {
    /// Looks at a partition's inputs.
    pub fn look(
        workshop: &Workshop,
        output: &Output,
        partition: Partition,
        context: &mut Context,
    ) -> Result<Self, RunError> {
        let entries = archive::entries(&output.archive(), partition)?;
        let lines: Vec<String> = entries.iter().map(line).collect();
        let received = files::fingerprint([("received", lines.join("\n").as_str())]);
        let (period, looked_back) = match partition {
            Partition::Month(period) => (Some(period), context.fingerprint(period)?),
            Partition::Unreadable => (None, String::new()),
        };
        let kinds = MADE_FROM.iter().filter(|kind| period.is_some() || READ_BY.contains(kind));
        let kinds = kinds.map(|kind| (kind.name(), workshop.inputs.at(*kind, period)));
        let heirs = period.map_or_else(String::new, |period| heirs(workshop, period));
        let others = [
            ("received", received.as_str()),
            ("looked_back", looked_back.as_str()),
            ("heirs", heirs.as_str()),
        ];
        let inputs = files::fingerprint(kinds.chain(others));
        let name = partition.to_string();
        let marks = context.marks(&name)?;
        let is_sound = !context.is_damaged(&name);
        let made_from = marks.filter(|_| is_sound).map(|marks| marks.inputs);
        Ok(Self { partition, entries, received, inputs, made_from })
    }

    /// Whether the partition was made from just these inputs.
    pub fn is_up_to_date(&self) -> bool {
        self.made_from.as_ref() == Some(&self.inputs)
    }
}

/// The kinds of input by which workbooks are read.
const READ_BY: [Input; 3] = [Input::Program, Input::Settings, Input::Forms];

/// The kinds of input a month of the lake is made from, beside what was received.
const MADE_FROM: [Input; 6] =
    [Input::Program, Input::Settings, Input::Forms, Input::Rules, Input::Roster, Input::Calendar];

/// Who goes on from whom within a year: in the heir's workbook the older firm's form is only enclosed.
fn heirs(workshop: &Workshop, period: Period) -> String {
    let changes = &workshop.project.seeds.roster.restructurings;
    let is_ahead = |from: Period| {
        period < from && from.months_before(12).is_none_or(|before| before <= period)
    };
    let ahead = changes.iter().filter(|it| it.kind.continues() && is_ahead(it.period));
    let lines: Vec<String> =
        ahead.map(|it| format!("{} {} {:?}", it.period, it.credit_code, it.predecessor)).collect();
    lines.join("\n")
}

fn line(entry: &Entry) -> String {
    format!("{} {} {}", entry.sha256, entry.received_at.to_rfc3339(), entry.received_as)
}

/// The partitions of a scope that have anything in the archive, oldest first.
pub fn partitions(output: &Output, scope: Scope) -> Result<Vec<Partition>, RunError> {
    let mut partitions = archive::partitions(&output.archive())?;
    partitions.retain(|partition| scope.holds(*partition));
    Ok(partitions)
}

/// Why a month is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It was never finished.
    New,
    /// Its files in the lake are not as they were written.
    Damaged,
    /// What was received for it cannot be read.
    Unreadable,
    /// Its workbooks, the rules, the forms or the roster changed.
    Changed,
    /// A month it looks back at is damaged beyond telling what it held.
    Unknown,
    /// A month it looks back at is to be done; it is skipped if that one turns out the same.
    Follows,
    /// Asked for by `--force`.
    Forced,
}

/// What a run over a scope would do, without doing it. Every byte of the scope's partitions is read.
pub fn preview(
    workshop: &Workshop,
    output: &Output,
    scope: Scope,
) -> Result<Vec<(Partition, Option<Reason>)>, RunError> {
    let mut context = Context::new(output.lake());
    let mut planned: Vec<(Partition, Option<Reason>)> = Vec::new();
    for partition in partitions(output, scope)? {
        let name = partition.to_string();
        context.look_through(&name)?;
        let Ok(work) = Work::look(workshop, output, partition, &mut context) else {
            planned.push((partition, Some(Reason::Unreadable)));
            continue;
        };
        let follows = planned
            .iter()
            .any(|(earlier, reason)| reason.is_some() && is_looked_back_at(*earlier, partition));
        let reason = match work.made_from {
            None if context.is_damaged(&name) => Some(Reason::Damaged),
            None => Some(Reason::New),
            Some(_) if !work.is_up_to_date() && looks_back_in_vain(&mut context, partition)? => {
                Some(Reason::Unknown)
            }
            Some(_) if !work.is_up_to_date() => Some(Reason::Changed),
            Some(_) if scope.is_forced => Some(Reason::Forced),
            Some(_) if follows => Some(Reason::Follows),
            Some(_) => None,
        };
        planned.push((partition, reason));
    }
    Ok(planned)
}

/// Whether a month that this one looks back at is so damaged that nobody knows what it held.
fn looks_back_in_vain(context: &mut Context, partition: Partition) -> Result<bool, RunError> {
    let Partition::Month(period) = partition else { return Ok(false) };
    for back in months_back(period) {
        let partition = back.to_string();
        if context.marks(&partition)?.is_none() && context.is_damaged(&partition) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The finished months that look back at a month and are stale.
pub fn followers(
    workshop: &Workshop,
    output: &Output,
    period: Period,
) -> Result<Vec<Period>, RunError> {
    let mut context = Context::new(output.lake());
    let mut followers = Vec::new();
    for partition in partitions(output, Scope::default())? {
        let Partition::Month(later) = partition else { continue };
        if is_looked_back_at(Partition::Month(period), partition) {
            // One that cannot be looked at fails when its own turn comes.
            let Ok(work) = Work::look(workshop, output, partition, &mut context) else { continue };
            if work.made_from.is_some() && !work.is_up_to_date() {
                followers.push(later);
            }
        }
    }
    Ok(followers)
}

/// Whether the checks of a later month look back at an earlier one.
pub fn is_looked_back_at(earlier: Partition, later: Partition) -> bool {
    match (earlier, later) {
        (Partition::Month(earlier), Partition::Month(later)) => {
            earlier < later && later.months_before(MONTHS_BACK).is_none_or(|first| first <= earlier)
        }
        _ => false,
    }
}
