//! A status as text: how the month stands, whom to call about what, the targets.

use rust_decimal::Decimal;

use super::{Chased, FormStatus, Published, Status, TargetStatus};
use crate::cli::output;
use crate::cli::session::CliSession;

/// The text of a status.
pub(super) fn text(status: &Status, session: &CliSession) -> String {
    let shown = StatusText { status, session };
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

struct StatusText<'a> {
    status: &'a Status,
    session: &'a CliSession,
}

impl StatusText<'_> {
    fn said(&self, key: &str) -> String {
        self.session.said(key).to_owned()
    }

    /// Which month, as of when, and what readers of the edition do not see yet.
    fn heading(&self) -> Vec<String> {
        let (session, district) = (self.session, &self.session.settings().district);
        let Status { period, as_of, published, unknown_documents, .. } = self.status;
        let (name, at) = (session.get(&district.name), session.minute(*as_of));
        let named =
            session.fill("status.title", &[("district", &name), ("period", period), ("at", &at)]);
        let mut lines = vec![named];
        if district.is_synthetic {
            lines.push(self.said("status.synthetic"));
        }
        let Published { newer_than_edition: newer, dropped_since_edition: dropped, .. } = published;
        lines.push(match (published.edition, published.edition_created_at) {
            (Some(edition), Some(at)) => {
                let is_same = newer + dropped == 0;
                let key = if is_same { "status.edition" } else { "status.edition_behind" };
                let at = session.minute(at);
                session.fill(
                    key,
                    &[("edition", &edition), ("at", &at), ("newer", newer), ("dropped", dropped)],
                )
            }
            _ => self.said("status.no_edition"),
        });
        let newest = published.rolled_back_edition;
        lines.extend(newest.map(|it| session.fill("status.rolled_back", &[("newest", &it)])));
        lines.extend(unknown_documents.iter().map(|it| session.get(&it.text()).to_owned()));
        lines
    }

    /// How much is in.
    fn filing(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.status.forms.iter().map(|form| self.form(form)).collect();
        let Status { errors, queries, unheld, .. } = self.status;
        if errors + queries > 0 {
            let counts =
                self.session.fill("status.findings", &[("errors", errors), ("queries", queries)]);
            lines.push(counts);
        }
        if *unheld > 0 {
            lines.push(self.session.fill("status.unheld", &[("firms", unheld)]));
        }
        lines
    }

    fn form(&self, form: &FormStatus) -> String {
        let FormStatus { form: name, due, received, counted, .. } = form;
        let rate = |part: &usize| {
            let share = Decimal::from(*part).checked_div(Decimal::from(*due));
            share.map(output::percent).unwrap_or_default()
        };
        let deadline = form.deadline.map(|deadline| self.session.minute(deadline));
        let deadline = deadline.unwrap_or_else(|| self.said("status.no_deadline"));
        let share = form.reported_value_share.map(output::percent).unwrap_or_default();
        let is_of_firms = form.is_share_of_firms;
        // Whether so much is in that totals can be read as those of the whole month.
        let complete = if form.is_complete { "status.complete" } else { "status.incomplete" };
        self.session.fill(
            if is_of_firms { "status.form_of_firms" } else { "status.form" },
            &[
                ("form", name),
                ("deadline", &deadline),
                ("due", due),
                ("received", received),
                ("response", &rate(received)),
                ("counted", counted),
                ("acceptance", &rate(counted)),
                ("share", &share),
                ("complete", &self.session.said(complete)),
            ],
        )
    }

    fn chase(&self) -> Vec<String> {
        if self.status.to_chase.is_empty() {
            return vec![self.said("status.nobody")];
        }
        self.list("status.chase", &self.status.to_chase)
    }

    /// A section of reports; nothing where there is none.
    fn list(&self, heading: &str, chased: &[Chased]) -> Vec<String> {
        if chased.is_empty() {
            return Vec::new();
        }
        let has = |is: fn(&Chased) -> bool| chased.iter().any(is);
        let columns = [
            ("form", self.status.forms.len() > 1),
            ("firm", true),
            ("contact", has(|it| !it.sent.contact.is_empty())),
            ("state", true),
            ("months", has(|it| it.months_late_in_row > 0)),
            ("finding", has(|it| !it.problems.is_empty() || it.sent.firm_name.is_none())),
        ];
        let columns: Vec<&str> =
            columns.into_iter().filter(|(_, is_shown)| *is_shown).map(|(name, _)| name).collect();
        let row = |it: &Chased| columns.iter().map(|column| self.cell(it, column)).collect();
        let table = self.session.table("status.column", &columns, chased.iter().map(row));
        vec![self.said(heading), table]
    }

    fn cell(
        &self,
        Chased { sent, state, months_late_in_row, problems }: &Chased,
        column: &str,
    ) -> String {
        match column {
            "form" => sent.form.clone().unwrap_or_default(),
            "firm" => {
                let name = sent.firm_name.clone().or_else(|| sent.file_name.clone());
                let code = sent.credit_code.clone().filter(|_| output::is_wide());
                code.into_iter().chain(name).collect::<Vec<_>>().join(" ")
            }
            "contact" => sent.contact.clone(),
            "state" => self.said(&format!("state.{state}")),
            "months" => months_late_in_row.to_string(),
            // The gravest problem, and how many more there are.
            _ => match problems.as_slice() {
                [] => String::new(),
                [only] => self.session.get(&only.message).to_owned(),
                [first, others @ ..] => {
                    let (first, more) = (self.session.get(&first.message), others.len());
                    let session = self.session;
                    session.fill("status.more_findings", &[("first", &first), ("more", &more)])
                }
            },
        }
    }

    fn targets(&self) -> Vec<String> {
        let Published { edition, targets, .. } = &self.status.published;
        let Some(edition) = edition.filter(|_| !targets.is_empty()) else { return Vec::new() };
        let row = |target: &TargetStatus| {
            let known = |text: &Option<String>| text.clone().unwrap_or_default();
            let word = target.status.as_ref().map(|it| self.session.target_status(it));
            vec![
                target.name.clone(),
                known(&target.attained_share),
                known(&target.time_progress),
                known(&target.seasonal_progress),
                word.unwrap_or_default(),
            ]
        };
        let names = ["target", "attained", "time", "seasonal", "status"];
        let mut lines = vec![
            self.session.fill("status.targets", &[("edition", &edition)]),
            self.session.table("status.column", &names, targets.iter().map(row)),
        ];
        if self.status.counted < self.status.due {
            lines.push(self.said("status.partial"));
        }
        lines
    }
}
