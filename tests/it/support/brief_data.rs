//! The marts of a made-up district as the brief reads them: the published totals of July 2024, the
//! months before, and enough firms, forms and targets to fill a page.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use arrow::record_batch::RecordBatch;
use rust_decimal::{Decimal, RoundingStrategy};
use yuebao::domain::period::Period;
use yuebao::project::settings::District;
use yuebao::project::{self, Project};
use yuebao::stages::publish::brief::{self, Brief, Issue, Paper};
use yuebao::texts::{Locale, Text};

use super::batches::batch;

/// The shipped project, with its templates.
pub(crate) static PROJECT: LazyLock<Project> =
    LazyLock::new(|| project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap());

/// Marts by name.
pub(crate) type Marts = BTreeMap<String, RecordBatch>;

/// Columns of `headline`.
pub(crate) const HEADLINE: &str = "period:month output_month_cny:money output_ytd_cny:money \
    yoy_month:fraction yoy_ytd:fraction previous_yoy_ytd:fraction yoy_change_points:fraction \
    sales_ytd_cny:money sales_yoy_ytd:fraction sales_ratio_ytd:fraction exports_ytd_cny:money \
    exports_yoy_ytd:fraction firms_due:long firms_reported:long response_rate:fraction \
    firms_growing:long growth_breadth:fraction zones_ytd_cny:money zones_share:fraction \
    previous_year:int previous_year_output_cny:money previous_year_zones_cny:money \
    previous_year_zones_share:fraction feedback_ytd_cny:money feedback_yoy_ytd:fraction \
    share_falling:fraction firms_received:long firms_compared:long firms_without_base:long \
    reported_value_share:fraction is_complete:flag leading_ytd_cny:money leading_yoy_ytd:fraction \
    leading_contribution_points:fraction leading_share:fraction output_month_on_month:fraction \
    city_yoy_ytd:fraction city_difference_points:fraction firms_stopped:long firms_new:long \
    new_ytd_cny:money firms_left:long";

/// Columns of `monthly_totals`.
pub(crate) const TOTALS: &str = "period:month scope_kind:text scope_id:text scope_name:text item:text \
    month_cny:money ytd_cny:money prior_month_cny:money prior_ytd_cny:money yoy_month:fraction \
    yoy_ytd:fraction contribution_points:fraction contribution_share:fraction \
    share_of_district:fraction firms_due:long firms_reported:long firms_growing:long \
    firms_received:long firms_compared:long scope_name_en:text contribution_change:fraction";

/// Columns of `firm_months`.
pub(crate) const FIRMS: &str = "period:month credit_code:text firm_name:text zone:text chain:text \
    output_ytd_cny:money output_prior_ytd_cny:money yoy_ytd:fraction \
    contribution_points:fraction is_leading:flag base_rule:text output_month_cny:money \
    is_new:flag";

/// Columns of `dim_firm`.
pub(crate) const ROSTER: &str = "credit_code:text roster_to:month base_rule:text firm_name:text";

/// Columns of `dim_firm_spell`.
pub(crate) const SPELLS: &str =
    "credit_code:text firm_name:text roster_from:month may_be_named:flag";

/// Columns of `submission_status`.
pub(crate) const STATUS: &str = "period:month form:text credit_code:text firm_name:text state:text \
    deadline:time is_late:flag months_late_in_row:long latest_state:text \
    latest_submission_id:text";

/// Columns of `target_progress`.
pub(crate) const TARGETS: &str = "period:month target_id:text name:text name_en:text kind:text \
    target_cny:money baseline_cny:money ytd_cny:money attained_share:fraction \
    time_progress:fraction seasonal_progress:fraction gap_cny:money required_month_cny:money \
    required_growth:fraction growth_so_far:fraction growth_target:fraction status:text \
    ratio_ytd:fraction baseline_ratio:fraction base_coverage:fraction is_estimated:flag \
    reported_value_share:fraction is_complete:flag scope_kind:text item:text \
    measured_cny:money expected_cny:money expected_gap_cny:money yoy_ytd:fraction";

/// July 2024.
pub(crate) fn july() -> Period {
    Period::new(2024, 7).unwrap()
}

/// A synthetic district.
pub(crate) fn district() -> District {
    let text = |zh: &str, en: &str| Text { zh: zh.to_owned(), en: en.to_owned() };
    District {
        region_code: "220106".to_owned(),
        name: text("绿园区", "Lüyuan District"),
        bureau: text(
            "绿园区工业和信息化局",
            "Lüyuan Bureau of Industry and Information Technology",
        ),
        bureau_code: None,
        contact: None,
        is_synthetic: true,
        since: None,
    }
}

/// The brief of a month from marts, for the sample district.
pub(crate) fn brief(marts: &Marts, period: Period, locale: Locale) -> Brief {
    brief_of(&district(), marts, period, locale)
}

/// The brief of a month from marts, for any district.
pub(crate) fn brief_of(
    district: &District,
    marts: &Marts,
    period: Period,
    locale: Locale,
) -> Brief {
    let mut marts = marts.clone();
    let named = NAMED.split(' ').map(|code| format!("{code}|{code}|2023-01|true"));
    let named = batch(SPELLS, &named.collect::<Vec<_>>());
    marts.entry("dim_firm_spell".to_owned()).or_insert(named);
    paper(Paper::Brief, district, &marts, period, locale)
}

/// The annex of July 2024 in Chinese, for the sample district.
pub(crate) fn annex(marts: &Marts) -> String {
    paper(Paper::Annex, &district(), marts, july(), Locale::Zh).markdown
}

/// A paper of a month from just these marts.
pub(crate) fn paper(
    paper: Paper,
    district: &District,
    marts: &Marts,
    period: Period,
    locale: Locale,
) -> Brief {
    let mut project = PROJECT.clone();
    project.settings.district = district.clone();
    let issue = Issue { paper, period, edition: 7, project: &project };
    brief::write(marts, &issue, locale).unwrap()
}

/// The firms of all tests, which may be named where a test does not say otherwise.
const NAMED: &str = "91220101735902224D 91220101A00000002X COACH MEAT X Y a b \
    01 02 03 04 05 06 07 08 09 10 11 12";

/// All marts of the sample.
pub(crate) fn sample() -> Marts {
    let mart =
        |name: &str, columns: &str, rows: Vec<String>| (name.to_owned(), batch(columns, &rows));
    BTreeMap::from([
        mart("headline", HEADLINE, headline()),
        mart("monthly_totals", TOTALS, totals()),
        mart("firm_months", FIRMS, firms()),
        mart("submission_status", STATUS, statuses()),
        mart("target_progress", TARGETS, targets()),
        mart("dim_zone", "zone:text name_zh:text name_en:text", lines(ZONES)),
        mart("dim_chain", "chain:text name_zh:text name_en:text", lines(CHAINS)),
        mart(
            "supply_chain",
            "period:month supplier_code:text buyer_code:text supply_ytd_cny:money supply_prior_ytd_cny:money",
            lines(SUPPLY),
        ),
        mart(
            "supply_rates",
            "period:month buyer_code:text buyer_name:text purchases_ytd_cny:money local_purchases_ytd_cny:money local_supply_rate:fraction change_points:fraction",
            lines(RATES),
        ),
    ])
}

/// One mart of a single row, for a brief about little.
pub(crate) fn only(name: &str, columns: &str, rows: &str) -> Marts {
    BTreeMap::from([(name.to_owned(), batch(columns, &lines(rows)))])
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

const ZONES: &str = "
    jingkai|绿园经济开发区|Lüyuan Economic Development Zone
    haoyue|皓月产业园区|Haoyue Industrial Park";

const CHAINS: &str = "
    rail|轨道客车|Rail transit
    auto|汽车零部件|Auto parts
    beef|肉牛|Beef cattle
    equipment|高端装备|High-end equipment
    materials|新材料|New materials
    energy|新能源|New energy";

const SUPPLY: &str = "
    2024-07|A|COACH|182000000|121000000
    2024-07|B|COACH|96000000|70000000
    2024-07|C|MEAT|41500000|40000000";

const RATES: &str = "
    2024-07|COACH|示例长客轨道客车股份有限公司|6230000000|934500000|0.15|1.2
    2024-07|MEAT|示例皓月清真肉业股份有限公司|3100000000|1240000000|0.4|-0.35";

fn headline() -> Vec<String> {
    lines(
        "2024-06|4051230000|23610000000|0.0712|0.079|0.081|-0.2|23100000000|0.07|0.978|3100000000|0.121|113|111|0.982301|70|0.630631|20000000000|0.847|2023|51400000000|43530000000|0.8469|||0.33|113|111||0.991|true
         2024-07|4130000000|27740000000|0.0582|0.076|0.079|-0.3|27240680000|0.0713|0.982|3652000000|0.1245|113|110|0.973451|72|0.654545|23521746000|0.847936|2023|51400000000|43530000000|0.8469|27712000000|0.075|0.336364|112|110|0|0.9874|true|19880000000|0.0896|6.344|0.7167|-0.021|0.068|0.8|2|4|235000000|1",
    )
}

/// Months of the district before July 2024: period, month, year to date, growth.
const HISTORY: &str = "
    2023-02||6012000000|0.021
    2023-03|4210000000|10222000000|0.034
    2023-04|3905000000|14127000000|0.041
    2023-05|4102000000|18229000000|0.048
    2023-06|4366000000|22595000000|0.052
    2023-07|3903000000|26498000000|0.049
    2023-08|4011000000|30509000000|0.055
    2023-09|4832000000|35341000000|0.058
    2023-10|4577000000|39918000000|0.061
    2023-11|5390000000|45308000000|0.064
    2023-12|6092000000|51400000000|0.066
    2024-02||6488000000|0.079
    2024-03|4551000000|11039000000|0.08
    2024-04|4203000000|15242000000|0.079
    2024-05|4316770000|19558770000|0.081
    2024-06|4051230000|23610000000|0.079";

/// Scopes of July 2024: kind, id, name, month, year to date, growth, due, reported, growing, English name.
const SCOPES: &str = "
    district|220106|绿园区|4130000000|27740000000|0.076|113|110|72
    zone|jingkai|绿园经济开发区|2600000000|15351746000|0.081|71|69|46
    zone|haoyue|皓月产业园区|1204000000|8170000000|0.071|22|22|15
    chain|rail|轨道客车|1951000000|13105000000|0.097|27|27|20
    chain|auto|汽车零部件|602000000|3990000000|0.052|31|30|18
    chain|beef|肉牛|1282000000|8543000000|0.068|14|14|10
    chain|equipment|高端装备|140500000|921000000|0.113|12|11|8
    chain|materials|新材料|88600000|604000000|-0.042|9|9|3
    chain|energy|新能源|41200000|287000000|0.004|6|6|3
    size|1|大型|2950000000|20120000000|0.086|4|4|4
    size|2|中型|620000000|4120000000|0.058|19|19|13
    size|3|小型|540000000|3380000000|0.041|84|81|52
    size|4|微型|20000000|120000000|-0.118|6|6|3
    industry|37|铁路、船舶、航空航天和其他运输设备制造业|1951000000|13105000000|0.097|27|27|20|Rail, ship, aerospace and other transport equipment
    industry|13|农副食品加工业|1282000000|8543000000|0.068|14|14|10|Processing of farm products
    industry|36|汽车制造业|602000000|3990000000|0.052|31|30|18|Motor vehicles
    industry|35|专用设备制造业|140500000|921000000|0.113|12|11|8|Special machinery
    industry|26|化学原料和化学制品制造业|88600000|604000000|-0.042|9|9|3|Chemicals
    industry|38|电气机械和器材制造业|41200000|287000000|0.004|6|6|3|Electrical machinery
    industry|29|橡胶和塑料制品业|14700000|162000000|-0.0004|8|8|4|Rubber and plastics
    industry|44|电力、热力生产和供应业|10000000|128000000|0.02|6|5|3|Electricity and heat
    leading|91220101735902224D|示例长客轨道客车股份有限公司|1741000000|11710000000|0.103|1|1|1
    leading|91220101A00000002X|示例皓月清真肉业股份有限公司|1204000000|8170000000|0.071|1|1|1";

/// The district's growth and base of July 2024.
fn base() -> Decimal {
    Decimal::from(27_740_000_000_i64) / Decimal::new(1076, 3)
}

fn points(ytd: Decimal, yoy: Decimal) -> Decimal {
    let added = ytd - ytd / (Decimal::ONE + yoy);
    (added / base() * Decimal::ONE_HUNDRED)
        .round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero)
}

fn totals() -> Vec<String> {
    let history = lines(HISTORY).into_iter().map(|line| {
        let cells: Vec<&str> = line.split('|').collect();
        format!(
            "{}|district|220106|绿园区|output|{}|{}||||{}||||113|110|70|112|110",
            cells[0], cells[1], cells[2], cells[3]
        )
    });
    let december = lines("jingkai|27000000000\nhaoyue|16530000000").into_iter().map(|line| {
        let (zone, ytd) = line.split_once('|').unwrap();
        format!("2023-12|zone|{zone}||output||{ytd}|||||||||||")
    });
    let july = lines(SCOPES).into_iter().map(|line| {
        let cells: Vec<&str> = line.split('|').collect();
        let (ytd, yoy): (Decimal, Decimal) = (cells[4].parse().unwrap(), cells[5].parse().unwrap());
        let share = (ytd / Decimal::from(27_740_000_000_i64)).round_dp(6);
        format!(
            "2024-07|{}|{}|{}|output|{}|{ytd}|||{yoy}|{yoy}|{}||{share}|{}|{}|{}|{}|{}|{}",
            cells[0],
            cells[1],
            cells[2],
            cells[3],
            points(ytd, yoy),
            cells[6],
            cells[7],
            cells[8],
            cells[6],
            cells[7],
            cells.get(9).unwrap_or(&"")
        )
    });
    let others = lines(
        "2024-07|district|220106|绿园区|sales|4055660000|27240680000|||0.0561|0.0713||||113|110|70|112|110
         2024-07|district|220106|绿园区|exports|512000000|3652000000|||-0.031|0.1245||||113|110|9|112|110",
    );
    history.chain(december).chain(july).chain(others).collect()
}

fn firms() -> Vec<String> {
    let rows = "
        01|示例长客轨道客车股份有限公司|rail|11710000000|0.103|keep
        02|示例皓月清真肉业股份有限公司|beef|8170000000|0.071|keep
        03|示例轨道装备有限公司|rail|812000000|0.214|keep
        04|示例汽车底盘有限公司|auto|701000000|0.163|keep
        05|示例智能机床有限公司|equipment|402000000|0.19|keep
        06|示例内饰件有限公司|auto|266000000|0.02|keep
        07|示例树脂新材料有限公司|materials|288000000|-0.152|keep
        08|示例线束有限公司|auto|193000000|-0.224|keep
        09|示例铸造有限公司||61000000|-0.31|keep
        10|示例饲料有限公司|beef|140000000|-0.08|drop
        11|示例冷链有限公司|beef|90200000|-0.1|keep
        12|示例水务有限公司||20000000|-0.01|keep";
    let row = |line: String| {
        let cells: Vec<&str> = line.split('|').collect();
        let (ytd, yoy): (Decimal, Decimal) = (cells[3].parse().unwrap(), cells[4].parse().unwrap());
        format!(
            "2024-07|{}|{}||{}|{ytd}||{yoy}|{}|false|{}",
            cells[0],
            cells[1],
            cells[2],
            points(ytd, yoy),
            cells[5]
        )
    };
    lines(rows).into_iter().map(row).collect()
}

fn statuses() -> Vec<String> {
    let due = "2024-08-07T12:00:00+08:00";
    let special = [
        ("B204-1|S0|示例铸造有限公司|missing", "true|3|"),
        ("B204-1|S1|示例水务有限公司|missing", "true|1|"),
        ("B204-1|S2|示例线束有限公司|refused", "false|0|refused"),
        ("B204-1|S3|示例饲料有限公司|queried", "true|2|queried"),
        ("B204-1|S4|示例冷链有限公司|accepted", "true|1|accepted"),
        ("LY-01|S5|示例内饰件有限公司|unreadable", "false|0|unreadable"),
        ("B204-1|S6|示例模具有限公司|accepted", "false|0|refused"),
    ];
    let special = special.map(|(report, standing)| format!("2024-07|{report}|{due}|{standing}"));
    let accepted = (0..107).map(|firm| {
        let form = if firm < 95 { "B204-1" } else { "LY-01" };
        format!("2024-07|{form}|N{firm}|示例企业{firm}|accepted|{due}|false|0")
    });
    special.into_iter().chain(accepted).collect()
}

fn targets() -> Vec<String> {
    lines(
        "2024-07|output-2024|全区规上工业总产值|Output above designated size|level_and_growth|55512000000|51400000000|27740000000|0.499712|0.583333|0.515525|27772000000|5554400000|0.0894|0.076|0.08|behind|||0.9642|true|0.9874|true|district|output|27740000000|53809000000|-1703000000|0.076
         2024-07|minshi-2024|示例敏实年产值突破5亿元|Sample Minshi: output above CNY 0.5 billion|level|500000000||341000000|0.682|0.583333|0.56|159000000|31800000||0.161||ahead|||||||firm|output|341000000|608929000|108929000|0.161
         2024-07|supply-2024|本地配套贡献产值|Output contributed by local suppliers|level_and_growth|500000000|300000000|319500000|0.639|0.583333|0.63|180500000|36100000||0.383117|0.5|on_track|||||||district|supply|319500000|507143000|7143000|0.383117
         2024-07|rate-2024|轨道客车产业链本地化配套率|Local supply rate of the rail chain|ratio|1246000000||934500000|0.75|0.583333||311500000|62300000||0.012|0.02|behind|0.15|0.18|||||chain|local_purchases/purchases|934500000|||0.012",
    )
}
