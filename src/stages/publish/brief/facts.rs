//! What a template is told: the rows of the marts, the month, the district, the bureau's own words.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use minijinja::value::{Object, Value};

use super::text::{KEEP, is_mark};
use super::values::{self, CalendarMonth};
use super::words::Words;
use super::{Issue, file_stem};
use crate::domain::period::Period;
use crate::lake::cells;
use crate::project::files::Texts;
use crate::texts::{self, Locale};

/// The marts a brief is about; any may be missing.
pub(super) const MARTS: &str = "headline monthly_totals firm_months submission_status target_progress supply_chain \
    supply_rates dim_zone dim_chain dim_firm";

/// What a template is told beside the marts.
pub(super) const NAMES: &str =
    "all bureau district edition is_empty is_synthetic languages names notes period whole";

/// What the headline lacks, from the district's rows of `monthly_totals`: the same figures by another
/// way. Column of the headline, item, column of the totals.
const ELSEWHERE: [(&str, &str, &str); 13] = [
    ("output_month_cny", "output", "month_cny"),
    ("output_ytd_cny", "output", "ytd_cny"),
    ("yoy_month", "output", "yoy_month"),
    ("yoy_ytd", "output", "yoy_ytd"),
    ("sales_ytd_cny", "sales", "ytd_cny"),
    ("sales_yoy_ytd", "sales", "yoy_ytd"),
    ("exports_ytd_cny", "exports", "ytd_cny"),
    ("exports_yoy_ytd", "exports", "yoy_ytd"),
    ("firms_due", "output", "firms_due"),
    ("firms_received", "output", "firms_received"),
    ("firms_reported", "output", "firms_reported"),
    ("firms_compared", "output", "firms_compared"),
    ("firms_growing", "output", "firms_growing"),
];

/// Marts with all their months: `{{ all.monthly_totals }}`.
#[derive(Debug)]
struct AllMonths(BTreeMap<String, Arc<RecordBatch>>);

impl Object for AllMonths {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let rows = self.0.get(key.as_str()?).map(|batch| values::rows(batch, None));
        Some(Value::from(rows.unwrap_or_default()))
    }
}

/// Everything a template sees, by name.
pub(super) fn gather(
    marts: &BTreeMap<String, RecordBatch>,
    issue: &Issue<'_>,
    words: &Words,
) -> BTreeMap<String, Value> {
    let marts: BTreeMap<String, Arc<RecordBatch>> =
        marts.iter().map(|(name, batch)| (name.clone(), Arc::new(batch.clone()))).collect();
    let of_month = |mart: &str| {
        marts.get(mart).map(|batch| values::rows(batch, Some(issue.period))).unwrap_or_default()
    };
    let (locale, district) = (words.locale, issue.district);
    let mut facts: BTreeMap<String, Value> =
        MARTS.split(' ').map(|mart| (mart.to_owned(), Value::from(of_month(mart)))).collect();
    let headline = headline(of_month("headline").first(), &of_month("monthly_totals"));
    let others = [
        ("headline", Value::from(headline)),
        ("names", Value::from(names(&marts, locale))),
        ("period", Value::from_object(CalendarMonth(issue.period))),
        ("district", Value::from(district.name.get(locale))),
        ("bureau", Value::from(district.bureau.get(locale))),
        ("is_synthetic", Value::from(district.is_synthetic)),
        ("edition", Value::from(issue.edition)),
        ("whole", Value::from(words.whole.as_str())),
        ("languages", Value::from(languages(issue, locale))),
        ("notes", notes(issue.texts, issue.period, locale).into()),
        ("all", Value::from_object(AllMonths(marts))),
    ];
    facts.extend(others.map(|(name, value)| (name.to_owned(), value)));
    facts
}

fn headline(row: Option<&Value>, totals: &[Value]) -> BTreeMap<String, Value> {
    let columns = row.and_then(|row| row.try_iter().ok()).into_iter().flatten();
    let cell = |row: &Value, name: &str| row.get_attr(name).ok().filter(|it| !it.is_undefined());
    let known = columns.filter_map(|name| Some((name.to_string(), cell(row?, name.as_str()?)?)));
    let mut headline: BTreeMap<String, Value> = known.collect();
    for (column, item, of_totals) in ELSEWHERE {
        let is = |row: &Value, name: &str, value: &str| {
            cell(row, name).is_some_and(|it| it.as_str() == Some(value))
        };
        let district =
            totals.iter().find(|it| is(it, "scope_kind", "district") && is(it, "item", item));
        if let (false, Some(value)) =
            (headline.contains_key(column), district.and_then(|row| cell(row, of_totals)))
        {
            headline.insert(column.to_owned(), value);
        }
    }
    headline
}

/// Names by kind of scope and key: zones and chains as the marts have them, size classes as the
/// catalogue has them.
fn names(marts: &BTreeMap<String, Arc<RecordBatch>>, locale: Locale) -> BTreeMap<String, Value> {
    let dimension = |mart: &str, key: &str| {
        let rows = marts.get(mart).into_iter().flat_map(|batch| cells::rows(batch));
        let names = rows.filter_map(|row| Some((row.text(key)?, row.name("name", locale)?)));
        Value::from(names.collect::<BTreeMap<_, _>>())
    };
    let sizes = texts::keys().filter_map(|key| {
        let name = texts::text(key).get(locale).to_owned();
        Some((key.strip_prefix("brief.size.")?.to_owned(), name))
    });
    BTreeMap::from([
        ("zone".to_owned(), dimension("dim_zone", "zone")),
        ("chain".to_owned(), dimension("dim_chain", "chain")),
        ("size".to_owned(), Value::from(sizes.collect::<BTreeMap<_, _>>())),
    ])
}

/// The same brief in the other languages: its file without extension, its tag, its name.
fn languages(issue: &Issue<'_>, locale: Locale) -> Vec<Value> {
    let others = issue.locales.iter().filter(|other| **other != locale);
    let language = |other: &Locale| {
        let label = texts::text("brief.language").get(*other);
        let file = file_stem(issue.period, *other, issue.locales);
        Value::from(BTreeMap::from([
            ("file", Value::from(file)),
            ("tag", Value::from(super::tag(*other))),
            ("label", Value::from(label)),
        ]))
    };
    others.map(language).collect()
}

/// The bureau's own words of a month, `seeds/notes/<month>.md` or, for one language,
/// `seeds/notes/<month>.en.md`: Markdown that stays below the brief's own headings, without raw HTML.
fn notes(texts: &Texts, period: Period, locale: Locale) -> Option<Value> {
    let own = texts.get(&format!("seeds/notes/{period}.{}.md", locale.name()));
    let notes = own.or_else(|| texts.get(&format!("seeds/notes/{period}.md")))?;
    let kept = notes.trim().lines().map(|line| {
        let line = line.replace(is_mark, " ").replace('<', "\\<");
        let is_rule = !line.trim().is_empty() && line.trim().chars().all(|it| "-=*_ ".contains(it));
        let line = if line.starts_with('#') { format!("##{line}") } else { line };
        format!("{KEEP}{}", if is_rule { "" } else { line.trim_end() })
    });
    let kept = kept.collect::<Vec<_>>().join("\n");
    (!notes.trim().is_empty()).then(|| Value::from_safe_string(kept))
}
