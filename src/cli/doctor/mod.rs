//! `doctor`: every fault of the project, the output folder and the ledger at once; nothing is
//! written. `doctor --rebuild`: a damaged ledger set aside for a new one. `doctor --alive`: whether a daemon is
//! at work.
//!
//! Exit code 2 where the project is faulty, 3 where the machine is, 0 where all is sound, whatever it
//! warns of.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::process::ExitCode;

use chrono::TimeDelta;
use serde::Serialize;
use serde_json::{Value, json};

use super::session::{self, CliSession};
use super::{CliError, failure, output};
use crate::files::lock::Lock;
use crate::lake::{matters, rows};
use crate::ledger::stamp;
use crate::orders;
use crate::pipeline::Workshop;
use crate::project::alerts::{Address, Channel, Url};
use crate::stages::publish::{brief, editions};

mod ledger;
mod machine;
mod rebuild;

#[derive(Debug, clap::Args)]
pub(super) struct DoctorArguments {
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

impl DoctorArguments {
    /// Whether only the daemon's sign of life is looked for.
    pub(super) fn is_probe(&self) -> bool {
        self.alive
    }
}

/// What is found.
#[derive(Debug, Default, Serialize)]
struct Health {
    /// For scripts, by name.
    #[serde(flatten)]
    facts: BTreeMap<&'static str, Value>,
    /// What is so, for people, one a line.
    #[serde(skip)]
    notes: Vec<String>,
    /// What will soon be wrong, each with what to do.
    warnings: Vec<String>,
    /// What is wrong, each with what to do.
    faults: Vec<String>,
}

impl Health {
    fn put(&mut self, name: &'static str, fact: impl Serialize) {
        let fact = serde_json::to_value(fact).expect("a fact is JSON");
        self.facts.insert(name, fact);
    }

    fn note(&mut self, said: impl Display) {
        self.notes.push(said.to_string());
    }

    fn warn(&mut self, said: impl Display) {
        self.warnings.push(said.to_string());
    }

    /// What can be read of the machine; an error is a fault, told with its causes.
    fn none_or<T, E: std::error::Error>(&mut self, read: Result<T, E>) -> Option<T> {
        read.map_err(|error| self.faults.push(orders::chain(&error).replace('\n', "\n  because: ")))
            .ok()
    }
}

pub(super) fn run(session: &CliSession, command: &DoctorArguments) -> Result<ExitCode, CliError> {
    if command.alive {
        return probe(session);
    }
    if command.rebuild {
        return rebuild::run(session, command.json);
    }
    let mut health = Health::default();
    let (workshop, faults) = match session.sound_workshop() {
        Ok(workshop) => (Some(workshop), Vec::new()),
        Err(CliError::Faults(faults)) => (None, faults),
        Err(other) => return Err(other),
    };
    if let Some(workshop) = &workshop {
        look_at_project(session, workshop, &mut health)?;
    }
    look_at_editions(session, &mut health);
    machine::look_at_output(session, &mut health);
    ledger::look(session, &mut health)?;
    machine::look_into_inbox(session, &mut health);
    let code = match (faults.is_empty(), health.faults.is_empty()) {
        (false, _) => failure::SETTINGS,
        (true, false) => failure::MACHINE,
        (true, true) => 0,
    };
    if command.json {
        health.faults.splice(0..0, faults.iter().map(ToString::to_string));
        output::json(&health);
        return Ok(ExitCode::from(code));
    }
    health.notes.iter().for_each(|note| output::print(note));
    health.warnings.iter().for_each(|warning| output::error(&format!("warning: {warning}")));
    health.faults.iter().for_each(|fault| output::error(&format!("error: {fault}")));
    if !faults.is_empty() {
        output::error(&failure::faults_text(&faults, session.quiet_locale()));
    }
    Ok(ExitCode::from(code))
}

/// What a sound project holds, and what will be missed in it.
fn look_at_project(
    session: &CliSession,
    workshop: &Workshop,
    health: &mut Health,
) -> Result<(), CliError> {
    let project = &workshop.project;
    let rules: usize = project.rules.iter().map(|file| file.rules.len()).sum();
    let (forms, jobs) = (&project.forms, &project.schedules);
    let bureau = project.settings.district.bureau_code.as_ref();
    let firms = project.seeds.roster.firms.keys().filter(|code| Some(*code) != bureau).count();
    let marts = project.marts.len();
    health.put("forms", forms.keys().collect::<Vec<_>>());
    health.put("rules", rules);
    health.put("jobs", jobs.keys().collect::<Vec<_>>());
    health.put("firms", firms);
    health.note(format!(
        "the project is sound: {} forms, {rules} rules, {marts} marts, {} jobs, {firms} firms",
        forms.len(),
        jobs.len()
    ));
    let variable = |name: &str| std::env::var(name).ok();
    health.warnings.extend(channel_warnings(&project.channels, variable));
    let unread = brief::unread_notes(project);
    health.warnings.extend(unread.map(|it| session.get(&it).to_owned()));
    let lake = session.output.lake();
    let matters = rows::all(&lake).and_then(|sent| matters::of(project, &lake, &sent));
    // What is damaged is told with the output folder.
    let unknown = matters::unknown_documents(&matters.unwrap_or_default()).into_iter();
    health.warnings.extend(unknown.map(|it| session.get(&it.text()).to_owned()));
    health.warnings.extend(session.without_deadline(project)?);
    Ok(())
}

/// The newest edition, and the one that readers see.
fn look_at_editions(session: &CliSession, health: &mut Health) {
    let root = session.output.root();
    let numbers = health.none_or(editions::numbers(root)).unwrap_or_default();
    let (newest, seen) = (numbers.last().copied(), editions::current(root));
    health.facts.extend([("edition", json!(newest)), ("marts", json!(seen))]);
    health.note(match (newest, seen) {
        (None, _) => {
            "nothing is published yet: `yuebao run` publishes the first edition".to_owned()
        }
        (Some(newest), Some(seen)) if seen != newest => {
            format!("the newest edition is {newest}; output/marts points at edition {seen}")
        }
        (Some(newest), _) => format!("the newest edition is {newest}"),
    });
    if let (Some(newest), None) = (newest, seen) {
        health.warn(format!(
            "output/marts leads to no edition, readers find nothing there: `yuebao run` points it at edition {newest}"
        ));
    }
}

/// A loop that turns gives a sign of life each minute; one that was silent for longer than this
/// hangs, or cannot write to its ledger.
const SILENCE_MAX: TimeDelta = TimeDelta::minutes(3);

/// Whether a daemon is at work on the output folder and its loop turns, for probes that cannot ask over
/// HTTP. Reads neither `jobs/` nor `seeds/`, so that it can be asked every minute.
fn probe(session: &CliSession) -> Result<ExitCode, CliError> {
    let Some(holder) = Lock::holder(&session.output.daemon_lock()) else {
        let output = session.output.root().display();
        output::error(&format!("error: no daemon is at work on `{output}`: start `yuebao daemon`"));
        return Ok(ExitCode::from(failure::MACHINE));
    };
    let last = session.read(async |ledger| Ok(ledger.last_session().await?))?.flatten();
    // Before its first sign of life a daemon is starting.
    let seen_at = last.map(|last| last.seen_at);
    match seen_at.filter(|seen_at| SILENCE_MAX < session::now() - *seen_at) {
        None => {
            output::print(&format!("at work: {holder}"));
            Ok(ExitCode::SUCCESS)
        }
        Some(seen_at) => {
            output::error(&format!(
                "error: {holder}, has given no sign of life since {}: it hangs, or cannot write to its ledger; its log says more",
                stamp(seen_at)
            ));
            Ok(ExitCode::from(failure::MACHINE))
        }
    }
}

/// Each variable that a channel names and that leads to nothing; a warning, since the environment of the
/// daemon may have more. No secret is shown.
fn channel_warnings(
    channels: &[Channel],
    variable: impl Fn(&str) -> Option<String>,
) -> Vec<String> {
    let mut warnings = Vec::new();
    for channel in channels {
        let mut warn = |key: &str, name: &str, what: &str| {
            warnings.push(format!(
                "channel `{}` of jobs/alerts.toml needs the environment variable `{name}` (`{key}`), which {what} here: no alert gets there where it is so; the daemon's environment may have it, e.g. from /etc/yuebao/environment",
                channel.name
            ));
        };
        if let Address::Variable(name) = &channel.address {
            match variable(name) {
                None => warn("url_env", name, "is not set"),
                Some(text) if Url::parse(&text).is_none() => {
                    warn("url_env", name, "holds no address like https://example.org/hook");
                }
                Some(_) => {}
            }
        }
        if let Some(name) = &channel.secret_env
            && variable(name).is_none()
        {
            warn("secret_env", name, "is not set");
        }
    }
    warnings
}
