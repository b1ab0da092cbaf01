//! The queue: what the pure decisions of `schedule::dispatch` and `outcome` mean for the ledger.
//!
//! In: open orders, the run that goes on or that ended. Out: orders begun, skipped, given up; of one
//! whose run ended, what became of it. The ledger is written before a run starts and after it has ended;
//! each step may be repeated.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::World;
use super::child::{Ended, Why};
use super::outcome::{self, Fate};
use super::post::Post;
use super::worker::Worker;
use crate::alerts::{Alert, DaemonTrouble, Subject};
use crate::ledger::orders::{Order, OrderStep, State};
use crate::ledger::reason::Reason;
use crate::ledger::{Ledger, LedgerError};
use crate::project::schedules::Overlap;
use crate::schedule::dispatch::{self, QueueAction};

/// An order that has waited for so long without being begun is overdue.
const OVERDUE: TimeDelta = TimeDelta::minutes(30);

/// The orders that wait or run, as the ledger has them.
#[derive(Debug, Default)]
pub(super) struct Queue {
    open: Vec<Order>,
    is_read: bool,
    /// Orders told to be overdue.
    overdue: HashSet<i64>,
}

impl Queue {
    /// The ledger has other orders by now.
    pub(super) fn forget(&mut self) {
        self.is_read = false;
    }

    /// Reads the open orders again if they may be others.
    pub(super) async fn refresh(&mut self, ledger: &Ledger) -> Result<(), LedgerError> {
        if !self.is_read {
            self.open = ledger.open_orders().await?;
            self.is_read = true;
        }
        Ok(())
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.open.iter().filter(|it| it.state == State::Waiting).count()
    }

    /// Whether the inbox is taken in soon: by the job that does, or by whatever does just now. Another
    /// job's order that only waits may wait for long.
    pub(super) fn takes_in(&self, job: &str) -> bool {
        let takes_in =
            |it: &Order| it.state == State::Running && it.asked.steps.contains(&OrderStep::Receive);
        let is_its = |it: &Order| it.asked.job == job && !it.is_backfill();
        self.open.iter().any(|it| is_its(it) || (takes_in(it) && !it.is_backfill()))
    }

    /// Starts, skips and gives up what is to be.
    pub(super) async fn dispatch(
        &mut self,
        world: &World<'_>,
        worker: &mut Worker,
        post: &mut Post,
    ) -> Result<(), LedgerError> {
        if self.open.is_empty() {
            return Ok(());
        }
        self.mend(world, worker).await?;
        if let Some(holder) = worker.look_whether_it_waits(world).await? {
            self.say_who_has_the_output(world, worker, holder).await?;
        }
        let schedules = &world.current.project.schedules;
        for action in
            dispatch::actions(&self.open, worker.as_running().as_ref(), schedules, world.now)
        {
            match action {
                QueueAction::Start(id) => self.start(id, world, worker).await?,
                QueueAction::Skip(id, reason) => self.skip(id, world, reason).await?,
                QueueAction::GiveUp(_) => worker.give_up(),
            }
        }
        self.say_why_it_waits(world, worker).await?;
        self.tell_overdue(world, worker, post);
        Ok(())
    }

    /// Puts right what the ledger says and nobody does: a run that is not ours, a job without a file.
    async fn mend(&mut self, world: &World<'_>, worker: &Worker) -> Result<(), LedgerError> {
        let ours = worker.order().map(|order| order.order_id);
        for Order { order_id, state, asked, .. } in self.open.clone() {
            if state == State::Running && Some(order_id) != ours {
                self.change(order_id, world, |it| {
                    it.state = State::Waiting;
                    it.tries = it.tries.saturating_sub(1);
                })
                .await?;
            } else if state == State::Waiting
                && !world.current.project.schedules.contains_key(&asked.job)
            {
                self.skip(order_id, world, Reason::JobIsGone).await?;
            }
        }
        Ok(())
    }

    async fn skip(&mut self, id: i64, world: &World<'_>, why: Reason) -> Result<(), LedgerError> {
        self.change(id, world, |it| {
            it.turn(State::Skipped, world.now);
            it.reasons = vec![why];
        })
        .await
    }

    async fn start(
        &mut self,
        id: i64,
        world: &World<'_>,
        worker: &mut Worker,
    ) -> Result<(), LedgerError> {
        // Somebody at a terminal may have paused it since it was read.
        if !world.ledger.turn_order(id, &[State::Waiting], State::Running, world.now).await? {
            self.forget();
            return Ok(());
        }
        self.change(id, world, |it| {
            it.state = State::Running;
            it.tries += 1;
        })
        .await?;
        if let Some(order) = self.open.iter().find(|it| it.order_id == id) {
            worker.start(world, order.clone());
        }
        Ok(())
    }

    async fn say_who_has_the_output(
        &mut self,
        world: &World<'_>,
        worker: &Worker,
        holder: Option<crate::files::lock::Holder>,
    ) -> Result<(), LedgerError> {
        let Some(order) = worker.order() else { return Ok(()) };
        let mut reasons = order.reasons.clone();
        reasons.extend(holder.map(|holder| Reason::Output { holder }));
        let id = order.order_id;
        if self.open.iter().any(|it| it.order_id == id && it.reasons != reasons) {
            self.change(id, world, |it| it.reasons = reasons).await?;
        }
        Ok(())
    }

    /// Writes down why orders wait: for the one before them, for the end of a backfill. Why they were
    /// late stays before it.
    async fn say_why_it_waits(
        &mut self,
        world: &World<'_>,
        worker: &Worker,
    ) -> Result<(), LedgerError> {
        let schedules = &world.current.project.schedules;
        let held = if worker.order().is_none() { dispatch::held(&self.open) } else { Vec::new() };
        let queues = |job: &str| {
            schedules.get(job).is_some_and(|schedule| schedule.overlap == Overlap::Queue)
        };
        let behind =
            worker.order().filter(|order| queues(&order.asked.job) && !order.is_backfill());
        let why = |it: &Order| {
            let is_held = held.contains(&it.order_id) && !it.reasons.contains(&Reason::Backfill);
            let is_behind = behind.is_some_and(|run| {
                run.asked.job == it.asked.job && run.order_id != it.order_id && !it.is_backfill()
            });
            if is_held {
                Some(Reason::Backfill)
            } else {
                (is_behind && it.reasons.is_empty()).then_some(Reason::Queued)
            }
        };
        let waiting = self.open.iter().filter(|it| it.state == State::Waiting);
        let waits: Vec<(i64, Reason)> =
            waiting.filter_map(|it| Some((it.order_id, why(it)?))).collect();
        for (id, reason) in waits {
            self.change(id, world, |it| it.reasons.push(reason)).await?;
        }
        Ok(())
    }

    fn tell_overdue(&mut self, world: &World<'_>, worker: &Worker, post: &mut Post) {
        for it in &self.open {
            // One whose process waits for the output has not run either.
            let is_unbegun = (it.state == State::Waiting && it.tries == 0)
                || worker.waiting() == Some(it.order_id);
            let is_overdue = is_unbegun && it.decided_at + OVERDUE < world.now;
            if is_overdue && !it.is_backfill() && self.overdue.insert(it.order_id) {
                let (job, due_at) = (it.asked.job.clone(), it.asked.due_at);
                tracing::error!(%job, order = it.order_id, %due_at, "job is overdue");
                post.raise(Alert::JobOverdue { job, due_at });
            }
        }
    }

    /// Writes down what became of a run that ended.
    pub(super) async fn settle(
        &mut self,
        world: &World<'_>,
        ended: &Ended,
        at: DateTime<Utc>,
        post: &mut Post,
    ) -> Result<(Fate, Vec<Reason>), LedgerError> {
        let schedule = world.current.project.schedules.get(&ended.order.asked.job);
        let fate = outcome::fate(ended, schedule, at);
        let reasons = outcome::reasons(ended);
        if !matches!(fate, Fate::Done | Fate::HeldBack) {
            let causes = close_attempt(world.ledger, ended, &reasons, at).await?;
            if fate == Fate::Failed {
                let (job, id) = (ended.order.asked.job.clone(), ended.order.order_id);
                tracing::error!(%job, order = id, reason = %Reason::texts(&causes).en, "job failed for good");
                // Before the order is closed: a daemon killed in between tells it again, not never.
                post.raise(failed(&ended.order, causes));
                post.pass_on(world.ledger, world.current).await?;
            }
        }
        self.close(world, ended, fate, (&reasons, at)).await?;
        self.forget();
        if fate == Fate::Done && !ended.order.is_backfill() {
            post.recovered(&Subject::Job(ended.order.asked.job.clone()));
        }
        post.look_after(world.ledger).await?;
        post.look_soon();
        Ok((fate, reasons))
    }

    /// Writes how an order stands after its run; a backfill of which one piece was done waits for its
    /// next turn.
    async fn close(
        &self,
        world: &World<'_>,
        ended: &Ended,
        fate: Fate,
        (reasons, at): (&[Reason], DateTime<Utc>),
    ) -> Result<(), LedgerError> {
        let mut order = ended.order.clone();
        let now = world.ledger.order(order.order_id).await?;
        if fate == Fate::Done && order.is_backfill() {
            let Some(mut now) = now else { return Ok(()) };
            if now.state == State::Running {
                now.state = State::Waiting;
            }
            (now.tries, now.not_before) = (0, at);
            return world.ledger.set_order(&now).await;
        }
        match fate {
            Fate::Done => order.turn(State::Done, at),
            Fate::HeldBack => order.turn(State::HeldBack, at),
            Fate::Failed => order.turn(State::Failed, at),
            Fate::Retry { not_before } => {
                order.turn(State::Waiting, at);
                order.not_before = not_before;
            }
            Fate::Interrupted => {
                order.turn(State::Waiting, at);
                order.tries = order.tries.saturating_sub(1);
            }
        }
        if fate != Fate::Done {
            order.reasons = reasons.to_vec();
        }
        world.ledger.set_order(&order).await
    }

    /// Changes an open order, in the ledger first.
    async fn change(
        &mut self,
        id: i64,
        world: &World<'_>,
        change: impl FnOnce(&mut Order),
    ) -> Result<(), LedgerError> {
        let Some(it) = self.open.iter_mut().find(|it| it.order_id == id) else { return Ok(()) };
        let mut changed = it.clone();
        change(&mut changed);
        world.ledger.set_order(&changed).await?;
        let (job, state) = (&changed.asked.job, changed.state.name());
        let reason = Reason::texts(&changed.reasons).en;
        tracing::info!(%job, order = id, state, %reason, "order changed");
        *it = changed;
        self.is_read = false;
        Ok(())
    }
}

/// What is told of an order that failed for good.
fn failed(order: &Order, reasons: Vec<Reason>) -> Alert {
    let (job, order_id) = (order.asked.job.clone(), order.order_id);
    if order.is_backfill() {
        return Alert::DaemonTrouble(DaemonTrouble::Backfill { order_id, reasons });
    }
    Alert::RunFailed { job, order_id, reasons }
}

/// Says in the ledger how the attempt of a process ended that could not say so itself; returns the causes
/// kept there.
async fn close_attempt(
    ledger: &Ledger,
    ended: &Ended,
    reasons: &[Reason],
    at: DateTime<Utc>,
) -> Result<Vec<Reason>, LedgerError> {
    let id = ended.order.order_id;
    let mut attempt = match ledger.attempt_of(id, ended.process).await? {
        Some(known) => known,
        // It failed before it could begin an attempt: it was one all the same.
        None if ended.given_up != Some(Why::Drain) => {
            ledger.begin_attempt(id, ended.started_at).await?
        }
        None => return Ok(reasons.to_vec()),
    };
    if !matches!(attempt.state, State::Running | State::Interrupted) {
        let has_said = !attempt.reasons.is_empty();
        return Ok(if has_said { attempt.reasons } else { reasons.to_vec() });
    }
    let state = outcome::attempt_state(ended);
    attempt.state = State::Running;
    attempt.end(state, at);
    attempt.reasons = reasons.to_vec();
    ledger.keep_attempt(&attempt).await?;
    Ok(attempt.reasons)
}
