//! One rule as many: `{m}` for each of its measures, `{i}` for each of its items, names of `let` for
//! their expressions.
//!
//! In: a rule as written. Out: its instances, each able to spell out SQL and texts. What can go
//! wrong is a placeholder that means nothing: a fault of the rule.

use crate::domain::measure::Measure;
use crate::project::rules::{Located, Rule};

/// A rule for one item and one measure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instance<'a> {
    pub(super) rule: &'a Rule,
    /// What `{i}` stands for.
    item: Option<&'a str>,
    /// What `{m}` stands for.
    pub(super) measure: Option<Measure>,
}

/// The instances of a rule: items in their order, for each the measures in theirs.
pub(super) fn instances(rule: &Rule) -> Vec<Instance<'_>> {
    let items = once_or_each(&rule.items).map(|item| item.map(String::as_str));
    items
        .flat_map(|item| {
            let measures = once_or_each(&rule.measures).map(Option::<&Measure>::copied);
            measures.map(move |measure| Instance { rule, item, measure })
        })
        .collect()
}

fn once_or_each<T>(list: &[T]) -> impl Iterator<Item = Option<&T>> {
    let once = list.is_empty().then_some(None);
    once.into_iter().chain(list.iter().map(Some))
}

impl Instance<'_> {
    /// A text with `{m}` and `{i}` put in, also within placeholders (`{sales_{m}}`).
    pub(super) fn spell(&self, text: &str) -> String {
        let text = match self.measure {
            Some(measure) => text.replace("{m}", measure.name()),
            None => text.to_owned(),
        };
        self.item.map_or(text.clone(), |item| text.replace("{i}", item))
    }

    /// An expression with every placeholder put in.
    ///
    /// # Errors
    /// What is wrong with the first placeholder that means nothing, or with names that go in circles.
    pub(super) fn sql(&self, sql: &Located) -> Result<String, String> {
        let mut text = self.spell(&sql.text);
        // Each round can only replace names by expressions; more rounds than names are a circle.
        for _ in 0..=self.rule.terms.len() {
            let Some(name) = placeholders(&text).into_iter().next() else { return Ok(text) };
            let Some(term) = self.rule.terms.get(&name) else {
                return Err(format!(
                    "`{{{name}}}` is none of `{{m}}`, `{{i}}` and the names in `[rule.let]`"
                ));
            };
            // The new line ends a comment that the expression may end with.
            let expression = format!("({}\n)", self.spell(&term.sql.text));
            text = text.replace(&format!("{{{name}}}"), &expression);
        }
        Err("the names in `[rule.let]` are defined by each other in a circle".to_owned())
    }
}

/// The names between braces, in their order, none twice.
pub(super) fn placeholders(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { break };
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
        rest = tail;
    }
    names
}
