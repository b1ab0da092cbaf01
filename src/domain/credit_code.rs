//! The unified social credit code of a firm, 18 characters (GB 32100-2015).
//!
//! Positions 3 to 8 tell where a firm registered, not where it is; only the last character checks.

const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// What a text is as a credit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeState {
    /// 18 characters of the alphabet and the right check character.
    Valid,
    /// 18 characters of the alphabet, but the check character should be this one.
    WrongCheck(char),
    /// Not 18 characters of the alphabet `0-9 A-Y` without I, O, S, V, Z.
    Malformed,
}

/// Examines a credit code; case and white space are not mended here (see `text::squeeze`).
pub fn examine(code: &str) -> CodeState {
    let mut sum = 0;
    let mut letters = code.chars();
    for weight in WEIGHTS {
        match letters.next().and_then(|letter| ALPHABET.find(letter)) {
            Some(value) => sum += value * weight,
            None => return CodeState::Malformed,
        }
    }
    let (Some(last), None) = (letters.next(), letters.next()) else {
        return CodeState::Malformed;
    };
    if !ALPHABET.contains(last) {
        return CodeState::Malformed;
    }
    let expected = ALPHABET.chars().nth((31 - sum % 31) % 31).unwrap_or('0');
    if last == expected { CodeState::Valid } else { CodeState::WrongCheck(expected) }
}
