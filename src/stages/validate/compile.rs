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
use datafusion::physical_expr::expressions::case;
use datafusion::physical_expr::utils::collect_columns;
use datafusion::prelude::{SessionConfig, SessionContext};

use super::expand::{Instance, instances};
use super::fields::{Column, Fields, Source};
use super::say::{Saying, TermAt};
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::findings::Severity;
use crate::project::fault::Fault;
use crate::project::forms::Form;
use crate::project::rules::{Rule, RuleFile, Sql};

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
    /// Every rule, a check for each item and measure, in the order of the file.
    pub(super) checks: Vec<Check>,
}

/// One rule for one item and measure, compiled.
#[derive(Clone, Debug)]
pub(super) struct Check {
    /// The rule's id.
    pub(super) id: String,
    /// How much it weighs.
    pub(super) severity: Severity,
    /// The first month it judges.
    pub(super) from: Option<Period>,
    /// The last month it judges.
    pub(super) to: Option<Period>,
    /// True where it holds.
    pub(super) condition: Arc<dyn PhysicalExpr>,
    /// The columns whose cells are named; the first is the value found.
    pub(super) columns: Vec<usize>,
    /// The column of the form it is about.
    pub(super) measure: Option<Measure>,
    /// The value that was expected instead.
    pub(super) expected: Option<Arc<dyn PhysicalExpr>>,
    /// What it says.
    pub(super) saying: Saying,
}

impl Rules {
    /// Whether a form's reports are held against what counts of another form in the same month: then
    /// they are checked after the others.
    pub fn looks_beside(&self, form: &str) -> bool {
        self.of(form).is_some_and(|rules| !rules.fields.looked_at.is_empty())
    }

    /// The rules of a form; `None` when it has none.
    pub(super) fn of(&self, form: &str) -> Option<&FormRules> {
        self.forms.get(form)
    }
}

/// Compiles the rules of every form.
///
/// # Errors
/// Every fault, sorted, one a line.
pub fn compile(files: &[RuleFile], forms: &BTreeMap<String, Form>) -> Result<Rules, Vec<Fault>> {
    let context = session();
    let mut rules = Rules::default();
    let mut faults = Vec::new();
    for file in files {
        let Some(form) = forms.get(&file.form) else {
            let said =
                format!("there is no form `{0}`: `jobs/forms/{0}.toml` is missing", file.form);
            faults.push(Fault::new(&file.file, said));
            continue;
        };
        if rules.forms.contains_key(&file.form) {
            let said = format!("the rules of form `{}` stand in a second file", file.form);
            faults.push(Fault::new(&file.file, said));
            continue;
        }
        match Compiler::new(&context, (form, forms), &file.file).map(|compiler| compiler.form(file))
        {
            Ok(Ok(compiled)) => drop(rules.forms.insert(file.form.clone(), compiled)),
            Ok(Err(found)) => faults.extend(found),
            Err(error) => faults.push(Fault::new(&file.file, error.strip_backtrace())),
        }
    }
    for file in files {
        let looked_at = rules.of(&file.form).map(|of| &of.fields.looked_at).into_iter().flatten();
        let is_mutual = |other: &&String| rules.looks_beside(other);
        faults.extend(looked_at.filter(is_mutual).map(|other| {
            let said = format!(
                "form `{}` is held against `{other}`, whose rules look at another form themselves",
                file.form
            );
            Fault::new(&file.file, said)
        }));
    }
    faults.sort();
    // One slip shows in each instance of a rule; the first tells enough.
    faults.dedup_by(|a, b| a.line.is_some() && (&a.file, a.line) == (&b.file, b.line));
    if faults.is_empty() { Ok(rules) } else { Err(faults) }
}

/// The session whose parser and functions rules are written against.
fn session() -> SessionContext {
    let mut config = SessionConfig::new();
    // `0.7` is meant exactly; as a float it would make exact money comparisons inexact.
    config.options_mut().sql_parser.parse_float_as_decimal = true;
    SessionContext::new_with_config(config)
}

struct Compiler<'a> {
    context: &'a SessionContext,
    form: &'a Form,
    fields: Fields,
    schema: DFSchema,
    file: &'a Path,
}

impl<'a> Compiler<'a> {
    fn new(
        context: &'a SessionContext,
        (form, forms): (&'a Form, &BTreeMap<String, Form>),
        file: &'a Path,
    ) -> Result<Self, DataFusionError> {
        let fields = Fields::of(form, forms);
        let schema = DFSchema::try_from(fields.schema())?;
        Ok(Self { context, form, fields, schema, file })
    }

    fn form(self, file: &RuleFile) -> Result<FormRules, Vec<Fault>> {
        let mut checks = Vec::new();
        let mut faults = Vec::new();
        for instance in file.rules.iter().flat_map(instances) {
            match self.check(&instance) {
                Ok(check) => checks.push(check),
                Err(fault) => faults.push(fault),
            }
        }
        let Self { fields, .. } = self;
        if !faults.is_empty() {
            return Err(faults);
        }
        let looked_at = checks.iter().flat_map(|check| looked_at(check, &fields)).collect();
        Ok(FormRules { fields: Fields { looked_at, ..fields }, checks })
    }

    fn check(&self, instance: &Instance<'_>) -> Result<Check, Fault> {
        let rule = instance.rule;
        let condition = self.condition(instance)?;
        let names = rule.fields.iter().map(|field| instance.spell(field));
        let columns: Vec<usize> =
            names.map(|name| self.column(rule, &name)).collect::<Result<_, _>>()?;
        let expected = match &rule.expected {
            Some(sql) => {
                let (expression, kind) = self.expression(instance, sql)?;
                self.expect(sql, kind.is_numeric(), "`expected` is a number")?;
                Some(expression)
            }
            None => None,
        };
        let source = columns.first().and_then(|first| self.fields.columns.get(*first));
        let (base, own_measure) = match source.map(|column| column.source) {
            Some(Source::Report(base, measure)) => (Some(base), Some(measure)),
            Some(
                Source::Previous(base, _)
                | Source::LastYear(base, _)
                | Source::Median(base)
                | Source::District(base)
                | Source::ClassMedian(base)
                | Source::DistrictMonth(base),
            ) => (Some(base), None),
            Some(Source::Beside(..) | Source::AnnualRevenue | Source::Has(_) | Source::Fact(_))
            | None => (None, None),
        };
        let item = base.and_then(|base| self.fields.bases.get(base)).map(|base| base.item.clone());
        let name = item.as_deref().map(|item| self.form.item_name(item));
        let mut saying = Saying::new(instance, item, name);
        self.fill_in(instance, &mut saying)?;
        Ok(Check {
            id: rule.id.clone(),
            severity: rule.severity,
            from: rule.from,
            to: rule.to,
            condition,
            columns,
            measure: own_measure.or(instance.measure),
            expected,
            saying,
        })
    }

    /// `case when <when> then <sql> end`: the rule is not even computed where it does not apply.
    fn condition(&self, instance: &Instance<'_>) -> Result<Arc<dyn PhysicalExpr>, Fault> {
        let rule = instance.rule;
        let holds = self.truth(instance, &rule.sql)?;
        let Some(when) = &rule.when else { return Ok(holds) };
        let applies = self.truth(instance, when)?;
        // Not as SQL text: a boolean `case` may be simplified to `and`, which computes both sides.
        case(None, vec![(applies, holds)], None)
            .map_err(|error| Fault::at(self.file, when.line, self.explain(&error)))
    }

    fn truth(&self, instance: &Instance<'_>, sql: &Sql) -> Result<Arc<dyn PhysicalExpr>, Fault> {
        let (expression, kind) = self.expression(instance, sql)?;
        self.expect(sql, kind == DataType::Boolean, "a rule is true or false")?;
        Ok(expression)
    }

    fn expect(&self, sql: &Sql, holds: bool, what: &str) -> Result<(), Fault> {
        if holds {
            return Ok(());
        }
        Err(Fault::at(
            self.file,
            sql.line,
            format!("{what}, but this is not: `{}`", sql.text.trim()),
        ))
    }

    fn column(&self, rule: &Rule, name: &str) -> Result<usize, Fault> {
        self.fields.find(name).ok_or_else(|| Fault::at(self.file, rule.line, self.unknown(name)))
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
        sql: &Sql,
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

    /// Compiles what the texts of a rule print; a name that nothing stands for is a fault.
    fn fill_in(&self, instance: &Instance<'_>, saying: &mut Saying) -> Result<(), Fault> {
        let rule = instance.rule;
        let mut known: BTreeSet<&str> = Saying::WORDS.into_iter().collect();
        for (name, term) in &rule.terms {
            let (expression, _) = self.expression(instance, &term.sql)?;
            if !known.insert(name) {
                let said =
                    format!("`{name}` already means something in texts: choose another name");
                return Err(Fault::at(self.file, term.sql.line, said));
            }
            if saying.mentions(name) {
                saying.terms.push(TermAt { name: name.clone(), kind: term.kind, expression });
            }
        }
        for name in saying.placeholders() {
            if known.contains(name.as_str()) {
                continue;
            }
            let column = self.column(rule, &name)?;
            saying.fields.push((name, column));
        }
        Ok(())
    }
}

/// The other forms that a check's expressions, cells or texts refer to.
fn looked_at(check: &Check, fields: &Fields) -> Vec<String> {
    let terms = check.saying.terms.iter().map(|term| &term.expression);
    let expressions = [&check.condition].into_iter().chain(&check.expected).chain(terms);
    let read = expressions.flat_map(collect_columns).map(|column| column.index());
    let named = check.columns.iter().chain(check.saying.fields.iter().map(|(_, at)| at)).copied();
    let columns = read.chain(named).filter_map(|at| fields.columns.get(at));
    let form = |column: &Column| match column.source {
        Source::Beside(at, _) => fields.beside.get(at).map(|(form, _)| form.clone()),
        _ => None,
    };
    columns.filter_map(form).collect()
}

fn is_impure(expression: &Expr) -> bool {
    let asks = |part: &Expr| match part {
        Expr::ScalarFunction(call) => call.func.signature().volatility != Volatility::Immutable,
        _ => false,
    };
    expression.exists(|part| Ok(asks(part))).unwrap_or(true)
}
