//! `doctor`: every fault of the project, the output folder and the ledger at once; nothing is
//! written. `doctor --rebuild`: a damaged ledger set aside for a new one. `doctor --alive`: whether a daemon is
//! at work.
//!
//! Exit code 2 where the project is faulty, 3 where the machine is, 0 where all is sound, whatever it
//! warns of.

use std::process::ExitCode;

use super::session::Session;
use super::{Failure, failure, output};
use crate::lake::matters::{self, UnknownDocument};
use crate::lake::rows;
use crate::pipeline::Workshop;
use crate::project::fault::Fault;
use crate::stages::publish::{brief, editions};
use crate::texts::Locale;

mod affairs;

mod alive;

mod channels;

mod disk;

mod machine;

mod rebuild;

use self::machine::Machine;

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Make a new ledger where there is none or it is damaged; the damaged one is kept beside it.
    /// 重建台账
    #[arg(long)]
    rebuild: bool,
    /// Only whether a daemon is at work, for probes: exit code 0 or 3. 守护进程是否在运行
    #[arg(long, conflicts_with_all = ["rebuild", "json"])]
    alive: bool,
    /// One JSON document instead of text. 输出 JSON
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// Whether only the daemon's sign of life is looked for.
    pub(super) fn is_probe(&self) -> bool {
        self.alive
    }
}

/// What is sound and what is not, as `--json` prints it.
#[derive(Debug, serde::Serialize)]
struct Health {
    #[serde(flatten)]
    project: Option<Project>,
    edition: Option<u32>,
    /// The edition that readers see.
    marts: Option<u32>,
    #[serde(flatten)]
    machine: Machine,
    /// Of the project and of the machine.
    faults: Vec<String>,
}

/// What a sound project holds.
#[derive(Debug, serde::Serialize)]
struct Project {
    forms: Vec<String>,
    rules: usize,
    marts: Vec<String>,
    jobs: Vec<String>,
    firms: usize,
}

/// Runs the command.
pub(super) fn run(session: &Session, command: &Arguments) -> Result<ExitCode, Failure> {
    if command.alive {
        return alive::run(session);
    }
    if command.rebuild {
        return rebuild::run(session, command.json);
    }
    let (workshop, faults) = match session.sound_workshop() {
        Ok(workshop) => (Some(workshop), Vec::new()),
        Err(Failure::Faults(faults)) => (None, faults),
        Err(other) => return Err(other),
    };
    let project = workshop.as_ref().map(Project::of);
    let mut machine = machine::look(session)?;
    if let Some(workshop) = &workshop {
        let variable = |name: &str| std::env::var(name).ok();
        machine.warnings.extend(channels::warnings(&workshop.project.channels, variable));
        let unread = brief::unread_notes(&workshop.project);
        machine.warnings.extend(unread.map(|it| it.get(session.locale()).to_owned()));
    }
    if let Some(workshop) = &workshop {
        let lake = session.output.lake();
        let matters =
            rows::all(&lake).and_then(|sent| matters::of(&workshop.project, &lake, &sent));
        // What is damaged was told with the machine.
        let unknown = matters::unknown_documents(&matters.unwrap_or_default()).into_iter();
        let said = |it: UnknownDocument| it.text().get(session.locale()).to_owned();
        machine.warnings.extend(unknown.map(said));
        machine.warnings.extend(session.without_deadline(&workshop.project)?);
    }
    let edition = machine.none_or(|| editions::numbers(session.output.root()));
    let edition = edition.and_then(|numbers| numbers.last().copied());
    let marts = editions::current(session.output.root());
    if let (Some(edition), None) = (edition, marts) {
        machine.warnings.push(format!(
            "output/marts leads to no edition, readers find nothing there: `yuebao run` points it at edition {edition}"
        ));
    }
    let code = match (faults.is_empty(), machine.faults.is_empty()) {
        (false, _) => failure::SETTINGS,
        (true, false) => failure::MACHINE,
        (true, true) => 0,
    };
    if command.json {
        let faults = faults.iter().map(ToString::to_string).chain(machine.faults.clone());
        output::json(&Health { project, edition, marts, faults: faults.collect(), machine });
    } else {
        say(project.as_ref(), (edition, marts), &machine);
        complain(&faults, &machine, session.quiet_locale());
    }
    Ok(ExitCode::from(code))
}

impl Project {
    fn of(workshop: &Workshop) -> Self {
        let project = &workshop.project;
        Self {
            forms: project.forms.keys().cloned().collect(),
            rules: project.rules.iter().map(|file| file.rules.len()).sum(),
            marts: project.marts.iter().map(|mart| mart.name.clone()).collect(),
            jobs: project.schedules.keys().cloned().collect(),
            firms: project.seeds.roster.firms.len(),
        }
    }
}

/// What is sound, on standard output.
fn say(project: Option<&Project>, (edition, marts): (Option<u32>, Option<u32>), machine: &Machine) {
    if let Some(project) = project {
        output::print(&format!(
            "the project is sound: {} forms, {} rules, {} marts, {} jobs, {} firms",
            project.forms.len(),
            project.rules,
            project.marts.len(),
            project.jobs.len(),
            project.firms
        ));
    }
    match edition {
        Some(edition) => {
            let other = marts.filter(|marts| *marts != edition);
            let other = other.map(|it| format!("; output/marts points at edition {it}"));
            output::print(&format!("the newest edition is {edition}{}", other.unwrap_or_default()));
        }
        None => output::print("nothing is published yet: `yuebao run` publishes the first edition"),
    }
    for line in machine.notes() {
        output::print(&line);
    }
}

/// What is not, on standard error.
fn complain(faults: &[Fault], machine: &Machine, locale: Locale) {
    for warning in &machine.warnings {
        output::error(&format!("warning: {warning}"));
    }
    for fault in &machine.faults {
        output::error(&format!("error: {fault}"));
    }
    if !faults.is_empty() {
        output::error(&failure::faults_text(faults, locale));
    }
}
