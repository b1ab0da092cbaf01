//! Labels as printed against labels as found: numbering, brackets and colons do not matter.

use crate::domain::text;
use crate::project::forms::Label;

/// Whether a squeezed text is one of the labels, but for its numbering (`一、`, `1.`, `其中:`).
pub(super) fn is_any(squeezed: &str, labels: &[Label]) -> bool {
    let bare = bare(squeezed);
    !bare.is_empty() && labels.iter().any(|label| self::bare(label.squeezed()) == bare)
}

/// Whether a squeezed text starts with one of the labels.
pub(super) fn starts_with_any(squeezed: &str, labels: &[Label]) -> bool {
    labels.iter().any(|label| squeezed.starts_with(label.squeezed()))
}

/// A squeezed text without its numbering, a leading 其中 and a closing colon.
fn bare(squeezed: &str) -> &str {
    const ORDINALS: &str = "一二三四五六七八九十";
    let ordinal = squeezed.split_once('、').filter(|(number, _)| {
        !number.is_empty() && number.chars().all(|letter| ORDINALS.contains(letter))
    });
    let rest = ordinal.map_or(squeezed, |(_, rest)| rest);
    let rest =
        rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || "-.、".contains(letter));
    let rest = rest.strip_prefix("其中:").or_else(|| rest.strip_prefix("其中")).unwrap_or(rest);
    rest.trim_end_matches([':', '*'])
}

/// What stands behind a label in its own cell: `None` when the cell does not bear the label, an
/// empty text when the value must stand beside it. The value is tidied, not squeezed.
pub(super) fn value_behind(typed: &str, labels: &[Label]) -> Option<String> {
    let squeezed = text::squeeze(typed);
    let label = labels.iter().find_map(|label| {
        let (before, after) = squeezed.split_once(label.squeezed())?;
        let is_bare = !before.chars().any(char::is_alphabetic);
        is_bare.then_some(after)
    })?;
    // Brackets behind a label explain it: 统一社会信用代码(18位).
    let explained = label.starts_with('(').then(|| label.split_once(')')).flatten();
    let after = explained.map_or(label, |(_, rest)| rest);
    let Some(value) = after.strip_prefix(':') else {
        return Some(after.trim_start_matches('_').to_owned());
    };
    let tidy = text::tidy(typed);
    let spaced = tidy.split_once(':').map_or(value, |(_, rest)| rest.trim());
    Some(spaced.trim_matches(['_', ' ']).to_owned())
}

/// Joins letters that were spaced out (`示 例 公 司`).
pub(super) fn unspaced(tidy: &str) -> String {
    let is_spaced = tidy.split(' ').all(|word| word.chars().count() == 1);
    if is_spaced { tidy.split(' ').collect() } else { tidy.to_owned() }
}

/// A heading without a closing bracket, and what is in it: `本月(千元)`.
pub(super) fn without_bracket(squeezed: &str) -> (&str, Option<&str>) {
    let bracket = squeezed.strip_suffix(')').and_then(|open| open.rsplit_once('('));
    bracket.map_or((squeezed, None), |(heading, inner)| (heading, Some(inner)))
}
