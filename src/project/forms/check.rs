//! What is wrong with a form beyond its keys, each fault with its line.

use super::Form;
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::domain::unit::Unit;
use crate::project::fault::Fault;
use crate::project::read::Source;

/// The first and the last month of something; an open end holds for ever.
type Span = (Option<Period>, Option<Period>);

impl Form {
    /// What is wrong with a form beyond its keys: name, units, measures, items twice.
    pub fn faults(&self, source: &Source<'_>) -> Vec<Fault> {
        let mut faults = Vec::new();
        if source.file.file_stem().is_none_or(|stem| stem != self.form.as_str()) {
            let message = format!("form `{}` must bear the file's name", self.form);
            faults.push(source.fault("form", message));
        }
        let table = self.table.as_ref().map(|table| ("table.unit", &table.unit));
        for (key, unit) in [("sheet.unit", &self.sheet.unit)].into_iter().chain(table) {
            if Unit::read(unit).is_none_or(|read| !read.is_money()) {
                let message = format!("`{unit}` is no unit of money: 元, 千元, 万元, 亿元");
                faults.push(source.fault(key, message));
            }
        }
        faults.extend(self.faults_of_measures(source));
        faults.extend(self.faults_of_months(source));
        if self.edition.is_empty() {
            let message = "names no [[edition]]: at least one is needed";
            faults.push(source.fault("edition", message));
        }
        if self.is_ledger() {
            faults.extend(self.faults_of_columns(source));
        } else {
            faults.extend(self.faults_of_items(source));
        }
        let months = [
            ("exempt_months", &self.exempt_months),
            ("cumulative_months", &self.cumulative_months),
        ];
        for (key, months) in months {
            for (place, month) in months.iter().enumerate() {
                if !(1..=12).contains(month) {
                    let message = format!("{month} is no month: 1 to 12");
                    faults.push(source.fault(&format!("{key}.{place}"), message));
                }
            }
        }
        faults
    }

    /// A form without its year to date, and an export that bears what the form does not.
    fn faults_of_measures(&self, source: &Source<'_>) -> Vec<Fault> {
        let mut faults = Vec::new();
        if !self.sheet.measures.contains_key(&Measure::Ytd) {
            let message = "[sheet.measures.ytd] is missing: every form bears the year to date";
            faults.push(source.fault("sheet.measures", message));
        }
        let Some(table) = &self.table else { return faults };
        let strange = table.measures.iter().filter(|it| !self.sheet.measures.contains_key(it));
        faults.extend(strange.map(|measure| {
            let message = format!("[sheet.measures.{}] is missing", measure.name());
            source.fault("table.measures", message)
        }));
        if !table.measures.is_empty() && !table.measures.contains(&Measure::Ytd) {
            faults.push(source.fault("table.measures", "ytd is missing: every layout bears it"));
        }
        faults
    }

    /// Months that end before they begin.
    fn faults_of_months(&self, source: &Source<'_>) -> Vec<Fault> {
        let measures = self.sheet.measures.iter();
        let measures = measures
            .map(|(measure, it)| (format!("sheet.measures.{}", measure.name()), (it.from, it.to)));
        let table = self.table.iter().map(|it| ("table".to_owned(), (it.from, it.to)));
        let rows = self.named().map(|(_, span, key)| (key, span));
        rows.chain(measures)
            .chain(table)
            .filter_map(|(key, (from, to))| {
                let message = months_reversed(from?, to?)?;
                Some(source.fault(&format!("{key}.from"), message))
            })
            .collect()
    }

    /// Items and open groups that share a name in a month, or none at all.
    fn faults_of_items(&self, source: &Source<'_>) -> Vec<Fault> {
        if self.named().next().is_none() {
            let message = "names neither [[item]] nor [[rows]] nor [[column]]: nothing to read";
            return vec![source.fault("item", message)];
        }
        let is_before = |one: Span, other: Span| one.1.zip(other.0).is_some_and(|(a, b)| a < b);
        let twice = self.named().enumerate().filter(|(at, (name, span, _))| {
            self.named().take(*at).any(|(other, before, _)| {
                other == *name && !is_before(before, *span) && !is_before(*span, before)
            })
        });
        twice
            .map(|(_, (name, _, key))| {
                let place = if key.starts_with("item") { "item" } else { "rows" };
                source.fault(&format!("{key}.{place}"), format!("item `{name}` stands twice"))
            })
            .collect()
    }

    /// Items and open groups by name, with their months and the key they stand under.
    fn named(&self) -> impl Iterator<Item = (&str, Span, String)> {
        let items = self.item.iter().enumerate();
        let items = items.map(|(at, it)| (&*it.item, (it.from, it.to), format!("item.{at}")));
        let rows = self.rows.iter().enumerate();
        items.chain(rows.map(|(at, it)| (&*it.rows, (it.from, it.to), format!("rows.{at}"))))
    }
}

/// What is wrong with months of which the last comes before the first.
pub fn months_reversed(from: Period, to: Period) -> Option<String> {
    (to < from).then(|| format!("from {from} to {to} is no month at all: `to` is the last one"))
}
