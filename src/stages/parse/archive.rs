//! A look into a zip archive before a reader opens it: which workbook it is, and whether it is safe.
//!
//! Nothing is extracted but what is scanned itself. Refused are what makes the reader take memory without end (inflated size,
//! counts that lie) and what lets two programs see different figures in one file (parts of the same
//! name).

use std::collections::BTreeSet;
use std::io::{self, Cursor, Read};

use zip::ZipArchive;

use super::Format;
use super::plain::{self, Parts};
use super::trouble::{Bound, Foreign, Trouble};
use crate::project::settings::Limits;

/// Inflated bytes allowed for each byte of the limit on files: workbooks shrink about tenfold, and
/// only huge ones come near the limit.
const INFLATION: u64 = 8;
/// Parts of an archive; a workbook has a few for each sheet.
const PARTS: usize = 10_000;
/// Bytes of a part that are searched for the counts it declares.
const HEAD: u64 = 4096;
/// Bytes of all parts of a workbook that is scanned here; a larger one is streamed by the library.
const PLAIN: u64 = 16 << 20;

type ZipPackage<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Tells which workbook an archive is; of an xlsx also its parts, unless they are large.
pub(super) fn inspect(bytes: &[u8], limits: &Limits) -> Result<(Format, Parts), Trouble> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(Trouble::damaged)?;
    let names = part_names(bytes, &archive)?;
    let format = kind(&mut archive, &names)?;
    let limit = limits.file_bytes.saturating_mul(INFLATION);
    let kept = if format == Format::Xlsx { PLAIN } else { 0 };
    Ok((format, inflate(&mut archive, &names, (limit, kept))?))
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

/// Inflates every part and counts: declared sizes lie. Keeps what is scanned, if all of it is small.
fn inflate(
    archive: &mut ZipPackage<'_>,
    names: &[String],
    (limit, kept): (u64, u64),
) -> Result<Parts, Trouble> {
    let (mut left, mut free) = (limit, kept);
    let mut parts = Parts::new();
    for (index, name) in names.iter().enumerate() {
        if archive.by_index_raw(index).map_err(Trouble::damaged)?.encrypted() {
            return Err(Trouble::Encrypted);
        }
        let most = left.saturating_add(1);
        let is_kept = 0 < free && plain::needs(name);
        let (size, start) = inflated(archive, index, (most, if is_kept { free } else { 0 }))?;
        if is_kept {
            free = free.saturating_sub(size);
            parts.insert(name.clone(), start);
        }
        left = left.checked_sub(size).ok_or(Trouble::TooLarge(Bound::InflatedBytes, limit))?;
        if name.ends_with("sharedstrings.xml") && promises_more(&head(archive, index)?, size) {
            return Err(Trouble::damaged("the shared strings declare more texts than they hold"));
        }
    }
    // One may be cut off.
    Ok(if free == 0 { Parts::new() } else { parts })
}

/// How many bytes a part has, up to so many, and the first of them.
fn inflated(
    archive: &mut ZipPackage<'_>,
    index: usize,
    (most, kept): (u64, u64),
) -> Result<(u64, Vec<u8>), Trouble> {
    let mut part = archive.by_index(index).map_err(Trouble::damaged)?.take(most);
    let mut start = Vec::new();
    let begun = (&mut part).take(kept).read_to_end(&mut start).map_err(Trouble::damaged)?;
    let more = io::copy(&mut part, &mut io::sink()).map_err(Trouble::damaged)?;
    Ok((u64::try_from(begun).unwrap_or(u64::MAX).saturating_add(more), start))
}

/// Whether a part declares more texts than it has bytes: the reader would reserve them all.
fn promises_more(head: &str, size: u64) -> bool {
    let declared = head.split_once("uniqueCount").map(|(_, rest)| {
        let digits = rest.trim_start_matches(['=', '"', '\'', ' ']);
        digits.chars().take_while(char::is_ascii_digit).collect::<String>()
    });
    declared.is_some_and(|digits| !digits.is_empty() && digits.parse().unwrap_or(u64::MAX) > size)
}
