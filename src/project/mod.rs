//! A project: `jobs/` and `seeds/` as typed, checked values.
//!
//! In: a folder. Out: a `Project`, or every fault in it with file and line. Never half a project.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use self::alerts::Channel;
use self::fault::Fault;
use self::files::Texts;
use self::forms::Form;
use self::marts::Mart;
use self::read::Source;
use self::rules::RuleFile;
use self::schedules::Schedule;
use self::seeds::Seeds;
use self::settings::Settings;

pub mod alerts;
pub mod defaults;
pub mod fault;
pub mod files;
pub mod forms;
pub mod inputs;
pub mod lake;
pub mod marts;
pub mod read;
pub mod rules;
pub mod schedules;
pub mod seeds;
pub mod settings;

/// Everything `jobs/` and `seeds/` say.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder it was read from.
    pub root: PathBuf,
    /// District, zone, limits, languages.
    pub settings: Settings,
    /// Forms by number.
    pub forms: BTreeMap<String, Form>,
    /// Rule files, one a form.
    pub rules: Vec<RuleFile>,
    /// Marts, in the order in which they are built.
    pub marts: Vec<Mart>,
    /// Scheduled jobs by name.
    pub schedules: BTreeMap<String, Schedule>,
    /// Where alerts go.
    pub channels: Vec<Channel>,
    /// Reference tables, roster, calendar.
    pub seeds: Seeds,
    /// The files as they were read, for fingerprints; seeds as what they say, however saved.
    pub texts: Texts,
}

/// Reads and checks a project; on failure every fault, sorted by file and line.
pub fn load(root: &Path) -> Result<Project, Vec<Fault>> {
    let mut texts = Texts::read(root).map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    let settings = settings::read(&texts, &mut faults);
    let forms = Form::read_all(&texts, &mut faults);
    let rules = each(&texts, ("jobs/rules", ".toml"), &mut faults, |it| rules(it, &forms));
    let parse = |it: &Source<'_>| marts::parse(it.file, it.text);
    let marts = each(&texts, ("jobs/marts", ".sql"), &mut faults, parse);
    let marts = ordered(marts, &mut faults);
    let read = |it: &Source<'_>| Schedule::read(it, &forms);
    let schedules = each(&texts, ("jobs/schedules", ".toml"), &mut faults, read).into_iter();
    let schedules = schedules.map(|it| (it.job.clone(), it)).collect();
    let channels = alerts::read(&texts, &mut faults);
    let seeds = match seeds::read(&texts.folder("seeds"), &forms, settings.as_ref()) {
        Ok(seeds) => Some(seeds),
        Err(found) => {
            faults.extend(found);
            None
        }
    };
    faults.sort();
    faults.dedup();
    match (settings, seeds) {
        (Some(settings), Some(seeds)) if faults.is_empty() => {
            let root = root.to_owned();
            seeds.texts().for_each(|(path, text)| texts.put(path, text));
            Ok(Project { root, settings, forms, rules, marts, schedules, channels, seeds, texts })
        }
        _ => Err(faults),
    }
}

/// What the files of a folder say, each as far as it is sound.
fn each<T>(
    texts: &Texts,
    (folder, ending): (&str, &str),
    faults: &mut Vec<Fault>,
    read: impl Fn(&Source<'_>) -> Result<T, Vec<Fault>>,
) -> Vec<T> {
    let mut sound = Vec::new();
    for (file, text) in texts.matching(folder, ending) {
        match read(&Source { file: &file, text }) {
            Ok(value) => sound.push(value),
            Err(found) => faults.extend(found),
        }
    }
    sound
}

fn rules(source: &Source<'_>, forms: &BTreeMap<String, Form>) -> Result<RuleFile, Vec<Fault>> {
    let file = rules::parse(source.file, source.text)?;
    match forms::unknown(&file.form, forms) {
        Some(message) => Err(vec![source.fault("form", message)]),
        None => Ok(file),
    }
}

/// The marts in the order in which they are built.
fn ordered(marts: Vec<Mart>, faults: &mut Vec<Fault>) -> Vec<Mart> {
    let seeds = seeds::schema::SEEDS.iter().map(|seed| seed.name);
    let lake = lake::Table::ALL.iter().map(|table| table.name());
    let given = lake::Given::ALL.iter().map(|table| table.name());
    let found = marts::check(&marts, &lake.chain(seeds).chain(given).collect());
    if found.is_empty() {
        return marts::order(&marts).into_iter().cloned().collect();
    }
    faults.extend(found);
    marts
}
