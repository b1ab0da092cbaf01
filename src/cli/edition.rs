//! `edition`: what was published, when, from what and why; what differs between two editions; and
//! which one readers see.

use std::process::ExitCode;

use super::session::CliSession;
use super::{CliError, arguments, output, run, sheet};
use crate::ledger::orders::{Details, OrderStep};
use crate::pipeline::revision::{self, Revision};
use crate::stages::publish::editions;
use crate::stages::publish::manifest::Manifest;

#[derive(Debug, clap::Args)]
pub(super) struct EditionArguments {
    #[command(subcommand)]
    command: EditionCommand,
}

#[derive(Debug, clap::Subcommand)]
enum EditionCommand {
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

pub(super) fn run(
    session: &CliSession,
    arguments: &EditionArguments,
) -> Result<ExitCode, CliError> {
    match &arguments.command {
        EditionCommand::List { json } => list(session, *json)?,
        EditionCommand::Show { number, json } => show(session, *number, *json)?,
        EditionCommand::Diff { before, after, json } => diff(session, *before, *after, *json)?,
        EditionCommand::Rollback { number, why } => rollback(session, *number, why.as_deref())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(session: &CliSession, is_json: bool) -> Result<(), CliError> {
    let root = session.output.root();
    let numbers = editions::numbers(root)?;
    let manifests = numbers
        .iter()
        .map(|number| editions::manifest(root, *number))
        .collect::<Result<Vec<_>, _>>()?;
    let current = editions::current(root);
    let row = |manifest: &Manifest| {
        let rows = || manifest.files.iter().filter_map(|file| file.rows);
        let is_current = current == Some(manifest.edition);
        vec![
            manifest.edition.to_string(),
            session.local(manifest.created_at),
            rows().count().to_string(),
            rows().sum::<usize>().to_string(),
            if is_current { "<- output/marts" } else { "" }.to_owned(),
        ]
    };
    output::answer(is_json, &manifests, || {
        if manifests.is_empty() {
            return session.said("edition.none").to_owned();
        }
        let names = ["edition", "created", "tables", "rows"];
        let names = names.map(|name| session.said(&format!("edition.column.{name}")));
        output::table(&[&names[..], &[""]].concat(), manifests.iter().map(row))
    });
    Ok(())
}

fn show(session: &CliSession, number: u32, is_json: bool) -> Result<(), CliError> {
    check_known(session, number)?;
    let manifest = editions::manifest(session.output.root(), number)?;
    output::answer(is_json, &manifest, || manifest_text(session, &manifest));
    Ok(())
}

/// An edition, who asked for it and why where that was kept, what moved which month, and its files.
fn manifest_text(session: &CliSession, manifest: &Manifest) -> String {
    let Manifest { edition, program, inputs, who, why, backfill, since, moved, .. } = manifest;
    let short = |hash: &str| hash.get(..16).unwrap_or_default().to_owned();
    let mut lines = vec![format!(
        "edition {edition}, created {}, program {program}, inputs {}{}",
        session.local(manifest.created_at),
        short(inputs),
        if manifest.is_synthetic { ", SYNTHETIC data" } else { "" }
    )];
    lines.extend(why.as_ref().map(|why| format!("why: {why}")));
    let backfill = backfill.map(|id| format!(", backfill {id}")).unwrap_or_default();
    lines.extend(who.as_ref().map(|who| format!("who: {who}{backfill}")));
    if let Some(since) = since.filter(|_| !moved.is_empty()) {
        lines.push(session.fill("sheet.moved", &[("edition", &since)]));
        lines.push(sheet::causes(session, moved));
    }
    let rows = manifest.files.iter().map(|file| {
        let rows = file.rows.map_or_else(String::new, |rows| rows.to_string());
        vec![file.name.clone(), rows, file.bytes.to_string(), short(&file.sha256)]
    });
    lines.push(output::table(&["file", "rows", "bytes", "sha256"], rows));
    lines.join("\n")
}

/// An edition that must be there.
fn check_known(session: &CliSession, number: u32) -> Result<(), CliError> {
    let numbers = editions::numbers(session.output.root())?;
    if numbers.contains(&number) {
        return Ok(());
    }
    Err(CliError::Call(match numbers.last() {
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

fn diff(session: &CliSession, before: u32, after: u32, is_json: bool) -> Result<(), CliError> {
    check_known(session, before)?;
    check_known(session, after)?;
    let root = session.output.root();
    let (old, new) = (revision::of_edition(root, before)?, revision::of_edition(root, after)?);
    let revision = revision::compare(&old, &new)?;
    let difference = Difference { before, after, revision };
    output::answer(is_json, &difference, || {
        let title = session.fill("sheet.between", &[("edition", &before), ("other", &after)]);
        sheet::text(session, &title, &difference.revision)
    });
    Ok(())
}

/// Points `marts` at an edition, in one step; who did it and why stands in the ledger.
fn rollback(session: &CliSession, number: u32, why: Option<&str>) -> Result<(), CliError> {
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
