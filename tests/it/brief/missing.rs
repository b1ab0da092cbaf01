//! What is unknown is left out: no null, no figure made up, no empty heading.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Array, new_null_array};
use arrow::record_batch::RecordBatch;
use yuebao::domain::period::Period;
use yuebao::texts::Locale;

use crate::support::brief_data::{
    FIRMS, HEADLINE, Marts, STATUS, TARGETS, TOTALS, annex, brief, july, only, sample,
};

const MARTS: [&str; 9] = [
    "headline",
    "monthly_totals",
    "firm_months",
    "submission_status",
    "target_progress",
    "supply_chain",
    "supply_rates",
    "dim_zone",
    "dim_chain",
];

fn headings(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("## ")).collect()
}

#[track_caller]
fn is_sound(text: &str) {
    for word in ["null", "None", "NaN", "{", "}", "。。", "，，", "，。", ", ,", "CNY  "] {
        assert!(!text.contains(word), "`{word}` in:\n{text}");
    }
    let mut above = "";
    for line in text.lines().filter(|line| !line.is_empty()) {
        let is_empty_section = above.starts_with("## ") && line.starts_with("## ");
        assert!(!is_empty_section, "nothing under `{above}`");
        above = line;
    }
}

#[test]
fn without_marts_the_brief_says_that_there_is_nothing() {
    let text = brief(&BTreeMap::new(), july(), Locale::Zh).markdown;
    is_sound(&text);
    assert_eq!(headings(&text), ["说明"]);
    assert!(text.contains("本期尚无可汇总的数据。"));
}

#[test]
fn a_month_without_rows_is_as_if_there_were_no_marts() {
    let text = brief(&sample(), Period::new(2030, 5).unwrap(), Locale::En).markdown;
    is_sound(&text);
    assert_eq!(headings(&text), ["1. Level and growth"], "only the chart of the months before");
}

#[test]
fn each_mart_may_be_missing() {
    for name in MARTS {
        for locale in [Locale::Zh, Locale::En] {
            let mut marts = sample();
            marts.remove(name).unwrap();
            is_sound(&brief(&marts, july(), locale).markdown);
        }
    }
}

#[test]
fn each_mart_may_be_empty() {
    for name in MARTS {
        let mut marts = sample();
        let empty = marts[name].slice(0, 0);
        marts.insert(name.to_owned(), empty);
        is_sound(&brief(&marts, july(), Locale::Zh).markdown);
    }
}

#[test]
fn each_column_may_be_null() {
    for name in MARTS {
        let whole = sample();
        for column in whole[name].schema().fields() {
            let mut marts = sample();
            let blank = with_column(&whole[name], column.name(), |array| {
                new_null_array(array.data_type(), array.len())
            });
            marts.insert(name.to_owned(), blank);
            let written = brief(&marts, july(), Locale::Zh);
            is_sound(&written.markdown);
            is_sound(&annex(&marts));
        }
    }
}

#[test]
fn each_column_may_be_missing() {
    for name in MARTS {
        let whole = sample();
        for (place, _) in whole[name].schema().fields().iter().enumerate() {
            let mut marts = sample();
            let others: Vec<usize> =
                (0..whole[name].num_columns()).filter(|other| *other != place).collect();
            marts.insert(name.to_owned(), whole[name].project(&others).unwrap());
            is_sound(&brief(&marts, july(), Locale::En).markdown);
        }
    }
}

/// Of industries without a base nobody can say which of them grew.
#[test]
fn where_nothing_has_a_base_nothing_is_said_of_growing_industries() {
    let mut marts = sample();
    let blank = with_column(&marts["monthly_totals"], "yoy_ytd", |array| {
        new_null_array(array.data_type(), array.len())
    });
    marts.insert("monthly_totals".to_owned(), blank);
    for (locale, words) in [(Locale::Zh, "行业增长面"), (Locale::En, "Industry divisions that")]
    {
        assert!(brief(&sample(), july(), locale).markdown.contains(words));
        assert!(!brief(&marts, july(), locale).markdown.contains(words));
    }
}

fn with_column(
    batch: &RecordBatch,
    name: &str,
    change: impl Fn(&ArrayRef) -> ArrayRef,
) -> RecordBatch {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns()).map(|(field, array)| {
        let array = if field.name() == name { change(array) } else { array.clone() };
        (field.name().clone(), array, true)
    });
    RecordBatch::try_from_iter_with_nullable(columns.collect::<Vec<_>>()).unwrap()
}

#[test]
fn without_the_headline_the_totals_speak() {
    let mut marts = sample();
    marts.remove("headline");
    let text = brief(&marts, july(), Locale::Zh).markdown;
    assert!(text.contains("完成工业总产值277.40亿元，同比增长7.6%。"), "{text}");
    let text = annex(&marts);
    assert!(text.contains("应报企业113户，已报113户，上报率100.0%，通过110户。"), "{text}");
}

#[test]
fn february_has_no_column_for_the_month() {
    let row = "2024-02|district|220106|绿园区|output||6488000000||||0.079||||113|110|70";
    let text = brief(&only("monthly_totals", TOTALS, row), "2024-02".parse().unwrap(), Locale::Zh);
    assert!(text.markdown.contains("| 指标       |   1—2月 | 同比 |"), "{}", text.markdown);
    assert!(!text.markdown.contains("当月"), "{}", text.markdown);
}

#[test]
fn a_figure_unknown_to_one_row_is_a_dash() {
    let rows = "2024-07|chain|a|甲|output||100000000||||0.1|0.5|||3|3|2
                2024-07|chain|b|乙|output||200000000|||||||||1|";
    let text = brief(&only("monthly_totals", TOTALS, rows), july(), Locale::Zh).markdown;
    assert!(text.contains("| 乙   |    1 | 20,000 |     — |"), "{text}");
    assert!(!text.contains("条产业链中"), "how many of both grow is unknown: {text}");
}

#[test]
fn growth_without_a_level_says_nothing() {
    let row = "2024-07||||0.076|||||||||||||||||||||";
    let text = brief(&only("headline", HEADLINE, row), july(), Locale::Zh).markdown;
    assert!(!text.contains("同比增长"), "{text}");
}

#[test]
fn a_sum_with_an_unknown_part_is_left_out() {
    let rows = "2024-07|leading|a|甲|output||100000000||||0.1|0.5||0.1|1|1|1
                2024-07|leading|b|乙|output|||||||||0.2|1|1|1";
    let text = brief(&only("monthly_totals", TOTALS, rows), july(), Locale::Zh).markdown;
    assert!(text.contains("- 甲完成产值1.00亿元"), "{text}");
    assert!(!text.contains("龙头企业合计"), "{text}");
}

#[test]
fn unknown_states_and_statuses_are_not_guessed() {
    let status = "2024-07|B204-1|X|甲|lost||false|0";
    let text = annex(&only("submission_status", STATUS, status));
    assert!(!text.contains("甲"), "{text}");
    let target = "2024-07|t|目标甲||level|500000000||100000000|0.2|0.58|||||||lost||";
    let text = brief(&only("target_progress", TARGETS, target), july(), Locale::Zh).markdown;
    assert!(text.contains("| 目标甲 |   5.00 |  20.0% |"), "{text}");
    assert!(!text.contains("进展"), "{text}");
}

#[test]
fn a_section_left_out_closes_the_numbering() {
    let mut marts = sample();
    marts.remove("supply_chain");
    marts.remove("supply_rates");
    let text = brief(&marts, july(), Locale::Zh).markdown;
    assert_eq!(
        headings(&text),
        [
            "一、总体运行",
            "二、龙头企业",
            "三、产业链与行业",
            "四、规模与开发区",
            "五、企业拉动与变动",
        ]
    );
}

#[test]
fn a_firm_that_moves_nothing_is_no_mover() {
    let row = "2024-07|X|示例|||500000000||0|0.0049||keep";
    let text = brief(&only("firm_months", FIRMS, row), july(), Locale::Zh).markdown;
    assert!(!text.contains("示例 |"), "{text}");
}

#[test]
fn a_figure_beyond_all_reason_is_left_out() {
    let marts = only("headline", HEADLINE, "2024-07||1||0.1|||||||||||||||||||||");
    let huge = with_column(&marts["headline"], "output_ytd_cny", |_| {
        let array = Decimal128Array::from(vec![10_i128.pow(37)]);
        Arc::new(array.with_precision_and_scale(38, 2).unwrap())
    });
    let text = brief(&Marts::from([("headline".to_owned(), huge)]), july(), Locale::Zh).markdown;
    assert!(text.contains("本期尚无可汇总的数据。"), "{text}");
}
