//! `findings`: all that does not count and is open, gravest first, with whom to call; as a text, as JSON,
//! as CSV for a table, or as texts to send to the firms.
//!
//! In: the project and the lake. Out: reports with what stands against them. Exit code 0, whatever is
//! open: somebody's workbook is wrong, not ours.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use serde::Serialize;

use super::session::CliSession;
use super::{CliError, arguments, output};
use crate::domain::period::Period;
use crate::findings::{Finding, render};
use crate::lake::matters::{self, Matter, MatterKind};
use crate::lake::rows;
use crate::project::Project;
use crate::project::seeds::roster::Firm;

mod csv;

mod notice;

#[derive(Debug, clap::Args)]
pub(super) struct FindingsArguments {
    /// Only this month; what bears none belongs to the month it came in for. 月份
    #[arg(long, value_parser = arguments::period)]
    period: Option<Period>,
    /// Only this firm: its credit code, or a part of its name. 单位
    #[arg(long, value_name = "CODE|NAME")]
    firm: Option<String>,
    /// What to list. 状态
    #[arg(long, value_enum, default_value_t = Wanted::Open)]
    state: Wanted,
    /// One JSON document instead of text. 输出 JSON
    #[arg(long, conflicts_with_all = ["csv", "notice"])]
    json: bool,
    /// A table for a spreadsheet, one row a finding. 输出 CSV
    #[arg(long, conflicts_with = "notice")]
    csv: bool,
    /// Texts to send to the firms, each about its own reports. 生成通知
    #[arg(long)]
    notice: bool,
}

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Wanted {
    /// All that is open.
    Open,
    /// What something later has settled.
    Settled,
    /// Both.
    All,
    /// Open, to be corrected.
    Refused,
    /// Open, to be explained.
    Queried,
    /// Open, in conflict with another report of the firm.
    Conflict,
    /// Open, of nobody knows whom or when.
    Unassigned,
    /// Open, not to be read.
    Unreadable,
}

impl Wanted {
    fn is_of(self, matter: &Matter) -> bool {
        let is_kind = |kind| !matter.is_settled && matter.kind == kind;
        match self {
            Self::Open => !matter.is_settled,
            Self::Settled => matter.is_settled,
            Self::All => true,
            Self::Refused => is_kind(MatterKind::Refused),
            Self::Queried => is_kind(MatterKind::Queried),
            Self::Conflict => is_kind(MatterKind::Conflict),
            Self::Unassigned => is_kind(MatterKind::Unassigned),
            Self::Unreadable => is_kind(MatterKind::Unreadable),
        }
    }
}

/// A report that was sent or is owed, and whom to call about it.
#[derive(Debug, Default, Serialize)]
pub(super) struct SentReport {
    pub(super) form: Option<String>,
    pub(super) credit_code: Option<String>,
    pub(super) firm_name: Option<String>,
    pub(super) contact: String,
    /// As received; `None` where nothing came, as all that follow.
    pub(super) file_name: Option<String>,
    pub(super) received_at: Option<DateTime<Utc>>,
    pub(super) submission_id: Option<String>,
}

impl SentReport {
    /// What a matter is about; `named` is the firm that may be called by its name on the roster: of
    /// one that is guessed at, only the contact is told.
    pub(super) fn of(matter: &Matter, project: &Project, named: Option<&Firm>) -> Self {
        let sent = &matter.submission;
        let firm = matter.firm(project);
        Self {
            form: sent.form.clone(),
            credit_code: sent.credit_code.clone(),
            firm_name: named.map(|firm| firm.name.clone()).or_else(|| sent.firm_name.clone()),
            contact: firm.map(|firm| firm.contact.clone()).unwrap_or_default(),
            file_name: Some(sent.file_name.clone()),
            received_at: Some(sent.received_at),
            submission_id: Some(sent.submission_id.clone()),
        }
    }
}

/// A report or workbook with what stands against it.
#[derive(Debug, Serialize)]
struct ListedMatter {
    state: MatterKind,
    period: Option<Period>,
    #[serde(flatten)]
    sent: SentReport,
    /// Whether an older revision counts meanwhile.
    is_correction: bool,
    is_settled: bool,
    findings: Vec<Finding>,
}

pub(super) fn run(session: &CliSession, command: &FindingsArguments) -> Result<ExitCode, CliError> {
    let project = session.project()?;
    let lake = session.output.lake();
    let matters = matters::of(project, &lake, &rows::all(&lake)?)?;
    let is_asked = |matter: &&Matter| {
        command.state.is_of(matter)
            && command.period.is_none_or(|period| matter.month == Some(period))
            && command.firm.as_ref().is_none_or(|firm| is_of_firm(matter, firm, project))
    };
    let asked: Vec<&Matter> = matters.iter().filter(is_asked).collect();
    if let Some(firm) =
        command.firm.as_deref().filter(|firm| asked.is_empty() && !is_known(project, firm))
    {
        return Err(CliError::Call(format!(
            "no firm of the roster bears `{firm}` in its credit code or name"
        )));
    }
    if command.notice {
        output::print(&notice::text(&asked, session, project));
        return Ok(ExitCode::SUCCESS);
    }
    let listed: Vec<ListedMatter> = asked.iter().map(|matter| listed(matter, project)).collect();
    output::answer(command.json, &listed, || {
        if command.csv { csv::text(&listed, session) } else { text(&listed, session) }
    });
    Ok(ExitCode::SUCCESS)
}

/// Whether a firm that somebody names is meant by a name and a code.
fn is_meant(asked: &str, code: Option<&str>, name: Option<&str>) -> bool {
    code == Some(asked) || name.is_some_and(|name| name.contains(asked))
}

fn is_of_firm(matter: &Matter, asked: &str, project: &Project) -> bool {
    let firm = matter.firm(project);
    let sent = &matter.submission;
    is_meant(asked, sent.credit_code.as_deref(), sent.firm_name.as_deref())
        || firm.is_some_and(|firm| is_meant(asked, Some(&firm.credit_code), Some(&firm.name)))
}

fn is_known(project: &Project, asked: &str) -> bool {
    let spells = project.seeds.roster.firms.values().flatten();
    spells.into_iter().any(|firm| is_meant(asked, Some(&firm.credit_code), Some(&firm.name)))
}

fn listed(matter: &Matter, project: &Project) -> ListedMatter {
    let is_named = |firm: &&Firm| matter.submission.credit_code.as_ref() == Some(&firm.credit_code);
    ListedMatter {
        state: matter.kind,
        period: matter.month,
        sent: SentReport::of(matter, project, matter.firm(project).filter(is_named)),
        is_correction: matter.is_correction,
        is_settled: matter.is_settled,
        findings: matter.findings.clone(),
    }
}

fn text(listed: &[ListedMatter], session: &CliSession) -> String {
    if listed.is_empty() {
        return session.said("findings.none").to_owned();
    }
    let mut parts: Vec<String> = listed.iter().map(|it| block(it, session)).collect();
    parts.push(summary(session, listed.iter().map(|it| it.state.name())));
    parts.join("\n")
}

/// A report: what it is, whom to call, what came, what stands against it.
fn block(listed: &ListedMatter, session: &CliSession) -> String {
    let ListedMatter { state, period, sent, findings, .. } = listed;
    let file = sent.file_name.as_deref().unwrap_or_default();
    let known = |text: &Option<String>| text.clone().unwrap_or_default();
    let words = [
        session.said(&format!("state.{}", state.name())).to_owned(),
        known(&sent.form),
        period.map(|period| period.to_string()).unwrap_or_default(),
        known(&sent.firm_name),
        known(&sent.credit_code),
        sent.contact.clone(),
    ];
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let at = sent.received_at.map(|at| session.minute(at)).unwrap_or_default();
    let came = session.fill("findings.came", &[("file", &file), ("at", &at)]);
    let mut lines = vec![output::plain(&words.join("  ")), output::plain(&came)];
    if listed.is_settled {
        lines.push(session.said("findings.settled").to_owned());
    } else if listed.is_correction {
        lines.push(session.said("findings.correction").to_owned());
    }
    lines.push(render::terminal(file, findings, session.locale()));
    lines.join("\n")
}

/// How many of each state there are, the gravest first: `退回 4，待核实 1`.
pub(super) fn summary(
    session: &CliSession,
    states: impl IntoIterator<Item = &'static str>,
) -> String {
    let states: Vec<&str> = states.into_iter().collect();
    let kinds = MatterKind::ALL.iter().map(|kind| kind.name()).chain(["accepted"]);
    let count = |kind: &str| {
        let count = states.iter().filter(|state| **state == kind).count();
        (count > 0).then(|| format!("{} {count}", session.said(&format!("state.{kind}"))))
    };
    kinds.filter_map(count).collect::<Vec<_>>().join(session.said("findings.join"))
}
