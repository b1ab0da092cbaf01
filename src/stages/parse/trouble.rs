//! Why a workbook could not be read at all, and the finding that says so.

use crate::domain::words::words;
use crate::findings::{Code, Finding};
use crate::texts::{self, Text};

/// What stops a workbook from being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Foreign(Foreign),
    Encrypted,
    /// The file breaks its own format; the reason is the reader's, in English.
    Damaged(String),
    TooLarge(Bound, u64),
}

words! {
    /// What people send instead of a workbook, often under the name `.xls`; its word is the key of what
    /// people call it.
    Foreign {
        /// Nothing at all, or only zeros.
        Empty = "finding.F01.kind.empty",
        /// A web page.
        Html = "finding.F01.kind.html",
        /// A web page with its parts in one file.
        Mhtml = "finding.F01.kind.mhtml",
        /// The XML of Excel 2003.
        XmlSpreadsheet = "finding.F01.kind.xml_spreadsheet",
        /// Lines of text, with or without separators.
        PlainText = "finding.F01.kind.text",
        /// The companion file that macOS leaves on foreign disks.
        AppleDouble = "finding.F01.kind.apple_double",
        /// A page description.
        Pdf = "finding.F01.kind.pdf",
        /// A picture.
        Picture = "finding.F01.kind.picture",
        /// A text document or a set of slides.
        OtherOffice = "finding.F01.kind.other_office",
        /// A workbook of Excel 4 or older.
        OldExcel = "finding.F01.kind.old_excel",
        /// An archive that holds other files.
        Archive = "finding.F01.kind.archive",
        /// Anything else.
        Unknown = "finding.F01.kind.unknown",
    }
}

words! {
    /// What is limited in a workbook; its word is the key of what people call it.
    Bound {
        /// Bytes of the file.
        FileBytes = "finding.F05.what.file_bytes",
        /// Bytes of the file's parts, inflated.
        InflatedBytes = "finding.F05.what.inflated_bytes",
        /// Sheets.
        Sheets = "finding.F05.what.sheets",
        /// Cells of a sheet.
        Cells = "finding.F05.what.cells",
        /// Characters of a text.
        TextChars = "finding.F05.what.text_chars",
    }
}

impl Trouble {
    /// A damaged file, for the reason a reader gives.
    pub(super) fn damaged(reason: impl std::fmt::Display) -> Self {
        Self::Damaged(reason.to_string())
    }

    pub(super) fn finding(&self) -> Finding {
        match self {
            Self::Foreign(kind) => {
                Finding::new(Code::NotAWorkbook, &[("kind", texts::text(kind.name()))])
            }
            Self::Encrypted => Finding::new(Code::Encrypted, &[]),
            Self::Damaged(reason) => Finding::new(Code::Damaged, &[]).found(reason, None),
            Self::TooLarge(what, limit) => {
                let limit = Text::same(limit.to_string());
                let arguments = [("what", texts::text(what.name())), ("limit", &limit)];
                Finding::new(Code::TooLarge, &arguments)
            }
        }
    }
}
