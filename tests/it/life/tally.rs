//! What happens in lives, by name, and how often it did.

use std::collections::BTreeMap;
use std::fmt::Write;

macro_rules! happenings {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Something that happens in a life.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Happening { $($(#[$doc])* $name,)* }

        impl Happening {
            /// All of them.
            pub(super) const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

happenings! {
    // The roster.
    Move,
    Entry,
    ExitKeep,
    ExitDrop,
    Reentry,
    CodeChange,
    Merger,
    Split,
    Base,
    Revenue,
    Since,
    NoDeadline,
    // Forms and layouts.
    Ly01,
    Ly02,
    SeveralMonths,
    SeveralMonthsCorrected,
    EnclosedCounts,
    EnclosedIgnored,
    TwoFirms,
    SideBySide,
    EmptyBeside,
    ExportAgrees,
    ExportDiffers,
    ExportFirst,
    ExportWithoutBase,
    FormWithoutBase,
    // The course of a report.
    Missing,
    Late,
    Correction,
    LaterRefused,
    LaterQueried,
    Explained,
    ConflictFiles,
    ConflictSheets,
    ConflictSettled,
    Contradicted,
    SentAgain,
    OutOfOrder,
    Unexplained,
    NamedOtherwise,
    // What is wrong.
    ExportsOverSales,
    BlankPrior,
    WrongPrior,
    WrongSum,
    TooLarge,
    Slip,
    OtherName,
    UnknownCode,
    UnknownDocument,
    SalesRatio,
    EmptyAlone,
    SuppliesItself,
    OffRoster,
}

/// Which of them may happen.
#[derive(Clone, Debug, Default)]
pub(super) struct Kinds {
    left_out: Vec<Happening>,
}

impl Kinds {
    /// All but some.
    pub(super) fn but(left_out: &[Happening]) -> Self {
        Self { left_out: left_out.to_vec() }
    }

    /// Whether it may happen.
    pub(super) fn has(&self, kind: Happening) -> bool {
        !self.left_out.contains(&kind)
    }
}

/// How often each happened.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally(BTreeMap<Happening, usize>);

impl Tally {
    /// It happened once more.
    pub(super) fn tell(&mut self, kind: Happening) {
        *self.0.entry(kind).or_default() += 1;
    }

    /// Adds another one.
    pub(super) fn add(&mut self, other: &Self) {
        for (kind, times) in &other.0 {
            *self.0.entry(*kind).or_default() += times;
        }
    }

    /// How often one happened.
    pub(super) fn of(&self, kind: Happening) -> usize {
        self.0.get(&kind).copied().unwrap_or_default()
    }

    /// One a line.
    pub(super) fn shown(&self) -> String {
        self.0.iter().fold(String::new(), |mut text, (kind, times)| {
            writeln!(text, "{times:6} {kind:?}").unwrap();
            text
        })
    }
}
