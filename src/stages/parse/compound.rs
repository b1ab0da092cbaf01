//! A look into a compound file (OLE) before a reader opens it: which document it is, and whether its
//! chains of sectors end.
//!
//! Follows MS-CFB: header, allocation table, directory, streams. A chain that runs in a circle, or
//! a sheet that declares more rows than the format has, makes the reader take memory without end.

use super::trouble::{Foreign, Trouble};

/// The first bytes of a compound file.
pub(super) const SIGNATURE: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Streams shorter than this stand in the mini stream.
const MINI_CUTOFF: usize = 4096;
/// Sector numbers from here on mean something else than a sector.
const RESERVED: u32 = 0xFFFF_FFFA;

/// Whether the compound file is a workbook of BIFF8 (else BIFF5), or why it is none.
pub(super) fn inspect(bytes: &[u8]) -> Result<bool, Trouble> {
    let circle = || Trouble::damaged("the chains of sectors are broken");
    let file = Compound::open(bytes).ok_or_else(circle)?;
    if file.entry("EncryptedPackage").is_some() {
        return Err(Trouble::Encrypted);
    }
    let workbook = file.entry("Workbook").or_else(|| file.entry("Book"));
    let Some(entry) = workbook else { return Err(Trouble::Foreign(Foreign::OtherOffice)) };
    let stream = file.read(entry).ok_or_else(circle)?;
    if !dimensions_are_sane(&stream) {
        return Err(Trouble::damaged("a sheet declares more rows or columns than the format has"));
    }
    Ok(record(&stream, 0)
        .is_some_and(|(kind, body)| kind == 0x0809 && word(body, 0) == Some(0x0600)))
}

/// Sectors of one size, and for each the next of its chain.
#[derive(Default)]
struct Sectors<B> {
    bytes: B,
    size: usize,
    next: Vec<u32>,
}

impl<B: AsRef<[u8]>> Sectors<B> {
    /// A sector; the last of a file may be cut short.
    fn get(&self, number: u32) -> Option<&[u8]> {
        let rest = self.bytes.as_ref();
        let rest = rest.get(usize::try_from(number).ok()?.checked_mul(self.size)?..)?;
        Some(rest.get(..self.size).unwrap_or(rest))
    }

    /// The sectors of a chain; `None` when it does not end within the table.
    fn read(&self, start: u32) -> Option<Vec<u8>> {
        let (mut stream, mut number, mut count) = (Vec::new(), start, 0);
        while number < RESERVED {
            if count >= self.next.len() {
                return None;
            }
            stream.extend_from_slice(self.get(number)?);
            number = *self.next.get(usize::try_from(number).ok()?)?;
            count += 1;
        }
        Some(stream)
    }
}

struct Compound<'a> {
    sectors: Sectors<&'a [u8]>,
    mini: Sectors<Vec<u8>>,
    entries: Vec<DirectoryEntry>,
}

struct DirectoryEntry {
    name: String,
    kind: u8,
    start: u32,
    size: usize,
}

impl<'a> Compound<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let size = match word(bytes, 30)? {
            9 => 512,
            12 => 4096,
            _ => return None,
        };
        let mut sectors = Sectors { bytes: bytes.get(size..)?, size, next: Vec::new() };
        // The allocation table: 109 sectors of it are named in the header, more in a chain.
        let mut table = longs(bytes.get(76..512)?);
        let (mut number, mut count) = (long(bytes, 68)?, 0);
        while number < RESERVED {
            let mut more = longs(sectors.get(number)?);
            number = more.pop()?;
            table.extend(more);
            count += 1;
            if count > bytes.len() / size + 1 {
                return None;
            }
        }
        for number in table.into_iter().filter(|number| *number < RESERVED) {
            let part = longs(sectors.get(number)?);
            sectors.next.extend(part);
        }
        let directory = sectors.read(long(bytes, 48)?)?;
        let entries: Vec<DirectoryEntry> = directory.chunks_exact(128).filter_map(entry).collect();
        let root = entries.first()?.start;
        let mut mini = Sectors { size: 64, ..Sectors::default() };
        if long(bytes, 64)? > 0 {
            mini.next = longs(&sectors.read(long(bytes, 60)?)?);
            mini.bytes = sectors.read(root)?;
        }
        Some(Self { sectors, mini, entries })
    }

    fn entry(&self, name: &str) -> Option<&DirectoryEntry> {
        self.entries.iter().find(|entry| entry.kind == 2 && entry.name.eq_ignore_ascii_case(name))
    }

    fn read(&self, entry: &DirectoryEntry) -> Option<Vec<u8>> {
        let mut stream = if entry.size < MINI_CUTOFF {
            self.mini.read(entry.start)?
        } else {
            self.sectors.read(entry.start)?
        };
        stream.truncate(entry.size);
        Some(stream)
    }
}

fn entry(bytes: &[u8]) -> Option<DirectoryEntry> {
    let length = usize::from(word(bytes, 64)?).min(64).saturating_sub(2);
    let units = bytes.get(..length)?.chunks_exact(2).filter_map(|pair| word(pair, 0));
    Some(DirectoryEntry {
        name: String::from_utf16_lossy(&units.collect::<Vec<u16>>()),
        kind: *bytes.get(66)?,
        start: long(bytes, 116)?,
        size: usize::try_from(long(bytes, 120)?).ok()?,
    })
}

/// No sheet declares more than the 65536 rows and 256 columns there are.
fn dimensions_are_sane(stream: &[u8]) -> bool {
    let mut at = 0;
    while let Some((kind, body)) = record(stream, at) {
        let rows = long(body, 4).unwrap_or_default();
        let columns = word(body, 10).unwrap_or_default();
        if kind == 0x0200 && body.len() >= 14 && (rows > 65_536 || columns > 256) {
            return false;
        }
        at += 4 + body.len();
    }
    true
}

fn record(stream: &[u8], at: usize) -> Option<(u16, &[u8])> {
    let length = usize::from(word(stream, at + 2)?);
    Some((word(stream, at)?, stream.get(at + 4..at + 4 + length)?))
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn longs(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).filter_map(|four| long(four, 0)).collect()
}
