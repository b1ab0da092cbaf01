//! Texts to send to the firms: what of their reports does not count, where, and what to do.
//!
//! In: open matters. Out: one text a firm, about that firm's reports and nobody else's. What only the
//! bureau can put right, such as a document number it does not know yet, is told to no firm.

use std::collections::BTreeMap;

use crate::cli::output::{self, filled, said};
use crate::cli::session::Session;
use crate::findings::{Finding, Severity, render};
use crate::lake::matters::{Matter, MatterKind};
use crate::lake::owed;
use crate::project::Project;
use crate::project::seeds::roster::Firm;
use crate::texts::Locale;

/// The texts, with a line between them.
pub(super) fn text(matters: &[&Matter], session: &Session, project: &Project) -> String {
    let locale = session.locale();
    let mut of_firms: BTreeMap<&str, (&Firm, Vec<&Matter>)> = BTreeMap::new();
    for matter in matters.iter().filter(|matter| !told(matter).is_empty()) {
        if let Some(firm) = matter.firm(project) {
            let of_firm = of_firms.entry(&firm.credit_code).or_insert((firm, Vec::new()));
            of_firm.1.push(*matter);
        }
    }
    let notice = Notice { session, project, locale };
    let texts: Vec<String> =
        of_firms.into_values().map(|(firm, matters)| notice.of(firm, &matters)).collect();
    if texts.is_empty() { said("findings.none", locale) } else { texts.join("\n\n---\n\n") }
}

/// What a firm is told of a matter.
fn told(matter: &Matter) -> Vec<&Finding> {
    let is_its = |it: &&Finding| {
        it.severity == Severity::Error || it.is_explainable || matter.kind == MatterKind::Conflict
    };
    matter.findings.iter().filter(is_its).collect()
}

struct Notice<'a> {
    session: &'a Session,
    project: &'a Project,
    locale: Locale,
}

impl Notice<'_> {
    fn of(&self, firm: &Firm, matters: &[&Matter]) -> String {
        let settings = self.session.settings();
        let mut lines =
            vec![filled("notice.greeting", &[("firm", output::plain(&firm.name))], self.locale)];
        if settings.district.is_synthetic {
            lines.push(said("status.synthetic", self.locale));
        }
        for matter in matters {
            lines.extend(self.report(matter));
        }
        let bureau = settings.district.bureau.get(self.locale).to_owned();
        let call = match &settings.district.contact {
            Some(contact) => filled(
                "notice.call",
                &[("bureau", bureau), ("contact", contact.clone())],
                self.locale,
            ),
            None => filled("notice.bureau", &[("bureau", bureau)], self.locale),
        };
        lines.push(call);
        lines.join("\n")
    }

    /// Which report it is, and one line a finding.
    fn report(&self, matter: &Matter) -> Vec<String> {
        let sent = &matter.submission;
        let month = matter.month.map(|month| {
            let (year, month) = (month.year().to_string(), month.month().to_string());
            filled("notice.month", &[("year", year), ("month", month)], self.locale)
        });
        let form = sent.form.as_ref().map(|form| {
            let name = self.project.forms.get(form).map(|form| form.name.get(self.locale));
            format!("{form} {}", name.unwrap_or_default())
        });
        let arguments = [
            ("month", month.unwrap_or_default()),
            ("form", form.unwrap_or_default()),
            ("file", output::plain(&sent.file_name)),
        ];
        let key = format!("notice.{}", matter.kind.name());
        let mut lines = vec![filled(&key, &arguments, self.locale)];
        let found = told(matter);
        lines.extend((1..).zip(found).map(|(number, finding)| self.line(number, finding)));
        let deadline = sent.form.as_deref().zip(matter.month);
        let deadline = deadline.and_then(|(form, month)| owed::deadline(self.project, form, month));
        let now = crate::cli::session::now();
        lines.extend(deadline.filter(|deadline| now < *deadline).map(|deadline| {
            let at = deadline.with_timezone(&self.session.zone()).format("%Y-%m-%d %H:%M");
            filled("notice.deadline", &[("at", at.to_string())], self.locale)
        }));
        lines
    }

    fn line(&self, number: usize, finding: &Finding) -> String {
        let arguments = [
            ("number", number.to_string()),
            ("place", render::place_in_book(finding, self.locale)),
            ("message", finding.message.get(self.locale).to_owned()),
            ("hint", finding.hint.get(self.locale).to_owned()),
        ];
        let values = render::values(finding, self.locale);
        let key = if values.is_some() { "notice.line_values" } else { "notice.line" };
        let values = [("values", values.unwrap_or_default())];
        let arguments = [&arguments[..], &values[..]].concat();
        // What firms and workbooks say stays in its line.
        let plain: Vec<(&str, String)> =
            arguments.iter().map(|(name, value)| (*name, output::plain(value))).collect();
        filled(key, &plain, self.locale)
    }
}
