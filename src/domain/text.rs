//! Lexical cleaning of text as typed: width, white space, invisible characters, dashes.
//!
//! Labels are compared after `squeeze`, so that `表　　号：B 2 0 4 - 1 表` and `表号:B204-1表` are one.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// NFKC, all white space and invisible characters removed, dashes unified to `-`.
///
/// Idempotent. Full-width letters, digits and brackets become their ASCII forms by NFKC; the
/// dashes NFKC leaves alone (`—`, `–`, `−`, `－`, `─`) become `-`, and runs of them one.
pub fn squeeze(text: &str) -> String {
    let mut squeezed = if is_normal(text) {
        squeeze_once(text.chars(), text.len())
    } else {
        squeeze_once(text.nfkc(), text.len())
    };
    // A removed blank can bring two letters together that compose, hence the second look.
    while !is_normal(&squeezed) {
        let again = squeeze_once(squeezed.nfkc(), squeezed.len());
        if again == squeezed {
            break;
        }
        squeezed = again;
    }
    squeezed
}

/// Whether NFKC surely changes nothing: told by a look at each letter, a tenth of the work.
fn is_normal(text: &str) -> bool {
    is_nfkc_quick(text.chars()) == IsNormalized::Yes
}

fn squeeze_once(letters: impl Iterator<Item = char>, bytes: usize) -> String {
    let mut squeezed = String::with_capacity(bytes);
    for letter in letters.filter(|letter| !is_blank(*letter)) {
        let letter = if is_dash(letter) { '-' } else { letter };
        if letter != '-' || !squeezed.ends_with('-') {
            squeezed.push(letter);
        }
    }
    squeezed
}

/// NFKC with outer white space and invisible characters removed; inner runs become one space.
pub fn tidy(text: &str) -> String {
    let spaced: String =
        text.nfkc().map(|letter| if is_blank(letter) { ' ' } else { letter }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}')
}

fn is_dash(letter: char) -> bool {
    matches!(letter, '-' | '‐'..='―' | '−' | '─' | '━' | '﹣' | '－' | '~' | '〜')
}
