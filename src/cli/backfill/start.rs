//! A backfill rehearsed, begun or carried on.

use std::process::ExitCode;
use std::time::Duration;

use super::super::progress::Progress;
use super::super::session::{self, Session};
use super::super::{Failure, interrupt, run};
use super::shown;
use crate::files::lock::Holder;
use crate::ledger::Ledger;
use crate::ledger::orders::{Asked, Details, State};
use crate::orders::backfill::{self, Backfill};
use crate::orders::report::OrderReport;
use crate::orders::{Means, OrderError, rehearsal};
use crate::pipeline::Workshop;
use crate::pipeline::stop::Stop;

/// A backfill waits so long for others that write to the output: it has time.
const PATIENCE: Duration = Duration::from_hours(1);

/// Shows what a backfill would do and every published figure it would change.
pub(super) fn rehearse(
    session: &Session,
    workshop: &Workshop,
    asked: &Asked,
    is_json: bool,
) -> Result<ExitCode, Failure> {
    interrupt::says("nothing was changed");
    use_threads(&asked.details);
    let holder = session.holder("backfill --dry-run");
    let rehearsed = session::block_on(async {
        let rehearse = async |means: &Means<'_>| rehearsal::rehearse(means, asked).await;
        Ok(with_means(session, workshop, &holder, rehearse).await?)
    })?;
    Ok(shown::rehearsed(&rehearsed, session.locale(), is_json))
}

/// Begins a backfill and carries it out.
pub(super) fn begin(
    session: &Session,
    workshop: &Workshop,
    asked: &Asked,
    is_json: bool,
) -> Result<ExitCode, Failure> {
    use_threads(&asked.details);
    let command = format!("backfill {}", asked.job);
    let (backfill, report) = session.write(async |ledger| {
        let order_id = ledger.add_order(asked, State::Waiting, session::now()).await?;
        drain(session, workshop, ledger, (&command, order_id.unwrap_or_default())).await
    })?;
    Ok(shown::ended(&backfill, &report, session.locale(), is_json))
}

/// Carries an earlier backfill on.
pub(super) fn resume(
    session: &Session,
    id: i64,
    why: Option<&str>,
    is_json: bool,
) -> Result<ExitCode, Failure> {
    super::control::check_known(session, id)?;
    let workshop = session.sound_workshop()?;
    let command = format!("backfill resume {id}");
    let (backfill, report) = session.write(async |ledger| {
        let order = backfill::resume(ledger, &workshop.project, id, why, session::now()).await?;
        use_threads(&order.asked.details);
        drain(session, &workshop, ledger, (&command, id)).await
    })?;
    Ok(shown::ended(&backfill, &report, session.locale(), is_json))
}

async fn drain(
    session: &Session,
    workshop: &Workshop,
    ledger: &Ledger,
    (command, id): (&str, i64),
) -> Result<(Backfill, OrderReport), Failure> {
    interrupt::says(format!("backfill {id} goes on with `yuebao backfill resume {id}`"));
    let holder = session.holder(command);
    let drain = async |means: &Means<'_>| backfill::drain(means, ledger, id).await;
    let report = with_means(session, workshop, &holder, drain).await;
    // An edition held back is told at once, also where no daemon runs.
    run::tell(ledger, workshop).await;
    let report = report?;
    let backfill = Backfill::read(ledger, id).await?;
    let lost = || Failure::Call(format!("the ledger has lost backfill {id}"));
    Ok((backfill.ok_or_else(lost)?, report))
}

/// Works with what this terminal has.
async fn with_means<T>(
    session: &Session,
    workshop: &Workshop,
    holder: &Holder,
    work: impl AsyncFnOnce(&Means<'_>) -> Result<T, OrderError>,
) -> Result<T, OrderError> {
    let progress = Progress::new(session.locale());
    work(&Means {
        workshop,
        output: &session.output,
        holder,
        patience: PATIENCE,
        now: &session::now,
        report: &|event| progress.report(event),
        waiting: &session::waiting_for,
        stop: &Stop::new(),
    })
    .await
}

/// Lets as many workbooks be read at the same time; 0 is one on each core.
fn use_threads(details: &Details) {
    let Details::Backfill { threads, .. } = details else { return };
    let threads = usize::try_from(*threads).unwrap_or_default();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    if let Err(error) = pool {
        tracing::debug!(%error, "the threads were there already");
    }
}
