//! Texts to send to the firms: what of their reports does not count, where, and what to do.
//!
//! In: open matters. Out: one text a firm, about that firm's reports and nobody else's. What only the
//! bureau can put right, such as a document number it does not know yet, is told to no firm.

use std::collections::BTreeMap;

use crate::cli::output::plain;
use crate::cli::session::{self, CliSession};
use crate::findings::{Finding, Severity, render};
use crate::lake::matters::{Matter, MatterKind};
use crate::lake::owed;
use crate::project::Project;
use crate::project::seeds::roster::Firm;

/// The texts, with a line between them.
pub(super) fn text(matters: &[&Matter], session: &CliSession, project: &Project) -> String {
    let mut of_firms: BTreeMap<&str, (&Firm, Vec<&Matter>)> = BTreeMap::new();
    for matter in matters.iter().filter(|matter| !told(matter).is_empty()) {
        if let Some(firm) = matter.firm(project) {
            of_firms.entry(&firm.credit_code).or_insert((firm, Vec::new())).1.push(*matter);
        }
    }
    let of_firm = |(firm, matters): (&Firm, Vec<&Matter>)| {
        let district = &session.settings().district;
        let mut lines = vec![session.fill("notice.greeting", &[("firm", &plain(&firm.name))])];
        if district.is_synthetic {
            lines.push(session.said("status.synthetic").to_owned());
        }
        lines.extend(matters.iter().flat_map(|matter| report(matter, session, project)));
        let (bureau, contact) = (session.get(&district.bureau), district.contact.as_deref());
        let key = if contact.is_some() { "notice.call" } else { "notice.bureau" };
        let contact = contact.unwrap_or_default();
        lines.push(session.fill(key, &[("bureau", &bureau), ("contact", &contact)]));
        lines.join("\n")
    };
    let texts: Vec<String> = of_firms.into_values().map(of_firm).collect();
    if texts.is_empty() {
        session.said("findings.none").to_owned()
    } else {
        texts.join("\n\n---\n\n")
    }
}

/// What a firm is told of a matter.
fn told(matter: &Matter) -> Vec<&Finding> {
    let is_its = |it: &&Finding| {
        it.severity == Severity::Error || it.is_explainable || matter.kind == MatterKind::Conflict
    };
    matter.findings.iter().filter(is_its).collect()
}

/// Which report it is, and one line a finding.
fn report(matter: &Matter, session: &CliSession, project: &Project) -> Vec<String> {
    let sent = &matter.submission;
    let month = matter
        .month
        .map(|it| session.fill("notice.month", &[("year", &it.year()), ("month", &it.month())]));
    let form = sent.form.as_ref().map(|form| {
        let name = project.forms.get(form).map(|form| session.get(&form.name));
        format!("{form} {}", name.unwrap_or_default())
    });
    let key = format!("notice.{}", matter.kind.name());
    let (month, form) = (month.unwrap_or_default(), form.unwrap_or_default());
    let file = plain(&sent.file_name);
    let mut lines =
        vec![session.fill(&key, &[("month", &month), ("form", &form), ("file", &file)])];
    lines.extend((1..).zip(told(matter)).map(|(number, it)| line(number, it, session)));
    let deadline = sent.form.as_deref().zip(matter.month);
    let deadline = deadline.and_then(|(form, month)| owed::deadline(project, form, month));
    let ahead = deadline.filter(|deadline| session::now() < *deadline);
    lines.extend(ahead.map(|at| session.fill("notice.deadline", &[("at", &session.minute(at))])));
    lines
}

fn line(number: usize, finding: &Finding, session: &CliSession) -> String {
    let locale = session.locale();
    let values = render::values(finding, locale);
    let key = if values.is_some() { "notice.line_values" } else { "notice.line" };
    // What firms and workbooks say stays in its line.
    let place = plain(&render::place_in_book(finding, locale));
    let [message, hint] = [&finding.message, &finding.hint].map(|text| plain(session.get(text)));
    let values = plain(&values.unwrap_or_default());
    session.fill(
        key,
        &[
            ("number", &number),
            ("place", &place),
            ("message", &message),
            ("hint", &hint),
            ("values", &values),
        ],
    )
}
