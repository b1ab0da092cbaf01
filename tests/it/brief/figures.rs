//! Rounding and units, as they come out in sentences and tables.

use proptest::prelude::*;
use yuebao::texts::Locale;

use crate::support::brief_data::{FIRMS, HEADLINE, TOTALS, brief, july, only};

fn of_output(yuan: &str, locale: Locale) -> String {
    let row = format!("2024-07||{yuan}|||||||||||||||||||||||");
    brief(&only("headline", HEADLINE, &row), july(), locale).markdown
}

fn of_growth(fraction: &str) -> String {
    let row = format!("2024-07||1000000000||{fraction}|||||||||||||||||||||");
    brief(&only("headline", HEADLINE, &row), july(), Locale::Zh).markdown
}

fn of_points(points: &str) -> String {
    let row = format!("2024-07|leading|X|示例|output||100000000|||||{points}|||1|1|1");
    brief(&only("monthly_totals", TOTALS, &row), july(), Locale::Zh).markdown
}

#[test]
fn levels_have_two_decimals() {
    let cases = [
        ("27740000000.00", "277.40亿元"),
        ("27735000000.00", "277.35亿元"),
        ("51400000000.00", "514.00亿元"),
        ("27744500000.00", "277.45亿元"),
        ("27744499999.99", "277.44亿元"),
        ("123456000000.00", "1,234.56亿元"),
        ("10000000.00", "0.10亿元"),
        ("9994999.99", "999万元"),
        ("5000.00", "1万元"),
        ("4999.99", "0万元"),
        ("0.00", "0.00亿元"),
        ("-27740000000.00", "-277.40亿元"),
    ];
    for (yuan, expected) in cases {
        let text = of_output(yuan, Locale::Zh);
        assert!(text.contains(&format!("完成工业总产值{expected}。")), "{yuan}: {text}");
    }
}

#[test]
fn english_levels_are_as_exact_as_the_chinese() {
    let cases = [
        ("27740000000.00", "CNY 27.740 billion"),
        ("27743000000.00", "CNY 27.743 billion"),
        ("51400000000.00", "CNY 51.400 billion"),
        ("999999999.99", "CNY 1,000.00 million"),
        ("28004999.99", "CNY 28.00 million"),
        ("28125000.00", "CNY 28.13 million"),
    ];
    for (yuan, expected) in cases {
        let text = of_output(yuan, Locale::En);
        assert!(text.contains(&format!("produced output of {expected}.")), "{yuan}: {text}");
    }
}

#[test]
fn growth_has_one_decimal_rounded_half_away_from_zero() {
    let cases = [
        ("0.076", "同比增长7.6%"),
        ("0.0765", "同比增长7.7%"),
        ("0.076499", "同比增长7.6%"),
        ("-0.0765", "同比下降7.7%"),
        ("0.0005", "同比增长0.1%"),
        ("0.000499", "同比持平"),
        ("-0.000499", "同比持平"),
        ("2.5", "同比增长250.0%"),
    ];
    for (fraction, expected) in cases {
        let text = of_growth(fraction);
        assert!(text.contains(&format!("，{expected}。")), "{fraction}: {text}");
    }
}

#[test]
fn points_have_one_decimal_and_two_when_small() {
    let cases = [
        ("4.25", "，拉动全区增长4.3个百分点。"),
        ("0.1", "，拉动全区增长0.1个百分点。"),
        ("0.0449", "，拉动全区增长0.04个百分点。"),
        ("-0.055", "，下拉全区增速0.06个百分点。"),
        ("-1.95", "，下拉全区增速2.0个百分点。"),
        ("0.0049", "完成产值1.00亿元。"),
    ];
    for (points, expected) in cases {
        let text = of_points(points);
        assert!(text.contains(expected), "{points}: {text}");
    }
}

#[test]
fn tables_count_in_ten_thousands_without_decimals() {
    let row = "2024-07|X|示例|||12345678905000.00||0.5|1.005||keep";
    let text = brief(&only("firm_months", FIRMS, row), july(), Locale::Zh).markdown;
    assert!(text.contains("| 1,234,567,891 | 50.0% | 1.01 |"), "{text}");
}

#[test]
fn a_small_negative_figure_is_not_minus_zero() {
    let row = "2024-07|X|示例|||-4000.00||-0.0001|-0.01||keep";
    let text = brief(&only("firm_months", FIRMS, row), july(), Locale::Zh).markdown;
    assert!(text.contains("|     0 | 0.0% | -0.01 |"), "{text}");
}

proptest! {
    /// Agrees with integer arithmetic on fen, for every amount from 0.1 亿 up.
    #[test]
    fn levels_agree_with_integer_arithmetic(fen in 1_000_000_000_i64..9_000_000_000_000_000) {
        let yuan = format!("{}.{:02}", fen / 100, fen % 100);
        let hundredths = (fen + 50_000_000) / 100_000_000;
        let expected = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        let text = of_output(&yuan, Locale::Zh).replace(',', "");
        prop_assert!(text.contains(&format!("完成工业总产值{expected}亿元。")), "{}: {}", expected, text);
    }

    /// Both languages round the same amount to the same digits.
    #[test]
    fn languages_agree(fen in 100_000_000_000_i64..9_000_000_000_000_000) {
        let yuan = format!("{}.{:02}", fen / 100, fen % 100);
        let digits = |text: String, before: &str, after: &str| {
            let rest = text.split_once(before).unwrap().1.to_owned();
            let number = rest.split_once(after).unwrap().0.replace([',', '.'], "");
            number.trim_end_matches('0').to_owned()
        };
        let zh = digits(of_output(&yuan, Locale::Zh), "工业总产值", "亿元");
        let en = digits(of_output(&yuan, Locale::En), "CNY ", " billion");
        prop_assert_eq!(zh, en);
    }
}
