//! A model of the daemon in memory: its ledger is a list, its clock a value, its runs end as told.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use yuebao::domain::activation::{ActivationState, TriggerKind};
use yuebao::project::schedules::{CatchUp, Overlap, Schedule};
use yuebao::project::seeds::roster::Calendar;
use yuebao::schedule::basis::Basis;
use yuebao::schedule::certificate::{self, Evidence, Record, Term};
use yuebao::schedule::dispatch::{Action, Running, Waiting, actions};
use yuebao::schedule::misfire::{self, ON_TIME, Skip, Verdict};
use yuebao::schedule::{retry, triggers};

use super::{almanac, schedule};

/// An activation as a ledger would keep it.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) job: String,
    pub(super) scheduled_at: DateTime<Utc>,
    pub(super) decided_at: DateTime<Utc>,
    pub(super) verdict: Verdict,
    pub(super) state: &'static str,
    pub(super) reason: &'static str,
    pub(super) not_before: DateTime<Utc>,
    pub(super) attempts: u32,
    pub(super) given_up: u32,
}

/// An activation as it is kept at first.
fn kept(job: &str, at: DateTime<Utc>, verdict: Verdict, now: DateTime<Utc>) -> Kept {
    let is_skipped = matches!(verdict, Verdict::Skipped(_));
    Kept {
        job: job.to_owned(),
        scheduled_at: at,
        decided_at: now,
        verdict,
        state: if is_skipped { "skipped" } else { "waiting" },
        reason: if is_skipped { "missed" } else { "" },
        not_before: at,
        attempts: 0,
        given_up: 0,
    }
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
            self.kept[process.id].state = "waiting";
        }
        self.now += time;
    }

    fn reconcile(&mut self) {
        if self.now < self.decided_until {
            self.decided_until = self.now;
        }
        let almanac = almanac(&self.calendar);
        for (job, schedule) in &self.schedules {
            let gap = misfire::gap(schedule, &almanac, self.decided_until, self.now);
            assert_eq!(gap.earlier, None, "histories are short");
            for (occasion, verdict) in misfire::decide(schedule, gap.newest, self.now) {
                let is_known = |kept: &Kept| kept.job == *job && kept.scheduled_at == occasion.at;
                if !self.kept.iter().any(is_known) {
                    self.kept.push(kept(job, occasion.at, verdict, self.now));
                }
            }
        }
        self.decided_until = self.now;
    }

    fn act(&mut self) {
        self.end_process();
        let running = self.process.as_ref().map(|process| Running {
            activation_id: process.id as i64,
            job: self.kept[process.id].job.clone(),
            ran_for: self.now - process.started_at,
            is_given_up: process.is_given_up,
        });
        for action in actions(&self.waiting(), running.as_ref(), &self.schedules, self.now) {
            match action {
                Action::Start(id) => self.start(id as usize),
                Action::Skip(id) => {
                    let kept = &mut self.kept[id as usize];
                    assert_eq!((kept.state, kept.attempts), ("waiting", 0));
                    (kept.state, kept.reason) = ("skipped", "overlap");
                }
                Action::Crowded(_) => panic!("histories are short"),
                Action::GiveUp(id) => {
                    self.kept[id as usize].given_up += 1;
                    self.process.as_mut().unwrap().is_given_up = true;
                }
            }
        }
    }

    fn waiting(&self) -> Vec<Waiting> {
        let all = self.kept.iter().enumerate().filter(|(_, kept)| kept.state == "waiting");
        let waiting = |(id, kept): (usize, &Kept)| Waiting {
            activation_id: id as i64,
            job: kept.job.clone(),
            scheduled_at: kept.scheduled_at,
            decided_at: kept.decided_at,
            priority: self.schedules[&kept.job].priority,
            not_before: kept.not_before,
            attempts: kept.attempts,
        };
        all.map(waiting).collect()
    }

    fn start(&mut self, id: usize) {
        assert!(self.process.is_none(), "two at once");
        let kept = &mut self.kept[id];
        assert_eq!(kept.state, "waiting");
        assert!(kept.not_before <= self.now);
        kept.state = "running";
        kept.attempts += 1;
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
        let kept = &mut self.kept[process.id];
        let schedule = &self.schedules[&kept.job];
        let wait = retry::wait(schedule, process.id as i64, kept.attempts);
        match (code, wait) {
            (Some(0), _) => kept.state = "done",
            (code, Some(wait)) if retry::may_pass(code) => {
                kept.state = "waiting";
                kept.not_before = self.now + wait;
            }
            _ => kept.state = "failed",
        }
        self.process = None;
    }

    /// Lets everything that is open come to an end, deciding on nothing new.
    pub(super) fn drain(&mut self) {
        self.outcomes = vec![Outcome::After(1, Some(0))];
        for _ in 0..100_000 {
            if self.kept.iter().all(|kept| !matches!(kept.state, "waiting" | "running")) {
                return;
            }
            self.now += TimeDelta::seconds(60);
            self.act();
        }
        panic!("something waits for ever: {:?}", self.waiting());
    }

    pub(super) fn of<'a>(&'a self, job: &'a str) -> impl Iterator<Item = &'a Kept> {
        self.kept.iter().filter(move |kept| kept.job == job)
    }

    /// Every instant was decided upon, each once; and a certificate made from the ledger agrees.
    pub(super) fn check_complete(&self) {
        let almanac = almanac(&self.calendar);
        for (job, schedule) in &self.schedules {
            let due = triggers::occasions(schedule, &almanac, self.began, self.latest, usize::MAX);
            let due: Vec<_> = due.into_iter().map(|occasion| occasion.at).collect();
            let mut kept: Vec<_> = self.of(job).map(|kept| kept.scheduled_at).collect();
            kept.sort_unstable();
            assert_eq!(kept, due, "{job}");
            self.check_certificate(job, schedule, due.len() as u64);
        }
    }

    fn check_certificate(&self, job: &str, schedule: &Schedule, due: u64) {
        let term = Term {
            schedule: schedule.clone(),
            basis: Basis::of(schedule, &almanac(&self.calendar)),
            since: self.began,
            until: None,
            decided_until: self.latest,
        };
        let evidence = Evidence {
            terms: vec![term],
            records: self.of(job).map(record).collect(),
            watches: vec![(self.began, self.latest)],
        };
        let stretch = (self.began, self.latest + TimeDelta::seconds(1));
        let calendar = almanac(&self.calendar);
        let certificate =
            certificate::certificate(&evidence, Some(schedule), &calendar, stretch, self.latest);
        let totals = &certificate.totals;
        assert_eq!((totals.due, totals.no_record, totals.waiting), (due, 0, 0), "{job}");
        let skipped = self.of(job).filter(|kept| kept.state == "skipped").count() as u64;
        assert_eq!(totals.skipped, skipped, "{job}");
        assert_eq!(totals.ran + totals.made_up + totals.skipped, due, "{job}");
        let made_up =
            self.of(job).filter(|it| it.verdict == Verdict::CatchUp && it.state != "skipped");
        assert_eq!(totals.made_up, made_up.count() as u64, "{job}");
    }

    /// What every policy promises of each of its activations.
    pub(super) fn check_promises(&self) {
        for kept in &self.kept {
            let schedule = &self.schedules[&kept.job];
            let late = kept.decided_at - kept.scheduled_at;
            assert!(kept.given_up <= kept.attempts, "given up more than once: {kept:?}");
            if kept.state == "failed" {
                assert!(0 < kept.attempts, "{kept:?}");
            }
            match (schedule.catch_up, schedule.overlap) {
                (CatchUp::All, Overlap::Queue) if schedule.grace_secs.is_none() => {
                    assert_ne!(kept.state, "skipped", "owed: {kept:?}");
                }
                (CatchUp::All, Overlap::Skip) if ON_TIME < late => {
                    assert_ne!(kept.state, "skipped", "made up for whatever runs: {kept:?}");
                }
                _ => {}
            }
            match kept.verdict {
                Verdict::Due => assert!(late <= ON_TIME, "{kept:?}"),
                Verdict::CatchUp => assert!(ON_TIME < late, "{kept:?}"),
                Verdict::Skipped(Skip::BeyondGrace) => {
                    let grace = TimeDelta::seconds(schedule.grace_secs.unwrap() as i64);
                    assert!(grace < late, "{kept:?}");
                }
                Verdict::Skipped(Skip::LaterStandsForIt) => {
                    let stands = self.of(&kept.job).any(|other| {
                        kept.scheduled_at < other.scheduled_at
                            && (other.decided_at == kept.decided_at
                                || other.scheduled_at <= self.latest)
                            && other.reason != "missed"
                    });
                    assert!(stands, "nothing stands for {kept:?}");
                }
                Verdict::Skipped(Skip::NotCaughtUp) => {
                    assert_eq!(schedule.catch_up, CatchUp::None);
                    assert!(ON_TIME < late, "{kept:?}");
                }
            }
        }
    }
}

fn record(kept: &Kept) -> Record {
    Record {
        activation_id: 1,
        scheduled_at: kept.scheduled_at,
        trigger_kind: match kept.verdict {
            Verdict::CatchUp => TriggerKind::CatchUp,
            _ => TriggerKind::Clock,
        },
        months: None,
        decided_at: kept.decided_at,
        state: ActivationState::named(kept.state).unwrap(),
        reason: Some(kept.reason.to_owned()),
        attempts: kept.attempts,
        run: None,
    }
}
