//! A district as the model knows it: who was on the roster when and as what, who became whom, which
//! works belong to which firm, when reports are due.

use std::collections::{BTreeMap, BTreeSet};

use super::goals::Goal;
use super::months::{Month, number};
use super::works::Works;

/// A form by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FormNo {
    /// Output, sales, exports.
    B204,
    /// Supply.
    Ly01,
    /// Purchases.
    Ly02,
}

impl FormNo {
    /// Every form.
    pub(super) const ALL: [Self; 3] = [Self::B204, Self::Ly01, Self::Ly02];

    /// The number as seeds and the lake write it.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::B204 => "B204-1",
            Self::Ly01 => "LY-01",
            Self::Ly02 => "LY-02",
        }
    }

    /// The items that are no open rows.
    pub(super) fn items(self) -> &'static [&'static str] {
        match self {
            Self::B204 => &["output", "sales", "exports"],
            Self::Ly01 => &[],
            Self::Ly02 => &["purchases", "local_purchases"],
        }
    }
}

/// Months of a firm in which all of its row was so.
#[derive(Clone, Debug)]
pub(super) struct Stay {
    pub(super) from: Month,
    pub(super) to: Option<Month>,
    pub(super) name: String,
    pub(super) zone: &'static str,
    pub(super) chain: &'static str,
    pub(super) industry: &'static str,
    pub(super) size: i64,
    pub(super) is_leading: bool,
    pub(super) keeps_base: bool,
    pub(super) forms: Vec<FormNo>,
    pub(super) revenue: Option<i64>,
}

impl Stay {
    /// Whether the stay covers a month.
    pub(super) fn covers(&self, month: Month) -> bool {
        self.from <= month && self.to.is_none_or(|to| month <= to)
    }
}

/// What became of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LinkKind {
    CodeChange,
    Merger,
    Split,
    Base,
}

/// An approved restructuring.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) code: String,
    pub(super) month: Month,
    pub(super) kind: LinkKind,
    pub(super) predecessor: Option<String>,
}

/// The district.
#[derive(Clone, Debug)]
pub(super) struct Town {
    pub(super) first: Month,
    pub(super) last: Month,
    /// The stays of each firm, in their order.
    pub(super) firms: BTreeMap<String, Vec<Stay>>,
    pub(super) links: Vec<Link>,
    pub(super) works: Vec<Works>,
    /// When a form is due, in seconds.
    pub(super) deadlines: BTreeMap<(FormNo, Month), i64>,
    pub(super) since: Option<Month>,
    pub(super) goals: Vec<Goal>,
    /// Whether the bureau's exports and LY-02 have columns of last year.
    pub(super) exports_bear_base: bool,
    pub(super) ly02_bears_base: bool,
}

impl Town {
    /// What a firm was in a month.
    pub(super) fn stay(&self, code: &str, month: Month) -> Option<&Stay> {
        self.firms.get(code)?.iter().find(|stay| stay.covers(month))
    }

    /// What a firm was last.
    pub(super) fn last_stay(&self, code: &str) -> &Stay {
        self.firms[code].last().unwrap()
    }

    /// Whether a firm is asked for a form in a month.
    pub(super) fn is_asked(&self, code: &str, form: FormNo, month: Month) -> bool {
        number(month) != 1 && self.stay(code, month).is_some_and(|stay| stay.forms.contains(&form))
    }

    /// Whose reports of a month make up the history of a firm, for whoever looks back from another
    /// month.
    pub(super) fn filers(&self, code: &str, month: Month, as_of: Month) -> BTreeSet<String> {
        let mut filers = BTreeSet::from([code.to_owned()]);
        let is_between = |link: &&Link| month < link.month && link.month <= as_of;
        for link in self.links.iter().filter(|link| link.code == code).filter(is_between) {
            if let (LinkKind::CodeChange | LinkKind::Merger, Some(older)) =
                (link.kind, &link.predecessor)
            {
                filers.extend(self.filers(older, month, as_of));
            }
        }
        filers
    }

    /// Whether the base of a month is what the firm states: within a year of a split or a restated base.
    pub(super) fn states_base(&self, code: &str, month: Month) -> bool {
        self.links.iter().any(|link| {
            link.code == code
                && matches!(link.kind, LinkKind::Split | LinkKind::Base)
                && (link.month..link.month + 12).contains(&month)
        })
    }

    /// Whether the firm came on the roster in the year of a month, as nobody's successor.
    pub(super) fn is_new(&self, code: &str, month: Month, lake_from: Month) -> bool {
        let entered = self.firms[code][0].from;
        let is_successor =
            self.links.iter().any(|link| link.code == code && link.predecessor.is_some());
        entered.div_euclid(12) == month.div_euclid(12) && !is_successor && lake_from < entered
    }

    /// Whether a layout of a form has columns of last year.
    pub(super) fn bears_base(&self, form: FormNo, is_export: bool) -> bool {
        match form {
            FormNo::Ly02 => self.ly02_bears_base,
            _ => !is_export || self.exports_bear_base,
        }
    }

    /// Whether a buyer is on the roster of a month, under its own code or that of whoever goes on with it.
    pub(super) fn is_inside(&self, buyer: &str, month: Month) -> bool {
        self.firms.keys().any(|code| {
            self.stay(code, month).is_some() && self.filers(code, Month::MIN, month).contains(buyer)
        })
    }

    /// Who goes on with a firm by a month, after changes of some kinds.
    pub(super) fn goes_on_as(&self, code: &str, month: Month, kinds: &[LinkKind]) -> String {
        let next = self.links.iter().find(|link| {
            kinds.contains(&link.kind)
                && link.month <= month
                && link.predecessor.as_deref() == Some(code)
        });
        next.map_or(code.to_owned(), |link| self.goes_on_as(&link.code, month, kinds))
    }

    /// Whether somebody carries on a firm's history from some month up to this one.
    pub(super) fn is_predecessor(&self, code: &str, month: Month) -> bool {
        self.links
            .iter()
            .any(|link| link.predecessor.as_deref() == Some(code) && link.month <= month)
    }

    /// What the works a firm owns in a month made in another one.
    pub(super) fn made<'a>(
        &'a self,
        code: &'a str,
        owned_in: Month,
    ) -> impl Iterator<Item = &'a Works> + use<'a> {
        self.works.iter().filter(move |works| works.owner(owned_in) == Some(code))
    }
}
