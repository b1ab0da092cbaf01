//! The sheets of a plain xlsx, scanned: what the reading library would give, at a fifth of its cost.
//!
//! In: the inflated parts of a workbook. Out: its sheets, or `None` where anything is out of the ordinary, be
//! it allowed or wrong: then the library reads the file and says what is the matter. Nothing is read here
//! that the library reads otherwise; a test holds one against the other. Fonts, themes and the rest are not
//! looked at. Bounded by the parts and by the limits of a sheet.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use calamine::{Data, Dimensions, ExcelDateTime, ExcelDateTimeType, SheetType, SheetVisible};

use super::number_format::date_of;
use super::tags::{self, Piece, Pieces, Tag};
use super::workbook::{self, Filling, Workbook};
use crate::project::settings::Limits;

/// Parts of an archive by their names in lower case.
pub(super) type Parts = BTreeMap<String, Vec<u8>>;

const MAIN: &str = "xl/workbook.xml";
/// What blanks a text loses at its ends, unless it says otherwise.
const TRIMMED: [char; 4] = [' ', '\t', '\r', '\n'];

/// Whether a part is looked at here.
pub(super) fn needs(name: &str) -> bool {
    const NAMES: [&str; 5] = [
        "_rels/.rels",
        MAIN,
        "xl/_rels/workbook.xml.rels",
        "xl/sharedstrings.xml",
        "xl/styles.xml",
    ];
    NAMES.contains(&name) || name.starts_with("xl/worksheets/") && name.ends_with(".xml")
}

/// Reads the visible sheets of a workbook.
pub(super) fn read(parts: &Parts, limits: &Limits) -> Option<Workbook> {
    let (listed, paths): (Vec<_>, Vec<_>) = sheets(parts)?.into_iter().unzip();
    let (names, mut workbook) = workbook::visible(&listed, limits).ok()?;
    let strings = parts.get("xl/sharedstrings.xml").map_or(Some(Vec::new()), |it| strings(it))?;
    let dates = parts.get("xl/styles.xml").map_or(Some(Vec::new()), |it| dates(it))?;
    let scan = Scan { strings, dates };
    for (sheet, path) in listed.iter().zip(paths) {
        if names.contains(&sheet.name) {
            let mut filling = Filling::new(&sheet.name, limits);
            let merges = scan.sheet(parts.get(&path)?, &mut filling)?;
            workbook.sheets.extend(filling.finish(&merges));
        }
    }
    Some(workbook)
}

/// The sheets by name, each with its part.
fn sheets(parts: &Parts) -> Option<Vec<(calamine::Sheet, String)>> {
    let roots = relations(parts.get("_rels/.rels")?)?;
    let mut documents = roots.values().filter(|(kind, _)| kind.ends_with("/officeDocument"));
    let (_, main) = documents.next().filter(|_| documents.next().is_none())?;
    if main.trim_start_matches('/') != MAIN {
        return None;
    }
    let relations = relations(parts.get("xl/_rels/workbook.xml.rels")?)?;
    let mut pieces = Pieces::of(parts.get(MAIN)?)?;
    let mut sheets = Vec::new();
    let mut names = BTreeSet::new();
    loop {
        match pieces.piece()? {
            Piece::Open(tag) if tag.name == "sheet" => {
                let (sheet, path) = sheet(tag, &relations)?;
                names.insert(sheet.name.clone()).then_some(())?;
                sheets.push((sheet, path));
            }
            Piece::Open(tag) if tag.name.ends_with(":sheet") => return None,
            // Days are counted from another one.
            Piece::Open(tag) if tag.name.ends_with("workbookPr") => {
                matches!(tag.attribute("date1904")?, "" | "0" | "false").then_some(())?;
            }
            Piece::Close("workbook") => return (!sheets.is_empty()).then_some(sheets),
            _ => {}
        }
    }
}

/// What a part refers to, by its own names: type and target.
fn relations(part: &[u8]) -> Option<BTreeMap<&str, (&str, &str)>> {
    let mut pieces = Pieces::of(part)?;
    let mut relations = BTreeMap::new();
    loop {
        match pieces.piece()? {
            Piece::Open(tag) if tag.name == "Relationship" => {
                let relation = (tag.required("Type")?, tag.required("Target")?);
                let other = relations.insert(tag.required("Id")?, relation);
                other.is_none().then_some(())?;
            }
            Piece::Close("Relationships") => return Some(relations),
            _ => {}
        }
    }
}

fn sheet(
    tag: Tag<'_>,
    relations: &BTreeMap<&str, (&str, &str)>,
) -> Option<(calamine::Sheet, String)> {
    let visible = match tag.attribute("state")? {
        "" | "visible" => SheetVisible::Visible,
        "hidden" => SheetVisible::Hidden,
        "veryHidden" => SheetVisible::VeryHidden,
        _ => return None,
    };
    let (kind, target) = relations.get(tag.required("r:id")?)?;
    let typ = match kind.rsplit('/').next()? {
        "worksheet" => SheetType::WorkSheet,
        "chartsheet" => SheetType::ChartSheet,
        "dialogsheet" => SheetType::DialogSheet,
        _ => return None,
    };
    let is_strange = target.contains(['\\', '%', '&']) || target.contains("..");
    let path = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
    let name = tags::meant(tag.required("name")?)?;
    let is_strange = is_strange || name.contains(['\n', '\t']);
    let sheet = calamine::Sheet { name: name.into_owned(), typ, visible };
    (!is_strange).then(|| (sheet, path.to_lowercase()))
}

/// The texts that cells share.
fn strings(part: &[u8]) -> Option<Vec<Cow<'_, str>>> {
    let mut pieces = Pieces::of(part)?;
    let mut strings = Vec::new();
    if pieces.open("sst")?.is_empty {
        return Some(strings);
    }
    loop {
        match pieces.piece()? {
            Piece::Open(tag) if tag.name == "si" => strings.push(string(&mut pieces, tag)?),
            Piece::Close("sst") => return Some(strings),
            Piece::Text(_) => {}
            _ => return None,
        }
    }
}

/// A text that may be in several fonts.
fn string<'a>(pieces: &mut Pieces<'a>, around: Tag<'a>) -> Option<Cow<'a, str>> {
    let mut string = Cow::Borrowed("");
    if around.is_empty {
        return Some(string);
    }
    loop {
        match pieces.piece()? {
            Piece::Open(tag) if tag.name == "t" => {
                let is_whole = tag.attribute("xml:space")? == "preserve";
                let run = match pieces.text(tag)? {
                    run if is_whole => run,
                    Cow::Borrowed(run) => Cow::Borrowed(run.trim_matches(TRIMMED)),
                    Cow::Owned(run) => Cow::Owned(run.trim_matches(TRIMMED).to_owned()),
                };
                if string.is_empty() { string = run } else { string.to_mut().push_str(&run) }
            }
            // How the text sounds is no part of it.
            Piece::Open(tag) if tag.name == "rPh" || tag.name.contains(':') => return None,
            Piece::Close(name) if name == around.name => return Some(string),
            _ => {}
        }
    }
}

/// Which styles of cells show a number as a date or time.
fn dates(part: &[u8]) -> Option<Vec<Option<ExcelDateTimeType>>> {
    let mut pieces = Pieces::of(part)?;
    let (mut codes, mut dates) = (BTreeMap::new(), Vec::new());
    let mut section = "";
    loop {
        match pieces.piece()? {
            Piece::Open(tag) if ["numFmts", "cellXfs"].contains(&tag.name) && !tag.is_empty => {
                section = tag.name;
            }
            Piece::Open(tag) if tag.name == "numFmt" && section == "numFmts" => {
                let code = tags::meant(tag.required("formatCode")?)?;
                codes.insert(tag.required("numFmtId")?, code);
            }
            Piece::Open(tag) if tag.name == "xf" && section == "cellXfs" => {
                let id = tag.attribute("numFmtId")?;
                dates.push(date_of(id, codes.get(id).map(AsRef::as_ref)));
            }
            Piece::Close("cellXfs" | "styleSheet") => return Some(dates),
            Piece::Close("numFmts") => section = "",
            _ => {}
        }
    }
}

/// What cells refer to.
struct Scan<'a> {
    strings: Vec<Cow<'a, str>>,
    dates: Vec<Option<ExcelDateTimeType>>,
}

impl Scan<'_> {
    /// Fills a sheet; the ranges that are merged in it.
    fn sheet(&self, part: &[u8], filling: &mut Filling<'_>) -> Option<Vec<Dimensions>> {
        let mut pieces = Pieces::of(part)?;
        loop {
            match pieces.piece()? {
                Piece::Open(tag) if tag.name == "dimension" => {
                    range(tag.required("ref")?)?;
                }
                Piece::Open(tag) if tag.name == "sheetData" && tag.is_empty => break,
                Piece::Open(tag) if tag.name == "sheetData" => {
                    self.rows(&mut pieces, filling)?;
                    break;
                }
                _ => {}
            }
        }
        merges(pieces.rest())
    }

    fn rows(&self, pieces: &mut Pieces<'_>, filling: &mut Filling<'_>) -> Option<()> {
        let (mut row, mut column) = (0_u32, 0_u32);
        loop {
            match pieces.piece()? {
                Piece::Open(tag) if tag.name == "row" => {
                    let number = tag.attribute("r")?;
                    if !number.is_empty() {
                        row = digits(number)?.checked_sub(1)?;
                    }
                    if tag.is_empty {
                        (row, column) = (row.checked_add(1)?, 0);
                    }
                }
                Piece::Close("row") => (row, column) = (row.checked_add(1)?, 0),
                Piece::Open(tag) if tag.name == "c" => {
                    let typed = tag.attribute("r")?;
                    let at = if typed.is_empty() { (row, column) } else { place(typed)? };
                    column = at.1.checked_add(1)?;
                    filling.add(at, workbook::value(self.cell(pieces, tag)?)).ok()?;
                }
                Piece::Close("sheetData") => return Some(()),
                Piece::Text(blank) if blank.trim_ascii().is_empty() => {}
                _ => return None,
            }
        }
    }

    /// What a cell holds; a formula without a result is not read here.
    fn cell<'a>(&self, pieces: &mut Pieces<'a>, cell: Tag<'a>) -> Option<Data> {
        let mut held = None;
        let mut is_formula = false;
        if cell.is_empty {
            return Some(Data::Empty);
        }
        loop {
            match pieces.piece()? {
                Piece::Open(tag) if tag.name == "v" && held.is_none() => {
                    held = Some(self.value(cell, pieces.text(tag)?)?);
                }
                Piece::Open(tag) if tag.name == "is" && held.is_none() => {
                    (cell.attribute("t")? == "inlineStr").then_some(())?;
                    held = Some(Data::String(string(pieces, tag)?.into_owned()));
                }
                Piece::Open(tag) if tag.name == "f" => {
                    pieces.raw(tag)?;
                    is_formula = true;
                }
                Piece::Close("c") => break,
                Piece::Text(blank) if blank.trim_ascii().is_empty() => {}
                _ => return None,
            }
        }
        let held = held.unwrap_or(Data::Empty);
        (!is_formula || held != Data::Empty).then_some(held)
    }

    fn value(&self, cell: Tag<'_>, typed: Cow<'_, str>) -> Option<Data> {
        match cell.attribute("t")? {
            "str" => Some(Data::String(typed.into_owned())),
            "b" if typed == "0" || typed == "1" => Some(Data::Bool(typed == "1")),
            "e" => typed.parse().ok().map(Data::Error),
            "s" | "n" | "" if typed.is_empty() => Some(Data::Empty),
            "s" => {
                let shared = self.strings.get(usize::try_from(digits(&typed)?).ok()?)?;
                Some(Data::String(shared.to_string()))
            }
            "n" | "" => {
                let is_of_number = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
                let number: f64 = typed.bytes().all(is_of_number).then(|| typed.parse().ok())??;
                let date = match cell.attribute("s")? {
                    "" => None,
                    style => self.dates.get(usize::try_from(digits(style)?).ok()?).copied(),
                };
                let date = date.flatten().map(|it| ExcelDateTime::new(number, it, false));
                Some(date.map_or(Data::Float(number), Data::DateTime))
            }
            _ => None,
        }
    }
}

/// The merged ranges, which stand behind the cells.
fn merges(rest: &str) -> Option<Vec<Dimensions>> {
    let mut merges = Vec::new();
    if rest.contains("<!") {
        return None;
    }
    let Some(at) = rest.find("<mergeCells") else { return Some(merges) };
    let mut pieces = Pieces::of(rest.get(at..)?.as_bytes())?;
    if pieces.open("mergeCells")?.is_empty {
        return Some(merges);
    }
    loop {
        match pieces.piece()? {
            Piece::Open(tag) if tag.name == "mergeCell" => {
                merges.push(range(tag.required("ref")?)?);
            }
            Piece::Close("mergeCells") => return Some(merges),
            _ => {}
        }
    }
}

/// `A6:G67`, or one cell.
fn range(typed: &str) -> Option<Dimensions> {
    let (first, last) = typed.split_once(':').unwrap_or((typed, typed));
    let (start, end) = (place(first)?, place(last)?);
    (start.0 <= end.0 && start.1 <= end.1).then(|| Dimensions::new(start, end))
}

/// `B3` as row and column, counted from 0.
fn place(typed: &str) -> Option<(u32, u32)> {
    let end = typed.find(|letter: char| !letter.is_ascii_uppercase()).filter(|end| *end <= 3)?;
    let (letters, number) = typed.split_at_checked(end)?;
    let column =
        letters.bytes().fold(0, |column, letter| column * 26 + u32::from(letter - b'A') + 1);
    Some((digits(number)?.checked_sub(1)?, column.checked_sub(1)?))
}

/// A whole number as programs write it: digits and nothing else.
fn digits(typed: &str) -> Option<u32> {
    typed.bytes().all(|byte| byte.is_ascii_digit()).then(|| typed.parse().ok()).flatten()
}
