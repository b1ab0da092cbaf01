//! What published figures are made from, in kinds that people know, month by month.
//!
//! In: a project. Out: of each kind a fingerprint that holds from a month on until the next one. Pure;
//! nothing can go wrong. What holds from a later month on (a firm, a rule, a deadline) changes nothing
//! of the months before it, and what no figure depends on (contacts, names of zones, comments, where
//! the daemon listens) changes nothing at all.

use std::collections::{BTreeMap, BTreeSet};

use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde::{Deserialize, Serialize};

use super::Project;
use super::seeds::table::SeedTable;
use super::settings::Settings;
use crate::domain::period::Period;
use crate::domain::words::words;
use crate::files;

words! {
    /// A kind of input that figures depend on.
    #[derive(serde::Deserialize)]
    Input {
        /// What was received.
        Workbooks = "workbooks",
        /// The newest deadline that has passed.
        Deadline = "deadline",
        /// The version of the program.
        Program = "program",
        /// The settings that figures depend on.
        Settings = "settings",
        /// The forms with their layouts.
        Forms = "forms",
        /// The rules.
        Rules = "rules",
        /// The SQL of the marts.
        Marts = "marts",
        /// Firms and restructurings, and seeds in which ledgers are looked up.
        Roster = "roster",
        /// The deadlines.
        Calendar = "calendar",
        /// The targets of the month's year.
        Targets = "targets",
        /// The other seeds.
        Seeds = "seeds",
    }
}

impl Input {
    /// Whether figures may follow it without anybody's reason: what was received, and time.
    pub fn needs_no_reason(self) -> bool {
        matches!(self, Self::Workbooks | Self::Deadline)
    }
}

/// Hexadecimal digits kept of a fingerprint.
const DIGITS: usize = 16;

/// The fingerprint of a kind: each holds from its month on until the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Course(BTreeMap<Period, String>);

impl Course {
    /// The course of what looks, from each of the `turns` on, as `at` says; it may be asked for any
    /// month.
    pub fn new(turns: impl IntoIterator<Item = Period>, at: impl Fn(Period) -> String) -> Self {
        let turns: BTreeSet<Period> = turns.into_iter().chain(Period::new(1990, 1)).collect();
        let mut course = Self::default();
        for turn in turns {
            let mut now = files::fingerprint([("", at(turn).as_str())]);
            now.truncate(DIGITS);
            if course.0.last_key_value().is_none_or(|(_, before)| *before != now) {
                course.0.insert(turn, now);
            }
        }
        course
    }

    /// The fingerprint of a month; the last one of what has no month.
    fn at(&self, period: Option<Period>) -> &str {
        let mut known = match period {
            Some(period) => self.0.range(..=period),
            None => self.0.range(..),
        };
        known.next_back().map_or("", |(_, now)| now)
    }
}

/// Every kind of input with its course.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Inputs(BTreeMap<Input, Course>);

impl Inputs {
    /// What a project brings along: all but workbooks and deadlines that have passed.
    pub fn of(project: &Project) -> Self {
        let texts = &project.texts;
        let constant = |text: String| Course::new([], move |_| text.clone());
        let mut inputs = Self(BTreeMap::from([
            (Input::Program, constant(env!("CARGO_PKG_VERSION").to_owned())),
            (Input::Marts, constant(texts.fingerprint(&["jobs/marts/"]))),
            (Input::Settings, constant(settings(project))),
            (Input::Forms, dated(project, "jobs/forms")),
            (Input::Rules, dated(project, "jobs/rules")),
        ]));
        let mut rows: BTreeMap<Input, Vec<DatedRow>> = BTreeMap::new();
        // What rules look up in a seed decides what counts, as the roster does.
        let columns = project.forms.values().flat_map(|form| &form.column);
        let looked_up: BTreeSet<&str> = columns.filter_map(|it| it.seed.as_deref()).collect();
        for (name, table) in &project.seeds.tables {
            let mut cut = Cut::of(name);
            if cut.input == Input::Seeds && looked_up.contains(name) {
                cut = Cut { input: Input::Roster, without: &["name_en"], ..cut };
            }
            rows.entry(cut.input).or_default().extend(cut.rows(name, table));
        }
        for (input, rows) in rows {
            let turns = rows.iter().flat_map(DatedRow::turns).collect::<Vec<_>>();
            let at =
                |turn| rows.iter().filter_map(|row| row.at(turn)).collect::<Vec<_>>().join("\n");
            inputs.0.insert(input, Course::new(turns, at));
        }
        inputs
    }

    /// The same with another kind.
    #[must_use]
    pub fn with(mut self, input: Input, course: Course) -> Self {
        self.0.insert(input, course);
        self
    }

    /// The fingerprint of a kind for a month; the newest of what has no month.
    pub fn at(&self, input: Input, period: Option<Period>) -> &str {
        self.0.get(&input).map_or("", |course| course.at(period))
    }

    /// The kinds that differ for a month. Where none does, those that differ at all; where nothing is
    /// known of before, or still nothing differs, it can only be the program.
    pub fn differing(&self, before: &Self, period: Period) -> BTreeSet<Input> {
        let at = |period: Option<Period>| -> BTreeSet<Input> {
            let kinds = Input::ALL.iter().copied();
            kinds.filter(|kind| self.at(*kind, period) != before.at(*kind, period)).collect()
        };
        let mut kinds = BTreeSet::new();
        if !before.0.is_empty() {
            kinds = at(Some(period));
            if kinds.is_empty() {
                kinds = at(None);
            }
        }
        if kinds.is_empty() {
            kinds.insert(Input::Program);
        }
        kinds
    }
}

/// The settings that figures depend on, as they were understood.
fn settings(project: &Project) -> String {
    let Settings { time_zone, district, limits, checks, thresholds, .. } = &project.settings;
    let bureau = district.bureau_code.as_ref().map(|code| (code, &district.bureau.zh));
    let district = (&district.region_code, district.since, bureau);
    format!("{:?}", (time_zone, district, limits, checks, thresholds))
}

/// The files of a folder without comments; what bears `from` or `to` holds between these months.
fn dated(project: &Project, folder: &str) -> Course {
    // Each was read before and is TOML.
    let parsed = |text| toml::from_str(text).map(toml::Value::Table).ok();
    let files: Vec<(String, toml::Value)> = project
        .texts
        .matching(folder, ".toml")
        .filter_map(|(path, text)| Some((path.display().to_string(), parsed(text)?)))
        .collect();
    let mut turns = BTreeSet::new();
    for (_, value) in &files {
        find_turns(value, &mut turns);
    }
    Course::new(turns, |turn| {
        let known = files.iter().map(|(path, value)| (path, up_to(value, turn)));
        serde_json::to_string(&known.collect::<Vec<_>>())
            .expect("TOML is JSON but for its dates, which are texts")
    })
}

fn month(table: &toml::Table, key: &str) -> Option<Period> {
    table.get(key)?.as_str()?.parse().ok()
}

/// The months from which something holds or no longer does.
fn find_turns(value: &toml::Value, turns: &mut BTreeSet<Period>) {
    match value {
        toml::Value::Table(table) => {
            turns.extend(month(table, "from"));
            turns.extend(month(table, "to").and_then(Period::next));
            table.values().for_each(|value| find_turns(value, turns));
        }
        toml::Value::Array(values) => values.iter().for_each(|value| find_turns(value, turns)),
        _ => {}
    }
}

/// What of a value is known by a month: nothing that begins later, and no end that lies ahead.
fn up_to(value: &toml::Value, turn: Period) -> Option<toml::Value> {
    match value {
        toml::Value::Table(table) if month(table, "from").is_some_and(|from| turn < from) => None,
        toml::Value::Table(table) => {
            let is_open = month(table, "to").is_some_and(|to| turn <= to);
            let kept = table.iter().filter(|(key, _)| !(is_open && key.as_str() == "to"));
            let known = kept.filter_map(|(key, value)| Some((key.clone(), up_to(value, turn)?)));
            Some(toml::Value::Table(known.collect()))
        }
        toml::Value::Array(values) => {
            let known = values.iter().filter_map(|value| up_to(value, turn));
            Some(toml::Value::Array(known.collect()))
        }
        other => Some(other.clone()),
    }
}

/// How a seed's rows are cut at a month.
struct Cut {
    input: Input,
    /// The columns that say from when and until when a row holds.
    bounds: [Option<&'static str>; 2],
    /// Columns no figure depends on.
    without: &'static [&'static str],
}

impl Cut {
    fn of(seed: &str) -> Self {
        const NAMES: &[&str] = &["name_zh", "name_en", "display_order"];
        let (input, bounds, without): (_, _, &[&str]) = match seed {
            "firms" => (
                Input::Roster,
                [Some("roster_from"), Some("roster_to")],
                &["contact", "may_be_named"],
            ),
            "restructurings" => (Input::Roster, [Some("period"), None], &["approved_by"]),
            "calendar" => (Input::Calendar, [Some("period"), None], &[]),
            "targets" => (Input::Targets, [Some("year"); 2], &["name_zh", "name_en", "source"]),
            "leaders" => (Input::Seeds, [Some("from"), Some("to")], &["position"]),
            "feedback" => (Input::Seeds, [Some("period"), None], &[]),
            "qualifications" => {
                (Input::Seeds, [Some("awarded_on"), Some("expires_on")], &["firm_name"])
            }
            _ => (Input::Seeds, [None; 2], NAMES),
        };
        Self { input, bounds, without }
    }

    fn rows(&self, seed: &str, table: &SeedTable) -> Vec<DatedRow> {
        let [from, to] = self.bounds;
        let schema = table.batch.schema();
        let is_kept = |name: &str| to != Some(name) && !self.without.contains(&name);
        let fields = schema.fields().iter().zip(table.batch.columns());
        let kept: Vec<ArrayFormatter<'_>> = fields
            .filter(|(field, _)| is_kept(field.name()))
            .filter_map(|(_, column)| ArrayFormatter::try_new(column, &FormatOptions::new()).ok())
            .collect();
        let row = |(row, (_, cells)): (usize, &(usize, Vec<String>))| {
            let texts: Vec<String> =
                kept.iter().map(|cells| cells.value(row).to_string()).collect();
            let bound =
                |name: Option<&str>, month| bound(cells.get(schema.index_of(name?).ok()?)?, month);
            DatedRow {
                text: format!("{seed} {}", texts.join("\u{1f}")),
                from: bound(from, 1),
                to: bound(to, 12),
                is_forgotten: self.input == Input::Targets,
            }
        };
        table.rows.iter().enumerate().map(row).collect()
    }
}

/// The month of a cell with a month or a day, or the `month` of one with a year.
fn bound(cell: &str, month: u32) -> Option<Period> {
    match cell.get(..7) {
        Some(start) => start.parse().ok(),
        None => Period::new(cell.parse().ok()?, month),
    }
}

/// A row of a seed.
struct DatedRow {
    text: String,
    from: Option<Period>,
    to: Option<Period>,
    /// Whether it is out of the world once it has ended.
    is_forgotten: bool,
}

impl DatedRow {
    fn turns(&self) -> impl Iterator<Item = Period> {
        self.from.into_iter().chain(self.to.and_then(Period::next))
    }

    /// The row as it is known by a month: an end that lies ahead is none.
    fn at(&self, turn: Period) -> Option<String> {
        match self.to {
            _ if self.from.is_some_and(|from| turn < from) => None,
            Some(to) if to < turn && self.is_forgotten => None,
            Some(to) if to < turn => Some(format!("{} until {to}", self.text)),
            _ => Some(self.text.clone()),
        }
    }
}
