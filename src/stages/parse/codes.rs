//! Row codes as typed: text or number, with or without leading zeros and letters.

use super::number;
use crate::domain::credit_code::{self, CodeState};
use crate::project::forms::{CodeKind, Label, Words};

/// A squeezed code without marks for missing.
pub(super) fn bare(squeezed: &str) -> String {
    if number::is_missing(squeezed) { String::new() } else { squeezed.to_owned() }
}

/// Whether a code is one of the fixed ones; `1` and `01` are the same.
pub(super) fn is_any(code: &str, codes: &[Label]) -> bool {
    let digits = |text: &str| text.parse::<u32>().ok();
    codes.iter().any(|known| {
        let known = known.squeezed();
        known == code || digits(known).is_some_and(|number| digits(code) == Some(number))
    })
}

/// A code of an open group in its one spelling, or nothing when it is not of the kind.
pub(super) fn read(code: &str, kind: CodeKind, words: &Words) -> Option<String> {
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
