//! A look into a zip archive before a reader opens it: which workbook it is, and whether it is safe.
//!
//! Nothing is extracted. Refused are what makes the reader take memory without end (inflated size,
//! counts that lie) and what lets two programs see different figures in one file (parts of the same
//! name).

use std::collections::BTreeSet;
use std::io::{self, Cursor, Read};

use zip::ZipArchive;

use super::Format;
use super::trouble::{Bound, Foreign, Trouble};
use crate::project::settings::Limits;

/// Inflated bytes allowed for each byte of the limit on files: workbooks shrink about tenfold, and
/// only huge ones come near the limit.
const INFLATION: u64 = 8;
/// Parts of an archive; a workbook has a few for each sheet.
const PARTS: usize = 10_000;
/// Bytes of a part that are searched for the counts it declares.
const HEAD: u64 = 4096;

type ZipPackage<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Tells which workbook an archive is.
pub(super) fn inspect(bytes: &[u8], limits: &Limits) -> Result<Format, Trouble> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(Trouble::damaged)?;
    let names = part_names(bytes, &archive)?;
    let format = kind(&mut archive, &names)?;
    let limit = limits.file_bytes.saturating_mul(INFLATION);
    inflate(&mut archive, &names, limit)?;
    Ok(format)
}

/// The names as readers compare them: lower case, slashes; twins are refused.
fn part_names(bytes: &[u8], archive: &ZipPackage<'_>) -> Result<Vec<String>, Trouble> {
    let declared = declared_parts(bytes);
    let is_twin = declared.is_some_and(|count| count != archive.len() && count != 0xFFFF);
    if archive.len() > PARTS || is_twin {
        return Err(Trouble::damaged("the archive holds two parts of one name"));
    }
    let mut names = Vec::with_capacity(archive.len());
    let mut seen = BTreeSet::new();
    for name in archive.file_names() {
        let name = name.map_err(Trouble::damaged)?.replace('\\', "/").to_lowercase();
        if !seen.insert(name.clone()) {
            return Err(Trouble::damaged(format!("the archive holds two parts named {name}")));
        }
        names.push(name);
    }
    Ok(names)
}

/// The number of parts by the archive's last record; the reader itself drops twins unseen.
fn declared_parts(bytes: &[u8]) -> Option<usize> {
    let start = bytes.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let count = bytes.get(start + 10..start + 12)?;
    Some(usize::from(u16::from_le_bytes(count.try_into().ok()?)))
}

fn kind(archive: &mut ZipPackage<'_>, names: &[String]) -> Result<Format, Trouble> {
    let position = |name: &str| names.iter().position(|known| known == name);
    if position("xl/workbook.xml").is_some() {
        return Ok(Format::Xlsx);
    }
    if position("xl/workbook.bin").is_some() {
        return Ok(Format::Xlsb);
    }
    if let Some(index) = position("mimetype") {
        let mimetype = head(archive, index)?;
        if mimetype.starts_with("application/vnd.oasis.opendocument.spreadsheet") {
            return Ok(Format::Ods);
        }
        return Err(Trouble::Foreign(Foreign::OtherOffice));
    }
    let Some(index) = position("[content_types].xml") else {
        return Err(Trouble::Foreign(Foreign::Archive));
    };
    let types = head(archive, index)?;
    if types.contains("sheet.main+xml") || types.contains("sheet.macroEnabled.main+xml") {
        return Ok(Format::Xlsx);
    }
    Err(Trouble::Foreign(Foreign::OtherOffice))
}

fn head(archive: &mut ZipPackage<'_>, index: usize) -> Result<String, Trouble> {
    let mut text = Vec::new();
    let part = archive.by_index(index).map_err(Trouble::damaged)?;
    part.take(HEAD).read_to_end(&mut text).map_err(Trouble::damaged)?;
    // A part in UTF-16 reads the same once its zeros are gone.
    text.retain(|byte| *byte != 0);
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Inflates every part into nothing and counts: declared sizes lie.
fn inflate(archive: &mut ZipPackage<'_>, names: &[String], limit: u64) -> Result<(), Trouble> {
    let mut left = limit;
    for (index, name) in names.iter().enumerate() {
        if archive.by_index_raw(index).map_err(Trouble::damaged)?.encrypted() {
            return Err(Trouble::Encrypted);
        }
        let size = inflated_size(archive, index, left.saturating_add(1))?;
        left = left.checked_sub(size).ok_or(Trouble::TooLarge(Bound::InflatedBytes, limit))?;
        if name.ends_with("sharedstrings.xml") && promises_more(&head(archive, index)?, size) {
            return Err(Trouble::damaged("the shared strings declare more texts than they hold"));
        }
    }
    Ok(())
}

fn inflated_size(archive: &mut ZipPackage<'_>, index: usize, most: u64) -> Result<u64, Trouble> {
    let part = archive.by_index(index).map_err(Trouble::damaged)?;
    io::copy(&mut part.take(most), &mut io::sink()).map_err(Trouble::damaged)
}

/// Whether a part declares more texts than it has bytes: the reader would reserve them all.
fn promises_more(head: &str, size: u64) -> bool {
    let declared = head.split_once("uniqueCount").map(|(_, rest)| {
        let digits = rest.trim_start_matches(['=', '"', '\'', ' ']);
        digits.chars().take_while(char::is_ascii_digit).collect::<String>()
    });
    declared.is_some_and(|digits| !digits.is_empty() && digits.parse().unwrap_or(u64::MAX) > size)
}
