//! What a file is, by its bytes; its name says nothing.
//!
//! In: the bytes. Out: the kind of workbook, or why it is none. HTML, CSV and the like under the
//! name `.xls` are told apart, so that the sender hears what to do.

use super::plain::Parts;
use super::trouble::{Bound, Foreign, Trouble};
use super::{Format, archive, compound};
use crate::project::settings::Limits;

/// How many bytes tell what a text is.
const HEAD: usize = 8192;

/// The code page of text that is UTF-16 whatever its record says (BIFF8): old report generators write
/// another one.
const UTF_16: u16 = 1200;

/// Tells what the bytes are, with the code page to read an `xls` by and the parts of an `xlsx`, and refuses
/// what would exhaust memory before any of it is used.
pub(super) fn sniff(
    bytes: &[u8],
    limits: &Limits,
) -> Result<(Format, Option<u16>, Parts), Trouble> {
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limits.file_bytes {
        return Err(Trouble::TooLarge(Bound::FileBytes, limits.file_bytes));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        let (format, parts) = archive::inspect(bytes, limits)?;
        return Ok((format, None, parts));
    }
    if bytes.starts_with(&compound::SIGNATURE) {
        let is_biff8 = compound::inspect(bytes)?;
        return Ok((Format::Xls, is_biff8.then_some(UTF_16), Parts::new()));
    }
    Err(Trouble::Foreign(foreign(bytes)))
}

fn foreign(bytes: &[u8]) -> Foreign {
    const MAGIC: [(&[u8], Foreign); 10] = [
        (b"%PDF", Foreign::Pdf),
        (b"\x00\x05\x16\x07", Foreign::AppleDouble),
        (b"\x00\x05\x16\x00", Foreign::AppleDouble),
        (b"\x89PNG", Foreign::Picture),
        (b"\xFF\xD8\xFF", Foreign::Picture),
        (b"Rar!", Foreign::Archive),
        (b"7z\xBC\xAF", Foreign::Archive),
        (b"\x09\x00\x04\x00", Foreign::OldExcel),
        (b"\x09\x02\x06\x00", Foreign::OldExcel),
        (b"\x09\x04\x06\x00", Foreign::OldExcel),
    ];
    if bytes.iter().all(|byte| *byte == 0) {
        return Foreign::Empty;
    }
    let magic = MAGIC.iter().find(|(start, _)| bytes.starts_with(start));
    magic.map_or_else(|| text_kind(bytes), |(_, kind)| *kind)
}

/// What a text is by its first characters; UTF-16 is read by leaving out its zeros.
fn text_kind(bytes: &[u8]) -> Foreign {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let is_wide = head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF");
    let head: Vec<u8> = head.iter().copied().filter(|byte| !is_wide || *byte != 0).collect();
    let text = String::from_utf8_lossy(&head).to_lowercase();
    let text = text.trim_start_matches(['\u{FEFF}', '\u{FFFD}']).trim_start();
    let has = |part: &str| text.contains(part);
    if text.is_empty() {
        Foreign::Empty
    } else if has("mime-version:") || has("content-type: multipart/related") {
        Foreign::Mhtml
    } else if has("urn:schemas-microsoft-com:office:spreadsheet") {
        Foreign::XmlSpreadsheet
    } else if has("<html") || has("<table") || has("<!doctype html") {
        Foreign::Html
    } else if head.iter().all(|byte| *byte >= 0x20 || matches!(byte, b'\t' | b'\r' | b'\n')) {
        Foreign::PlainText
    } else {
        Foreign::Unknown
    }
}
