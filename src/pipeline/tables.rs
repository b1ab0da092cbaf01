//! The tables marts read, from a lake, a project and a moment.

use std::collections::BTreeSet;
use std::future::Future;

use chrono::{DateTime, Utc};

use super::{RunError, Site};
use crate::files;
use crate::lake::batch::{Datum, batch};
use crate::lake::owed::{self, Filed};
use crate::project::Project;
use crate::project::lake::{Given, Table};
use crate::project::marts::Mart;
use crate::project::settings::Thresholds;
use crate::runtime;
use crate::stages::marts::{self, Tables};

/// The lake by URL; the seeds, and what follows from both, by value.
pub(super) fn of(site: &Site<'_>, filed: &Filed) -> Result<Tables, RunError> {
    let (project, output) = (&site.workshop.project, site.output);
    let mut tables = Tables::default();
    for table in Table::ALL {
        let folder = output.lake().join(table.name());
        files::create_folder(&folder)?;
        let place = folder.canonicalize();
        let place = place.map_err(|source| files::FileError::new("find", &folder, source))?;
        let url = marts::url(&place) + "/";
        tables.add_parquet(table.name(), &url, &table.schema())?;
    }
    for (name, seed) in &project.seeds.tables {
        tables.add_batch(name, &seed.batch);
    }
    add_given(&mut tables, project, filed, site.now);
    Ok(tables)
}

/// Adds what follows from project, lake and moment.
fn add_given(tables: &mut Tables, project: &Project, filed: &Filed, now: DateTime<Utc>) {
    let mut add = |given: Given, rows: Vec<Vec<Datum<'_>>>| {
        tables.add_batch(given.name(), &batch(given.schema(), rows));
    };
    let district = &project.settings.district;
    let (code, name, since) = (&district.region_code, &district.name, district.since);
    let passed = project.seeds.calendar.last_deadline(now);
    let district = vec![
        code.into(),
        (&name.zh).into(),
        (&name.en).into(),
        district.bureau_code.as_ref().into(),
        (&district.bureau.zh).into(),
        since.into(),
        passed.into(),
    ];
    add(Given::District, vec![district]);
    let thresholds = &project.settings.thresholds;
    let values = Thresholds::NAMES.iter().map(|(_, of)| of(thresholds).into());
    add(Given::Thresholds, vec![values.collect()]);
    let months = project.forms.values().flat_map(|form| {
        (1..=12).zip(1_i32..).map(|(month, number): (u32, i32)| {
            let is_exempt = form.exempt_months.contains(&month);
            let is_cumulative = form.cumulative_months.contains(&month);
            vec![(&form.form).into(), number.into(), is_exempt.into(), is_cumulative.into()]
        })
    });
    add(Given::FormMonths, months.collect());
    let forms = project.forms.values();
    let forms = forms.map(|it| vec![(&it.form).into(), (&it.name.zh).into(), (&it.name.en).into()]);
    add(Given::Forms, forms.collect());
    let published = project.marts.iter().filter(|mart| !mart.is_intermediate());
    add(Given::MartColumns, published.flat_map(|it| mart_columns(it, &project.marts)).collect());
    let owed = owed::up_to_lake(project, filed).map(|owed| {
        let code = (&owed.firm.credit_code).into();
        vec![owed.form.into(), owed.period.into(), code, owed.deadline.into()]
    });
    add(Given::Owed, owed.collect());
    let roster = &project.seeds.roster;
    let lineage = roster.firms.keys().flat_map(|code| {
        let ancestors = roster.lineage(code).into_iter();
        ancestors
            .map(move |it| vec![code.into(), it.filer.into(), it.until.into(), it.since.into()])
    });
    add(Given::Lineage, lineage.collect());
}

/// The columns of a mart, as `mart_columns` has them.
fn mart_columns<'a>(mart: &'a Mart, marts: &[Mart]) -> impl Iterator<Item = Vec<Datum<'a>>> {
    let sources = sources(mart, marts).into_iter().collect::<Vec<_>>().join(", ");
    (1_i32..).zip(&mart.columns).map(move |(position, it)| {
        let sort = (1_i32..).zip(&mart.grain).find(|(_, name)| **name == it.name);
        vec![
            (&mart.name).into(),
            (&mart.purpose.en).into(),
            mart.inputs.join(", ").into(),
            (&mart.rules.en).into(),
            position.into(),
            (&it.name).into(),
            it.unit.name().into(),
            (&it.description.en).into(),
            (&it.description.zh).into(),
            sort.is_some().into(),
            mart.is_required(&it.name).into(),
            (&mart.purpose.zh).into(),
            (&mart.rules.zh).into(),
            sources.clone().into(),
            sort.map(|(place, _)| place).into(),
        ]
    })
}

/// What a mart is made from in the end: published marts, tables of the lake, seeds and what is given, with
/// those that its steps read in place of the steps.
fn sources<'a>(mart: &'a Mart, marts: &'a [Mart]) -> BTreeSet<&'a str> {
    let step = |name: &str| marts.iter().find(|it| it.is_intermediate() && it.name == name);
    let of_input = |input: &'a String| match step(input) {
        Some(step) => sources(step, marts),
        None => BTreeSet::from([input.as_str()]),
    };
    mart.inputs.iter().flat_map(of_input).collect()
}

/// Runs queries to their end.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, RunError> {
    runtime::block_on(work).map_err(RunError::Threads)
}
