//! The sentences of the published figures, word for word.

use yuebao::domain::period::Period;
use yuebao::texts::Locale;

use crate::support::brief_data::{
    HEADLINE, TOTALS, annex, brief, brief_of, district, july, only, sample,
};

fn zh() -> String {
    brief(&sample(), july(), Locale::Zh).markdown
}

fn en() -> String {
    brief(&sample(), july(), Locale::En).markdown
}

#[track_caller]
fn says(text: &str, sentence: &str) {
    assert!(text.contains(sentence), "`{sentence}` is not in:\n{text}");
}

/// The brief of a month whose headline is the given cells, in the order of its columns.
fn headline(period: &str, rows: &str, locale: Locale) -> String {
    let period: Period = period.parse().unwrap();
    brief(&only("headline", HEADLINE, rows), period, locale).markdown
}

/// A headline row with output of the year to date, growth, growth before and the change.
fn growth(period: &str, yoy: &str, before: &str, change: &str) -> String {
    format!("{period}||1000000000||{yoy}|{before}|{change}||||||||||||||||||||")
}

#[test]
fn titles_name_district_and_months() {
    says(&zh(), "# 《绿园区工业经济运行月报》2024年1—7月\n");
    says(&en(), "# Lüyuan District Industrial Economy Monthly, January–July 2024\n");
}

#[test]
fn the_published_level_and_growth() {
    says(
        &zh(),
        "1—7月，全区规模以上工业企业完成工业总产值277.40亿元，同比增长7.6%，增速较1—6月回落0.3个百分点。",
    );
}

#[test]
fn totals_of_a_month_that_is_not_all_in_are_never_passed_off_as_the_districts() {
    let of = |reported: &str, locale| {
        let row = format!("2024-07||1000000000||0.05||||||||100|{reported}||||||||||||");
        headline("2024-07", &row, locale)
    };
    says(&of("97", Locale::Zh), "本期应报100户，以上各项只含报表已通过的97户。");
    says(&of("97", Locale::En), "Of 100 firms due, these figures hold only the 97 whose reports");
    assert!(!of("100", Locale::Zh).contains("只含"));
}

/// A headline of July in which reports for so much of last year's value count.
fn in_part(share: &str, is_complete: &str) -> String {
    format!(
        "2024-07|500000000|1000000000|0.03|0.05||||||||100|62||40|||||||||||80|60|2|{share}|{is_complete}"
    )
}

#[test]
fn a_month_that_is_not_complete_says_so_in_the_first_sentence_and_on_the_tiles() {
    let rows = in_part("0.6234", "false");
    let text = headline("2024-07", &rows, Locale::Zh);
    says(&text, "完成工业总产值10.00亿元（数据未报齐，通过的报表占应报的62.3%），同比增长5.0%。");
    says(
        &headline("2024-07", &rows, Locale::En),
        "CNY 1.000 billion (incomplete: the accepted reports stand for 62.3% of what is due), up 5.0%",
    );
    let page = brief(&only("headline", HEADLINE, &rows), july(), Locale::Zh).html;
    for label in ["1—7月工业总产值（未报齐）", "7月当月产值（未报齐）", "增长面（未报齐）"]
    {
        says(&page, label);
    }
    for rows in [in_part("0.6234", "true"), in_part("", "true")] {
        let page = brief(&only("headline", HEADLINE, &rows), july(), Locale::Zh).html;
        assert!(!page.contains("未报齐"), "{page}");
    }
}

#[test]
fn reports_that_came_and_reports_that_count_are_told_apart() {
    let text = headline("2024-07", &in_part("0.6234", "false"), Locale::Zh);
    // 80 of 100 came, 62 of these count
    let annex = annex(&only("headline", HEADLINE, &in_part("0.6234", "false")));
    says(&annex, "本期应报企业100户，已报80户，上报率80.0%，通过62户。");
    says(&text, "本期应报100户，以上各项只含报表已通过的62户。");
    // 40 of the 60 that have last year's figures
    says(&text, "1—7月，可比的60户企业中40户产值同比增长，增长面66.7%");
}

#[test]
fn who_has_no_figure_of_last_year_is_counted_beside_the_growth() {
    let text = headline("2024-07", &in_part("1", "true"), Locale::Zh);
    says(&text, "其中2户没有上年同期数，只计入总量，不参与增速计算。");
    let text = headline("2024-07", &growth("2024-07", "0.05", "", ""), Locale::Zh);
    assert!(!text.contains("上年同期数，只计入"), "{text}");
}

#[test]
fn the_published_leading_firms() {
    let text = zh();
    says(
        &text,
        "- 示例长客轨道客车股份有限公司完成产值117.10亿元，同比增长10.3%，拉动全区增长4.2个百分点，占全区42.2%，7月当月17.41亿元，同比增长10.3%。",
    );
    says(
        &text,
        "- 示例皓月清真肉业股份有限公司完成产值81.70亿元，同比增长7.1%，拉动全区增长2.1个百分点，占全区29.5%，7月当月12.04亿元，同比增长7.1%。",
    );
    says(
        &text,
        "1—7月，两户龙头企业合计完成产值198.80亿元，同比增长9.0%，拉动全区增长6.3个百分点，占全区71.7%。",
    );
}

#[test]
fn the_published_full_year_of_the_zones() {
    says(&zh(), "2023年全年，两个开发区完成产值435.30亿元，占全区84.7%。");
}

#[test]
fn the_number_of_zones_is_that_of_the_data() {
    let mut marts = sample();
    let totals = marts["monthly_totals"].clone();
    let kept: Vec<usize> = (0..totals.num_rows()).filter(|row| *row != 16).collect();
    let slices: Vec<_> = kept.iter().map(|row| totals.slice(*row, 1)).collect();
    let fewer = arrow::compute::concat_batches(&totals.schema(), &slices).unwrap();
    marts.insert("monthly_totals".to_owned(), fewer);
    says(&brief(&marts, july(), Locale::Zh).markdown, "2023年全年，一个开发区完成产值");
}

#[test]
fn the_same_in_english() {
    let text = en();
    says(
        &text,
        "In January–July, industrial firms above designated size in the district produced output of CNY 27.740 billion, up 7.6% year on year, 0.3 percentage points slower than in January–June.",
    );
    says(
        &text,
        "- 示例长客轨道客车股份有限公司: output of CNY 11.710 billion, up 10.3% year on year, adding 4.2 percentage points to the district's growth, 42.2% of the district's output, July alone CNY 1.741 billion, up 10.3% year on year.",
    );
    says(
        &text,
        "In the whole of 2023, the development zones (two) produced CNY 43.530 billion, 84.7% of the district's output.",
    );
}

#[test]
fn the_month_itself_sales_and_exports() {
    let text = zh();
    says(&text, "7月当月完成产值41.30亿元，同比增长5.8%，环比下降2.1%（两月均有数的企业）。");
    says(&text, "1—7月，实现工业销售产值272.41亿元，同比增长7.1%，产销率98.2%。");
    says(&text, "完成出口交货值36.52亿元，同比增长12.5%。");
}

#[test]
fn the_higher_bureau_s_figure_stands_beside_ours() {
    says(
        &zh(),
        "上级统计部门反馈，1—7月全区规模以上工业总产值277.12亿元，同比增长7.5%，本局汇总数较反馈数多0.28亿元。",
    );
    says(
        &en(),
        "The higher bureau's own figure for January–July is CNY 27.712 billion, up 7.5% year on year, ours being CNY 28.00 million above it.",
    );
}

#[test]
fn a_fall_reads_as_a_fall() {
    let text = headline("2024-07", &growth("2024-07", "-0.0213", "0.01", "-3.13"), Locale::Zh);
    says(&text, "工业总产值10.00亿元，同比下降2.1%，增速较上期回落3.1个百分点。");
    let text = headline("2024-07", &growth("2024-07", "-0.0213", "0.01", "-3.13"), Locale::En);
    says(
        &text,
        "CNY 1.000 billion, down 2.1% year on year, 3.1 percentage points slower than in the report before.",
    );
}

#[test]
fn a_fall_after_a_fall_narrows_or_widens() {
    let narrower = headline("2024-07", &growth("2024-07", "-0.02", "-0.03", "1"), Locale::Zh);
    says(&narrower, "同比下降2.0%，降幅较上期收窄1.0个百分点。");
    let wider = headline("2024-07", &growth("2024-07", "-0.03", "-0.02", "-1"), Locale::Zh);
    says(&wider, "同比下降3.0%，降幅较上期扩大1.0个百分点。");
}

#[test]
fn no_growth_and_no_change_are_said_in_words() {
    let text = headline("2024-07", &growth("2024-07", "0", "0", "0"), Locale::Zh);
    says(&text, "同比持平，增速与上期持平。");
    let rounded = headline("2024-07", &growth("2024-07", "-0.0004", "0.0001", "-0.05"), Locale::Zh);
    says(&rounded, "同比持平，增速较上期回落0.1个百分点。");
}

#[test]
fn february_is_compared_with_the_year_before() {
    let rows = format!(
        "{}\n{}",
        growth("2023-12", "0.05", "", ""),
        growth("2024-02", "0.06", "0.05", "1")
    );
    says(
        &headline("2024-02", &rows, Locale::Zh),
        "1—2月，全区规模以上工业企业完成工业总产值10.00亿元，同比增长6.0%，增速较上年全年加快1.0个百分点。",
    );
    says(
        &headline("2024-02", &rows, Locale::En),
        "1.0 percentage points faster than in the whole of last year.",
    );
}

#[test]
fn march_is_compared_with_the_first_two_months() {
    let rows = format!(
        "{}\n{}",
        growth("2024-02", "0.05", "", ""),
        growth("2024-03", "0.06", "0.05", "1")
    );
    says(&headline("2024-03", &rows, Locale::Zh), "增速较1—2月加快1.0个百分点。");
    says(&headline("2024-03", &rows, Locale::En), "faster than in January–February.");
}

#[test]
fn after_a_gap_the_months_compared_with_are_named() {
    let rows = format!(
        "{}\n{}",
        growth("2024-04", "0.05", "", ""),
        growth("2024-06", "0.06", "0.05", "1")
    );
    says(&headline("2024-06", &rows, Locale::Zh), "增速较1—4月加快1.0个百分点。");
}

#[test]
fn only_growth_of_the_higher_bureau_is_said_alone() {
    let row = "2024-07||1000000000||0.01||||||||||||||||||||0.075|";
    says(
        &headline("2024-07", row, Locale::Zh),
        "上级统计部门反馈，1—7月全区规模以上工业总产值同比增长7.5%。",
    );
}

#[test]
fn what_takes_from_growth_is_said_to_take() {
    let text = zh();
    says(&text, "下拉作用最大的五户企业合计下拉全区增速0.6个百分点。");
    says(&en(), "The largest losses (five) take 0.6 percentage points from it.");
}

#[test]
fn a_county_speaks_of_the_county_as_a_whole() {
    let of = |name: &str| {
        let mut district = district();
        district.name.zh = name.to_owned();
        brief_of(&district, &sample(), july(), Locale::Zh).markdown
    };
    says(&of("农安县"), "1—7月，全县规模以上工业企业完成工业总产值277.40亿元");
    says(&of("公主岭市"), "占全市84.7%。");
    says(&of("某地"), "全区规模以上工业企业");
    assert!(!of("农安县").contains("占全区"));
}

#[test]
fn a_real_district_is_not_called_synthetic() {
    let mut real = district();
    real.is_synthetic = false;
    for locale in [Locale::Zh, Locale::En] {
        let written = brief_of(&real, &sample(), july(), locale);
        assert!(!written.markdown.contains("SYNTHETIC") && !written.html.contains("SYNTHETIC"));
    }
}

#[test]
fn the_city_is_compared_with() {
    says(&zh(), "同期全市同比增长6.8%，全区高于全市0.8个百分点。");
    says(
        &en(),
        "Output of the city was up 6.8% year on year, the district being 0.8 percentage points ahead.",
    );
}

#[test]
fn firms_that_stopped_came_or_left_are_counted() {
    let text = zh();
    says(&text, "7月，2户企业当月产值为零。年内新增4户，完成产值2.35亿元。年内退出名录1户。");
}

/// The brief of chains with this growth, in points of the district.
fn chains(growths: &[&str]) -> String {
    let row = |(place, growth): (usize, &&str)| {
        format!("2024-07|chain|c{place}|链{place}|output|1|100000000|||{growth}|{growth}|{growth}")
    };
    let rows = growths.iter().enumerate().map(row).collect::<Vec<_>>().join("\n");
    brief(&only("monthly_totals", TOTALS, &rows), july(), Locale::Zh).markdown
}

#[test]
fn all_some_none_and_one_of_several_are_said_as_people_say_them() {
    says(&chains(&["0.1", "0.2", "0.3"]), "1—7月，三条产业链均实现增长。");
    says(&chains(&["0.1", "-0.2", "0.3"]), "1—7月，三条产业链中两条同比增长。");
    says(&chains(&["-0.1", "-0.2"]), "1—7月，两条产业链均未实现增长。");
    assert!(!chains(&["0.1"]).contains("条产业链"));
}
