//! On what the figures rest: the edition, the roster, the comparable basis, rounding, the sample.

use crate::stages::publish::brief::Issue;
use crate::stages::publish::brief::facts::Facts;
use crate::stages::publish::brief::facts::roster::Left;
use crate::stages::publish::brief::words::Words;

/// The lines of the footer.
pub(crate) fn write(facts: &Facts, issue: &Issue<'_>, words: Words) -> Vec<String> {
    let roster = facts
        .headline
        .firms_due
        .map(|count| words.say("brief.basis.roster", &[("count", &count.to_string())]));
    let mut lines =
        vec![words.say("brief.basis.edition", &[("edition", &issue.edition.to_string())])];
    lines.extend(roster);
    lines.push(words.word("brief.basis.comparable"));
    lines.push(base_rule(facts, words));
    lines.push(words.word("brief.basis.rounding"));
    if issue.district.is_synthetic {
        lines.push(words.word("brief.synthetic"));
    }
    lines
}

/// What becomes of the base of firms that leave the roster within the year, and how many have.
fn base_rule(facts: &Facts, words: Words) -> String {
    let left = facts.left;
    if left == Left::default() {
        return words.word("brief.basis.base_rule");
    }
    let [kept, dropped] = [left.kept, left.dropped].map(|count| count.to_string());
    words.say("brief.basis.base_left", &[("kept", &kept), ("dropped", &dropped)])
}
