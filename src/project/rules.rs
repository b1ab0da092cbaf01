//! Rules as data: `jobs/rules/<form>.toml`, what a report's figures have to satisfy.
//!
//! In: the text of one file. Out: its rules as written, each expression with its line, or every
//! fault. Whether the SQL makes sense for the form is for the stage that compiles it to say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::fault::Fault;
use super::forms::months_reversed;
use super::read::{Source, line_of};
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
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The check's id (`H4`); rules that put one check in several sentences share it.
    pub id: Located,
    /// How much a finding of it weighs.
    pub severity: Severity,
    /// The first month it judges.
    pub from: Option<Period>,
    /// The last month it judges.
    pub to: Option<Period>,
    /// Base fields the rule is repeated for, as `{i}`; empty: once.
    #[serde(default)]
    pub items: Vec<String>,
    /// Measures the rule is repeated for, as `{m}`; empty: once.
    #[serde(default)]
    pub measures: Vec<Measure>,
    /// Where the rule applies; everywhere when absent.
    pub when: Option<Located>,
    /// True where the rule holds, null where it cannot be told.
    pub sql: Located,
    /// The fields whose cells are named; the first is the value found.
    pub fields: Vec<String>,
    /// The value that was expected instead.
    pub expected: Option<Located>,
    /// Named expressions for SQL and texts (`[rule.let]`).
    #[serde(default, rename = "let")]
    pub terms: BTreeMap<String, RuleTerm>,
    /// What is so.
    pub message: Text,
    /// What to do.
    pub hint: Text,
}

/// An SQL expression or an id, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Spanned<String>")]
pub struct Located {
    /// The text as written, with its `{placeholders}`.
    pub text: String,
    /// The line it starts on, counted from 1.
    pub line: usize,
}

impl From<Spanned<String>> for Located {
    /// The line is the place in bytes, until [`parse`] has counted.
    fn from(written: Spanned<String>) -> Self {
        Self { line: written.span().start, text: written.into_inner() }
    }
}

/// A named expression of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleTerm {
    /// Its SQL.
    pub sql: Located,
    /// How texts print it.
    #[serde(default, rename = "as")]
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
struct RulesFile {
    form: String,
    #[serde(default)]
    rule: Vec<Rule>,
}

/// Reads one file of rules.
///
/// # Errors
/// Every fault of the file; a file that is no TOML of this shape has one.
pub fn parse(file: &Path, text: &str) -> Result<RuleFile, Vec<Fault>> {
    let source = Source { file, text };
    let RulesFile { form, rule: mut rules } = source.parse().map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    if stem != form.as_str() {
        let said = format!("the file is named `{stem}` but its form is `{form}`: name both alike");
        faults.push(source.fault("form", said));
    }
    let mut known = BTreeSet::new();
    for rule in &mut rules {
        let terms = rule.terms.values_mut().map(|term| &mut term.sql);
        let always = [&mut rule.id, &mut rule.sql].into_iter();
        let located = always.chain(&mut rule.when).chain(&mut rule.expected).chain(terms);
        located.for_each(|it| it.line = line_of(text, it.line));
    }
    for rule in &rules {
        let mut found = rule_faults(rule);
        let when = rule.when.as_ref().map(|when| when.text.as_str());
        if !known.insert((rule.id.text.as_str(), rule.sql.text.as_str(), when, rule.from, rule.to))
        {
            found.push(format!("rule `{}` stands here a second time: delete one", rule.id.text));
        }
        faults.extend(found.into_iter().map(|said| Fault::at(file, rule.id.line, said)));
    }
    if faults.is_empty() {
        Ok(RuleFile { file: file.to_owned(), form, rules })
    } else {
        Err(faults)
    }
}

fn rule_faults(rule: &Rule) -> Vec<String> {
    let id = &rule.id.text;
    let mut faults = Vec::new();
    if id.trim().is_empty() {
        faults.push("the rule has no id: give it one such as `Q9`".to_owned());
    }
    if rule.fields.is_empty() {
        faults.push(format!("rule `{id}` names no field: `fields` says which cells it is about"));
    }
    faults.extend(rule.from.zip(rule.to).and_then(|(from, to)| months_reversed(from, to)));
    for (what, text) in [("message", &rule.message), ("hint", &rule.hint)] {
        if text.zh.trim().is_empty() || text.en.trim().is_empty() {
            faults.push(format!("rule `{id}` has an empty {what}: write it in zh and en"));
        }
    }
    let uses =
        |mark: &str| rule.sql.text.contains(mark) || rule.fields.iter().any(|f| f.contains(mark));
    for (mark, list, is_empty) in
        [("{m}", "measures", rule.measures.is_empty()), ("{i}", "items", rule.items.is_empty())]
    {
        if uses(mark) == is_empty {
            let advice = if is_empty { "which is missing" } else { "which the rule never uses" };
            faults.push(format!("rule `{id}`: `{mark}` stands for each of `{list}`, {advice}"));
        }
    }
    faults
}
