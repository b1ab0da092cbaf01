//! The misfire certificate: every instant at which a job was due in a stretch of time, and what became
//! of it.
//!
//! In: what the job's file promised over time, the activations and runs the ledger kept, when a daemon
//! ran. Out: a line an instant, and totals that add up: nothing that was promised is left out, nothing
//! is counted twice. Instants are reckoned anew from the schedules, deadlines and zone that held then,
//! so that a ledger which lacks one is found out, and no later edit changes what is certified.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::basis::Basis;
use super::misfire::ON_TIME;
use super::{Almanac, Occasion, wall};
use crate::domain::activation::{ActivationState, RunState, TriggerKind};
use crate::domain::period::Period;
use crate::project::schedules::Schedule;

mod fate;

mod reckoning;

pub use self::fate::{Fate, Gone, Totals};
use self::reckoning::Reckoning;

/// Lines of one certificate: a job that comes every minute has 44,640 instants in a month. Of a job
/// that comes more often what the ledger kept is listed first, then what is owed and has no record,
/// then what nobody owed, each from its oldest on; the rest is counted in the totals.
pub const LINES_MAX: usize = 50_000;

/// What a job's file promised for a stretch of time.
#[derive(Clone, Debug)]
pub struct Term {
    /// The schedule.
    pub schedule: Schedule,
    /// What it was reckoned by.
    pub basis: Basis,
    /// Since when; nothing up to here is owed under it.
    pub since: DateTime<Utc>,
    /// Until when; `None`: it holds now.
    pub until: Option<DateTime<Utc>>,
    /// Every instant up to here has been decided upon.
    pub decided_until: DateTime<Utc>,
}

impl Term {
    /// The zone its times were meant in.
    pub fn zone(&self) -> Tz {
        self.basis.almanac().zone_of(&self.schedule)
    }
}

/// An activation the ledger kept.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its number.
    pub activation_id: i64,
    /// The instant it was due.
    pub scheduled_at: DateTime<Utc>,
    /// What it comes from.
    pub trigger_kind: TriggerKind,
    /// The months it is about.
    pub months: Option<(Period, Period)>,
    /// When it was decided upon.
    pub decided_at: DateTime<Utc>,
    /// How it stands.
    pub state: ActivationState,
    /// Why it was skipped, waits or was made up for.
    pub reason: Option<String>,
    /// Attempts made.
    pub attempts: u32,
    /// The run that carried it out.
    pub run: Option<Ran>,
}

/// The run of an activation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ran {
    /// Its number in the ledger.
    pub run_id: i64,
    /// How it stands.
    pub state: RunState,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A time during which a daemon ran: first and last sign of life.
pub type Watch = (DateTime<Utc>, DateTime<Utc>);

/// What is known of a job.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// What its file promised, oldest first; no two overlap.
    pub terms: Vec<Term>,
    /// What the ledger kept of the stretch, and the gap that reaches into it; in any order.
    pub records: Vec<Record>,
    /// When a daemon ran.
    pub watches: Vec<Watch>,
}

/// One instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The instant.
    pub scheduled_at: DateTime<Utc>,
    /// The first month it is about.
    pub period_from: Option<Period>,
    /// The last month it is about.
    pub period_to: Option<Period>,
    /// Its activation in the ledger.
    pub activation_id: Option<i64>,
    /// What became of it.
    #[serde(flatten)]
    pub fate: Fate,
}

/// Every instant of a stretch, oldest first, and the sums.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// The lines, at most [`LINES_MAX`].
    pub lines: Vec<Line>,
    /// The sums, over all instants.
    pub totals: Totals,
}

/// The instants of a calendar month in a zone: from its first, up to before the first of the next.
pub fn month(period: Period, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    let start = |day: chrono::NaiveDate| wall::instant(zone, day.and_time(chrono::NaiveTime::MIN));
    (start(period.first_day()), start(period.last_day() + chrono::Days::new(1)))
}

/// The certificate of `[from, until)`. Instants that are over and under no promise are reckoned by the
/// first promise that came after. `file` and `almanac`, the schedule and what it is reckoned by as they
/// are now, say what is to come, and what is over and under no promise up to now.
pub fn certificate(
    evidence: &Evidence,
    file: Option<&Schedule>,
    almanac: &Almanac<'_>,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Certificate {
    let mut reckoning = Reckoning::new(evidence, (from, until), now);
    for stretch in stretches(&evidence.terms, file.map(|file| (file, almanac)), now) {
        reckoning.reckon(&stretch);
    }
    reckoning.end()
}

/// Instants are whole seconds; a promise may begin at a millisecond.
const LEAST: chrono::TimeDelta = chrono::TimeDelta::milliseconds(1);

/// A time during which one schedule held, or would have.
struct Stretch<'a> {
    schedule: &'a Schedule,
    almanac: Almanac<'a>,
    term: Option<&'a Term>,
    /// Instants after this one, from the first on when `None`.
    after: Option<DateTime<Utc>>,
    /// Up to this one, to the last when `None`.
    until: Option<DateTime<Utc>>,
}

/// The promises and the times between them up to now, then what is to come: each instant falls into
/// one stretch.
fn stretches<'a>(
    terms: &'a [Term],
    file: Option<(&'a Schedule, &Almanac<'a>)>,
    now: DateTime<Utc>,
) -> Vec<Stretch<'a>> {
    let mut stretches = Vec::new();
    let mut end = None;
    let mut is_open = true;
    for (term, until) in held(terms) {
        let (schedule, almanac) = (&term.schedule, term.basis.almanac());
        let since = Some(term.since);
        let over = |until: Option<DateTime<Utc>>| Some(until.map_or(now, |until| until.min(now)));
        stretches.push(Stretch { schedule, almanac, term: None, after: end, until: over(since) });
        let until_now = over(until);
        stretches.push(Stretch {
            schedule,
            almanac,
            term: Some(term),
            after: since,
            until: until_now,
        });
        (end, is_open) = (until, until.is_some());
    }
    if let Some((schedule, almanac)) = file {
        let of_file =
            |after, until| Stretch { schedule, almanac: *almanac, term: None, after, until };
        stretches.extend(is_open.then(|| of_file(end, Some(now))));
        stretches.push(of_file(Some(now), None));
    }
    stretches
}

/// The promises that held, each with until when, so that no two overlap: where a clock was set back
/// the one that began again from there holds, and what began after the one that holds now, when the
/// clock was ahead, never did.
fn held(terms: &[Term]) -> Vec<(&Term, Option<DateTime<Utc>>)> {
    let now = terms.iter().filter(|term| term.until.is_none()).map(|term| term.since).min();
    let began: Vec<&Term> =
        terms.iter().filter(|term| now.is_none_or(|now| term.since <= now)).collect();
    let mut held = Vec::new();
    for (place, term) in began.iter().enumerate() {
        let next = began.get(place + 1).map(|next| next.since);
        let until = [term.until, next].into_iter().flatten().min();
        if until.is_none_or(|until| term.since < until) {
            held.push((*term, until));
        }
    }
    held
}

fn line(occasion: &Occasion, record: Option<&Record>, fate: Fate) -> Line {
    let months = record.map_or(occasion.months, |record| record.months);
    Line {
        scheduled_at: occasion.at,
        period_from: months.map(|(first, _)| first),
        period_to: months.map(|(_, last)| last),
        activation_id: record.map(|record| record.activation_id),
        fate,
    }
}

/// The line of an activation that no instant of a schedule asked for: enough had come in, or new files
/// lay in the inbox.
fn beside_the_plan(record: &Record) -> Line {
    Line {
        scheduled_at: record.scheduled_at,
        period_from: record.months.map(|(first, _)| first),
        period_to: record.months.map(|(_, last)| last),
        activation_id: Some(record.activation_id),
        fate: of_record(record),
    }
}

fn of_record(record: &Record) -> Fate {
    let was_missed = record.trigger_kind == TriggerKind::CatchUp
        || (ON_TIME < record.decided_at - record.scheduled_at
            && matches!(record.trigger_kind, TriggerKind::Clock | TriggerKind::Deadline));
    let reason = record.reason.clone();
    let run = record.run.clone();
    match record.state {
        ActivationState::Skipped => Fate::Skipped { reason: reason.unwrap_or_default() },
        ActivationState::Waiting => Fate::Waiting { reason, run },
        ActivationState::Running => Fate::Running { run },
        outcome if was_missed => Fate::MadeUp { outcome, reason, run },
        outcome => Fate::Ran { outcome, reason, run },
    }
}

/// A promised instant that has come and of which the ledger says nothing.
fn unrecorded(occasion: &Occasion, term: &Term, evidence: &Evidence) -> Fate {
    let was_watched =
        evidence.watches.iter().any(|(from, to)| (*from..=*to).contains(&occasion.at));
    let gone = match (was_watched, occasion.at <= term.decided_until) {
        (true, false) if term.until.is_none() => Gone::NotDecidedYet,
        (true, _) => Gone::Unexplained,
        (false, false) if term.until.is_none() => Gone::NobodyRuns,
        (false, _) => Gone::NobodyRan,
    };
    Fate::NoRecord { why: gone }
}

/// An instant that nothing promised: it is to come, or nothing promised it then.
fn unpromised(occasion: &Occasion, evidence: &Evidence, now: DateTime<Utc>) -> Fate {
    if now < occasion.at {
        return Fate::ToCome;
    }
    if evidence.terms.is_empty() {
        return Fate::NotPromised { why: Gone::NoDaemonYet };
    }
    let is_before = evidence.terms.first().is_some_and(|term| occasion.at <= term.since);
    Fate::NotPromised { why: if is_before { Gone::BegunLater } else { Gone::NoPromise } }
}
