//! Seeds: the reference tables people keep in `seeds/*.csv`, as checked values and as Arrow batches.
//!
//! In: the folder. Out: `Seeds`, or every fault: cells, keys, references between seeds.

use std::collections::BTreeMap;
use std::path::Path;

use self::table::SeedTable;
use super::fault::Fault;
use super::files::is_guide;
use super::forms::Form;
use super::settings::Settings;

mod people;
pub mod roster;
pub mod schema;
pub mod table;
mod targets;

/// All seeds, read and checked.
#[derive(Clone, Debug, Default)]
pub struct Seeds {
    /// Every table by name; an absent seed is an empty table.
    pub tables: BTreeMap<&'static str, SeedTable>,
    /// The firms.
    pub roster: roster::Roster,
    /// The deadlines.
    pub calendar: roster::Calendar,
}

/// Reads and checks all seeds; `texts` are the files of `seeds/` by name, `settings` are there where
/// they are sound.
pub fn read(
    texts: &BTreeMap<String, String>,
    forms: &BTreeMap<String, Form>,
    settings: Option<&Settings>,
) -> Result<Seeds, Vec<Fault>> {
    let region = settings.map(|settings| settings.district.region_code.as_str());
    let zone = settings.map_or(chrono_tz::UTC, |settings| settings.time_zone);
    let mut faults = Vec::new();
    let mut tables = BTreeMap::new();
    for seed in schema::SEEDS {
        let name = format!("{}.csv", seed.name);
        let file = Path::new("seeds").join(&name);
        let header = seed.header();
        let text = match texts.get(&name) {
            Some(text) => text.as_str(),
            None if !seed.is_required => header.as_str(),
            None => {
                faults.push(Fault::new(&file, format!("is missing: its header is `{header}`")));
                continue;
            }
        };
        match table::read(seed, &file, text, zone) {
            Ok(table) => {
                tables.insert(seed.name, table);
            }
            Err(found) => faults.extend(found),
        }
    }
    for name in texts.keys() {
        let stem = name.strip_suffix(".csv").unwrap_or(name);
        let is_known = schema::SEEDS.iter().any(|seed| seed.name == stem);
        if !is_known && !is_guide(name) {
            let known = schema::SEEDS.iter().map(|seed| seed.name);
            let hint = super::read::nearest(stem, known);
            faults
                .push(Fault::new(Path::new("seeds").join(name), format!("is no known seed{hint}")));
        }
    }
    let mut roster = people::roster(&tables, forms, &mut faults);
    let district = settings.map(|settings| &settings.district);
    if let Some((code, district)) = district.and_then(|it| Some((it.bureau_code.as_ref()?, it))) {
        let ledgers = forms.values().filter(|form| form.is_ledger());
        let ledgers = ledgers.map(|form| form.form.clone()).collect();
        let contact = district.contact.clone().unwrap_or_default();
        if !roster.add_bureau(code, (&district.bureau.zh, contact), ledgers) {
            let message = format!("`{code}` is the bureau's own code: it is no firm of the roster");
            faults.push(Fault::new("seeds/firms.csv", message));
        }
    }
    let calendar = people::calendar(&tables, forms, &mut faults);
    people::check_references(&tables, forms, region, &mut faults);
    if faults.is_empty() { Ok(Seeds { tables, roster, calendar }) } else { Err(faults) }
}

impl Seeds {
    /// Each seed as a file that says just what it holds, however it was saved: for fingerprints.
    pub fn texts(&self) -> impl Iterator<Item = (String, String)> {
        let of_seed = |seed: &schema::Seed| {
            let text = self.tables.get(seed.name)?.text(seed);
            Some((format!("seeds/{}.csv", seed.name), text))
        };
        schema::SEEDS.iter().filter_map(of_seed)
    }
}
