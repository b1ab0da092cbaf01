//! Labels as printed against labels as found: numbering, brackets and colons do not matter. Row codes as
//! typed: text or number, with or without leading zeros and letters.

use std::borrow::Cow;

use super::figures;
use super::grid::Value;
use crate::domain::credit_code::{self, CodeState};
use crate::domain::text;
use crate::project::forms::{CodeKind, Label, Words};

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
pub(super) fn value_behind(value: &Value, labels: &[Label]) -> Option<String> {
    let squeezed = match value {
        Value::Text(_) => value.label(),
        other => Cow::Owned(text::squeeze(&other.typed())),
    };
    let label = labels.iter().find_map(|label| {
        let (before, after) = squeezed.split_once(label.squeezed())?;
        let is_bare = !before.chars().any(char::is_alphabetic);
        is_bare.then_some(after)
    })?;
    // Brackets behind a label explain it: 统一社会信用代码(18位).
    let explained = label.starts_with('(').then(|| label.split_once(')')).flatten();
    let after = explained.map_or(label, |(_, rest)| rest);
    let Some(behind) = after.strip_prefix(':') else {
        return Some(after.trim_start_matches('_').to_owned());
    };
    let tidy = text::tidy(&value.typed());
    let spaced = tidy.split_once(':').map_or(behind, |(_, rest)| rest.trim());
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

/// A squeezed code without marks for missing.
pub(super) fn code(squeezed: &str) -> String {
    if figures::is_missing(squeezed) { String::new() } else { squeezed.to_owned() }
}

/// Whether a code is one of the fixed ones; `1` and `01` are the same.
pub(super) fn is_code(code: &str, codes: &[Label]) -> bool {
    let digits = |text: &str| text.parse::<u32>().ok();
    codes.iter().any(|known| {
        let known = known.squeezed();
        known == code || digits(known).is_some_and(|number| digits(code) == Some(number))
    })
}

/// A code of an open group in its one spelling, or nothing when it is not of the kind.
pub(super) fn open_code(code: &str, kind: CodeKind, words: &Words) -> Option<String> {
    match kind {
        CodeKind::Industry => industry(code, words),
        CodeKind::Product => {
            let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
            is_code.then(|| code.to_owned())
        }
        CodeKind::CreditCode => {
            let code = code.to_ascii_uppercase();
            (credit_code::examine(&code) != CodeState::Malformed).then_some(code)
        }
    }
}

/// The key of what is expected of a code of the kind.
pub(super) fn expected_key(kind: CodeKind) -> &'static str {
    match kind {
        CodeKind::Industry => "finding.H6.code.industry",
        CodeKind::Product => "finding.H6.code.product",
        CodeKind::CreditCode => "finding.H6.code.credit_code",
    }
}

/// Four digits of the form's sections; the letter may stand before them, and a number has lost its
/// leading zero.
fn industry(code: &str, words: &Words) -> Option<String> {
    let letter = code.chars().next().filter(char::is_ascii_alphabetic);
    let digits = if letter.is_some() { code.get(1..)? } else { code };
    let is_code = matches!(digits.len(), 3 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = digits.parse().ok().filter(|_| is_code)?;
    let division = number / 100;
    let mut sections = words.sections.iter();
    let (section, _) = sections.find(|(_, (first, last))| (*first..=*last).contains(&division))?;
    let is_its_own = |letter: char| section.eq_ignore_ascii_case(letter.encode_utf8(&mut [0; 4]));
    letter.is_none_or(is_its_own).then(|| format!("{number:04}"))
}
