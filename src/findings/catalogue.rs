//! Every structural code once: its id, its severity and the key of its texts.
//!
//! Checks over figures are not here: they are rules in `jobs/rules`. Ids H1 to H7 are those of the
//! national platform's checks; `F…` is about the file, `S…` about a sheet's structure, `L…` about
//! rows of ledgers, `R…` about which of several reports counts.

use super::Severity;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $key:literal, $severity:ident;)*) => {
        /// A structural finding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The key of its texts in the catalogue (`H1.roster`).
            pub fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)* }
            }

            /// How much it weighs.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }
        }
    };
}

codes! {
    /// The bytes are no workbook.
    NotAWorkbook = "F01", Error;
    /// The workbook is protected by a password.
    Encrypted = "F02", Error;
    /// The workbook is damaged.
    Damaged = "F03", Error;
    /// No sheet is a known form.
    NoKnownForm = "F04", Error;
    /// The workbook exceeds a limit of `jobs/pipeline.toml`.
    TooLarge = "F05", Error;
    /// A sheet is no known form and was left unread.
    SheetIgnored = "F06", Note;
    /// A hidden sheet was left unread.
    SheetHidden = "F07", Note;
    /// A form bears no figure and was not taken for a report.
    EmptyForm = "F08", Note;
    /// The header bears no credit code.
    CodeMissing = "H1.missing", Error;
    /// The credit code is malformed and not on the roster.
    CodeMalformed = "H1.malformed", Error;
    /// The check character is wrong, yet the code is on the roster.
    CodeCheck = "H1.check", Query;
    /// The firm is not on the roster for the period.
    NotOnRoster = "H1.roster", Error;
    /// The firm is not asked for this form.
    NotAsked = "H1.form", Error;
    /// The name differs from the roster's.
    NameDiffers = "H1.name", Note;
    /// The name is that of another firm of the roster.
    NameOfAnother = "H1.other", Error;
    /// The header bears no readable year and month.
    PeriodMissing = "H2.period", Error;
    /// Nobody files this form for this month.
    PeriodExempt = "H2.exempt", Error;
    /// The month had not ended when the workbook arrived.
    PeriodFuture = "H2.future", Error;
    /// The edition (document number) is unknown: the bureau's to add, whatever the firm explains.
    EditionUnknown = "H2.edition", Query;
    /// The edition is an old one.
    EditionOld = "H2.old", Note;
    /// The header's month is the open one, another than the name of file or sheet says.
    PeriodName = "H2.name", Note;
    /// The header's month is not the open one, and the name of file or sheet says another.
    PeriodSlip = "H2.slip", Error;
    /// A figure is no number.
    NotANumber = "H3.number", Error;
    /// A figure is a formula whose result was not saved.
    NotCalculated = "H3.formula", Error;
    /// A figure is larger than the lake can hold.
    NumberTooLarge = "H3.large", Error;
    /// A figure is larger than a firm's can be.
    FigureTooLarge = "H3.bound", Error;
    /// The unit beside an amount is none of money.
    UnitUnknown = "H3.unit", Query;
    /// A row that must be there is missing.
    RowMissing = "H3.row", Error;
    /// A column of figures is missing.
    ColumnMissing = "H3.column", Error;
    /// Two columns of a ledger bear one heading.
    ColumnTwice = "H3.twice", Error;
    /// Rows of a ledger contradict each other.
    KeyTwice = "L1.twice", Error;
    /// A row of a ledger says the same again.
    RecordRepeated = "L1.again", Note;
    /// A cell of a ledger that must be filled in is blank.
    EntryMissing = "L2.missing", Error;
    /// A cell of a ledger cannot be read as what its column holds.
    EntryUnread = "L2.unread", Error;
    /// A row's code is not of the kind asked for.
    RowCode = "H6.code", Error;
    /// Two rows bear one code.
    RowTwice = "H6.twice", Error;
    /// A row names the reporting firm itself.
    RowItself = "H6.self", Error;
    /// A row names a firm that is not on the roster.
    RowOutside = "H6.outside", Note;
    /// Name and code of a firm supplied belong to different firms.
    RowName = "H6.name", Query;
    /// A base was moved from one row of a group to another.
    BaseMoved = "H7.row", Error;
    /// Reports that came at the same time differ: none counts, whatever the firm explains.
    Conflict = "R1.conflict", Query;
    /// The figures are those of a report that counts.
    Repeated = "R2.repeated", Note;
    /// Last year's form, enclosed with this year's, of a month that was filed.
    Enclosed = "R2.enclosed", Note;
    /// An export that agrees with the firm's own form, which counts.
    ExportAgrees = "R2.export", Note;
    /// A later report counts instead.
    Replaced = "R2.replaced", Note;
    /// A row was not understood and left unread.
    RowIgnored = "S01", Note;
    /// A value under a merged cell was left unread.
    UnderMerge = "S02", Note;
}

impl Code {
    /// The id shown to people and kept in the lake: the part of the key before the point.
    pub fn id(self) -> &'static str {
        self.key().split('.').next().unwrap_or_default()
    }

    /// Whether it is a query, and a firm's explanation lifts it.
    pub fn is_explainable(self) -> bool {
        self.severity() == Severity::Query && !matches!(self, Self::EditionUnknown | Self::Conflict)
    }
}
