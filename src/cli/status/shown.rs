//! A status as text: how the month stands, whom to call about what, the targets.

use rust_decimal::Decimal;

use super::published::Target;
use super::{Chased, FormStatus, Status};
use crate::cli::output::{self, filled, said};
use crate::cli::session::Session;
use crate::texts::{self, Locale};

/// The text of a status.
pub(super) fn text(status: &Status, session: &Session) -> String {
    let shown = Shown { status, session, locale: session.locale() };
    let parts = [
        shown.heading(),
        shown.filing(),
        shown.chase(),
        shown.list("status.corrections", &status.corrections),
        shown.list("status.others", &status.others),
        shown.targets(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

struct Shown<'a> {
    status: &'a Status,
    session: &'a Session,
    locale: Locale,
}

impl Shown<'_> {
    fn say(&self, key: &str, arguments: &[(&str, String)]) -> String {
        filled(key, arguments, self.locale)
    }

    fn at(&self, instant: chrono::DateTime<chrono::Utc>) -> String {
        instant.with_timezone(&self.session.zone()).format("%Y-%m-%d %H:%M").to_string()
    }

    /// Which month, as of when, and what readers of the edition do not see yet.
    fn heading(&self) -> Vec<String> {
        let settings = self.session.settings();
        let district = settings.district.name.get(self.locale).to_owned();
        let (period, at) = (self.status.period.to_string(), self.at(self.status.as_of));
        let arguments = [("district", district), ("period", period), ("at", at)];
        let mut lines = vec![self.say("status.title", &arguments)];
        if settings.district.is_synthetic {
            lines.push(said("status.synthetic", self.locale));
        }
        let Status { newer_than_edition: newer, dropped_since_edition: dropped, .. } = self.status;
        lines.push(match (self.status.edition, self.status.edition_created_at) {
            (Some(edition), Some(at)) => {
                let is_same = newer + dropped == 0;
                let key = if is_same { "status.edition" } else { "status.edition_behind" };
                let arguments = [
                    ("edition", edition.to_string()),
                    ("at", self.at(at)),
                    ("newer", newer.to_string()),
                    ("dropped", dropped.to_string()),
                ];
                self.say(key, &arguments)
            }
            _ => said("status.no_edition", self.locale),
        });
        let newest = self.status.rolled_back_edition.map(|newest| newest.to_string());
        lines.extend(newest.map(|it| self.say("status.rolled_back", &[("newest", it)])));
        let unknown = self.status.unknown_documents.iter();
        lines.extend(unknown.map(|it| it.text().get(self.locale).to_owned()));
        lines
    }

    /// How much is in.
    fn filing(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.status.forms.iter().map(|form| self.form(form)).collect();
        let Status { errors, queries, unheld, .. } = self.status;
        if errors + queries > 0 {
            let counts = [("errors", errors.to_string()), ("queries", queries.to_string())];
            lines.push(self.say("status.findings", &counts));
        }
        if *unheld > 0 {
            lines.push(self.say("status.unheld", &[("firms", unheld.to_string())]));
        }
        lines
    }

    fn form(&self, form: &FormStatus) -> String {
        let rate = |part: usize| {
            let [part, due] = [part, form.due].map(Decimal::from);
            part.checked_div(due).map(output::percent).unwrap_or_default()
        };
        let none = || said("status.no_deadline", self.locale);
        let arguments = [
            ("form", form.form.clone()),
            ("deadline", form.deadline.map_or_else(none, |deadline| self.at(deadline))),
            ("due", form.due.to_string()),
            ("received", form.received.to_string()),
            ("response", rate(form.received)),
            ("counted", form.counted.to_string()),
            ("acceptance", rate(form.counted)),
            ("share", form.reported_value_share.map(output::percent).unwrap_or_default()),
            ("complete", said(completeness(form), self.locale)),
        ];
        let is_of_firms = form.is_share_of_firms;
        self.say(if is_of_firms { "status.form_of_firms" } else { "status.form" }, &arguments)
    }

    fn chase(&self) -> Vec<String> {
        if self.status.to_chase.is_empty() {
            return vec![said("status.nobody", self.locale)];
        }
        self.list("status.chase", &self.status.to_chase)
    }

    /// A section of reports; nothing where there is none.
    fn list(&self, heading: &str, chased: &[Chased]) -> Vec<String> {
        if chased.is_empty() {
            return Vec::new();
        }
        let has_late = chased.iter().any(|it| it.months_late_in_row > 0);
        let has_forms = self.status.forms.len() > 1;
        let columns = [
            ("form", has_forms),
            ("firm", true),
            ("contact", chased.iter().any(|it| !it.contact.is_empty())),
            ("state", true),
            ("months", has_late),
            ("finding", chased.iter().any(|it| !it.problems.is_empty() || it.firm_name.is_none())),
        ];
        let columns: Vec<&str> =
            columns.into_iter().filter(|(_, is_shown)| *is_shown).map(|(name, _)| name).collect();
        let row = |it: &Chased| columns.iter().map(|column| self.cell(it, column)).collect();
        let rows: Vec<Vec<String>> = chased.iter().map(row).collect();
        let names: Vec<&str> = columns.iter().map(|name| self.column(name)).collect();
        vec![said(heading, self.locale), output::table(&names, &rows)]
    }

    fn cell(&self, chased: &Chased, column: &str) -> String {
        let known = |text: &Option<String>| text.clone().unwrap_or_default();
        match column {
            "form" => known(&chased.form),
            "firm" => {
                let name = chased.firm_name.clone().or_else(|| chased.file_name.clone());
                let code = chased.credit_code.clone().filter(|_| output::is_wide());
                code.into_iter().chain(name).collect::<Vec<_>>().join(" ")
            }
            "contact" => chased.contact.clone(),
            "state" => said(&format!("state.{}", chased.state), self.locale),
            "months" => chased.months_late_in_row.to_string(),
            _ => self.problem(chased),
        }
    }

    /// The gravest problem, and how many more there are.
    fn problem(&self, chased: &Chased) -> String {
        let Some((first, others)) = chased.problems.split_first() else { return String::new() };
        let first = first.message.get(self.locale).to_owned();
        if others.is_empty() {
            return first;
        }
        self.say("status.more_findings", &[("first", first), ("more", others.len().to_string())])
    }

    fn targets(&self) -> Vec<String> {
        let Some(edition) = self.status.edition.filter(|_| !self.status.targets.is_empty()) else {
            return Vec::new();
        };
        let row = |target: &Target| {
            let word = target.status.as_ref().map(|it| output::target_status(it, self.locale));
            let known = |text: &Option<String>| text.clone().unwrap_or_default();
            vec![
                target.name.clone(),
                known(&target.attained_share),
                known(&target.time_progress),
                known(&target.seasonal_progress),
                word.unwrap_or_default(),
            ]
        };
        let rows: Vec<_> = self.status.targets.iter().map(row).collect();
        let header = ["target", "attained", "time", "seasonal", "status"];
        let header = header.map(|name| self.column(name));
        let mut lines = vec![
            self.say("status.targets", &[("edition", edition.to_string())]),
            output::table(&header, &rows),
        ];
        if self.status.counted < self.status.due {
            lines.push(said("status.partial", self.locale));
        }
        lines
    }

    fn column(&self, name: &str) -> &'static str {
        texts::text(&format!("status.column.{name}")).get(self.locale)
    }
}

/// Whether so much is in that totals can be read as those of the whole month.
fn completeness(form: &FormStatus) -> &'static str {
    if form.is_complete { "status.complete" } else { "status.incomplete" }
}
