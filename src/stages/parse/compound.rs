//! A look into a compound file (OLE) before a reader opens it: which document it is, and whether its
//! chains of sectors end.
//!
//! Follows MS-CFB: header, allocation table, directory, streams. A chain that runs in a circle, or
//! a sheet that declares more rows than the format has, makes the reader take memory without end.

use super::trouble::{Foreign, Trouble};

/// The first bytes of a compound file.
pub(super) const SIGNATURE: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

const HEADER: usize = 512;
const ENTRY: usize = 128;
const MINI_SECTOR: usize = 64;
/// Streams shorter than this stand in the mini stream.
const MINI_CUTOFF: usize = 4096;
/// Sector numbers from here on mean something else than a sector.
const RESERVED: u32 = 0xFFFF_FFFA;

struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    table: Vec<u32>,
    mini_table: Vec<u32>,
    mini_stream: Vec<u8>,
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    kind: u8,
    start: u32,
    size: usize,
}

/// Whether the compound file is a workbook of BIFF8 (else BIFF5), or why it is none.
pub(super) fn inspect(bytes: &[u8]) -> Result<bool, Trouble> {
    let file = Compound::open(bytes).ok_or_else(circle)?;
    if file.stream("EncryptedPackage").is_some() {
        return Err(Trouble::Encrypted);
    }
    let workbook = file.stream("Workbook").or_else(|| file.stream("Book"));
    let Some(entry) = workbook else { return Err(Trouble::Foreign(Foreign::OtherOffice)) };
    let stream = file.read(entry).ok_or_else(circle)?;
    if !dimensions_are_sane(&stream) {
        return Err(Trouble::damaged("a sheet declares more rows or columns than the format has"));
    }
    Ok(record(&stream, 0)
        .is_some_and(|(kind, body)| kind == 0x0809 && word(body, 0) == Some(0x0600)))
}

fn circle() -> Trouble {
    Trouble::damaged("the chains of sectors are broken")
}

impl<'a> Compound<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let sector = match word(bytes, 30)? {
            9 => 512,
            12 => 4096,
            _ => return None,
        };
        let mut file = Self {
            bytes,
            sector,
            table: Vec::new(),
            mini_table: Vec::new(),
            mini_stream: Vec::new(),
            entries: Vec::new(),
        };
        file.load_table()?;
        let directory = file.read_chain(long(bytes, 48)?)?;
        file.entries = directory.chunks_exact(ENTRY).filter_map(entry).collect();
        let root = file.entries.first()?.start;
        if long(bytes, 64)? > 0 {
            file.mini_table = longs(&file.read_chain(long(bytes, 60)?)?);
            file.mini_stream = file.read_chain(root)?;
        }
        Some(file)
    }

    /// The allocation table: 109 sectors of it are named in the header, more in a chain.
    fn load_table(&mut self) -> Option<()> {
        let mut sectors = longs(self.bytes.get(76..HEADER)?);
        let mut next = long(self.bytes, 68)?;
        let most = self.bytes.len() / self.sector + 1;
        let mut count = 0;
        while next < RESERVED {
            let mut more = longs(self.sector(next)?);
            next = more.pop()?;
            sectors.extend(more);
            count += 1;
            if count > most {
                return None;
            }
        }
        for number in sectors.into_iter().filter(|number| *number < RESERVED) {
            let part = longs(self.sector(number)?);
            self.table.extend(part);
        }
        Some(())
    }

    fn sector(&self, number: u32) -> Option<&'a [u8]> {
        let start = usize::try_from(number).ok()?.checked_add(1)?.checked_mul(self.sector)?;
        // The last sector of a file may be cut short.
        let end = start.checked_add(self.sector)?.min(self.bytes.len());
        self.bytes.get(start..end)
    }

    fn read_chain(&self, start: u32) -> Option<Vec<u8>> {
        let mut stream = Vec::new();
        for number in chain(start, &self.table)? {
            stream.extend_from_slice(self.sector(number)?);
        }
        Some(stream)
    }

    fn stream(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.kind == 2 && entry.name.eq_ignore_ascii_case(name))
    }

    fn read(&self, entry: &Entry) -> Option<Vec<u8>> {
        let mut stream = Vec::new();
        if entry.size < MINI_CUTOFF {
            for number in chain(entry.start, &self.mini_table)? {
                let start = usize::try_from(number).ok()?.checked_mul(MINI_SECTOR)?;
                let rest = self.mini_stream.get(start..)?;
                stream.extend_from_slice(rest.get(..MINI_SECTOR).unwrap_or(rest));
            }
        } else {
            stream = self.read_chain(entry.start)?;
        }
        stream.truncate(entry.size);
        Some(stream)
    }
}

/// The sectors of a chain; `None` when it does not end within the table.
fn chain(start: u32, table: &[u32]) -> Option<Vec<u32>> {
    let mut sectors = Vec::new();
    let mut next = start;
    while next < RESERVED {
        if sectors.len() >= table.len() {
            return None;
        }
        sectors.push(next);
        next = *table.get(usize::try_from(next).ok()?)?;
    }
    Some(sectors)
}

fn entry(bytes: &[u8]) -> Option<Entry> {
    let length = usize::from(word(bytes, 64)?).min(64).saturating_sub(2);
    let units: Vec<u16> =
        bytes.get(..length)?.chunks_exact(2).filter_map(|pair| word(pair, 0)).collect();
    Some(Entry {
        name: String::from_utf16_lossy(&units),
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
