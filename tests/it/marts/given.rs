//! What marts read beside lake and seeds, of a small lake: the district, who owes what, lineage.

use std::collections::BTreeSet;

use yuebao::domain::period::Period;
use yuebao::project::seeds::roster::{Ancestor, Restructuring, RestructuringKind, Roster};

use super::lake::{Lake, Row, instant, texts};

/// A column of a mart as `mart_columns` has it.
pub(super) const COLUMN: [&str; 15] = [
    "dim_zone",
    "Zones",
    "zones",
    "-",
    "1",
    "zone",
    "code",
    "Key",
    "开发区",
    "true",
    "true",
    "开发区",
    "-",
    "zones",
    "1",
];

/// Of each shipped form: nobody files January, February covers it.
pub(super) fn form_months() -> Vec<Row> {
    let months = (1..=12).map(|month| (month.to_string(), month == 1, month == 2));
    let row = |form: &str, (month, is_exempt, is_cumulative): (String, bool, bool)| {
        texts(&[form, &month, &is_exempt.to_string(), &is_cumulative.to_string()])
    };
    let forms = ["B204-1", "LY-01", "LY-02"].into_iter();
    forms.flat_map(|form| months.clone().map(move |month| row(form, month))).collect()
}

impl Lake {
    /// The one row about the district and the moment.
    pub(super) fn district(&self) -> Row {
        let now = self.now.as_deref().map(instant);
        let deadlines = self.calendar.iter().filter_map(|row| row[2].clone());
        let passed = deadlines.filter(|at| now.is_none_or(|now| instant(at) <= now));
        let mut row = texts(&["220106", "绿园区", "Lüyuan"]);
        row.extend([None, Some("绿园区工业和信息化局".to_owned())]);
        row.push(self.since.clone());
        row.push(passed.max_by_key(|at| instant(at)));
        row
    }

    /// Every firm on a spell that is asked for the form, but in Januaries, up to the last month filed.
    pub(super) fn owed(&self) -> Vec<Row> {
        let cell = |row: &Row, at: usize| row[at].clone().unwrap_or_default();
        let filed = |form: &str| -> Vec<String> {
            let rows = self.submissions.iter().filter(|row| cell(row, 3) == form);
            rows.map(|row| cell(row, 7)).collect()
        };
        let Some(last) = self.submissions.iter().map(|row| cell(row, 7)).max() else {
            return Vec::new();
        };
        let forms: BTreeSet<String> = self
            .firms
            .iter()
            .flat_map(|row| cell(row, 10).split(';').map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let mut owed = Vec::new();
        for form in forms {
            let planned = self.calendar.iter().filter(|row| cell(row, 0) == form);
            let Some(first) = planned.map(|row| cell(row, 1)).chain(filed(&form)).min() else {
                continue;
            };
            let months = first.parse::<Period>().unwrap().to(last.parse().unwrap());
            for month in months.filter(|month| month.month() != 1).map(|month| month.to_string()) {
                let deadline = self
                    .calendar
                    .iter()
                    .find(|row| cell(row, 0) == form && cell(row, 1) == month)
                    .filter(|_| self.since.as_ref().is_none_or(|since| *since <= month))
                    .map(|row| cell(row, 2));
                let is_due = |row: &&Row| {
                    cell(row, 1) <= month
                        && row[2].as_ref().is_none_or(|last| month <= *last)
                        && cell(row, 10).split(';').any(|asked| asked == form)
                };
                for firm in self.firms.iter().filter(is_due) {
                    let mut row = texts(&[&form, &month, &cell(firm, 0)]);
                    row.push(deadline.clone());
                    owed.push(row);
                }
            }
        }
        owed
    }

    /// Whose reports before which month are whose history.
    pub(super) fn lineage(&self) -> Vec<Row> {
        let change = |row: &Row| Restructuring {
            credit_code: row[0].clone().unwrap(),
            period: row[1].as_deref().unwrap().parse().unwrap(),
            kind: row[2].as_deref().and_then(RestructuringKind::named).unwrap(),
            predecessor: row[3].clone(),
        };
        let roster = Roster::new([], self.restructurings.iter().map(change).collect());
        let codes: BTreeSet<&str> = self.firms.iter().filter_map(|row| row[0].as_deref()).collect();
        let of_firm = |code: &str| -> Vec<Row> {
            let lineage = roster.lineage(code).into_iter();
            let row = |Ancestor { filer, since, until }: Ancestor<'_>| {
                let [until, since] = [until, since].map(|month| Some(month?.to_string()));
                vec![Some(code.to_owned()), Some(filer.to_owned()), until, since]
            };
            lineage.map(row).collect()
        };
        codes.into_iter().flat_map(of_firm).collect()
    }
}
