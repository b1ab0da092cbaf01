//! `edition`: what was published, when, from what and why; what differs between two editions; and
//! which one readers see.

use std::process::ExitCode;

use super::session::{self, Session};
use super::{Failure, arguments, output, run, sheet};
use crate::ledger::orders::{Details, OrderStep};
use crate::pipeline::revision::{self, Revision};
use crate::stages::publish::editions;
use crate::stages::publish::manifest::Manifest;
use crate::texts::Locale;

/// Arguments of `edition`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// All editions, newest last. 全部版本
    List {
        /// One JSON document instead of text. 输出 JSON
        #[arg(long)]
        json: bool,
    },
    /// One edition: its tables with rows and checksums, and what it was made from. 版本详情
    Show {
        /// The edition's number.
        #[arg(value_parser = arguments::number::<u32>)]
        number: u32,
        /// One JSON document instead of text. 输出 JSON
        #[arg(long)]
        json: bool,
    },
    /// Every figure that differs between two editions. 版本差异
    Diff {
        /// The edition to compare with.
        #[arg(value_parser = arguments::number::<u32>)]
        before: u32,
        /// The edition compared.
        #[arg(value_parser = arguments::number::<u32>)]
        after: u32,
        /// One JSON document with all of them instead of text. 输出 JSON
        #[arg(long)]
        json: bool,
    },
    /// Let readers see an older edition again, until the next one is published. 回退
    Rollback {
        /// The edition's number.
        #[arg(value_parser = arguments::number::<u32>)]
        number: u32,
        /// Why: kept in the ledger. 原因
        #[arg(long, value_name = "TEXT")]
        why: Option<String>,
    },
}

/// Runs the command.
pub(super) fn run(session: &Session, arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Command::List { json } => list(session, *json)?,
        Command::Show { number, json } => show(session, *number, *json)?,
        Command::Diff { before, after, json } => diff(session, *before, *after, *json)?,
        Command::Rollback { number, why } => rollback(session, *number, why.as_deref())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(session: &Session, is_json: bool) -> Result<(), Failure> {
    let root = session.output.root();
    let numbers = editions::numbers(root)?;
    let manifests = numbers
        .iter()
        .map(|number| editions::manifest(root, *number))
        .collect::<Result<Vec<_>, _>>()?;
    if is_json {
        output::json(&manifests);
        return Ok(());
    }
    if manifests.is_empty() {
        output::print(&output::said("edition.none", session.locale()));
        return Ok(());
    }
    let (current, zone) = (editions::current(root), session.zone());
    let row = |manifest: &Manifest| {
        vec![
            manifest.edition.to_string(),
            session::local(manifest.created_at, zone),
            manifest.files.iter().filter(|file| file.rows.is_some()).count().to_string(),
            manifest.files.iter().filter_map(|file| file.rows).sum::<usize>().to_string(),
            if current == Some(manifest.edition) {
                "<- output/marts".to_owned()
            } else {
                String::new()
            },
        ]
    };
    let rows: Vec<_> = manifests.iter().map(row).collect();
    let header = ["edition", "created", "tables", "rows"];
    let header =
        header.map(|name| output::said(&format!("edition.column.{name}"), session.locale()));
    let header: Vec<&str> = header.iter().map(String::as_str).chain([""]).collect();
    output::print(&output::table(&header, &rows));
    Ok(())
}

fn show(session: &Session, number: u32, is_json: bool) -> Result<(), Failure> {
    check_known(session, number)?;
    let manifest = editions::manifest(session.output.root(), number)?;
    if is_json {
        output::json(&manifest);
        return Ok(());
    }
    output::print(&format!(
        "edition {number}, created {}, program {}, inputs {}{}",
        session::local(manifest.created_at, session.zone()),
        manifest.program,
        manifest.inputs.get(..16).unwrap_or_default(),
        if manifest.is_synthetic { ", SYNTHETIC data" } else { "" }
    ));
    print_occasion(&manifest, session.locale());
    let rows: Vec<Vec<String>> = manifest
        .files
        .iter()
        .map(|file| {
            let rows = file.rows.map_or_else(String::new, |rows| rows.to_string());
            let hash = file.sha256.get(..16).unwrap_or_default().to_owned();
            vec![file.name.clone(), rows, file.bytes.to_string(), hash]
        })
        .collect();
    output::print(&output::table(&["file", "rows", "bytes", "sha256"], &rows));
    Ok(())
}

/// Who asked for an edition and why, where that was kept; and what moved which month.
fn print_occasion(manifest: &Manifest, locale: Locale) {
    let Manifest { who, why, backfill, since, moved, .. } = manifest;
    if let Some(why) = why {
        output::print(&format!("why: {why}"));
    }
    let backfill = backfill.map(|id| format!(", backfill {id}")).unwrap_or_default();
    if let Some(who) = who {
        output::print(&format!("who: {who}{backfill}"));
    }
    if let Some(since) = since.filter(|_| !moved.is_empty()) {
        output::print(&output::filled("sheet.moved", &[("edition", since.to_string())], locale));
        output::print(&sheet::causes(moved, locale));
    }
}

/// An edition that must be there.
fn check_known(session: &Session, number: u32) -> Result<(), Failure> {
    let numbers = editions::numbers(session.output.root())?;
    if numbers.contains(&number) {
        return Ok(());
    }
    Err(Failure::Call(match numbers.last() {
        Some(newest) => format!(
            "there is no edition {number}: the newest is {newest}, `yuebao edition list` has them all"
        ),
        None => format!(
            "there is no edition {number}: none was published yet, `yuebao run` publishes the first"
        ),
    }))
}

/// Two editions compared, as `--json` prints it.
#[derive(serde::Serialize)]
struct Difference {
    before: u32,
    after: u32,
    #[serde(flatten)]
    revision: Revision,
}

fn diff(session: &Session, before: u32, after: u32, is_json: bool) -> Result<(), Failure> {
    check_known(session, before)?;
    check_known(session, after)?;
    let root = session.output.root();
    let (old, new) = (revision::of_edition(root, before)?, revision::of_edition(root, after)?);
    let revision = revision::compare(&old, &new)?;
    if is_json {
        output::json(&Difference { before, after, revision });
        return Ok(());
    }
    let locale = session.locale();
    let numbers = [("edition", before.to_string()), ("other", after.to_string())];
    let title = output::filled("sheet.between", &numbers, locale);
    output::print(&sheet::text(&title, &revision, locale));
    Ok(())
}

/// Points `marts` at an edition, in one step; who did it and why stands in the ledger.
fn rollback(session: &Session, number: u32, why: Option<&str>) -> Result<(), Failure> {
    check_known(session, number)?;
    let why = match arguments::reason(why)? {
        Some(why) => Some(why),
        None => arguments::ask_why("kept in the ledger")?,
    };
    let workshop = session.workshop()?;
    let mut asked = run::asked(None, &[]);
    "rollback".clone_into(&mut asked.job);
    asked.why = why;
    (asked.steps, asked.details) = (vec![OrderStep::Rollback], Details::Rollback { to: number });
    run::carry_out(session, &workshop, &asked)?;
    let root = session.output.root();
    let newest = editions::numbers(root)?.last().copied().unwrap_or(number);
    output::print(&format!("output/marts points at edition {number}"));
    if newest != number {
        output::print(&format!(
            "it stays there while nothing changes; the next change of what readers see publishes edition {}, unless it waits for a reason",
            newest + 1
        ));
    }
    Ok(())
}
