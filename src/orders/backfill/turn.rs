//! One turn at a backfill: what is next of it, and that done.
//!
//! In: its order and pieces as the ledger has them, the lock of the output. Out: one piece carried out and
//! kept, together with what follows from it.

use chrono::{DateTime, Utc};

use super::super::report::OrderReport;
use super::super::{Means, OrderError, carry_out, plan};
use super::TURN;
use crate::domain::partition::Partition;
use crate::domain::period::Period;
use crate::files::lock::Lock;
use crate::ledger::Ledger;
use crate::ledger::orders::{Asked, Cause, Details, Order, OrderStep, Reprocess, Sequence, State};
use crate::pipeline::context::Context;
use crate::pipeline::plan::{Work, followers};
use crate::stages::store::{self, Depth};

/// What was done for a backfill at one turn.
#[derive(Debug)]
pub enum Turn {
    /// A piece of it.
    Piece(Box<OrderReport>),
    /// Nothing: it has ended, or somebody paused it.
    Over,
}

/// Does what is next of a backfill, under the lock of the output.
pub async fn one_turn(
    means: &Means<'_>,
    ledger: &Ledger,
    lock: &Lock,
    order_id: i64,
) -> Result<Turn, OrderError> {
    ledger.close_interrupted((means.now)()).await?;
    loop {
        let parent = super::super::known(ledger, order_id).await?;
        let pieces = ledger.pieces(order_id).await?;
        if !matches!(parent.state, State::Waiting | State::Running) {
            give_up(ledger, &parent, pieces, (means.now)()).await?;
            return Ok(Turn::Over);
        }
        ledger.keep_why(order_id, None, (means.now)() + TURN).await?;
        let work = Piecework { means, ledger, lock, parent, pieces };
        let report = match work.next() {
            Next::Receive => work.begin_or_end(OrderStep::Receive).await?,
            Next::Month(piece) => work.month(piece).await?,
            Next::Publish | Next::End if work.look_again().await? => continue,
            Next::Publish => work.begin_or_end(OrderStep::Publish).await?,
            Next::Plan => {
                work.plan().await?;
                continue;
            }
            Next::End => {
                work.end().await?;
                continue;
            }
        };
        return Ok(Turn::Piece(Box::new(report)));
    }
}

/// Of one that was cancelled nothing waits any more, also what was queued by the month then at work.
pub(super) async fn give_up(
    ledger: &Ledger,
    parent: &Order,
    mut pieces: Vec<Order>,
    now: DateTime<Utc>,
) -> Result<(), OrderError> {
    pieces.retain(|piece| parent.state == State::Cancelled && !piece.state.is_final());
    for piece in &mut pieces {
        piece.turn(State::Cancelled, now);
    }
    if pieces.is_empty() {
        return Ok(());
    }
    Ok(ledger.set_pieces(&[], &pieces, None, now).await?)
}

/// What is next of a backfill.
enum Next<'a> {
    Receive,
    Plan,
    Month(&'a Order),
    Publish,
    End,
}

/// One turn at a backfill.
struct Piecework<'a> {
    means: &'a Means<'a>,
    ledger: &'a Ledger,
    lock: &'a Lock,
    parent: Order,
    pieces: Vec<Order>,
}

impl Piecework<'_> {
    /// What is next: the inbox, the plan, the months, the edition, the end.
    fn next(&self) -> Next<'_> {
        let has_done =
            |step| self.pieces.iter().any(|it| it.asked.steps == [step] && it.state.is_final());
        let steps = &self.parent.asked.steps;
        let Details::Backfill { order, is_planned, .. } = &self.parent.asked.details else {
            return Next::End;
        };
        if !*is_planned {
            let is_due = steps.contains(&OrderStep::Receive) && !has_done(OrderStep::Receive);
            return if is_due { Next::Receive } else { Next::Plan };
        }
        if let Some(month) = next_month(&self.pieces, *order) {
            return Next::Month(month);
        }
        let has_failed = self.pieces.iter().any(|piece| piece.state == State::Failed);
        let is_due = steps.contains(&OrderStep::Publish) && !has_done(OrderStep::Publish);
        if is_due && !has_failed { Next::Publish } else { Next::End }
    }

    fn reprocess(&self) -> Reprocess {
        match self.parent.asked.details {
            Details::Backfill { reprocess, .. } => reprocess,
            _ => Reprocess::Stale,
        }
    }

    fn now(&self) -> DateTime<Utc> {
        (self.means.now)()
    }

    /// A piece of it, to be kept.
    fn piece(&self, step: OrderStep, details: Details) -> Asked {
        Asked {
            parent_id: Some(self.parent.order_id),
            due_at: self.now(),
            months: None,
            steps: vec![step],
            details,
            ..self.parent.asked.clone()
        }
    }

    async fn keep(&self, piece: &Order) -> Result<(), OrderError> {
        let pieces = std::slice::from_ref(piece);
        Ok(self.ledger.set_pieces(&[], pieces, None, self.now()).await?)
    }

    /// Empties the inbox, or publishes.
    async fn begin_or_end(&self, step: OrderStep) -> Result<OrderReport, OrderError> {
        let waiting = self.pieces.iter().find(|it| it.asked.steps == [step]);
        let mut piece = if let Some(piece) = waiting {
            piece.clone()
        } else {
            let is_forced = self.reprocess() == Reprocess::All;
            let mut asked = self.piece(step, Details::Ending { is_forced });
            asked.months = self.parent.asked.months.filter(|_| step == OrderStep::Publish);
            let new = self.ledger.add_order(&asked, State::Waiting, self.now()).await?;
            super::super::known(self.ledger, new.unwrap_or_default()).await?
        };
        piece.asked.why.clone_from(&self.parent.asked.why);
        let outcome = carry_out(self.ledger, self.lock, &self.means.site(), &piece).await;
        let state = match &outcome {
            Ok(report) if report.is_held_back() => State::HeldBack,
            Ok(_) => State::Done,
            // The machine failed: it is tried again.
            Err(_) => State::Waiting,
        };
        piece.turn(state, self.now());
        self.keep(&piece).await?;
        outcome
    }

    /// Queues the months.
    async fn plan(mut self) -> Result<(), OrderError> {
        let mut planned = plan::plan(&self.means.site(), &self.parent.asked)?;
        planned.retain(|month| month.is_done);
        if let Details::Backfill { order, is_planned, .. } = &mut self.parent.asked.details {
            *is_planned = true;
            if *order == Sequence::Newest {
                planned.reverse();
            }
        }
        let is_all = self.reprocess() == Reprocess::All;
        let months = planned.iter().map(|month| {
            let cause = month.cause();
            let is_forced = is_all || cause == Cause::Damaged;
            let details = Details::Month { is_forced, cause, because: None, content: None };
            let months = Some((month.period, month.period));
            Asked { months, ..self.piece(OrderStep::Rebuild, details) }
        });
        let months: Vec<Asked> = months.collect();
        Ok(self.ledger.set_pieces(&months, &[], Some(&self.parent), self.now()).await?)
    }

    /// Whether anything that was done is stale by now (by new workbooks, rules, or another version of the
    /// program): that waits once more.
    async fn look_again(&self) -> Result<bool, OrderError> {
        let mut context = Context::new(self.means.output.lake());
        let mut stale = Vec::new();
        for piece in &self.pieces {
            let (Some(period), State::Done | State::Unchanged) = (month_of(piece), piece.state)
            else {
                continue;
            };
            let Means { workshop, output, .. } = self.means;
            // One that cannot be looked at fails when its own turn comes.
            let work = Work::look(workshop, output, Partition::Month(period), &mut context);
            if !work.is_ok_and(|work| work.is_up_to_date()) {
                stale.push(again(piece, None, self.now()));
            }
        }
        self.ledger.set_pieces(&[], &stale, None, self.now()).await?;
        Ok(!stale.is_empty())
    }

    /// Brings one month up to date; whatever is wrong with it is kept with it.
    async fn month(&self, piece: &Order) -> Result<OrderReport, OrderError> {
        let Some(period) = month_of(piece) else { return Ok(OrderReport::default()) };
        let mut piece = piece.clone();
        let found = self.content(period)?;
        let before = if let Details::Month { content, .. } = &mut piece.asked.details {
            // Kept before it is touched: whether its figures changed can be told also after a kill.
            content.get_or_insert(found).clone()
        } else {
            found
        };
        self.keep(&piece).await?;
        let outcome = carry_out(self.ledger, self.lock, &self.means.site(), &piece).await;
        let (state, report) = match outcome {
            // Others may have been made anew with it, because it looks back at them.
            Ok(report) if report.months.contains_key(&period.to_string()) => (State::Done, report),
            Ok(report) => (State::Unchanged, report),
            Err(error) if error.is_stop() || matches!(error, OrderError::Ledger(_)) => {
                piece.turn(State::Waiting, self.now());
                self.keep(&piece).await?;
                return Err(error);
            }
            Err(error) => {
                piece.reasons = vec![error.reason()];
                (State::Failed, OrderReport::default())
            }
        };
        piece.turn(state, self.now());
        let has_changed = state != State::Failed && self.content(period)? != before;
        let (new, mut changed) =
            if has_changed { self.followers(period)? } else { (Vec::new(), Vec::new()) };
        changed.push(piece);
        self.ledger.set_pieces(&new, &changed, None, self.now()).await?;
        let order = self.parent.order_id;
        tracing::info!(order, %period, state = state.name(), "month of a backfill");
        Ok(report)
    }

    /// The later months that a changed one makes stale, but for those that wait already or failed: new
    /// ones, and those that were done and wait once more.
    fn followers(&self, changed: Period) -> Result<(Vec<Asked>, Vec<Order>), OrderError> {
        let (mut new, mut known) = (Vec::new(), Vec::new());
        for period in followers(self.means.workshop, self.means.output, changed)? {
            match self.pieces.iter().find(|piece| month_of(piece) == Some(period)) {
                Some(piece) if matches!(piece.state, State::Waiting | State::Failed) => {}
                Some(piece) => known.push(again(piece, Some(changed), self.now())),
                None => {
                    let (cause, because) = (Cause::Cascade, Some(changed));
                    let is_forced = false;
                    let details = Details::Month { is_forced, cause, because, content: None };
                    let months = Some((period, period));
                    new.push(Asked { months, ..self.piece(OrderStep::Rebuild, details) });
                }
            }
        }
        Ok((new, known))
    }

    /// What the lake holds for a month: fingerprint of the figures that count, empty for none and where
    /// the damage is such that nobody can tell.
    fn content(&self, period: Period) -> Result<String, OrderError> {
        let lake = self.means.output.lake();
        let found = store::condition(&lake, period, Depth::Sizes)?;
        Ok(found.marks.map(|marks| marks.content).unwrap_or_default())
    }

    /// Ends it: done, unless a month failed or the edition was held back.
    async fn end(self) -> Result<(), OrderError> {
        let in_vain = |piece: &Order| matches!(piece.state, State::Failed | State::HeldBack);
        let state = if self.pieces.iter().any(in_vain) { State::Failed } else { State::Done };
        let edition = self.pieces.iter().filter_map(|piece| piece.edition).max();
        let from = [State::Waiting, State::Running];
        let parent = self.parent.order_id;
        if state == State::Done
            && let Some(edition) = edition
        {
            self.ledger.keep_edition(parent, edition).await?;
        }
        self.ledger.turn_order(parent, &from, state, self.now()).await?;
        Ok(())
    }
}

/// The month a piece is about.
fn month_of(piece: &Order) -> Option<Period> {
    matches!(piece.asked.details, Details::Month { .. }).then_some(piece.asked.months?.0)
}

/// A month that waits once more; it keeps its cause if it is not in a cascade now.
fn again(piece: &Order, changed: Option<Period>, now: DateTime<Utc>) -> Order {
    let mut piece = piece.clone();
    if let Details::Month { cause, because, content, is_forced } = &mut piece.asked.details {
        (*content, *is_forced) = (None, false);
        if changed.is_some() {
            (*cause, *because) = (Cause::Cascade, changed);
        }
    }
    piece.reasons.clear();
    piece.turn(State::Waiting, now);
    piece
}

/// The month whose turn it is. Damaged ones come first: others look back at them. Newest first is for
/// those asked for; what follows from them is done last and oldest first, so that each is done as
/// seldom as can be.
fn next_month(pieces: &[Order], order: Sequence) -> Option<&Order> {
    let waiting =
        || pieces.iter().filter(|it| it.state == State::Waiting && month_of(it).is_some());
    let with = |wanted| {
        waiting().filter(
            move |it| matches!(it.asked.details, Details::Month { cause, .. } if cause == wanted),
        )
    };
    let damaged = with(Cause::Damaged).min_by_key(|it| month_of(it));
    let newest = match order {
        Sequence::Oldest => None,
        Sequence::Newest => with(Cause::Asked).max_by_key(|it| month_of(it)),
    };
    damaged.or(newest).or_else(|| waiting().min_by_key(|it| month_of(it)))
}
