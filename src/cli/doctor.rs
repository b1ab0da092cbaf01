//! `doctor`: every fault of the project and the output folder at once; nothing is written.

use std::process::ExitCode;

use super::session::Session;
use super::{Failure, output};
use crate::pipeline;
use crate::stages::publish::editions;

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// One JSON document instead of text. 输出 JSON
    #[arg(long)]
    json: bool,
}

/// What is sound, as `--json` prints it.
#[derive(Debug, serde::Serialize)]
struct Health {
    forms: Vec<String>,
    rules: usize,
    marts: Vec<String>,
    jobs: Vec<String>,
    firms: usize,
    edition: Option<u32>,
    faults: Vec<String>,
}

/// Runs the command.
pub(super) fn run(session: &Session, command: &Arguments) -> Result<ExitCode, Failure> {
    let faults = match pipeline::open(&session.root) {
        Ok(workshop) => {
            let faults = pipeline::faults_of_marts(&workshop);
            if faults.is_empty() {
                return report(session, &workshop, command);
            }
            faults
        }
        Err(faults) => faults,
    };
    if command.json {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        output::json(&serde_json::json!({ "faults": faults }));
        return Ok(ExitCode::from(2));
    }
    Err(Failure::Faults(faults))
}

fn report(
    session: &Session,
    workshop: &pipeline::Workshop,
    command: &Arguments,
) -> Result<ExitCode, Failure> {
    let project = &workshop.project;
    let health = Health {
        forms: project.forms.keys().cloned().collect(),
        rules: project.rules.iter().map(|file| file.rules.len()).sum(),
        marts: project.marts.iter().map(|mart| mart.name.clone()).collect(),
        jobs: project.schedules.keys().cloned().collect(),
        firms: project.seeds.roster.firms.len(),
        edition: editions::numbers(session.output.root())?.last().copied(),
        faults: Vec::new(),
    };
    if command.json {
        output::json(&health);
        return Ok(ExitCode::SUCCESS);
    }
    output::print(&format!(
        "the project is sound: {} forms, {} rules, {} marts, {} jobs, {} firms",
        health.forms.len(),
        health.rules,
        health.marts.len(),
        health.jobs.len(),
        health.firms
    ));
    match health.edition {
        Some(edition) => output::print(&format!("the newest edition is {edition}")),
        None => output::print("nothing is published yet: `yuebao run` publishes the first edition"),
    }
    Ok(ExitCode::SUCCESS)
}
