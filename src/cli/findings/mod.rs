//! `findings`: all that does not count and is open, gravest first, with whom to call; as a text, as JSON,
//! as CSV for a table, or as texts to send to the firms.
//!
//! In: the project and the lake. Out: reports with what stands against them. Exit code 0, whatever is
//! open: somebody's workbook is wrong, not ours.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use serde::Serialize;

use super::output::{self, filled, said};
use super::session::Session;
use super::{Failure, arguments};
use crate::domain::period::Period;
use crate::findings::{Finding, render};
use crate::lake::matters::{self, Matter, MatterKind};
use crate::lake::rows;
use crate::project::Project;
use crate::texts::Locale;

mod csv;

mod notice;

/// Arguments of `findings`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
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

/// A report or workbook with what stands against it.
#[derive(Debug, Serialize)]
struct Listed {
    state: MatterKind,
    form: Option<String>,
    period: Option<Period>,
    credit_code: Option<String>,
    firm_name: Option<String>,
    contact: String,
    file_name: String,
    received_at: DateTime<Utc>,
    submission_id: String,
    /// Whether an older revision counts meanwhile.
    is_correction: bool,
    is_settled: bool,
    findings: Vec<Finding>,
}

/// Runs the command.
pub(super) fn run(session: &Session, command: &Arguments) -> Result<ExitCode, Failure> {
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
        return Err(Failure::Call(format!(
            "no firm of the roster bears `{firm}` in its credit code or name"
        )));
    }
    if command.notice {
        output::print(&notice::text(&asked, session, project));
        return Ok(ExitCode::SUCCESS);
    }
    let listed: Vec<Listed> = asked.iter().map(|matter| listed(matter, project)).collect();
    if command.json {
        output::json(&listed);
    } else if command.csv {
        output::print(csv::text(&listed, session).trim_end());
    } else {
        output::print(&text(&listed, session));
    }
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

fn listed(matter: &Matter, project: &Project) -> Listed {
    let sent = &matter.submission;
    let firm = matter.firm(project);
    let of_roster = firm.filter(|firm| sent.credit_code.as_ref() == Some(&firm.credit_code));
    Listed {
        state: matter.kind,
        form: sent.form.clone(),
        period: matter.month,
        credit_code: sent.credit_code.clone(),
        firm_name: of_roster.map(|firm| firm.name.clone()).or_else(|| sent.firm_name.clone()),
        contact: firm.map(|firm| firm.contact.clone()).unwrap_or_default(),
        file_name: sent.file_name.clone(),
        received_at: sent.received_at,
        submission_id: sent.submission_id.clone(),
        is_correction: matter.is_correction,
        is_settled: matter.is_settled,
        findings: matter.findings.clone(),
    }
}

fn text(listed: &[Listed], session: &Session) -> String {
    let locale = session.locale();
    if listed.is_empty() {
        return said("findings.none", locale);
    }
    let mut parts: Vec<String> = listed.iter().map(|it| block(it, session, locale)).collect();
    parts.push(summary(listed.iter().map(|it| it.state.name()), locale));
    parts.join("\n")
}

/// A report: what it is, whom to call, what came, what stands against it.
fn block(listed: &Listed, session: &Session, locale: Locale) -> String {
    let known = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let words = [
        said(&format!("state.{}", listed.state.name()), locale),
        known(listed.form.as_deref()),
        listed.period.map(|period| period.to_string()).unwrap_or_default(),
        known(listed.firm_name.as_deref()),
        known(listed.credit_code.as_deref()),
        listed.contact.clone(),
    ];
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let at = listed.received_at.with_timezone(&session.zone()).format("%Y-%m-%d %H:%M");
    let came = [("file", listed.file_name.clone()), ("at", at.to_string())];
    let mut lines = vec![words.join("  "), filled("findings.came", &came, locale)];
    if listed.is_settled {
        lines.push(said("findings.settled", locale));
    } else if listed.is_correction {
        lines.push(said("findings.correction", locale));
    }
    let head = lines.iter().map(|line| output::plain(line)).collect::<Vec<_>>().join("\n");
    let found = render::terminal(&listed.file_name, &listed.findings, locale);
    format!("{head}\n{found}")
}

/// How many of each state there are, the gravest first: `退回 4，待核实 1`.
pub(super) fn summary<'a>(states: impl Iterator<Item = &'a str>, locale: Locale) -> String {
    let states: Vec<&str> = states.collect();
    let kinds = MatterKind::ALL.iter().map(|kind| kind.name()).chain(["accepted"]);
    let count = |kind: &str| {
        let count = states.iter().filter(|state| **state == kind).count();
        (count > 0).then(|| format!("{} {count}", said(&format!("state.{kind}"), locale)))
    };
    kinds.filter_map(count).collect::<Vec<_>>().join(&said("findings.join", locale))
}
