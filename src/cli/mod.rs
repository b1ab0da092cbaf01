//! The commands: arguments in, one command run, an exit code out.
//!
//! Exit codes: 0 done; 1 the data is wrong; 2 the call or the settings are wrong; 3 the machine
//! failed, try again; 130 Ctrl-C. Results go to standard output, logs and progress to standard error.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

mod alerts;
mod arguments;
mod backfill;
mod check;
mod daemon;
mod demo;
mod doctor;
mod edition;
mod export;
mod failure;
mod findings;
mod interrupt;
mod jobs;
mod ordered;
mod output;
mod progress;
mod run;
mod session;
mod sheet;
mod status;
mod usage;

use self::failure::CliError;
use self::session::CliSession;
use crate::texts::Locale;

/// Monthly report workbooks in, checked totals out. 月报：收表、审核、入库、汇总、发布。
///
/// Drop the workbooks that firms sent into output/inbox and say `yuebao run`: it reads and checks
/// them, files the originals, totals the month and publishes tables and a brief.
#[derive(Debug, Parser)]
#[command(name = "yuebao", version)]
struct CliArguments {
    /// The project: the folder with jobs/ and seeds/. 项目目录
    #[arg(
        long,
        global = true,
        help_heading = "Global options",
        value_name = "DIR",
        default_value = "."
    )]
    project: PathBuf,
    /// The folder for everything the program writes; `output` in the project when not named. 输出目录
    #[arg(long, global = true, help_heading = "Global options", value_name = "DIR")]
    output: Option<PathBuf>,
    /// The language of what is said about workbooks, seeds and figures; the project's first when not named. 语言
    #[arg(long, global = true, help_heading = "Global options", value_enum)]
    lang: Option<Lang>,
    /// How the log on standard error is written. 日志格式
    #[arg(long, global = true, help_heading = "Global options", value_enum, default_value_t = LogFormat::Text)]
    log: LogFormat,
    /// Seconds to wait for another run that writes to the output. 等待其他任务的秒数
    #[arg(
        long,
        global = true,
        help_heading = "Global options",
        value_name = "SECS",
        default_value_t = 60
    )]
    wait: u32,
    /// More in the log; twice for everything. 更多日志
    #[arg(short, long, global = true, help_heading = "Global options", action = clap::ArgAction::Count)]
    verbose: u8,
    #[command(subcommand)]
    command: CliCommand,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// A language of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl From<Lang> for Locale {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Zh => Self::Zh,
            Lang::En => Self::En,
        }
    }
}

#[derive(Debug, Subcommand)]
enum CliCommand {
    /// Show it all on a sample district: three years of workbooks, every job, the brief. 示例
    Demo(demo::DemoArguments),
    /// Take in the inbox, check, total and publish what changed. 处理收件箱并发布
    Run(run::RunArguments),
    /// Watch over schedules and inbox until asked to end. 常驻服务
    Daemon(daemon::DaemonArguments),
    /// Bring a range of past months up to date again. 补跑历史月份
    Backfill(backfill::BackfillArguments),
    /// The jobs: when each runs next, what became of it last, and why. 定时作业
    Jobs(jobs::JobsArguments),
    /// Who has reported, who is missing, how the targets stand. 报送与目标进度
    Status(status::StatusArguments),
    /// All that does not count and is open, with whom to call; texts for the firms. 待处理问题
    Findings(findings::FindingsArguments),
    /// Check workbooks against the rules; nothing is written. 审核工作簿
    Check(check::CheckArguments),
    /// What people were told, and whether the channels work. 告警
    Alerts(alerts::AlertsArguments),
    /// What was published, what differs, and back to an older one. 发布版本
    Edition(edition::EditionArguments),
    /// The marts as CSV, one file each. 导出汇总表
    Export(export::ExportArguments),
    /// Whether project, output folder and ledger are sound: every fault at once. 检查
    Doctor(doctor::DoctorArguments),
}

/// Reads the arguments, runs one command, returns its exit code.
pub fn main() -> ExitCode {
    let arguments = match CliArguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage::print(&error),
    };
    // Nobody sits before a daemon: its log is its only word.
    let is_daemon = matches!(arguments.command, CliCommand::Daemon(_));
    session::start_log(arguments.log, arguments.verbose.max(u8::from(is_daemon)));
    let patience = Duration::from_secs(arguments.wait.into());
    let lang = arguments.lang.map(Locale::from);
    let session = CliSession::new(arguments.project, arguments.output, patience, lang);
    let needs_project = match &arguments.command {
        CliCommand::Demo(_) => false,
        CliCommand::Doctor(command) => !command.is_probe(),
        _ => true,
    };
    let checked = if needs_project { session.check_project() } else { Ok(()) };
    let outcome =
        checked.and_then(|()| session.check_output()).and_then(|()| match arguments.command {
            CliCommand::Demo(command) => demo::run(&session, &command),
            CliCommand::Run(command) => run::run(&session, &command),
            CliCommand::Daemon(command) => {
                daemon::run(&session, &command, arguments.log, arguments.verbose)
            }
            CliCommand::Backfill(command) => backfill::run(&session, &command),
            CliCommand::Jobs(command) => jobs::run(&session, &command),
            CliCommand::Status(command) => status::run(&session, &command),
            CliCommand::Findings(command) => findings::run(&session, &command),
            CliCommand::Check(command) => check::run(&session, &command),
            CliCommand::Alerts(command) => alerts::run(&session, &command),
            CliCommand::Edition(command) => edition::run(&session, &command),
            CliCommand::Export(command) => export::run(&session, &command),
            CliCommand::Doctor(command) => doctor::run(&session, &command),
        });
    match (outcome, output::failure()) {
        (Err(failure), _) => failure.print(),
        (Ok(_), Some(error)) => {
            output::error(&format!("error: could not write to standard output: {error}"));
            ExitCode::from(failure::MACHINE)
        }
        (Ok(code), None) => code,
    }
}

/// The data is wrong: `check` refused something, or a failing test held an edition back.
const DATA_IS_WRONG: u8 = 1;
