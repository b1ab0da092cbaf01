//! The four measures each item of a form bears: this year's month and year to date, and the same
//! two of the year before.

use serde::{Deserialize, Serialize};

/// One of the four columns of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// 本年本月: the month itself.
    Month,
    /// 本年1-本月: January up to and with the month.
    Ytd,
    /// 上年同期本月: the same month of the year before.
    PriorMonth,
    /// 上年同期1-本月: the same months of the year before.
    PriorYtd,
}

impl Measure {
    /// All four, in the order of the form's columns.
    pub const ALL: [Self; 4] = [Self::Month, Self::Ytd, Self::PriorMonth, Self::PriorYtd];

    /// The name used in the lake, in rules and in marts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Ytd => "ytd",
            Self::PriorMonth => "prior_month",
            Self::PriorYtd => "prior_ytd",
        }
    }

    /// Its value among four in the order of `ALL`.
    pub fn of<T: Copy>(self, values: &[Option<T>; 4]) -> Option<T> {
        let [month, ytd, prior_month, prior_ytd] = *values;
        match self {
            Self::Month => month,
            Self::Ytd => ytd,
            Self::PriorMonth => prior_month,
            Self::PriorYtd => prior_ytd,
        }
    }

    /// Its place among four in the order of `ALL`.
    pub fn of_mut<T>(self, [month, ytd, prior_month, prior_ytd]: &mut [T; 4]) -> &mut T {
        match self {
            Self::Month => month,
            Self::Ytd => ytd,
            Self::PriorMonth => prior_month,
            Self::PriorYtd => prior_ytd,
        }
    }

    /// Whether the column is one of this year's (本年).
    pub fn is_current(self) -> bool {
        matches!(self, Self::Month | Self::Ytd)
    }
}

impl std::str::FromStr for Measure {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|measure| measure.name() == name).ok_or(())
    }
}
