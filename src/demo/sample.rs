//! What the sample district is made of: `sample.toml`, and the pretended chance that fills the gaps.
//!
//! In: nothing. Out: tables, the story of a firm in a month, numbers drawn. Nothing can go wrong: the
//! file is part of the program.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;

use crate::domain::period::Period;

/// Cells of a form: a place, the part they play, what stands there and to its right.
pub(super) type Print = Vec<Vec<String>>;

/// The tables of `sample.toml`, which explains them.
#[derive(Debug, Deserialize)]
pub struct Sample {
    pub(super) season: [i64; 12],
    pub(super) levels: [(i64, i64); 4],
    pub(super) stretch: [(i64, i64); 2],
    pub(super) surge_percent: i64,
    pub(super) merged_percent: i64,
    /// The stories, in the order of time.
    pub stories: Vec<Story>,
    pub(super) totals: Vec<Total>,
    pub(super) supply: [i64; 4],
    pub(super) buyers: Vec<Buyer>,
    pub(super) sidelines: BTreeMap<String, String>,
    pub(super) products: BTreeMap<String, Product>,
    pub(super) explanations: BTreeMap<StoryEvent, String>,
    pub(super) editions: BTreeMap<String, (String, String)>,
    pub(super) forms: BTreeMap<String, PrintedForm>,
    pub(super) foot: Print,
    pub(super) hidden_notes: Print,
    pub(super) export: Vec<String>,
    pub(super) ledger_foot: Print,
    /// What happens to the bureau's ledgers.
    pub ledger_events: Vec<LedgerStory>,
    pub(super) ledger_reasons: BTreeMap<LedgerEvent, String>,
    pub(super) requests: RequestTable,
    pub(super) projects: Vec<ProjectGroup>,
    pub(super) project_products: Vec<[String; 2]>,
    pub(super) visitors: Vec<Visitor>,
}

/// What happens to a ledger of a month.
#[derive(Clone, Debug, Deserialize)]
pub struct LedgerStory {
    /// The form.
    pub form: String,
    /// The month.
    pub month: Period,
    /// What happens.
    pub event: LedgerEvent,
}

/// What the bureau does besides filing a clean ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerEvent {
    /// Nothing.
    Plain,
    /// Files none: the next one says what this one would have.
    Missing,
    /// Gives two rows one number: refused, then mended.
    KeyTwice,
    /// Has a row twice: it counts once.
    Repeated,
    /// Closes a request before it was raised: refused, then mended.
    ClosedEarly,
    /// Names a leader who is not on the list yet, with an explanation.
    NewLeader,
}

#[derive(Debug, Deserialize)]
pub(super) struct RequestTable {
    pub(super) a_month: u32,
    pub(super) solved: usize,
    pub(super) solved_until: Period,
    pub(super) topics: Vec<[String; 3]>,
}

/// Projects of a kind that begin producing between two months.
#[derive(Debug, Deserialize)]
pub(super) struct ProjectGroup {
    pub(super) number: u32,
    pub(super) count: u32,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) chain: Option<String>,
    pub(super) from: Period,
    pub(super) to: Period,
    pub(super) months_built: u32,
    pub(super) signed: Option<NaiveDate>,
    pub(super) amounts: Option<(i64, i64)>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Visitor {
    pub(super) leader: String,
    pub(super) number: u32,
    pub(super) from: Option<Period>,
    pub(super) to: Option<Period>,
    #[serde(default)]
    pub(super) idle: Vec<Period>,
}

/// What a firm does in a month, or in each of several.
#[derive(Clone, Debug, Deserialize)]
pub struct Story {
    /// The firm's number.
    pub firm: u32,
    /// The first month.
    pub from: Period,
    /// The last month where there are several.
    pub to: Option<Period>,
    /// What happens in each of them.
    pub event: StoryEvent,
    /// When a right version follows.
    pub mended: Option<Timing>,
    /// Whether the last version has an explanation.
    #[serde(default)]
    pub why: bool,
}

/// What a firm does besides filing a clean report in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoryEvent {
    /// Nothing.
    Plain,
    /// Files nothing.
    Missing,
    /// Files after the deadline.
    Late,
    /// Files, then sends a second version with one figure corrected.
    Corrected,
    /// The month is more than half above the one before: a query.
    Surge,
    /// Stands still: the month's figures are zero.
    Stopped,
    /// Works again after a standstill: growth is out of its band.
    Recovering,
    /// A merger was approved: this year's figures and the restated base are larger from here on.
    Restructured,
    /// Types 万元 where 千元 is asked for: a query.
    UnitSlip,
    /// Files a form for January, which nobody files, into that month's folder. From here on: refused.
    January,
    /// 03 below 04.
    SalesBelowExports,
    /// 01 is not the sum of its industries.
    IndustrySum,
    /// A prior-year column was changed.
    PriorAltered,
    /// The credit code is nobody's.
    WrongCode,
    /// A web page named `.xls`.
    Html,
    /// Half a workbook.
    Truncated,
}

/// When a file arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// Three or four days before the deadline: there may be a second version.
    Early,
    /// In the last days before the deadline.
    InTime,
    /// One to three days after it.
    Late,
}

/// A total that is met.
#[derive(Debug, Deserialize)]
pub(super) struct Total {
    pub(super) firm: Option<u32>,
    pub(super) filing: Option<Period>,
    pub(super) in_zones: Option<bool>,
    pub(super) from: Period,
    pub(super) free: Option<Period>,
    pub(super) to: Period,
    pub(super) total: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Buyer {
    pub(super) firm: u32,
    pub(super) percent: i64,
    pub(super) local: [i64; 4],
}

#[derive(Debug, Deserialize)]
pub(super) struct Product {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) price: i64,
}

/// A printed form.
#[derive(Debug, Deserialize)]
pub(super) struct PrintedForm {
    pub(super) head: Print,
    #[serde(default)]
    pub(super) row: Vec<String>,
    #[serde(default)]
    pub(super) sections: Print,
}

/// The sample.
pub static SAMPLE: LazyLock<Sample> =
    LazyLock::new(|| toml::from_str(include_str!("sample.toml")).expect("`sample.toml` is sound"));

/// The month the bureau delivers its own export instead of the firms' sheets of B204-1.
pub(super) fn is_export(period: Period) -> bool {
    (period.year(), period.month()) == (2023, 9)
}

/// The story of a firm in a month: as told, else a late filing or a correction by chance.
pub(super) fn story(firm: u32, period: Period) -> Story {
    let told = SAMPLE.stories.iter().find(|story| {
        story.firm == firm && period.is_within(Some(story.from), story.to.or(Some(story.from)))
    });
    let by_chance = |n, topic| !is_export(period) && one_in(n, topic, &[firm, key(period)]);
    let of = |event, mended| Story { firm, from: period, to: None, event, mended, why: false };
    match told {
        Some(story) => story.clone(),
        None if by_chance(60, "late") => of(StoryEvent::Late, None),
        None if by_chance(90, "corrected") => of(StoryEvent::Corrected, Some(Timing::InTime)),
        None => of(StoryEvent::Plain, None),
    }
}

/// The seed of the pretended chance: the same topic and keys (firm, month) always give the same number,
/// so that a new story or firm leaves every other firm's figures as they were.
const SEED: u64 = 2_201_060_113;

/// A whole number from `low` to `high`, both included.
pub(super) fn between(topic: &str, keys: &[u32], low: i64, high: i64) -> i64 {
    let width = u64::try_from(high - low + 1).expect("low is not above high");
    low + i64::try_from(roll(topic, keys) % width).expect("widths are far below 2^63")
}

/// Whether a one-in-`n` chance comes true.
pub(super) fn one_in(n: u64, topic: &str, keys: &[u32]) -> bool {
    roll(topic, keys).is_multiple_of(n)
}

/// A month as a key.
pub(super) fn key(period: Period) -> u32 {
    u32::try_from(period.year()).expect("years are positive") * 100 + period.month()
}

fn roll(topic: &str, keys: &[u32]) -> u64 {
    let named = topic.bytes().fold(SEED, |state, byte| mix(state ^ u64::from(byte)));
    keys.iter().fold(named, |state, key| mix(state ^ u64::from(*key)))
}

/// One step of splitmix64 (Steele, Lea, Flood 2014).
fn mix(state: u64) -> u64 {
    let mut mixed = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
