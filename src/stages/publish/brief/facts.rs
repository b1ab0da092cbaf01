//! What a template is told: the rows of the marts, the month, the district, the bureau's own words.
//!
//! In: record batches and what the brief is about. Out: values of the template engine; cells are read
//! when a template asks for them. What is null, or a column that is not there, is undefined; a figure
//! stays the decimal that the mart has.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Date32Type};
use arrow::record_batch::RecordBatch;
use minijinja::context;
use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, Value};
use rust_decimal::Decimal;

use super::text::{KEEP, is_mark, marked};
use super::words::Phrases;
use super::{Issue, Paper, file_stem, has, tag};
use crate::domain::period::Period;
use crate::lake::cells;
use crate::project::files::Texts;
use crate::texts::{self, Locale};

/// The marts a brief is about; any may be missing.
pub(super) const MARTS: &str = "headline monthly_totals firm_months submission_status target_progress supply_chain \
    supply_rates findings submissions service_kpis \
    projects qualifications dim_zone dim_chain dim_firm dim_firm_spell";

/// What a template is told beside the marts.
pub(super) const NAMES: &str =
    "all bureau district edition is_empty is_synthetic languages names notes period whole";

/// The columns of `monthly_totals` that the headline has too, those of sales and exports with the item
/// in front.
const OF_HEADLINE: &str = "month_cny ytd_cny yoy_month yoy_ytd firms_due firms_received firms_reported \
    firms_compared firms_growing";

/// An exact number, or a month: `{{ period.year }}`, and months that a brief compares with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exact {
    Number(Decimal),
    Month(Period),
}

impl Object for Exact {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let Self::Month(period) = **self else { return None };
        let month = |period: Option<Period>| Some(month_value(period?));
        match key.as_str()? {
            "year" => Some(Value::from(period.year())),
            "month" => Some(Value::from(period.month())),
            "january" => month(Period::new(period.year(), 1)),
            "previous" => month(period.months_before(1)),
            "last_december" => month(Period::new(period.year() - 1, 12)),
            _ => None,
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some((**self).cmp(other.downcast_ref()?))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match **self {
            Self::Number(number) => write!(f, "{}", number.normalize()),
            Self::Month(period) => write!(f, "{period}"),
        }
    }
}

/// A number as a value; unknown stays unknown.
pub(super) fn exact(number: Option<Decimal>) -> Value {
    number.map_or(Value::UNDEFINED, |number| Value::from_object(Exact::Number(number)))
}

/// The number that a value is; `None` for what is unknown, and for what is no number.
pub(super) fn number(value: &Value) -> Option<Decimal> {
    match value.downcast_object_ref() {
        Some(Exact::Number(number)) => Some(*number),
        _ if value.is_number() || value.as_str().is_some() => value.to_string().parse().ok(),
        _ => None,
    }
}

/// The month that a value is.
pub(super) fn month(value: &Value) -> Option<Period> {
    match value.downcast_object_ref() {
        Some(Exact::Month(period)) => Some(*period),
        _ => None,
    }
}

/// A month as a value.
pub(super) fn month_value(period: Period) -> Value {
    Value::from_object(Exact::Month(period))
}

/// What a row has in a column, where that is known.
pub(super) fn known(row: &Value, column: &str) -> Option<Value> {
    row.get_attr(column).ok().filter(|value| !value.is_undefined())
}

/// A figure of a row.
pub(super) fn figure(row: &Value, column: &str) -> Option<Decimal> {
    number(&known(row, column)?)
}

/// A row of a mart: `{{ row.output_ytd_cny }}`.
#[derive(Debug)]
struct MartRow {
    batch: Arc<RecordBatch>,
    index: usize,
}

impl Object for MartRow {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let (row, name) = (cells::row(&self.batch, self.index), key.as_str()?);
        match self.batch.column_by_name(name)?.data_type() {
            DataType::Decimal128(..) => row.decimal(name).map(|it| exact(Some(it))),
            DataType::Int32 | DataType::Int64 => row.integer(name).map(Value::from),
            DataType::Boolean => Some(Value::from(row.is(name))),
            DataType::Date32 => row.period(name).map(month_value),
            DataType::Timestamp(..) => row.instant(name).map(|it| Value::from(it.to_rfc3339())),
            _ => row.text(name).map(Value::from),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = self.batch.schema_ref().fields().iter();
        Enumerator::Values(names.map(|it| Value::from(it.name().as_str())).collect())
    }
}

/// The month's row of `headline`; what it lacks comes from the district's rows of `monthly_totals`.
#[derive(Debug)]
struct Headline {
    row: Option<Value>,
    totals: Vec<Value>,
}

impl Object for Headline {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let from_totals = || {
            let of_item = name.split_once('_');
            let of_item = of_item.filter(|it| ["output", "sales", "exports"].contains(&it.0));
            let (item, column) = of_item.unwrap_or(("output", name));
            let is = |row: &Value, column: &str, text: &str| {
                row.get_attr(column).is_ok_and(|it| it.as_str() == Some(text))
            };
            let is_there = OF_HEADLINE.split(' ').any(|it| it == column);
            let mut rows = self.totals.iter().filter(|_| is_there);
            let row = rows.find(|it| is(it, "scope_kind", "district") && is(it, "item", item));
            known(row?, column)
        };
        self.row.as_ref().and_then(|row| known(row, name)).or_else(from_totals)
    }
}

/// Marts with their months up to the one reported on: `{{ all.monthly_totals }}`. What comes later changes
/// nothing in a brief.
#[derive(Debug)]
struct AllMonths(BTreeMap<String, Arc<RecordBatch>>, Period);

impl AllMonths {
    /// The rows of a mart in their order: those of a month, where one is asked for and the mart has
    /// months.
    fn rows(&self, mart: &str, month: Option<Period>) -> Vec<Value> {
        let Some(batch) = self.0.get(mart) else { return Vec::new() };
        let months =
            batch.column_by_name("period").and_then(|it| it.as_primitive_opt::<Date32Type>());
        let day = |month: Period| Date32Type::from_naive_date(month.first_day());
        let (last, wanted) = (day(self.1), month.map(day));
        let is_wanted = |index: &usize| match months {
            Some(months) if months.is_valid(*index) => {
                let of = months.value(*index);
                wanted.map_or(of <= last, |wanted| of == wanted)
            }
            Some(_) => wanted.is_none(),
            None => true,
        };
        let row = |index| Value::from_object(MartRow { batch: batch.clone(), index });
        (0..batch.num_rows()).filter(is_wanted).map(row).collect()
    }
}

impl Object for AllMonths {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(Value::from(self.rows(key.as_str()?, None)))
    }
}

/// The months that have a brief: a row in `headline`.
pub fn months(marts: &BTreeMap<String, RecordBatch>) -> BTreeSet<Period> {
    let rows = marts.get("headline").into_iter().flat_map(cells::rows);
    rows.filter_map(|row| row.period("period")).collect()
}

/// The months with a brief before and after one.
pub fn beside(months: &BTreeSet<Period>, period: Period) -> [Option<Period>; 2] {
    let after = months.range(period..).find(|month| **month != period);
    [months.range(..period).next_back(), after].map(Option::<&Period>::copied)
}

/// Everything a template sees, by name.
pub(super) fn gather(
    marts: &BTreeMap<String, RecordBatch>,
    issue: &Issue<'_>,
    words: &Phrases,
) -> BTreeMap<&'static str, Value> {
    let marts = marts.iter().map(|(name, batch)| (name.clone(), Arc::new(batch.clone())));
    let marts = AllMonths(marts.collect(), issue.period);
    let of_month = |mart: &str| marts.rows(mart, Some(issue.period));
    let (locale, district) = (words.locale, &issue.project.settings.district);
    let mut facts: BTreeMap<_, _> =
        MARTS.split(' ').map(|mart| (mart, Value::from(of_month(mart)))).collect();
    let row = of_month("headline").into_iter().next();
    let headline = Headline { row, totals: of_month("monthly_totals") };
    facts.extend([
        ("headline", Value::from_object(headline)),
        ("names", names(&marts, issue, locale)),
        ("period", month_value(issue.period)),
        ("district", Value::from(district.name.get(locale))),
        ("bureau", Value::from(district.bureau.get(locale))),
        ("is_synthetic", Value::from(district.is_synthetic)),
        ("edition", Value::from(issue.edition)),
        ("whole", Value::from(words.whole.as_str())),
        ("languages", languages(issue, locale)),
        ("notes", notes(&issue.project.texts, issue.period, locale).into()),
        ("all", Value::from_object(marts)),
    ]);
    facts
}

/// Names by kind of scope and key: zones and chains as the marts have them, size classes as the
/// catalogue has them; in a brief, firms that may be named.
fn names(marts: &AllMonths, issue: &Issue<'_>, locale: Locale) -> Value {
    let dimension = |mart: &str, key: &str| {
        let rows = marts.0.get(mart).into_iter().flat_map(|batch| cells::rows(batch));
        let names = rows.filter_map(|row| Some((row.text(key)?, row.name("name", locale)?)));
        names.collect::<BTreeMap<_, _>>()
    };
    let sizes = texts::keys()
        .filter_map(|key| Some((key.strip_prefix("brief.size.")?, texts::text(key).get(locale))));
    context! {
        zone => dimension("dim_zone", "zone"),
        chain => dimension("dim_chain", "chain"),
        size => sizes.collect::<BTreeMap<_, _>>(),
        firm => match issue.paper {
            Paper::Brief => Value::from(named_firms(marts, issue.period)),
            Paper::Annex => Value::UNDEFINED,
        },
    }
}

/// The firms of which the roster says in a month, or said last before it, that they may be named.
fn named_firms(marts: &AllMonths, period: Period) -> BTreeMap<String, String> {
    let mut spells: BTreeMap<_, (Period, String, bool)> = BTreeMap::new();
    for row in marts.0.get("dim_firm_spell").into_iter().flat_map(|batch| cells::rows(batch)) {
        let (Some(code), Some(from)) = (row.text("credit_code"), row.period("roster_from")) else {
            continue;
        };
        if from <= period && spells.get(&code).is_none_or(|(known, ..)| *known <= from) {
            let name = row.text("firm_name").unwrap_or_default();
            spells.insert(code, (from, name, row.is("may_be_named")));
        }
    }
    let named = spells.into_iter().filter(|(_, (.., may_be_named))| *may_be_named);
    named.map(|(code, (_, name, _))| (code, name)).collect()
}

/// The same brief in the other languages: its file without extension, its tag, its name.
fn languages(issue: &Issue<'_>, locale: Locale) -> Value {
    let locales = &issue.project.settings.locales;
    let is_there = |other: &Locale| has(issue.project, issue.paper, *other);
    let others = locales.iter().filter(|other| **other != locale && is_there(other));
    let language = |other: &Locale| {
        context! {
            file => file_stem(issue.paper, issue.period, *other, locales),
            tag => tag(*other),
            label => texts::text("brief.language").get(*other),
        }
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
        if is_rule { String::new() } else { line.trim_end().to_owned() }
    });
    let kept = marked(KEEP, &kept.collect::<Vec<_>>().join("\n"));
    (!notes.trim().is_empty()).then(|| Value::from_safe_string(kept))
}
