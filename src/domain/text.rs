//! Lexical cleaning of text as typed: width, white space, invisible characters, dashes.
//!
//! Labels are compared after `squeeze`, so that `表　　号：B 2 0 4 - 1 表` and `表号:B204-1表` are one.

use unicode_normalization::UnicodeNormalization;

/// NFKC, all white space and invisible characters removed, dashes unified to `-`.
///
/// Idempotent. Full-width letters, digits and brackets become their ASCII forms by NFKC; the
/// dashes NFKC leaves alone (`—`, `–`, `−`, `－`, `─`) become `-`, and runs of them one.
pub fn squeeze(text: &str) -> String {
    // A removed blank can bring two letters together that compose, hence the second look.
    let mut squeezed = squeeze_once(text);
    loop {
        let again = squeeze_once(&squeezed);
        if again == squeezed {
            return squeezed;
        }
        squeezed = again;
    }
}

fn squeeze_once(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    for letter in text.nfkc().filter(|letter| !is_blank(*letter)) {
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
