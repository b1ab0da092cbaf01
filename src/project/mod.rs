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
    let rules = rules(&texts, &forms, &mut faults);
    let marts = marts(&texts, &mut faults);
    let schedules = schedules(&texts, &forms, &mut faults);
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

fn rules(texts: &Texts, forms: &BTreeMap<String, Form>, faults: &mut Vec<Fault>) -> Vec<RuleFile> {
    let mut files = Vec::new();
    for (file, text) in texts.matching("jobs/rules", ".toml") {
        match rules::parse(&file, text) {
            Ok(parsed) => match forms::unknown(&parsed.form, forms) {
                Some(message) => faults.push(Source { file: &file, text }.fault("form", message)),
                None => files.push(parsed),
            },
            Err(found) => faults.extend(found),
        }
    }
    files
}

fn marts(texts: &Texts, faults: &mut Vec<Fault>) -> Vec<Mart> {
    let mut marts = Vec::new();
    for (file, text) in texts.matching("jobs/marts", ".sql") {
        match marts::parse(&file, text) {
            Ok(mart) => marts.push(mart),
            Err(found) => faults.extend(found),
        }
    }
    let seeds = seeds::schema::SEEDS.iter().map(|seed| seed.name);
    let lake = lake::Table::ALL.iter().map(|table| table.name());
    let given = lake::Given::ALL.iter().map(|table| table.name());
    let tables = lake.chain(seeds).chain(given).collect();
    let found = marts::check(&marts, &tables);
    if found.is_empty() {
        return marts::order(&marts).into_iter().cloned().collect();
    }
    faults.extend(found);
    marts
}

fn schedules(
    texts: &Texts,
    forms: &BTreeMap<String, Form>,
    faults: &mut Vec<Fault>,
) -> BTreeMap<String, Schedule> {
    let mut schedules = BTreeMap::new();
    for (file, text) in texts.matching("jobs/schedules", ".toml") {
        let source = Source { file: &file, text };
        match Schedule::read(&source, forms) {
            Ok(schedule) => {
                schedules.insert(schedule.job.clone(), schedule);
            }
            Err(found) => faults.extend(found),
        }
    }
    schedules
}
