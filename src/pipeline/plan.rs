//! What is to be done: which partitions of the lake are older than their inputs.
//!
//! Pure but for reading fingerprints: nothing is opened that was sent.

use crate::domain::partition::Partition;
use crate::domain::period::Period;
use crate::files;
use crate::project::inputs::Input;
use crate::stages::archive::{self, Receipt};

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
        let is_open = self.from.is_none() && self.to.is_none();
        partition.month().map_or(is_open, |period| period.is_within(self.from, self.to))
    }
}

/// A partition with what it would be made from.
#[derive(Clone, Debug)]
pub struct Work {
    /// The partition.
    pub partition: Partition,
    /// What was received for it.
    pub entries: Vec<Receipt>,
    /// Fingerprint of what was received.
    pub received: String,
    /// Fingerprint of its inputs as they are now.
    pub inputs: String,
    /// Fingerprint of the inputs it was made from; `None` when it was never finished or is damaged.
    pub made_from: Option<String>,
}

/// The kinds of input by which workbooks are read.
const READ_BY: [Input; 3] = [Input::Program, Input::Settings, Input::Forms];

/// The kinds of input a month of the lake is made from, beside what was received.
const MADE_FROM: [Input; 6] =
    [Input::Program, Input::Settings, Input::Forms, Input::Rules, Input::Roster, Input::Calendar];

impl Work {
    /// Looks at a partition's inputs.
    pub fn look(
        workshop: &Workshop,
        output: &Output,
        partition: Partition,
        context: &mut Context,
    ) -> Result<Self, RunError> {
        let entries = archive::entries(&output.archive(), partition)?;
        let line = |it: &Receipt| {
            format!("{} {} {}", it.sha256, it.received_at.to_rfc3339(), it.received_as)
        };
        let lines: Vec<String> = entries.iter().map(line).collect();
        let received = files::fingerprint([("received", lines.join("\n").as_str())]);
        let period = partition.month();
        let looked_back = match period {
            Some(period) => context.fingerprint(period)?,
            None => String::new(),
        };
        let heirs = period.map_or_else(String::new, |period| heirs(workshop, period));
        let kinds = MADE_FROM.iter().filter(|kind| period.is_some() || READ_BY.contains(kind));
        let kinds = kinds.map(|kind| (kind.name(), workshop.inputs.at(*kind, period)));
        let others = [("received", &received), ("looked_back", &looked_back), ("heirs", &heirs)];
        let others = others.map(|(kind, text)| (kind, text.as_str()));
        let inputs = files::fingerprint(kinds.chain(others));
        let made_from = context.marks(partition)?.map(|marks| marks.inputs.clone());
        let made_from = made_from.filter(|_| !context.is_damaged(partition));
        Ok(Self { partition, entries, received, inputs, made_from })
    }

    /// Whether the partition was made from just these inputs.
    pub fn is_up_to_date(&self) -> bool {
        self.made_from.as_ref() == Some(&self.inputs)
    }
}

/// Who goes on from whom within a year: in the heir's workbook the older firm's form is only enclosed.
fn heirs(workshop: &Workshop, period: Period) -> String {
    let changes = workshop.project.seeds.roster.restructurings.iter();
    let is_ahead = |from: Period| {
        period < from && from.months_before(12).is_none_or(|before| before <= period)
    };
    let ahead = changes.filter(|it| it.kind.continues() && is_ahead(it.period));
    let lines: Vec<String> =
        ahead.map(|it| format!("{} {} {:?}", it.period, it.credit_code, it.predecessor)).collect();
    lines.join("\n")
}

/// The partitions of a scope that have anything in the archive, oldest first.
pub fn partitions(output: &Output, scope: Scope) -> Result<Vec<Partition>, RunError> {
    let mut partitions = archive::partitions(&output.archive())?;
    partitions.retain(|partition| scope.holds(*partition));
    Ok(partitions)
}

/// Why a month is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaleReason {
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
) -> Result<Vec<(Partition, Option<StaleReason>)>, RunError> {
    let mut context = Context::new(output.lake());
    let mut planned: Vec<(Partition, Option<StaleReason>)> = Vec::new();
    for partition in partitions(output, scope)? {
        context.look_through(partition)?;
        let follows = |(earlier, reason): &(Partition, Option<StaleReason>)| {
            reason.is_some() && is_looked_back_at(*earlier, partition)
        };
        let reason = match Work::look(workshop, output, partition, &mut context) {
            Err(_) => Some(StaleReason::Unreadable),
            Ok(Work { made_from: None, .. }) if context.is_damaged(partition) => {
                Some(StaleReason::Damaged)
            }
            Ok(Work { made_from: None, .. }) => Some(StaleReason::New),
            Ok(work) if work.is_up_to_date() && scope.is_forced => Some(StaleReason::Forced),
            Ok(work) if work.is_up_to_date() => {
                planned.iter().any(follows).then_some(StaleReason::Follows)
            }
            Ok(_) if looks_back_in_vain(&mut context, partition)? => Some(StaleReason::Unknown),
            Ok(_) => Some(StaleReason::Changed),
        };
        planned.push((partition, reason));
    }
    Ok(planned)
}

/// Whether a month that this one looks back at is so damaged that nobody knows what it held.
fn looks_back_in_vain(context: &mut Context, partition: Partition) -> Result<bool, RunError> {
    for back in partition.month().into_iter().flat_map(months_back).map(Partition::Month) {
        if context.marks(back)?.is_none() && context.is_damaged(back) {
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
    let mut later = partitions(output, Scope::default())?;
    later.retain(|partition| is_looked_back_at(Partition::Month(period), *partition));
    // One that cannot be looked at fails when its own turn comes.
    let works =
        later.into_iter().filter_map(|it| Work::look(workshop, output, it, &mut context).ok());
    let stale = works.filter(|work| work.made_from.is_some() && !work.is_up_to_date());
    Ok(stale.filter_map(|work| work.partition.month()).collect())
}

/// Whether the checks of a later month look back at an earlier one.
pub fn is_looked_back_at(earlier: Partition, later: Partition) -> bool {
    earlier.month().zip(later.month()).is_some_and(|(earlier, later)| {
        earlier < later && later.months_before(MONTHS_BACK).is_none_or(|first| first <= earlier)
    })
}
