//! `backfill`: a range of past months done again, and what became of earlier ones.

use std::process::ExitCode;

use super::session::{self, Session};
use super::{Failure, arguments};
use crate::domain::period::Period;
use crate::ledger::orders::{Reprocess, Sequence, State};
use crate::orders::backfill::{self, Range};
use crate::orders::plan;
use crate::pipeline::Workshop;

pub(super) mod control;

mod start;

mod shown;

/// Arguments of `backfill`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Arguments {
    #[command(flatten)]
    start: Option<Start>,
    #[command(subcommand)]
    command: Option<Command>,
}

/// More threads than any machine here has cores: beyond it they only cost.
const THREADS_MAX: u32 = 256;

/// A backfill to be begun.
#[derive(Debug, clap::Args)]
struct Start {
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
enum Command {
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

/// Runs the command.
pub(super) fn run(session: &Session, arguments: &Arguments) -> Result<ExitCode, Failure> {
    match (&arguments.command, &arguments.start) {
        (Some(Command::List { json }), _) => control::list(session, *json),
        (Some(Command::Show { id, json }), _) => control::show(session, *id, *json),
        (Some(Command::Pause { id }), _) => control::halt(session, *id, State::Paused),
        (Some(Command::Resume { id, why, json }), _) => {
            let why = arguments::reason(why.as_deref())?;
            start::resume(session, *id, why.as_deref(), *json)
        }
        (Some(Command::Cancel { id }), _) => control::halt(session, *id, State::Cancelled),
        (None, Some(start)) => begin(session, start),
        (None, None) => Err(Failure::Call(
            "say which job and which months: `yuebao backfill JOB --from 2024-02 --to 2024-07`"
                .to_owned(),
        )),
    }
}

fn begin(session: &Session, start: &Start) -> Result<ExitCode, Failure> {
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
        return start::rehearse(session, &workshop, &asked, start.json);
    }
    if asked.why.is_none() {
        asked.why = arguments::ask_why("kept with the edition")?;
    }
    start::begin(session, &workshop, &asked, start.json)
}

/// The range must lie between the first month there is and this one.
fn check_range(session: &Session, workshop: &Workshop, start: &Start) -> Result<(), Failure> {
    let Start { from, to, .. } = start;
    if to < from {
        return Err(Failure::Call(format!(
            "the range is reversed: --from {from} lies after --to {to}; did you mean --from {to} --to {from}?"
        )));
    }
    let zone = workshop.project.settings.time_zone;
    let today = session::now().with_timezone(&zone).date_naive();
    let (first, last) = plan::askable(&workshop.project, &session.output, today)?;
    if *to > last {
        return Err(Failure::Call(format!(
            "{to} has not begun: the last month that can be asked for is {last}, the first {first}"
        )));
    }
    if *to < first {
        return Err(Failure::Call(format!(
            "nothing was due or received up to {to}: the first month that can be asked for is {first}, the last {last}"
        )));
    }
    Ok(())
}

fn reprocess(text: &str) -> Result<Reprocess, String> {
    let known = Reprocess::ALL.iter().map(|known| known.name());
    Reprocess::named(text).ok_or_else(|| one_of(text, known))
}

fn threads(text: &str) -> Result<u32, String> {
    let known = text.parse().ok().filter(|threads| *threads <= THREADS_MAX);
    known.ok_or_else(|| {
        format!("{text} is not in 0..={THREADS_MAX}, where 0 is one workbook on each core")
    })
}

fn order(text: &str) -> Result<Sequence, String> {
    let known = Sequence::ALL.iter().map(|known| known.name());
    Sequence::named(text).ok_or_else(|| one_of(text, known))
}

fn one_of<'a>(text: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let nearest = crate::project::read::nearest(text, known.clone());
    format!("use one of {}{nearest}", known.collect::<Vec<_>>().join(", "))
}
