//! What is wrong with the templates of a project, before anything is rendered for a reader.
//!
//! In: the project's files, languages and marts. Out: faults with file and line: a template that is
//! missing, its syntax, filters, tests and functions that nobody has, names and columns that no mart has,
//! and what fails when a month without any figure is rendered.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::machinery::{Instruction, get_compiled_template};
use minijinja::{Environment, Error, ErrorKind, Template};

use super::words::Phrases;
use super::{
    INDEX, Issue, MISSING, PAGE, Paper, engine, facts, filters, has, index, template, write,
};
use crate::domain::period::Period;
use crate::project::Project;
use crate::project::fault::Fault;
use crate::project::read::nearest;
use crate::texts::{self, Text};

/// What `page.html` and `index.html` are told.
const OF_PAGE: &str = "basis body editions head is_synthetic lang links months next previous title";

/// What has an attribute beside the rows of marts: a month, a language, names, a loop.
const ATTRIBUTES: &str = "annex chain created edition file firm first grouper index january label last last_december \
    length list month page pages period previous size tag why workbook year zone";

/// Every fault of the templates.
pub fn faults(project: &Project) -> Vec<Fault> {
    let settings = &project.settings;
    let mut faults = Vec::new();
    for locale in &settings.locales {
        let engine = engine(&Phrases::new(*locale, settings));
        let papers = || Paper::ALL.iter().filter(|paper| has(project, **paper, *locale));
        let templates = papers().map(|paper| template(*paper, *locale));
        for file in templates.chain([PAGE.to_owned(), INDEX.to_owned()]) {
            faults.extend(of_template(&engine, project, &file));
        }
        let Some(period) = Period::new(2000, 1).filter(|_| faults.is_empty()) else { continue };
        for paper in papers() {
            let issue = Issue { paper: *paper, period, edition: 1, project };
            faults.extend(write(&BTreeMap::new(), &issue, *locale).err());
        }
    }
    if faults.is_empty() {
        let months = index::of_months(project, 1, std::iter::empty());
        faults
            .extend(months.and_then(|_| index::of_editions(project, std::iter::empty(), 1)).err());
    }
    faults.sort();
    faults.dedup();
    faults
}

/// The notes of the bureau that no brief will ever print, because of their names.
pub fn unread_notes(project: &Project) -> impl Iterator<Item = Text> {
    let is_read = |name: &str| {
        let (month, tag) = name.split_once('.').map_or((name, None), |(it, tag)| (it, Some(tag)));
        let mut locales = project.settings.locales.iter();
        month.parse::<Period>().is_ok() && tag.is_none_or(|tag| locales.any(|it| it.name() == tag))
    };
    let notes = project.texts.all().filter_map(|(path, _)| path.strip_prefix("seeds/notes/"));
    let unread = notes.filter(move |name| !name.strip_suffix(".md").is_some_and(is_read));
    unread.map(|name| texts::text("brief.unread_note").fill(&[("name", &Text::same(name))]))
}

fn of_template(engine: &Environment<'_>, project: &Project, file: &str) -> Vec<Fault> {
    let Some(source) = project.texts.get(file) else {
        return vec![Fault::new(file, MISSING)];
    };
    match engine.template_from_named_str(file, source) {
        Ok(template) => unknown(engine, project, &template),
        Err(error) => vec![Fault::at(file, error.line().unwrap_or(1), said(&error))],
    }
}

/// What the template asks for that nobody has.
fn unknown<'a>(
    engine: &Environment<'_>,
    project: &Project,
    template: &Template<'a, 'a>,
) -> Vec<Fault> {
    let steps = &get_compiled_template(template).instructions;
    let all = || (0..).map_while(|at| Some((at, steps.get(at)?)));
    let own = all().filter_map(|(_, step)| match step {
        Instruction::StoreLocal(name) => Some(*name),
        _ => None,
    });
    let told = [facts::NAMES, facts::MARTS, OF_PAGE, "loop"].into_iter().flat_map(words);
    let names: BTreeSet<&str> =
        own.chain(told).chain(engine.globals().map(|(name, _)| name)).collect();
    let columns = project.marts.iter().flat_map(|mart| &mart.columns);
    let columns = columns.map(|column| column.name.as_str());
    let columns: BTreeSet<&str> =
        columns.chain(words(ATTRIBUTES)).chain(words(facts::MARTS)).collect();
    let filter_names: BTreeSet<&str> = words(filters::NAMES).collect();
    let test_names: BTreeSet<&str> = words(filters::TESTS).collect();
    let mut state = engine.empty_state();
    let fault = |(at, step): (u32, &Instruction<'_>)| {
        let (kind, name, known, is_known) = match step {
            Instruction::ApplyFilter(name, ..) => {
                let is_known = !is(state.apply_filter(name, &[]), ErrorKind::UnknownFilter);
                ("filter", name, &filter_names, is_known)
            }
            Instruction::PerformTest(name, ..) => {
                let is_known = !is(state.perform_test(name, &[]), ErrorKind::UnknownTest);
                ("test", name, &test_names, is_known)
            }
            Instruction::CallFunction(name, _) => ("function", name, &names, names.contains(name)),
            Instruction::Lookup(name) => ("name", name, &names, names.contains(name)),
            Instruction::GetAttr(name) => ("column", name, &columns, columns.contains(name)),
            _ => return None,
        };
        if is_known {
            return None;
        }
        let hint = nearest(name, known.iter().copied());
        let message = format!("there is no {kind} `{name}`{hint}");
        Some(Fault::at(template.name(), steps.get_line(at).unwrap_or(1), message))
    };
    all().filter_map(fault).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ')
}

fn is<T>(result: Result<T, Error>, kind: ErrorKind) -> bool {
    result.is_err_and(|error| error.kind() == kind)
}

/// What an error of the engine says, without where.
pub(super) fn said(error: &Error) -> String {
    let detail = error.detail().map(|detail| format!(": {detail}"));
    format!("{}{}", error.kind(), detail.unwrap_or_default())
}
