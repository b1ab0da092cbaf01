//! A model of the daemon in memory: its ledger is a list, its clock a value, its runs end as told.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use yuebao::daemon::agenda;
use yuebao::ledger::orders::{Order, State};
use yuebao::ledger::reason::Reason;
use yuebao::project::schedules::{CatchUp, Overlap, Schedule};
use yuebao::project::seeds::roster::Calendar;
use yuebao::schedule::basis::Basis;
use yuebao::schedule::certificate::{self, PromiseTerm, Record, Totals};
use yuebao::schedule::dispatch::{QueueAction, Running, actions};
use yuebao::schedule::misfire::{self, Decision, ON_TIME};
use yuebao::schedule::{retry, triggers};

use super::{local_calendar, order, schedule};

/// An order as a ledger would keep it, its number the place.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) order: Order,
    pub(super) verdict: Decision,
    pub(super) given_up: u32,
}

/// How a run is going to end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    After(i64, Option<i32>),
    Never,
}

#[derive(Debug)]
struct Process {
    id: usize,
    started_at: DateTime<Utc>,
    outcome: Outcome,
    is_given_up: bool,
}

/// The daemon, its ledger, and what the runs to come will do.
pub(super) struct Daemon {
    schedules: BTreeMap<String, Schedule>,
    calendar: Calendar,
    pub(super) began: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
    latest: DateTime<Utc>,
    decided_until: DateTime<Utc>,
    pub(super) kept: Vec<Kept>,
    process: Option<Process>,
    outcomes: Vec<Outcome>,
    pub(super) started: usize,
}

impl Daemon {
    pub(super) fn new(now: DateTime<Utc>, jobs: &[(&str, &str)], outcomes: Vec<Outcome>) -> Self {
        let jobs = jobs.iter().map(|(name, keys)| {
            ((*name).to_owned(), Schedule { job: (*name).to_owned(), ..schedule(keys) })
        });
        Self {
            schedules: jobs.collect(),
            calendar: super::calendar(&[
                ("B204-1", "2025-02", "2025-03-30T02:30:00+01:00"),
                ("B204-1", "2025-03", "2025-03-31T12:00:00+02:00"),
            ]),
            began: now,
            now,
            latest: now,
            decided_until: now,
            kept: Vec::new(),
            process: None,
            outcomes,
            started: 0,
        }
    }

    /// One look at the clock, after so much time.
    pub(super) fn tick(&mut self, passed: TimeDelta) {
        self.now += passed;
        self.latest = self.latest.max(self.now);
        self.reconcile();
        self.act();
    }

    /// Nobody is there for a time; whatever ran is killed.
    pub(super) fn down(&mut self, time: TimeDelta) {
        if let Some(process) = self.process.take() {
            self.kept[process.id].order.state = State::Waiting;
        }
        self.now += time;
    }

    fn reconcile(&mut self) {
        if self.now < self.decided_until {
            self.decided_until = self.now;
        }
        let local = local_calendar(&self.calendar);
        for (job, schedule) in &self.schedules {
            let gap = misfire::gap(schedule, &local, self.decided_until, self.now);
            assert_eq!(gap.earlier, None, "histories are short");
            for (occasion, verdict) in misfire::decide(schedule, gap.newest, self.now) {
                let (asked, state, reasons) = agenda::order(schedule, &occasion, verdict.clone());
                let is_known = |kept: &Kept| {
                    kept.order.asked.job == *job && kept.order.asked.occasion == asked.occasion
                };
                if !self.kept.iter().any(is_known) {
                    let new = order(self.kept.len() as i64, job, occasion.at);
                    let order = Order { asked, state, reasons, decided_at: self.now, ..new };
                    self.kept.push(Kept { order, verdict, given_up: 0 });
                }
            }
        }
        self.decided_until = self.now;
    }

    fn act(&mut self) {
        self.end_process();
        let running = self.process.as_ref().map(|process| Running {
            order_id: process.id as i64,
            job: self.kept[process.id].order.asked.job.clone(),
            ran_for: self.now - process.started_at,
            is_given_up: process.is_given_up,
        });
        for action in actions(&self.open(), running.as_ref(), &self.schedules, self.now) {
            match action {
                QueueAction::Start(id) => self.start(id as usize),
                QueueAction::Skip(id, reason) => {
                    let order = &mut self.kept[id as usize].order;
                    assert_eq!((order.state, order.tries), (State::Waiting, 0));
                    assert_eq!(reason, Reason::Overlap, "histories are short");
                    (order.state, order.reasons) = (State::Skipped, vec![reason]);
                }
                QueueAction::GiveUp(id) => {
                    self.kept[id as usize].given_up += 1;
                    self.process.as_mut().unwrap().is_given_up = true;
                }
            }
        }
    }

    fn open(&self) -> Vec<Order> {
        let orders = self.kept.iter().map(|kept| &kept.order);
        orders.filter(|order| !order.state.is_final()).cloned().collect()
    }

    fn start(&mut self, id: usize) {
        assert!(self.process.is_none(), "two at once");
        let order = &mut self.kept[id].order;
        assert_eq!(order.state, State::Waiting);
        let is_set_back = self.now < self.latest;
        assert!(order.not_before <= self.now || is_set_back, "begun before its time");
        order.state = State::Running;
        order.tries += 1;
        let outcome = self.outcomes[self.started % self.outcomes.len()];
        self.started += 1;
        self.process = Some(Process { id, started_at: self.now, outcome, is_given_up: false });
    }

    fn end_process(&mut self) {
        let Some(process) = &self.process else { return };
        let code = match process.outcome {
            // What is given up ends at the next look, without a code.
            _ if process.is_given_up => None,
            Outcome::After(secs, code)
                if TimeDelta::seconds(secs) <= self.now - process.started_at =>
            {
                code
            }
            _ => return,
        };
        let order = &mut self.kept[process.id].order;
        let schedule = &self.schedules[&order.asked.job];
        let wait = retry::wait(schedule, order.order_id, order.tries);
        match (code, wait) {
            (Some(0), _) => order.turn(State::Done, self.now),
            (code, Some(wait)) if retry::may_pass(code) => {
                (order.state, order.not_before) = (State::Waiting, self.now + wait);
            }
            _ => order.turn(State::Failed, self.now),
        }
        self.process = None;
    }

    /// Lets everything that is open come to an end, deciding on nothing new.
    pub(super) fn drain(&mut self) {
        self.outcomes = vec![Outcome::After(1, Some(0))];
        for _ in 0..100_000 {
            if self.open().is_empty() {
                return;
            }
            self.now += TimeDelta::seconds(60);
            self.act();
        }
        panic!("something waits for ever: {:?}", self.open());
    }

    /// The orders of a job, in the order of their instants.
    pub(super) fn of(&self, job: &str) -> Vec<&Kept> {
        let mut kept: Vec<&Kept> =
            self.kept.iter().filter(|kept| kept.order.asked.job == job).collect();
        kept.sort_by_key(|kept| kept.order.asked.due_at);
        kept
    }

    /// Every instant was decided upon, each once; and a certificate made from the ledger agrees.
    pub(super) fn check_complete(&self) {
        let local = local_calendar(&self.calendar);
        for (job, schedule) in &self.schedules {
            let due = triggers::occasions(schedule, &local, self.began, self.latest, usize::MAX);
            let due: Vec<_> = due.into_iter().map(|occasion| occasion.at).collect();
            let kept: Vec<_> = self.of(job).iter().map(|kept| kept.order.asked.due_at).collect();
            assert_eq!(kept, due, "{job}");
            self.check_certificate(job, schedule, &due);
        }
    }

    fn check_certificate(&self, job: &str, schedule: &Schedule, due: &[DateTime<Utc>]) {
        let local = local_calendar(&self.calendar);
        let term = PromiseTerm {
            schedule: schedule.clone(),
            basis: Basis::of(schedule, &local),
            since: self.began,
            until: None,
            decided_until: self.latest,
        };
        let orders = self.of(job).into_iter().map(|kept| kept.order.clone()).collect();
        let record = Record { terms: vec![term], orders, attempts: Vec::new() };
        let stretch = (self.began, self.latest + TimeDelta::seconds(1));
        let file = Some((schedule, &local));
        let certificate = certificate::certificate(record, file, stretch, self.latest);
        let lines: Vec<_> = certificate.lines.iter().map(|line| line.due_at).collect();
        assert_eq!(lines, due, "{job}");
        let count = |is_it: &dyn Fn(&Kept) -> bool| {
            self.of(job).into_iter().filter(|kept| is_it(kept)).count() as u64
        };
        let is_skipped = |kept: &Kept| kept.order.state == State::Skipped;
        let is_made_up = |kept: &Kept| kept.verdict == Decision::CatchUp && !is_skipped(kept);
        let (skipped, made_up) = (count(&is_skipped), count(&is_made_up));
        let due = due.len() as u64;
        let ran = due - skipped - made_up;
        let failed = count(&|kept| kept.order.state == State::Failed);
        let expected = Totals { due, ran, made_up, failed, skipped, ..Totals::default() };
        assert_eq!(certificate.totals, expected, "{job}");
    }

    /// What every policy promises of each of its orders.
    pub(super) fn check_promises(&self) {
        for kept in &self.kept {
            let schedule = &self.schedules[&kept.order.asked.job];
            let late = kept.order.decided_at - kept.order.asked.due_at;
            assert!(kept.given_up <= kept.order.tries, "given up more than once: {kept:?}");
            assert!(kept.order.state != State::Failed || 0 < kept.order.tries, "{kept:?}");
            match (schedule.catch_up, schedule.overlap) {
                (CatchUp::All, Overlap::Queue) if schedule.grace_secs.is_none() => {
                    assert_ne!(kept.order.state, State::Skipped, "owed: {kept:?}");
                }
                (CatchUp::All, Overlap::Skip) if ON_TIME < late => {
                    assert_ne!(
                        kept.order.state,
                        State::Skipped,
                        "made up for whatever runs: {kept:?}"
                    );
                }
                _ => {}
            }
            match &kept.verdict {
                Decision::Due => assert!(late <= ON_TIME, "{kept:?}"),
                Decision::CatchUp => assert!(ON_TIME < late, "{kept:?}"),
                Decision::Skipped(Reason::BeyondGrace) => {
                    let grace = TimeDelta::seconds(schedule.grace_secs.unwrap() as i64);
                    assert!(grace < late, "{kept:?}");
                }
                Decision::Skipped(Reason::LaterStands) => {
                    let (due, decided) = (kept.order.asked.due_at, kept.order.decided_at);
                    let stands = self.of(&kept.order.asked.job).into_iter().any(|other| {
                        let (later, then) = (other.order.asked.due_at, other.order.decided_at);
                        due < later
                            && (then == decided || later <= self.latest)
                            && !matches!(other.verdict, Decision::Skipped(_))
                    });
                    assert!(stands, "nothing stands for {kept:?}");
                }
                Decision::Skipped(Reason::NotCaughtUp) => {
                    assert_eq!(schedule.catch_up, CatchUp::None);
                    assert!(ON_TIME < late, "{kept:?}");
                }
                Decision::Skipped(reason) => panic!("{reason:?}"),
            }
        }
    }
}
