//! `backfill`: a range of past months done again, and what became of earlier ones.

use std::process::ExitCode;
use std::time::Duration;

use super::session::{self, CliSession};
use super::{CliError, arguments, interrupt, run};
use crate::cli::progress::TerminalProgress;
use crate::domain::period::Period;
use crate::files::lock::Holder;
use crate::ledger::Ledger;
use crate::ledger::orders::{Asked, Details, Reprocess, Sequence, State};
use crate::orders::backfill::{self, Backfill, Range};
use crate::orders::plan;
use crate::orders::report::OrderReport;
use crate::orders::{Means, OrderError, rehearsal};
use crate::pipeline::Workshop;
use crate::pipeline::stop::Stop;
use crate::project::read::among;

pub(super) mod control;
mod shown;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct BackfillArguments {
    #[command(flatten)]
    start: Option<BackfillStart>,
    #[command(subcommand)]
    command: Option<BackfillCommand>,
}

/// More threads than any machine here has cores: beyond it they only cost.
const THREADS_MAX: u32 = 256;

/// A backfill to be begun.
#[derive(Debug, clap::Args)]
struct BackfillStart {
    /// A job of jobs/schedules, e.g. publish; if it takes in, the inbox is emptied first. 作业名
    job: String,
    /// First month, e.g. 2024-02. 起始月份
    #[arg(long, value_parser = arguments::period)]
    from: Period,
    /// Last month, included. 截止月份
    #[arg(long, value_parser = arguments::period)]
    to: Period,
    /// Which of these months: missing (never done), failed (the last run failed), stale (workbooks,
    /// rules, forms or roster changed), all (also what is up to date). 重算范围
    #[arg(long, value_name = "WHICH", default_value = "stale", value_parser = reprocess)]
    reprocess: Reprocess,
    /// Which month goes first: oldest or newest. Both end in the same figures; newest does months
    /// that look back at a changed one twice. 先后次序
    #[arg(long, value_name = "WHICH", default_value = "oldest", value_parser = order)]
    order: Sequence,
    /// Workbooks read at the same time; 0 is one on each core. Months are judged one after another,
    /// because each is held against those before. 并行数
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = threads, allow_negative_numbers = true)]
    jobs: u32,
    /// The plan and every published figure that would change; nothing is done. 仅显示计划与修订单
    #[arg(long)]
    dry_run: bool,
    /// Why: kept with the edition and in the ledger. 原因
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// The same as --reprocess all. 强制重算
    #[arg(long, conflicts_with = "reprocess")]
    force: bool,
    /// One JSON document instead of text. 输出 JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum BackfillCommand {
    /// All backfills, newest last. 全部补跑
    List {
        /// One JSON document instead of text. 输出 JSON
        #[arg(long)]
        json: bool,
    },
    /// One backfill and what became of its months. 补跑详情
    Show {
        /// Its number.
        #[arg(value_parser = arguments::number::<i64>)]
        id: i64,
        /// One JSON document instead of text. 输出 JSON
        #[arg(long)]
        json: bool,
    },
    /// Let it stop after the month it is at. 暂停
    Pause {
        /// Its number.
        #[arg(value_parser = arguments::number::<i64>)]
        id: i64,
    },
    /// Go on where it stood: paused, failed, killed. 继续
    Resume {
        /// Its number.
        #[arg(value_parser = arguments::number::<i64>)]
        id: i64,
        /// Another reason, kept with the edition. 原因
        #[arg(long, value_name = "TEXT")]
        why: Option<String>,
        /// One JSON document instead of text. 输出 JSON
        #[arg(long)]
        json: bool,
    },
    /// Give it up after the month it is at; what was done stays. 取消
    Cancel {
        /// Its number.
        #[arg(value_parser = arguments::number::<i64>)]
        id: i64,
    },
}

pub(super) fn run(
    session: &CliSession,
    arguments: &BackfillArguments,
) -> Result<ExitCode, CliError> {
    match (&arguments.command, &arguments.start) {
        (Some(BackfillCommand::List { json }), _) => control::list(session, *json),
        (Some(BackfillCommand::Show { id, json }), _) => control::show(session, *id, *json),
        (Some(BackfillCommand::Pause { id }), _) => control::halt(session, *id, State::Paused),
        (Some(BackfillCommand::Resume { id, why, json }), _) => {
            let why = arguments::reason(why.as_deref())?;
            resume(session, *id, why.as_deref(), *json)
        }
        (Some(BackfillCommand::Cancel { id }), _) => control::halt(session, *id, State::Cancelled),
        (None, Some(start)) => begin(session, start),
        (None, None) => Err(CliError::Call(
            "say which job and which months: `yuebao backfill JOB --from 2024-02 --to 2024-07`"
                .to_owned(),
        )),
    }
}

fn begin(session: &CliSession, start: &BackfillStart) -> Result<ExitCode, CliError> {
    let workshop = session.sound_workshop()?;
    arguments::steps(&workshop.project, Some(&start.job))?;
    backfill::steps(&workshop.project, &start.job)?;
    check_range(session, &workshop, start)?;
    let reprocess = if start.force { Reprocess::All } else { start.reprocess };
    let failed = match reprocess {
        Reprocess::Failed => session.read(async |it| Ok(it.failed_months().await?))?,
        _ => None,
    };
    let range = Range {
        from: start.from,
        to: start.to,
        reprocess,
        order: start.order,
        threads: start.jobs,
        failed: failed.unwrap_or_default(),
    };
    let mut asked = range.asked(&workshop.project, &start.job, session::now())?;
    asked.why = arguments::reason(start.why.as_deref())?;
    if start.dry_run {
        return rehearse(session, &workshop, &asked, start.json);
    }
    if asked.why.is_none() {
        asked.why = arguments::ask_why("kept with the edition")?;
    }
    carry_out(session, &workshop, &asked, start.json)
}

/// The range must lie between the first month there is and this one.
fn check_range(
    session: &CliSession,
    workshop: &Workshop,
    BackfillStart { from, to, .. }: &BackfillStart,
) -> Result<(), CliError> {
    let zone = workshop.project.settings.time_zone;
    let today = session::now().with_timezone(&zone).date_naive();
    let (first, last) = plan::askable(&workshop.project, &session.output, today)?;
    Err(CliError::Call(if to < from {
        format!(
            "the range is reversed: --from {from} lies after --to {to}; did you mean --from {to} --to {from}?"
        )
    } else if *to > last {
        format!(
            "{to} has not begun: the last month that can be asked for is {last}, the first {first}"
        )
    } else if *to < first {
        format!(
            "nothing was due or received up to {to}: the first month that can be asked for is {first}, the last {last}"
        )
    } else {
        return Ok(());
    }))
}

fn reprocess(text: &str) -> Result<Reprocess, String> {
    let known = Reprocess::ALL.iter().map(|known| known.name());
    Reprocess::named(text).ok_or_else(|| format!("use one of {}", among(text, known)))
}

fn order(text: &str) -> Result<Sequence, String> {
    let known = Sequence::ALL.iter().map(|known| known.name());
    Sequence::named(text).ok_or_else(|| format!("use one of {}", among(text, known)))
}

fn threads(text: &str) -> Result<u32, String> {
    let known = text.parse().ok().filter(|threads| *threads <= THREADS_MAX);
    known.ok_or_else(|| {
        format!("{text} is not in 0..={THREADS_MAX}, where 0 is one workbook on each core")
    })
}

/// How long a backfill waits for others that write to the output: it has time.
const PATIENCE: Duration = Duration::from_hours(1);

/// Shows what a backfill would do and every published figure it would change.
fn rehearse(
    session: &CliSession,
    workshop: &Workshop,
    asked: &Asked,
    is_json: bool,
) -> Result<ExitCode, CliError> {
    interrupt::says("nothing was changed");
    use_threads(&asked.details);
    let holder = session.holder("backfill --dry-run");
    let rehearsed = session::block_on(async {
        let rehearse = async |means: &Means<'_>| rehearsal::rehearse(means, asked).await;
        Ok(with_means(session, workshop, &holder, rehearse).await?)
    })?;
    Ok(shown::rehearsed(session, &rehearsed, is_json))
}

/// Begins a backfill and carries it out.
fn carry_out(
    session: &CliSession,
    workshop: &Workshop,
    asked: &Asked,
    is_json: bool,
) -> Result<ExitCode, CliError> {
    use_threads(&asked.details);
    let command = format!("backfill {}", asked.job);
    let (backfill, report) = session.write(async |ledger| {
        let order_id = ledger.add_order(asked, State::Waiting, session::now()).await?;
        drain(session, workshop, ledger, (&command, order_id.unwrap_or_default())).await
    })?;
    Ok(shown::ended(session, &backfill, &report, is_json))
}

/// Carries an earlier backfill on.
fn resume(
    session: &CliSession,
    id: i64,
    why: Option<&str>,
    is_json: bool,
) -> Result<ExitCode, CliError> {
    control::check_known(session, id)?;
    let workshop = session.sound_workshop()?;
    let command = format!("backfill resume {id}");
    let (backfill, report) = session.write(async |ledger| {
        let order = backfill::resume(ledger, &workshop.project, id, why, session::now()).await?;
        use_threads(&order.asked.details);
        drain(session, &workshop, ledger, (&command, id)).await
    })?;
    Ok(shown::ended(session, &backfill, &report, is_json))
}

async fn drain(
    session: &CliSession,
    workshop: &Workshop,
    ledger: &Ledger,
    (command, id): (&str, i64),
) -> Result<(Backfill, OrderReport), CliError> {
    interrupt::says(format!("backfill {id} goes on with `yuebao backfill resume {id}`"));
    let holder = session.holder(command);
    let drain = async |means: &Means<'_>| backfill::drain(means, ledger, id).await;
    let report = with_means(session, workshop, &holder, drain).await;
    // An edition held back is told at once, also where no daemon runs.
    run::tell(ledger, workshop).await;
    let report = report?;
    let backfill = Backfill::read(ledger, id).await?;
    let lost = || CliError::Call(format!("the ledger has lost backfill {id}"));
    Ok((backfill.ok_or_else(lost)?, report))
}

/// Works with what this terminal has.
async fn with_means<T>(
    session: &CliSession,
    workshop: &Workshop,
    holder: &Holder,
    work: impl AsyncFnOnce(&Means<'_>) -> Result<T, OrderError>,
) -> Result<T, OrderError> {
    let progress = TerminalProgress::new(session.locale());
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
