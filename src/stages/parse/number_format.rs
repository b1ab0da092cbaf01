//! Whether a number format shows dates or times.
//!
//! In: the id of a format, and its code where it is no built-in one. Out: what it shows, as the reading
//! library sees it; `None` for all else.

use calamine::ExcelDateTimeType;

/// What a format shows of a number, where that is a date, a time or a duration.
pub(super) fn date_of(id: &str, code: Option<&str>) -> Option<ExcelDateTimeType> {
    match code {
        Some(code) => date_of_code(code),
        None => match id.parse::<u32>().ok()? {
            // Those of East Asia are dates in one language or another.
            14..=22 | 27..=36 | 45 | 47 | 50..=58 => Some(ExcelDateTimeType::DateTime),
            46 => Some(ExcelDateTimeType::TimeDelta),
            _ => None,
        },
    }
}

/// Looks at the first section of a code, without what is quoted, escaped or in brackets; `[h]` counts
/// hours on.
fn date_of_code(code: &str) -> Option<ExcelDateTimeType> {
    let (mut is_escaped, mut is_quoted, mut is_half_day) = (false, false, false);
    let (mut brackets, mut is_counted, mut before) = (0_u8, false, ' ');
    for letter in code.chars() {
        let lower = letter.to_ascii_lowercase();
        match letter {
            _ if is_escaped => is_escaped = false,
            '_' | '\\' | '*' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            ';' => return None,
            '[' => brackets = brackets.saturating_add(1),
            ']' if brackets == 1 && is_counted => return Some(ExcelDateTimeType::TimeDelta),
            ']' => brackets = brackets.saturating_sub(1),
            _ if lower == 'a' && !is_half_day && brackets == 0 => is_half_day = true,
            _ if matches!(lower, 'p' | 'm' | '/') && is_half_day && brackets == 0 => {
                return Some(ExcelDateTimeType::DateTime);
            }
            _ if matches!(lower, 'd' | 'm' | 'h' | 'y' | 's') && !is_half_day && brackets == 0 => {
                return Some(ExcelDateTimeType::DateTime);
            }
            _ if is_counted && letter.eq_ignore_ascii_case(&before) => {}
            _ => is_counted = before == '[' && matches!(lower, 'm' | 'h' | 's'),
        }
        before = letter;
    }
    None
}
