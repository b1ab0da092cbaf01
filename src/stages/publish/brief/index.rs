//! The pages that lead to others: the months of an edition, and the editions.
//!
//! In: what they list, newest first. Out: HTML in the shell of the brief, in the first language; the words
//! stand in `jobs/brief/index.html`.

use std::collections::BTreeMap;

use minijinja::context;
use minijinja::value::Value;

use super::facts::month_value;
use super::words::Phrases;
use super::{INDEX, PAGE, Paper, engine, file_stem, has, render, tag};
use crate::domain::period::Period;
use crate::project::Project;
use crate::project::fault::Fault;
use crate::stages::publish::manifest::Manifest;
use crate::stages::publish::{pages, workbook};
use crate::texts;

/// The name of such a page.
pub const FILE: &str = "index.html";

/// The page that lists the months of an edition, each with the edition that made its pages.
pub fn of_months(
    project: &Project,
    edition: u32,
    months: impl Iterator<Item = (Period, u32)>,
) -> Result<String, Fault> {
    let locales = &project.settings.locales;
    let month = |(period, made_by): (Period, u32)| {
        let page = |locale| {
            let file = |paper| file_stem(paper, period, locale, locales);
            context! {
                file => file(Paper::Brief),
                annex => has(project, Paper::Annex, locale).then(|| file(Paper::Annex)),
                tag => tag(locale),
                label => texts::text("brief.language").get(locale),
            }
        };
        let pages: Vec<Value> = locales.iter().copied().map(page).collect();
        let workbook = workbook::file_name(period);
        context! { period => month_value(period), edition => made_by, pages, workbook }
    };
    let months: Value = months.map(month).collect();
    written(project, [("edition", edition.into()), ("months", months)])
}

/// The page that lists editions; `seen` is the one that readers see.
pub fn of_editions(
    project: &Project,
    editions: impl Iterator<Item = Manifest>,
    seen: u32,
) -> Result<String, Fault> {
    let edition = |of: Manifest| {
        let newest = of.pages.keys().next_back().copied();
        let page = newest.map_or_else(|| of.edition.to_string(), |_| pages::path(of.edition, FILE));
        context! {
            edition => of.edition,
            page => Value::from_safe_string(page),
            month => newest.map(month_value),
            created => of.created_at.to_rfc3339(),
            why => of.why,
        }
    };
    let editions: Value = editions.map(edition).collect();
    written(project, [("edition", seen.into()), ("editions", editions)])
}

fn written<const N: usize>(
    project: &Project,
    listed: [(&'static str, Value); N],
) -> Result<String, Fault> {
    let settings = &project.settings;
    let locale = settings.locale();
    let engine = engine(&Phrases::new(locale, settings));
    let mut facts = BTreeMap::from(listed);
    facts.extend([
        ("lang", Value::from(tag(locale))),
        ("district", Value::from(settings.district.name.get(locale))),
        ("bureau", Value::from(settings.district.bureau.get(locale))),
        ("is_synthetic", Value::from(settings.district.is_synthetic)),
    ]);
    let text = render(&engine, &project.texts, INDEX, &facts)?;
    let (title, body) = text.trim_start().split_once('\n').unwrap_or((&text, ""));
    let safe = |html: &str| Value::from_safe_string(html.to_owned());
    facts.extend([("title", safe(title)), ("body", safe(body))]);
    render(&engine, &project.texts, PAGE, &facts)
}
