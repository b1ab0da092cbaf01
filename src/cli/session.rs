//! What every command starts from: the project, the output folder, the log.

use std::fmt::Display;
use std::fs;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use chrono_tz::Tz;
use tracing::Level;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::{CliError, LogFormat, output};
use crate::daemon::current;
use crate::domain::period::Period;
use crate::files::lock::{Holder, Lock};
use crate::files::parquet::TableError;
use crate::lake::owed::{self, Filed};
use crate::ledger::Ledger;
use crate::pipeline::output::Output;
use crate::pipeline::{self, Workshop};
use crate::project::Project;
use crate::project::fault::Fault;
use crate::project::files::Texts;
use crate::project::inputs::Input;
use crate::project::read::Source;
use crate::project::settings::{self, Settings};
use crate::runtime;
use crate::stages::publish::editions;
use crate::texts::{self, Locale, Text};

/// The project and the output folder a command was called with, and the language it answers in.
pub(super) struct CliSession {
    /// The folder with `jobs/` and `seeds/`.
    pub(super) root: PathBuf,
    pub(super) output: Output,
    /// How long another run is waited for before that is an error.
    patience: Duration,
    /// The language asked for.
    lang: Option<Locale>,
    /// The project for commands that only look: its files, or the last sound copy of them.
    looked_at: OnceLock<Result<Project, Vec<Fault>>>,
    /// Its settings, or what stands in for them; those of the files themselves once they were read.
    settings: OnceLock<Settings>,
}

/// The settings a project begins with.
const SHIPPED: &str = include_str!("../../jobs/pipeline.toml");

impl CliSession {
    /// The session of a project; its output folder is `<project>/output` unless named.
    pub(super) fn new(
        root: PathBuf,
        output: Option<PathBuf>,
        patience: Duration,
        lang: Option<Locale>,
    ) -> Self {
        let output = Output::new(output.unwrap_or_else(|| root.join("output")));
        let (looked_at, settings) = (OnceLock::new(), OnceLock::new());
        Self { root, output, patience, lang, looked_at, settings }
    }

    /// The project must be one: a folder with `jobs/` and `seeds/`, or with a daemon's copy of them.
    pub(super) fn check_project(&self) -> Result<(), CliError> {
        let is_there = |name: &str| self.root.join(name).is_dir();
        if is_there("jobs") || is_there("seeds") || self.output.project_copies().is_dir() {
            return Ok(());
        }
        Err(CliError::Call(format!(
            "`{}` is no project: there is no folder `jobs` and no folder `seeds` in it; name the project with --project, or run `yuebao demo` there to lay out a sample",
            self.root.display()
        )))
    }

    /// The output folder must not be something else, nor lie below something else.
    pub(super) fn check_output(&self) -> Result<(), CliError> {
        let root = self.output.root();
        let there = root.ancestors().find_map(|path| fs::metadata(path).ok());
        if there.is_some_and(|there| !there.is_dir()) {
            return Err(CliError::Call(format!(
                "a file lies where the output folder `{}` should be: move it away, or name another folder with --output",
                root.display()
            )));
        }
        Ok(())
    }

    /// The project with its rules, checked but for the SQL of marts: enough to check workbooks.
    pub(super) fn workshop(&self) -> Result<Workshop, CliError> {
        self.opened(pipeline::open(&self.root))
    }

    /// The project as far as workbooks are checked by it.
    pub(super) fn workshop_without_pages(&self) -> Result<Workshop, CliError> {
        self.opened(pipeline::open_without_pages(&self.root))
    }

    fn opened(&self, opened: Result<Workshop, Vec<Fault>>) -> Result<Workshop, CliError> {
        let workshop = opened.map_err(CliError::Faults)?;
        let _ = self.settings.set(workshop.project.settings.clone());
        Ok(workshop)
    }

    /// The project, every check passed: what a run starts from.
    pub(super) fn sound_workshop(&self) -> Result<Workshop, CliError> {
        let workshop = self.workshop()?;
        let root = self.output.root();
        let newest = editions::numbers(root).ok().and_then(|numbers| numbers.last().copied());
        // Marts from which this very program made the newest edition are sound.
        let is_proven = newest.and_then(|it| editions::manifest(root, it).ok()).is_some_and(|it| {
            let is_same = |kind| it.kinds.at(kind, None) == workshop.inputs.at(kind, None);
            is_same(Input::Program) && is_same(Input::Marts)
        });
        if is_proven {
            return Ok(workshop);
        }
        let faults = pipeline::faults_of_marts(&workshop);
        if faults.is_empty() { Ok(workshop) } else { Err(CliError::Faults(faults)) }
    }

    /// The one writer's lock, the folders ready and what a killed run left removed. Waits a while
    /// for whoever holds it, and says who that is.
    pub(super) fn lock(&self, command: &str) -> Result<Lock, CliError> {
        let holder = self.holder(command);
        let lock = Lock::wait(&self.output.lock(), &holder, self.patience, waiting_for)?;
        self.output.prepare()?;
        Ok(lock)
    }

    /// Who this process is, for others that want its lock.
    pub(super) fn holder(&self, command: &str) -> Holder {
        Holder::this(command, now(), &self.zone())
    }

    /// The project for a command that only looks at what was done: while its files are faulty the last
    /// sound set that a daemon kept, which is said once; the faults where there is none.
    pub(super) fn project(&self) -> Result<&Project, CliError> {
        let project = self.looked_at.get_or_init(|| {
            let faults = match pipeline::open(&self.root) {
                Ok(workshop) => return Ok(workshop.project),
                Err(faults) => faults,
            };
            let last = current::last_sound(&self.output).ok_or(faults)?;
            warn_of_faults("this is shown by the last sound jobs/ and seeds/");
            Ok(last.project)
        });
        project.as_ref().map_err(|faults| CliError::Faults(faults.clone()))
    }

    /// The settings for a command that only looks, never refused: those of the project, of its last
    /// sound set, of `jobs/pipeline.toml` alone, or the shipped ones without a name.
    pub(super) fn settings(&self) -> &Settings {
        self.settings.get_or_init(|| {
            if let Ok(project) = self.project() {
                return project.settings.clone();
            }
            warn_of_faults("this is shown without jobs/ and seeds/");
            self.own_settings().unwrap_or_else(shipped)
        })
    }

    /// The settings of `jobs/pipeline.toml` as far as that file goes, whatever else is faulty.
    fn own_settings(&self) -> Option<Settings> {
        let texts = Texts::read(&self.root).ok()?;
        settings::read(&texts, &mut Vec::new())
    }

    /// The language of the terminal where the project may be faulty, which somebody else says.
    pub(super) fn quiet_locale(&self) -> Locale {
        let own = || self.own_settings().map(|own| own.locale());
        self.lang.or_else(own).unwrap_or(Locale::Zh)
    }

    /// The zone in which times are shown.
    pub(super) fn zone(&self) -> Tz {
        self.settings().time_zone
    }

    /// The language of the terminal.
    pub(super) fn locale(&self) -> Locale {
        self.lang.unwrap_or_else(|| self.settings().locale())
    }

    /// A text in the language of the terminal.
    pub(super) fn get<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.locale())
    }

    /// A text of the catalogue.
    pub(super) fn said(&self, key: &str) -> &'static str {
        self.get(texts::text(key))
    }

    /// A text of the catalogue with its placeholders filled.
    pub(super) fn fill(&self, key: &str, arguments: &[(&str, &dyn Display)]) -> String {
        texts::text(key).say(self.locale(), arguments)
    }

    /// A table; the headings are the texts of these `names` below `key`.
    pub(super) fn table(
        &self,
        key: &str,
        names: &[&str],
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> String {
        let heading = |name: &&str| self.said(&format!("{key}.{name}"));
        output::table(&names.iter().map(heading).collect::<Vec<_>>(), rows)
    }

    /// How a target stands, in words; one that this program does not know as the table has it.
    pub(super) fn target_status(&self, status: &str) -> String {
        let key = format!("brief.status.{status}");
        let is_known = texts::keys().any(|known| known == key);
        if is_known { self.said(&key).to_owned() } else { status.to_owned() }
    }

    /// An instant by the clock of the project, to the minute.
    pub(super) fn minute(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone()).format("%Y-%m-%d %H:%M").to_string()
    }

    /// An instant by the clock of the project, with the zone's short name: `2026-11-23 12:10:05 CST`.
    pub(super) fn local(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone()).format("%Y-%m-%d %H:%M:%S %Z").to_string()
    }

    /// Which months firms owe without a deadline in the calendar, a sentence a form.
    pub(super) fn without_deadline(&self, project: &Project) -> Result<Vec<String>, TableError> {
        let filed = Filed::of(&self.output.lake(), self.zone())?;
        let missing = owed::without_deadline(project, &filed, now()).into_iter();
        let sentence = |(form, months): (String, Vec<Period>)| {
            let months = match months.as_slice() {
                [first, _, _, .., last] => format!("{first} … {last} ({})", months.len()),
                few => few.iter().map(Period::to_string).collect::<Vec<_>>().join(", "),
            };
            self.fill("status.without_deadline", &[("form", &form), ("months", &months)])
        };
        Ok(missing.map(sentence).collect())
    }

    /// Says on standard error which months have no deadline.
    pub(super) fn warn_of_deadlines(&self, project: &Project) -> Result<(), TableError> {
        for sentence in self.without_deadline(project)? {
            output::error(&format!("warning: {sentence}"));
        }
        Ok(())
    }

    /// Writes to the ledger of the output folder.
    pub(super) fn write<T>(
        &self,
        work: impl AsyncFnOnce(&Ledger) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        block_on(async {
            let ledger = Ledger::open(&self.output.ledger()).await?;
            let outcome = work(&ledger).await;
            ledger.close().await;
            outcome
        })
    }

    /// Reads the ledger, also where it may not be written; `None` where there is none yet.
    pub(super) fn read<T>(
        &self,
        look: impl AsyncFnOnce(&Ledger) -> Result<T, CliError>,
    ) -> Result<Option<T>, CliError> {
        block_on(async {
            let Some(ledger) = Ledger::look(&self.output.ledger()).await? else { return Ok(None) };
            let outcome = look(&ledger).await;
            ledger.close().await;
            outcome.map(Some)
        })
    }
}

/// Says who is waited for.
pub(super) fn waiting_for(holder: &Holder) {
    output::error(&format!("waiting for {holder}"));
}

/// Says that the project is faulty and what an answer is made from instead.
fn warn_of_faults(instead: &str) {
    output::error(&format!(
        "warning: the project is faulty, `yuebao doctor` lists the faults; {instead}"
    ));
}

/// The shipped settings, without the name of their district.
fn shipped() -> Settings {
    let source = Source { file: Path::new("jobs/pipeline.toml"), text: SHIPPED };
    let mut settings =
        settings::parse(&source, &mut Vec::new()).expect("the shipped settings are sound");
    settings.district.name = Text::same("?");
    settings
}

/// A crate that logs under its own name.
const TICKER: &str = "tokio_cron_scheduler";

/// Runs what waits for the ledger to its end.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    runtime::block_on(work)?
}

/// The clock of the commands, in seconds.
pub(super) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(0)
}

/// Starts the log on standard error.
pub(super) fn start_log(format: LogFormat, verbose: u8) {
    let level = match verbose {
        0 => Level::WARN,
        1 => Level::INFO,
        _ => Level::DEBUG,
    };
    // A line that cannot be written, because the daemon that reads it is gone, must end no run.
    let lines = fmt::layer().with_writer(io::stderr).log_internal_errors(false);
    // With everything, how long each step of a run took.
    let ends = if level == Level::DEBUG { FmtSpan::CLOSE } else { FmtSpan::NONE };
    let lines = lines.with_span_events(ends);
    // The ticker speaks of its own inside.
    let shown = Targets::new().with_default(level).with_target(TICKER, level.min(Level::WARN));
    let log = tracing_subscriber::registry();
    match format {
        LogFormat::Text => log.with(lines.with_target(false).with_filter(shown)).init(),
        LogFormat::Json => log.with(lines.json().with_filter(shown)).init(),
    }
}
