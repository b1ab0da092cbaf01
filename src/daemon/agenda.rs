//! The agenda: what is due next, kept in step with the promises in the ledger.
//!
//! In: the project's schedules, the promises, the present instant. Out: every instant that came since
//! the last look, decided upon once, in one transaction a job. Covers start, sleep, clock jumps and
//! changed files alike: whatever lies between `decided_until` and now is owed. Between two due
//! instants nothing is read or written.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};

use crate::ledger::orders::{Asked, AskedBy, State};
use crate::ledger::promises::Promise;
use crate::ledger::reason::Reason;
use crate::ledger::{Ledger, LedgerError};
use crate::project::Project;
use crate::project::schedules::Schedule;
use crate::schedule::basis::Basis;
use crate::schedule::misfire::{self, Decision, Earlier};
use crate::schedule::{DueInstant, LocalCalendar, triggers};

/// A clock that goes back by less is only waited for.
const SET_BACK_MIN: TimeDelta = TimeDelta::seconds(5);

/// A clock that has been behind for so long is believed: after a boot it may be wrong for a while.
const BELIEVED_AFTER: TimeDelta = TimeDelta::minutes(10);

/// What is due next, by job.
#[derive(Debug, Default)]
pub struct Agenda {
    jobs: BTreeMap<String, ScheduledJob>,
    /// Since when, by its own time, the clock has been behind what is decided.
    behind_since: Option<DateTime<Utc>>,
}

#[derive(Debug)]
struct ScheduledJob {
    schedule: Schedule,
    basis: Basis,
    /// Nothing up to here is owed.
    since: DateTime<Utc>,
    decided_until: DateTime<Utc>,
    next: Option<DateTime<Utc>>,
}

/// A project's time zone and deadlines.
pub fn local_calendar(project: &Project) -> LocalCalendar<'_> {
    LocalCalendar { zone: project.settings.time_zone, calendar: &project.seeds.calendar }
}

impl Agenda {
    /// Brings the promises in step with the project. A schedule that changed or went away, or whose
    /// deadlines or zone changed, is held to for the time until now; then the new one begins.
    /// Repeatable: a failure half-way loses and doubles nothing.
    pub async fn align(
        ledger: &Ledger,
        project: &Project,
        now: DateTime<Utc>,
    ) -> Result<Self, LedgerError> {
        let mut agenda = Self::default();
        // Jobs that wait for what they waited for before: a month may have come in meanwhile.
        let mut waiting_since = BTreeMap::new();
        for promise in ledger.promises().await? {
            let Some(mut entry) = ScheduledJob::promised(&promise) else {
                tracing::warn!(job = %promise.job, "the schedule in the ledger is of another version: begun anew");
                ledger.end_promise(&promise.job, now).await?;
                continue;
            };
            let file = project.schedules.get(&promise.job);
            if file.is_some_and(|schedule| entry.is_kept_by(schedule, project, now)) {
                agenda.jobs.insert(promise.job, entry);
                continue;
            }
            while entry.is_due(now) {
                entry.decide(ledger, file.is_none(), now).await?;
            }
            tracing::info!(job = %promise.job, "schedule, deadlines or time zone changed, or removed");
            ledger.end_promise(&promise.job, now).await?;
            let coverage = entry.schedule.coverage();
            if coverage.is_some() && file.is_some_and(|file| file.coverage() == coverage) {
                waiting_since.insert(promise.job, entry.decided_until.min(now));
            }
        }
        for (job, schedule) in &project.schedules {
            if agenda.jobs.contains_key(job) {
                continue;
            }
            let basis = Basis::of(schedule, &local_calendar(project));
            let mut entry = ScheduledJob::new(schedule.clone(), basis, now, now);
            entry.begin(ledger, now).await?;
            if let Some(since) = waiting_since.remove(job) {
                ledger.decide(job, &[], since).await?;
                entry.decided_until = since;
            }
            agenda.jobs.insert(job.clone(), entry);
        }
        Ok(agenda)
    }

    /// Decides on what has come; returns whether there is anything new. Touches the ledger only then.
    pub async fn keep_up(
        &mut self,
        ledger: &Ledger,
        now: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        self.mind_the_clock(ledger, now).await?;
        let mut is_new = false;
        for entry in self.jobs.values_mut().filter(|entry| entry.is_due(now)) {
            entry.decide(ledger, false, now).await?;
            is_new = true;
        }
        Ok(is_new)
    }

    /// While the clock is behind what is decided nothing is due. It may be put right at once, as after
    /// a boot; if it stays behind, it was ahead before.
    async fn mind_the_clock(
        &mut self,
        ledger: &Ledger,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let is_behind = |entry: &&mut ScheduledJob| now < entry.decided_until - SET_BACK_MIN;
        let Some(first) = self.jobs.values_mut().find(is_behind) else {
            self.behind_since = None;
            return Ok(());
        };
        let since = match self.behind_since {
            Some(since) if since <= now => since,
            _ => {
                tracing::warn!(decided_until = %first.decided_until, %now, "the clock was set back: instants known already stay as they are");
                *self.behind_since.insert(now)
            }
        };
        if now - since < BELIEVED_AFTER {
            return Ok(());
        }
        for entry in self.jobs.values_mut().filter(is_behind) {
            entry.set_back(ledger, now).await?;
        }
        self.behind_since = None;
        Ok(())
    }

    /// The jobs that wait for coverage, each with the instant before which nothing is owed.
    pub fn waiting_for_coverage(&self) -> Vec<(Schedule, DateTime<Utc>)> {
        let waiting = self.jobs.values().filter(|entry| entry.schedule.coverage().is_some());
        waiting.map(|entry| (entry.schedule.clone(), entry.decided_until)).collect()
    }

    /// The next instant of each job; none for coverage and where the calendar ends.
    pub fn next(&self) -> BTreeMap<String, DateTime<Utc>> {
        let next = |(job, entry): (&String, &ScheduledJob)| Some((job.clone(), entry.next?));
        self.jobs.iter().filter_map(next).collect()
    }
}

impl ScheduledJob {
    fn new(
        schedule: Schedule,
        basis: Basis,
        since: DateTime<Utc>,
        decided_until: DateTime<Utc>,
    ) -> Self {
        let mut entry = Self { schedule, basis, since, decided_until, next: None };
        entry.look_ahead();
        entry
    }

    /// What the ledger says was promised; `None` when another version wrote it.
    fn promised(promise: &Promise) -> Option<Self> {
        let schedule = serde_json::from_str(&promise.schedule).ok()?;
        let basis = serde_json::from_str(&promise.basis).ok()?;
        Some(Self::new(schedule, basis, promise.since, promise.decided_until))
    }

    /// Begins its promise in the ledger.
    async fn begin(&self, ledger: &Ledger, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let schedule = serde_json::to_string(&self.schedule).expect("a schedule is JSON");
        let basis = serde_json::to_string(&self.basis).expect("a basis is JSON");
        ledger.begin_promise(&self.schedule.job, &schedule, &basis, now).await
    }

    /// Takes the clock for right that is behind. A promise that was begun with it ahead begins anew:
    /// otherwise nothing would be owed until then.
    async fn set_back(&mut self, ledger: &Ledger, now: DateTime<Utc>) -> Result<(), LedgerError> {
        if now < self.since {
            self.begin(ledger, now).await?;
            self.since = now;
        }
        let forgotten = ledger.set_back(&self.schedule.job, now).await?;
        tracing::warn!(job = %self.schedule.job, %now, forgotten, "the clock was ahead: what it skipped is still to come");
        self.decided_until = now;
        self.look_ahead();
        Ok(())
    }

    /// Whether a project promises the same from here on.
    fn is_kept_by(&self, schedule: &Schedule, project: &Project, now: DateTime<Utc>) -> bool {
        let basis = Basis::of(schedule, &local_calendar(project));
        let after = whole(self.decided_until.min(now));
        self.schedule == *schedule && self.basis.is_as_good(schedule, &basis, after)
    }

    fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.next.is_some_and(|next| next <= now)
    }

    fn look_ahead(&mut self) {
        let local = self.basis.local_calendar();
        let next = triggers::next(&self.schedule, &local, whole(self.decided_until));
        self.next = next.map(|occasion| occasion.at);
    }

    /// Decides on all instants that have come. After years of absence only the newest thousand are
    /// kept one by one; what lies before them is one skipped order.
    async fn decide(
        &mut self,
        ledger: &Ledger,
        is_job_gone: bool,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let local = self.basis.local_calendar();
        let gap = misfire::gap(&self.schedule, &local, whole(self.decided_until), now);
        let mut decided: Vec<Decided> =
            gap.earlier.iter().map(|earlier| not_kept(&self.schedule, earlier)).collect();
        for (occasion, verdict) in misfire::decide(&self.schedule, gap.newest, now) {
            let mut kept = order(&self.schedule, &occasion, verdict);
            if is_job_gone && kept.1 == State::Waiting {
                (kept.1, kept.2) = (State::Skipped, vec![Reason::JobIsGone]);
            }
            decided.push(kept);
        }
        ledger.decide(&self.schedule.job, &decided, now).await?;
        tracing::debug!(job = %self.schedule.job, instants = decided.len(), "instants decided");
        self.decided_until = now;
        self.look_ahead();
        Ok(())
    }
}

/// An order and what was decided about it.
pub type Decided = (Asked, State, Vec<Reason>);

/// The one order that stands for all instants before those that are kept one by one.
fn not_kept(schedule: &Schedule, earlier: &Earlier) -> Decided {
    let Earlier { count, first, before } = *earlier;
    let clock = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    tracing::warn!(job = %schedule.job, count, %first, %before, "missed for so long that only the newest instants are kept one by one");
    let mut asked = Asked::of(schedule, AskedBy::Gap, first);
    asked.occasion = Some(format!("{}/{}", clock(first), clock(before)));
    (asked, State::Skipped, vec![Reason::Gap { count, first, before }])
}

/// The second an instant lies in: schedules are reckoned in whole seconds.
fn whole(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant.trunc_subsecs(0)
}

/// The order an occasion becomes by its verdict.
pub fn order(schedule: &Schedule, occasion: &DueInstant, verdict: Decision) -> Decided {
    let mut asked = Asked::of(schedule, occasion.asked_by, occasion.at);
    (asked.occasion, asked.months) = (Some(occasion.key()), occasion.months);
    match verdict {
        Decision::Due => (asked, State::Waiting, Vec::new()),
        Decision::CatchUp => {
            asked.asked_by = AskedBy::CatchUp;
            (asked, State::Waiting, vec![Reason::MadeUp])
        }
        Decision::Skipped(reason) => (asked, State::Skipped, vec![reason]),
    }
}

/// A span of time in its two largest units.
pub fn lasting(span: TimeDelta) -> String {
    let secs = span.num_seconds().max(0);
    match (secs / 86_400, secs / 3600 % 24, secs / 60 % 60, secs % 60) {
        (0, 0, 0, secs) => format!("{secs} s"),
        (0, 0, minutes, secs) => format!("{minutes} min {secs} s"),
        (0, hours, minutes, _) => format!("{hours} h {minutes} min"),
        (days, hours, _, _) => format!("{days} d {hours} h"),
    }
}
