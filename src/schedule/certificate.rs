//! The misfire certificate: every instant at which a job was due in a stretch of time, and what became
//! of it.
//!
//! In: what the ledger recorded. Out: a line an instant, and totals that add up. An instant is decided upon
//! once and kept once: `(job, occasion)` is unique in the ledger, and a promise says up to where every
//! instant is decided. What comes after that mark, or is still to come, is reckoned by the schedule that
//! holds now.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::basis::Basis;
use super::misfire::ON_TIME;
use super::{DueInstant, LocalCalendar, triggers, wall};
use crate::domain::period::Period;
use crate::domain::words::words;
use crate::ledger::attempts::Attempt;
use crate::ledger::orders::{AskedBy, Order, State};
use crate::ledger::promises::Promise;
use crate::ledger::reason::Reason;
use crate::project::schedules::Schedule;

/// Lines of one certificate: a job that comes every minute has 44,640 instants in a month. The rest is
/// counted in the totals.
pub const LINES_MAX: usize = 50_000;

/// Instants are kept to the millisecond.
const LEAST: TimeDelta = TimeDelta::milliseconds(1);

/// What a job's file promised for a stretch of time.
#[derive(Clone, Debug)]
pub struct PromiseTerm {
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

impl PromiseTerm {
    /// What a promise of the ledger says; an error where another version wrote it.
    pub fn read(promise: &Promise) -> Result<Self, serde_json::Error> {
        Ok(Self {
            schedule: serde_json::from_str(&promise.schedule)?,
            basis: serde_json::from_str(&promise.basis)?,
            since: promise.since,
            until: promise.until,
            decided_until: promise.decided_until,
        })
    }

    /// The zone its times were meant in.
    pub fn zone(&self) -> Tz {
        self.basis.local_calendar().zone_of(&self.schedule)
    }

    /// How many instants it has in `[from, until)`.
    fn count(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> u64 {
        if until <= from {
            return 0;
        }
        triggers::count(&self.schedule, &self.basis.local_calendar(), from - LEAST, until - LEAST)
    }
}

words! {
    /// What became of an instant.
    InstantFate {
        /// It was carried out when it was due, or as soon as what ran then had ended.
        Ran = "ran",
        /// It was missed and carried out later.
        MadeUp = "made_up",
        /// It was not carried out, for a reason.
        Skipped = "skipped",
        /// It is still to be carried out.
        Waiting = "waiting",
        /// It is being carried out.
        Running = "running",
        /// It has come, and no daemon has decided upon it yet.
        Undecided = "undecided",
        /// It lies in the future.
        ToCome = "to_come",
    }
}

/// One instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CertificateLine {
    /// The instant.
    pub due_at: DateTime<Utc>,
    /// The months it is about, first and last.
    pub months: Option<(Period, Period)>,
    /// What became of it.
    pub fate: InstantFate,
    /// Its order; `None` where the ledger has none yet.
    pub order: Option<Order>,
    /// The first and the last attempt at it, in one.
    pub run: Option<Ran>,
}

/// From the first attempt at an order to the end of its last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ran {
    /// The order.
    pub order_id: i64,
    /// How the last stands.
    pub state: State,
    /// When the first began.
    pub started_at: DateTime<Utc>,
    /// When the last ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Ran {
    /// The runs of attempts, oldest first, by order.
    pub fn of(attempts: &[Attempt]) -> BTreeMap<i64, Self> {
        let mut runs: BTreeMap<i64, Self> = BTreeMap::new();
        for it in attempts {
            let (order_id, state, started_at) = (it.order_id, it.state, it.started_at);
            let ended_at = it.ended_at;
            let first = Self { order_id, state, started_at, ended_at };
            let run = runs.entry(order_id).or_insert(first);
            (run.state, run.ended_at) = (state, ended_at);
        }
        runs
    }
}

/// Sums: `due` is `ran + made_up + skipped + waiting + undecided`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Instants that had come.
    pub due: u64,
    /// Carried out when they were due.
    pub ran: u64,
    /// Carried out later.
    pub made_up: u64,
    /// Of those carried out: failed.
    pub failed: u64,
    /// Skipped.
    pub skipped: u64,
    /// Still to be carried out, or under way.
    pub waiting: u64,
    /// No daemon has decided upon them yet.
    pub undecided: u64,
    /// In the future.
    pub to_come: u64,
    /// Counted here, not listed.
    pub unlisted: u64,
}

/// Every instant of a stretch, oldest first, and the sums.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// Since when a daemon has watched over the job; `None`: never.
    pub since: Option<DateTime<Utc>>,
    /// The lines, at most [`LINES_MAX`].
    pub lines: Vec<CertificateLine>,
    /// The sums, over all instants.
    pub totals: Totals,
    /// Skipped, by reason.
    #[serde(serialize_with = "as_list")]
    pub skipped_by_reason: BTreeMap<Reason, u64>,
}

fn as_list<S: serde::Serializer>(
    skipped: &BTreeMap<Reason, u64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(skipped)
}

/// The instants of a calendar month in a zone: from its first, up to before the first of the next.
pub fn month(period: Period, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    let start = |day: chrono::NaiveDate| wall::instant(zone, day.and_time(chrono::NaiveTime::MIN));
    (start(period.first_day()), start(period.last_day() + chrono::Days::new(1)))
}

/// What the ledger has of a job and a stretch of time.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// What its file promised, oldest first.
    pub terms: Vec<PromiseTerm>,
    /// Its orders that were due in the stretch, and the one that stands for a gap reaching into it.
    pub orders: Vec<Order>,
    /// The attempts at them.
    pub attempts: Vec<Attempt>,
}

/// The certificate of `[from, until)`; `file` and `local`, the schedule and what it is reckoned by as
/// they are now, say what is to come.
pub fn certificate(
    record: Record,
    file: Option<(&Schedule, &LocalCalendar<'_>)>,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Certificate {
    let Record { terms, orders, attempts } = record;
    let since = terms.first().map(|term| term.since);
    let mut certificate = Certificate { since, ..Certificate::default() };
    let mut runs = Ran::of(&attempts);
    for order in orders {
        let run = runs.remove(&order.order_id);
        certificate.add_order(order, run, &terms, (from, until));
    }
    if let Some(term) = terms.iter().rev().find(|term| term.until.is_none()) {
        let first = (term.decided_until + LEAST).max(from);
        let local = term.basis.local_calendar();
        certificate.add_all(
            (&term.schedule, &local),
            InstantFate::Undecided,
            (first, until.min(now + LEAST)),
        );
    }
    if let Some(file) = file {
        certificate.add_all(file, InstantFate::ToCome, ((now + LEAST).max(from), until));
    }
    certificate
}

impl Certificate {
    fn add_order(
        &mut self,
        order: Order,
        run: Option<Ran>,
        terms: &[PromiseTerm],
        (from, until): (DateTime<Utc>, DateTime<Utc>),
    ) {
        let fate = fate(&order);
        let count = match order.reasons.first() {
            // It stands for many, of which some may lie in another month.
            Some(Reason::Gap { first, before, .. }) => {
                let term = terms.iter().rev().find(|term| term.since <= *first);
                term.map_or(0, |term| term.count(from.max(*first), until.min(*before)))
            }
            _ => 1,
        };
        self.totals.failed += if order.state == State::Failed { count } else { 0 };
        if fate == InstantFate::Skipped && count > 0 {
            let reason = order.reasons.last().cloned().unwrap_or(Reason::Unobserved);
            *self.skipped_by_reason.entry(reason).or_default() += count;
        }
        let (due_at, months) = (order.asked.due_at, order.asked.months);
        self.add(fate, count);
        if count > 0 {
            self.list(CertificateLine { due_at, months, fate, order: Some(order), run }, count);
        }
    }

    /// The instants of a schedule in `[from, until)` that fare alike.
    fn add_all(
        &mut self,
        (schedule, local): (&Schedule, &LocalCalendar<'_>),
        fate: InstantFate,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
    ) {
        if until <= from {
            return;
        }
        let room = LINES_MAX.saturating_sub(self.lines.len());
        let (after, last) = (from - LEAST, until - LEAST);
        let count = triggers::count(schedule, local, after, last);
        self.add(fate, count);
        for DueInstant { at, months, .. } in triggers::occasions(schedule, local, after, last, room)
        {
            self.lines.push(CertificateLine { due_at: at, months, fate, order: None, run: None });
        }
        let listed = u64::try_from(room).unwrap_or(u64::MAX).min(count);
        self.totals.unlisted += count - listed;
    }

    fn list(&mut self, line: CertificateLine, count: u64) {
        if self.lines.len() < LINES_MAX {
            self.lines.push(line);
            self.totals.unlisted += count - 1;
        } else {
            self.totals.unlisted += count;
        }
    }

    fn add(&mut self, fate: InstantFate, count: u64) {
        let totals = &mut self.totals;
        totals.due += if fate == InstantFate::ToCome { 0 } else { count };
        *match fate {
            InstantFate::Ran => &mut totals.ran,
            InstantFate::MadeUp => &mut totals.made_up,
            InstantFate::Skipped => &mut totals.skipped,
            InstantFate::Waiting | InstantFate::Running => &mut totals.waiting,
            InstantFate::Undecided => &mut totals.undecided,
            InstantFate::ToCome => &mut totals.to_come,
        } += count;
    }
}

fn fate(order: &Order) -> InstantFate {
    let late = ON_TIME < order.decided_at - order.asked.due_at;
    let was_missed = match order.asked.asked_by {
        AskedBy::CatchUp => true,
        AskedBy::Clock | AskedBy::Deadline => late,
        _ => false,
    };
    match order.state {
        State::Skipped | State::Cancelled => InstantFate::Skipped,
        State::Waiting | State::Paused => InstantFate::Waiting,
        State::Running => InstantFate::Running,
        _ if was_missed => InstantFate::MadeUp,
        _ => InstantFate::Ran,
    }
}
