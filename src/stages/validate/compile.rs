//! From rules as written to physical expressions: done once, evaluated over every batch.
//!
//! In: rule files and forms. Out: `Rules`, or every fault with file and line: an unknown field with
//! the nearest one, an expression that is not true or false, a function that asks the clock.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{DFSchema, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Expr, Volatility};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{Column, case};
use datafusion::physical_expr::utils::collect_columns;
use datafusion::prelude::{SessionConfig, SessionContext};

use super::expand::{Instance, instances, placeholders};
use super::fields::{Base, Fields, MONEY, Origin, RuleField};
use crate::domain::measure::Measure;
use crate::project::fault::Fault;
use crate::project::forms::Form;
use crate::project::rules::{Located, Rule, RuleFile, TermKind};
use crate::texts::Text;

/// Placeholders every rule may use.
const WORDS: [&str; 6] = ["value", "expected", "measure", "name", "cells", "key"];

/// The compiled rules of all forms.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    forms: BTreeMap<String, FormRules>,
}

/// The compiled rules of one form.
#[derive(Clone, Debug)]
pub(super) struct FormRules {
    /// The columns the expressions are over.
    pub(super) fields: Fields,
    /// Every rule, one for each item and measure, in the order of the file.
    pub(super) rules: Vec<CompiledRule>,
}

/// One rule for one item and measure, compiled.
#[derive(Clone, Debug)]
pub(super) struct CompiledRule {
    /// As written, item and measure put into its texts.
    pub(super) rule: Rule,
    pub(super) condition: Arc<dyn PhysicalExpr>,
    /// The figures of the report itself whose cells are named.
    pub(super) own: Vec<(Base, Measure)>,
    /// The columns of a ledger whose cells are named.
    pub(super) columns: Vec<String>,
    /// The item it is about, as named in the lake.
    pub(super) item: Option<String>,
    pub(super) name: Text,
    /// The column of the form it is about.
    pub(super) measure: Option<Measure>,
    /// What its finding and texts bear: the value found, the one expected, fields and terms.
    pub(super) printed: Vec<Printed>,
}

/// An expression that texts print.
#[derive(Clone, Debug)]
pub(super) struct Printed {
    pub(super) name: String,
    pub(super) kind: TermKind,
    pub(super) expression: Arc<dyn PhysicalExpr>,
}

impl Rules {
    /// Whether a form's reports are held against what counts of another form in the same month: then
    /// they are checked after the others.
    pub fn looks_beside(&self, form: &str) -> bool {
        self.of(form).is_some_and(|rules| !rules.fields.looked_at.is_empty())
    }

    pub(super) fn of(&self, form: &str) -> Option<&FormRules> {
        self.forms.get(form)
    }
}

/// Compiles the rules of every form.
///
/// # Errors
/// Every fault, sorted, one a line.
pub fn compile(files: &[RuleFile], forms: &BTreeMap<String, Form>) -> Result<Rules, Vec<Fault>> {
    let mut config = SessionConfig::new();
    // `0.7` is meant exactly; as a float it would make exact money comparisons inexact.
    config.options_mut().sql_parser.parse_float_as_decimal = true;
    let context = SessionContext::new_with_config(config);
    let mut rules = Rules::default();
    let mut faults = Vec::new();
    for file in files {
        let number = &file.form;
        let said = match forms.get(number) {
            None => format!("there is no form `{number}`: `jobs/forms/{number}.toml` is missing"),
            Some(_) if rules.forms.contains_key(number) => {
                format!("the rules of form `{number}` stand in a second file")
            }
            Some(form) => match compiled(&context, (form, forms), file) {
                Ok(Ok(compiled)) => {
                    rules.forms.insert(number.clone(), compiled);
                    continue;
                }
                Ok(Err(found)) => {
                    faults.extend(found);
                    continue;
                }
                Err(error) => error.strip_backtrace(),
            },
        };
        faults.push(Fault::new(&file.file, said));
    }
    for RuleFile { file, form, .. } in files {
        let looked_at = rules.of(form).map(|of| &of.fields.looked_at).into_iter().flatten();
        faults.extend(looked_at.filter(|other| rules.looks_beside(other)).map(|other| {
            let said = "whose rules look at another form themselves";
            Fault::new(file, format!("form `{form}` is held against `{other}`, {said}"))
        }));
    }
    faults.sort();
    // One slip shows in each instance of a rule; the first tells enough.
    faults.dedup_by(|a, b| a.line.is_some() && (&a.file, a.line) == (&b.file, b.line));
    if faults.is_empty() { Ok(rules) } else { Err(faults) }
}

/// The rules of one file, or its faults; an error is about the names of its fields.
fn compiled(
    context: &SessionContext,
    (form, forms): (&Form, &BTreeMap<String, Form>),
    file: &RuleFile,
) -> Result<Result<FormRules, Vec<Fault>>, DataFusionError> {
    let mut fields = Fields::of(form, forms);
    let schema = DFSchema::try_from(fields.schema())?;
    let compiler = Compiler { context, form, fields: &fields, schema, file: &file.file };
    let (mut rules, mut looked_at, mut faults) = (Vec::new(), BTreeSet::new(), Vec::new());
    for instance in file.rules.iter().flat_map(instances) {
        match compiler.rule(&instance) {
            Ok((rule, forms)) => {
                rules.push(rule);
                looked_at.extend(forms);
            }
            Err(fault) => faults.push(fault),
        }
    }
    fields.looked_at = looked_at;
    Ok(if faults.is_empty() { Ok(FormRules { fields, rules }) } else { Err(faults) })
}

struct Compiler<'a> {
    context: &'a SessionContext,
    form: &'a Form,
    fields: &'a Fields,
    schema: DFSchema,
    file: &'a Path,
}

impl Compiler<'_> {
    /// A rule, and the other forms that its expressions, cells or texts refer to.
    fn rule(&self, instance: &Instance<'_>) -> Result<(CompiledRule, Vec<String>), Fault> {
        let rule = instance.rule;
        let condition = self.condition(instance)?;
        let named = rule.fields.iter().map(|field| self.find(rule, &instance.spell(field)));
        let named = named.collect::<Result<Vec<_>, _>>()?;
        let expected = match &rule.expected {
            Some(sql) => {
                let (expression, kind) = self.expression(instance, sql)?;
                self.expect(sql, kind.is_numeric(), "`expected` is a number")?;
                Some(expression)
            }
            None => None,
        };
        let text =
            |text: &Text| Text { zh: instance.spell(&text.zh), en: instance.spell(&text.en) };
        let (message, hint) = (text(&rule.message), text(&rule.hint));
        let value = named.first().map(|(at, field)| column(*at, field));
        let money = [("value", value), ("expected", expected)].into_iter();
        let money = money.filter_map(|(name, expression)| {
            Some(Printed { name: name.to_owned(), kind: TermKind::Money, expression: expression? })
        });
        let mut printed: Vec<Printed> = money.collect();
        printed.extend(self.terms(instance, [&message.zh, &message.en, &hint.zh, &hint.en])?);

        let (base, measure) = match named.first().map(|(_, field)| &field.origin) {
            Some(Origin::Own(base, measure)) => (Some(base), Some(*measure)),
            Some(Origin::Others(base, _)) => (Some(base), None),
            _ => (None, None),
        };
        let item = base.map(|base| base.item.clone());
        let own = named.iter().filter_map(|(_, field)| match &field.origin {
            Origin::Own(base, measure) => Some((base.clone(), *measure)),
            _ => None,
        });
        let columns = named.iter().filter_map(|(_, field)| match &field.origin {
            Origin::Entry(column, ..) | Origin::Listed(column) => Some(column.clone()),
            _ => None,
        });
        let columns: Vec<String> = columns.collect();
        let about = item.as_ref().or(columns.first());
        let compiled = CompiledRule {
            condition,
            own: own.collect(),
            name: about.map(|about| self.form.item_name(about)).unwrap_or_default(),
            item,
            columns,
            measure: measure.or(instance.measure),
            printed,
            rule: Rule { message, hint, ..rule.clone() },
        };
        let forms = self.forms(&compiled, named.iter().map(|(_, field)| *field));
        Ok((compiled, forms))
    }

    /// The other forms that fields named by a rule, or its expressions, refer to.
    fn forms<'b>(
        &'b self,
        rule: &CompiledRule,
        named: impl Iterator<Item = &'b RuleField>,
    ) -> Vec<String> {
        let expressions = rule.printed.iter().map(|it| &it.expression).chain([&rule.condition]);
        let read = expressions.flat_map(collect_columns).map(|column| column.index());
        let fields = read.filter_map(|at| self.fields.columns.get(at)).chain(named);
        let form = |field: &RuleField| match &field.origin {
            Origin::Beside(form, ..) => Some(form.clone()),
            _ => None,
        };
        fields.filter_map(form).collect()
    }

    /// What the texts of a rule print; a name that nothing stands for is a fault.
    fn terms(&self, instance: &Instance<'_>, texts: [&str; 4]) -> Result<Vec<Printed>, Fault> {
        let rule = instance.rule;
        let names: BTreeSet<String> = texts.into_iter().flat_map(placeholders).collect();
        let mut known = BTreeSet::from(WORDS);
        let mut printed = Vec::new();
        for (name, term) in &rule.terms {
            let (expression, _) = self.expression(instance, &term.sql)?;
            if !known.insert(name) {
                let said =
                    format!("`{name}` already means something in texts: choose another name");
                return Err(Fault::at(self.file, term.sql.line, said));
            }
            if names.contains(name) {
                printed.push(Printed { name: name.clone(), kind: term.kind, expression });
            }
        }
        for name in names.iter().filter(|name| !known.contains(name.as_str())) {
            let (at, field) = self.find(rule, name)?;
            let is_money = field.origin.data_type() == MONEY;
            let kind = if is_money { TermKind::Money } else { TermKind::Plain };
            printed.push(Printed { name: name.clone(), kind, expression: column(at, field) });
        }
        Ok(printed)
    }

    fn condition(&self, instance: &Instance<'_>) -> Result<Arc<dyn PhysicalExpr>, Fault> {
        let rule = instance.rule;
        let holds = self.truth(instance, &rule.sql)?;
        let Some(when) = &rule.when else { return Ok(holds) };
        let applies = self.truth(instance, when)?;
        // Not as SQL text: a boolean `case` may be simplified to `and`, which computes both sides.
        case(None, vec![(applies, holds)], None)
            .map_err(|error| Fault::at(self.file, when.line, self.explain(&error)))
    }

    fn truth(
        &self,
        instance: &Instance<'_>,
        sql: &Located,
    ) -> Result<Arc<dyn PhysicalExpr>, Fault> {
        let (expression, kind) = self.expression(instance, sql)?;
        self.expect(sql, kind == DataType::Boolean, "a rule is true or false")?;
        Ok(expression)
    }

    fn expect(&self, sql: &Located, holds: bool, what: &str) -> Result<(), Fault> {
        let said = || format!("{what}, but this is not: `{}`", sql.text.trim());
        if holds { Ok(()) } else { Err(Fault::at(self.file, sql.line, said())) }
    }

    fn find(&self, rule: &Rule, name: &str) -> Result<(usize, &RuleField), Fault> {
        let found = self.fields.find(name).and_then(|at| Some((at, self.fields.columns.get(at)?)));
        found.ok_or_else(|| Fault::at(self.file, rule.id.line, self.unknown(name)))
    }

    fn unknown(&self, name: &str) -> String {
        let nearest = self.fields.nearest(name);
        let advice = nearest.map_or_else(
            || "`jobs/rules/README.md` lists the fields".to_owned(),
            |nearest| format!("did you mean `{nearest}`?"),
        );
        format!("form `{}` has no field `{name}`: {advice}", self.form.form)
    }

    fn expression(
        &self,
        instance: &Instance<'_>,
        sql: &Located,
    ) -> Result<(Arc<dyn PhysicalExpr>, DataType), Fault> {
        let fault = |said: String| Fault::at(self.file, sql.line, said);
        let text = instance.sql(sql).map_err(&fault)?;
        let logical = self.context.parse_sql_expr(&text, &self.schema);
        let logical = logical.map_err(|error| fault(self.explain(&error)))?;
        if is_impure(&logical) {
            return Err(fault("a rule may not depend on the clock or on chance".to_owned()));
        }
        self.physical(logical).map_err(|error| fault(self.explain(&error)))
    }

    /// Types fitted to each other, constants folded, then made ready to run.
    fn physical(
        &self,
        logical: Expr,
    ) -> Result<(Arc<dyn PhysicalExpr>, DataType), DataFusionError> {
        let about = SimplifyContext::builder().with_schema(Arc::new(self.schema.clone())).build();
        let simplifier = ExprSimplifier::new(about);
        // Some functions (`coalesce`) exist only as what they are simplified to.
        let simple = simplifier.simplify(simplifier.coerce(logical, &self.schema)?)?;
        let physical = self.context.create_physical_expr(simple, &self.schema)?;
        let kind = physical.data_type(self.schema.as_arrow())?;
        Ok((physical, kind))
    }

    fn explain(&self, error: &DataFusionError) -> String {
        if let DataFusionError::SchemaError(cause, _) = error.find_root()
            && let SchemaError::FieldNotFound { field, .. } = cause.as_ref()
        {
            return self.unknown(&field.name);
        }
        error.find_root().strip_backtrace()
    }
}

fn column(at: usize, field: &RuleField) -> Arc<dyn PhysicalExpr> {
    Arc::new(Column::new(&field.name, at))
}

fn is_impure(expression: &Expr) -> bool {
    let asks = |part: &Expr| match part {
        Expr::ScalarFunction(call) => call.func.signature().volatility != Volatility::Immutable,
        _ => false,
    };
    expression.exists(|part| Ok(asks(part))).unwrap_or(true)
}
