//! Rules as data: `jobs/rules/<form>.toml`, what a report's figures have to satisfy.
//!
//! In: the text of one file. Out: its rules as written, each expression with its line, or every
//! fault. Whether the SQL makes sense for the form is for the stage that compiles it to say.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::fault::Fault;
use super::forms::months_reversed;
use super::read::Source;
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::findings::Severity;
use crate::texts::Text;

/// The rules of one form.
#[derive(Clone, Debug)]
pub struct RuleFile {
    /// The file, relative to the project.
    pub file: PathBuf,
    /// The form's number; the file bears the same name.
    pub form: String,
    /// Its rules, in the order of the file.
    pub rules: Vec<Rule>,
}

/// One rule: a condition that holds, and what to say where it does not.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The check's id (`H4`); rules that put one check in several sentences share it.
    pub id: String,
    /// The line of the id, counted from 1.
    pub line: usize,
    /// How much a finding of it weighs.
    pub severity: Severity,
    /// The first month it judges.
    pub from: Option<Period>,
    /// The last month it judges.
    pub to: Option<Period>,
    /// Base fields the rule is repeated for, as `{i}`; empty: once.
    pub items: Vec<String>,
    /// Measures the rule is repeated for, as `{m}`; empty: once.
    pub measures: Vec<Measure>,
    /// Where the rule applies; everywhere when absent.
    pub when: Option<Sql>,
    /// True where the rule holds, null where it cannot be told.
    pub sql: Sql,
    /// The fields whose cells are named; the first is the value found.
    pub fields: Vec<String>,
    /// The value that was expected instead.
    pub expected: Option<Sql>,
    /// Named expressions for SQL and texts (`[rule.let]`).
    pub terms: BTreeMap<String, Term>,
    /// What is so.
    pub message: Text,
    /// What to do.
    pub hint: Text,
}

/// An SQL expression and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sql {
    /// The expression as written, with its `{placeholders}`.
    pub text: String,
    /// The line it starts on, counted from 1.
    pub line: usize,
}

/// A named expression of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Its SQL.
    pub sql: Sql,
    /// How texts print it.
    pub kind: TermKind,
}

/// How texts print a named expression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermKind {
    /// Yuan, printed in the unit of the form.
    #[default]
    Money,
    /// A fraction, printed in per cent.
    Percent,
    /// A plain number, or a text as it is.
    Plain,
    /// The name of a unit (`万元`), printed in the reader's language.
    Unit,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAsWritten {
    form: Spanned<String>,
    #[serde(default)]
    rule: Vec<RuleAsWritten>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleAsWritten {
    id: Spanned<String>,
    severity: Severity,
    from: Option<Period>,
    to: Option<Period>,
    #[serde(default)]
    items: Vec<String>,
    #[serde(default)]
    measures: Vec<Measure>,
    when: Option<Spanned<String>>,
    sql: Spanned<String>,
    fields: Vec<String>,
    expected: Option<Spanned<String>>,
    #[serde(default, rename = "let")]
    terms: BTreeMap<String, TermAsWritten>,
    message: Text,
    hint: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TermAsWritten {
    sql: Spanned<String>,
    #[serde(default, rename = "as")]
    kind: TermKind,
}

/// Reads one file of rules.
///
/// # Errors
/// Every fault of the file; a file that is no TOML of this shape has one.
pub fn parse(file: &Path, text: &str) -> Result<RuleFile, Vec<Fault>> {
    let written: FileAsWritten = Source { file, text }.parse().map_err(|fault| vec![fault])?;
    let lines = Lines { file, text };
    let mut faults = file_faults(&lines, &written.form);
    let form = written.form.into_inner();
    let rules: Vec<Rule> = written.rule.into_iter().map(|rule| resolve(&lines, rule)).collect();
    let mut known = BTreeSet::new();
    for rule in &rules {
        faults.extend(rule_faults(rule).into_iter().map(|said| Fault::at(file, rule.line, said)));
        let when = rule.when.as_ref().map(|when| when.text.as_str());
        if !known.insert((rule.id.as_str(), rule.sql.text.as_str(), when, rule.from, rule.to)) {
            let said = format!("rule `{}` stands here a second time: delete one", rule.id);
            faults.push(Fault::at(file, rule.line, said));
        }
    }
    if faults.is_empty() {
        Ok(RuleFile { file: file.to_owned(), form, rules })
    } else {
        Err(faults)
    }
}

/// Byte offsets of a file as lines.
struct Lines<'a> {
    file: &'a Path,
    text: &'a str,
}

impl Lines<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.get(..span.start).unwrap_or_default();
        1 + before.matches('\n').count()
    }

    fn fault(&self, span: &Range<usize>, message: &str) -> Fault {
        Fault::at(self.file, self.line(span), message)
    }

    fn sql(&self, written: Spanned<String>) -> Sql {
        Sql { line: self.line(&written.span()), text: written.into_inner() }
    }
}

fn resolve(lines: &Lines<'_>, rule: RuleAsWritten) -> Rule {
    let terms = rule.terms.into_iter().map(|(name, term)| {
        let sql = lines.sql(term.sql);
        (name, Term { sql, kind: term.kind })
    });
    Rule {
        line: lines.line(&rule.id.span()),
        id: rule.id.into_inner(),
        severity: rule.severity,
        from: rule.from,
        to: rule.to,
        items: rule.items,
        measures: rule.measures,
        when: rule.when.map(|when| lines.sql(when)),
        sql: lines.sql(rule.sql),
        fields: rule.fields,
        expected: rule.expected.map(|expected| lines.sql(expected)),
        terms: terms.collect(),
        message: rule.message,
        hint: rule.hint,
    }
}

fn file_faults(lines: &Lines<'_>, form: &Spanned<String>) -> Vec<Fault> {
    let stem = lines.file.file_stem().unwrap_or_default().to_string_lossy();
    if stem == form.get_ref().as_str() {
        return Vec::new();
    }
    let said =
        format!("the file is named `{stem}` but its form is `{}`: name both alike", form.get_ref());
    vec![lines.fault(&form.span(), &said)]
}

fn rule_faults(rule: &Rule) -> Vec<String> {
    let mut faults = Vec::new();
    if rule.id.trim().is_empty() {
        faults.push("the rule has no id: give it one such as `Q9`".to_owned());
    }
    if rule.fields.is_empty() {
        faults.push(format!(
            "rule `{}` names no field: `fields` says which cells it is about",
            rule.id
        ));
    }
    faults.extend(rule.from.zip(rule.to).and_then(|(from, to)| months_reversed(from, to)));
    for (what, text) in [("message", &rule.message), ("hint", &rule.hint)] {
        if text.zh.trim().is_empty() || text.en.trim().is_empty() {
            faults.push(format!("rule `{}` has an empty {what}: write it in zh and en", rule.id));
        }
    }
    let uses =
        |mark: &str| rule.sql.text.contains(mark) || rule.fields.iter().any(|f| f.contains(mark));
    for (mark, list, is_empty) in
        [("{m}", "measures", rule.measures.is_empty()), ("{i}", "items", rule.items.is_empty())]
    {
        if uses(mark) == is_empty {
            let advice = if is_empty { "which is missing" } else { "which the rule never uses" };
            faults.push(format!(
                "rule `{}`: `{mark}` stands for each of `{list}`, {advice}",
                rule.id
            ));
        }
    }
    faults
}
