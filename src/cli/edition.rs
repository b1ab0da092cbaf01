//! `edition list` and `edition show`: what was published, when, from what.

use std::process::ExitCode;

use super::session::Session;
use super::{Failure, output};
use crate::stages::publish::editions;
use crate::stages::publish::manifest::Manifest;

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
        number: u32,
        /// One JSON document instead of text. 输出 JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
pub(super) fn run(session: &Session, arguments: &Arguments) -> Result<ExitCode, Failure> {
    match arguments.command {
        Command::List { json } => list(session, json)?,
        Command::Show { number, json } => show(session, number, json)?,
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
        output::print("nothing is published yet: `yuebao run` publishes the first edition");
        return Ok(());
    }
    let current = editions::current(root);
    let row = |manifest: &Manifest| {
        vec![
            manifest.edition.to_string(),
            manifest.created_at.format("%Y-%m-%d %H:%M:%SZ").to_string(),
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
    output::print(&output::table(&["edition", "created", "tables", "rows", ""], &rows));
    Ok(())
}

fn show(session: &Session, number: u32, is_json: bool) -> Result<(), Failure> {
    let root = session.output.root();
    let numbers = editions::numbers(root)?;
    if !numbers.contains(&number) {
        let known: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let known = if known.is_empty() { "none yet".to_owned() } else { known.join(", ") };
        return Err(Failure::Call(format!("there is no edition {number}: there are {known}")));
    }
    let manifest = editions::manifest(root, number)?;
    if is_json {
        output::json(&manifest);
        return Ok(());
    }
    output::print(&format!(
        "edition {number}, created {}, program {}, inputs {}{}",
        manifest.created_at.format("%Y-%m-%d %H:%M:%SZ"),
        manifest.program,
        manifest.inputs.get(..16).unwrap_or_default(),
        if manifest.is_synthetic { ", SYNTHETIC data" } else { "" }
    ));
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
