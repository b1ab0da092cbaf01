//! Figures as people type them.
#![expect(clippy::cast_possible_truncation, reason = "test workbooks are small")]

use super::{b204, findings, report, values};

/// The report when the month's output is typed this way.
fn typed(cell: &str) -> yuebao::stages::parse::Report {
    let to = format!("千元|'01|{cell}|80312");
    report(&b204(&[("千元|'01|12034|80312", &to)]))
}

/// The month's output in yuan when typed this way; `.` for missing.
fn month(cell: &str) -> String {
    let report = typed(cell);
    assert_eq!(findings(&report), Vec::<String>::new(), "{cell}");
    values(&report, "output").split(' ').next().unwrap().to_owned()
}

#[test]
fn plain_numbers() {
    assert_eq!(month("12034"), "12034000");
    assert_eq!(month("'12034"), "12034000");
    assert_eq!(month("0"), "0");
    assert_eq!(month("-5"), "-5000");
    assert_eq!(month("'.5"), "500");
    assert_eq!(month("'12."), "12000");
    assert_eq!(month("'012034"), "12034000");
    assert_eq!(month("'+12"), "12000");
    assert_eq!(month("'1.2034E+04"), "12034000");
}

#[test]
fn separators_of_thousands() {
    for cell in
        ["'12,034", "'12，034", "'12 034", "'１２，０３４", "'12\u{a0}034", "'12, 034", "'12'034"]
    {
        assert_eq!(month(cell), "12034000", "{cell}");
    }
    assert_eq!(month("'1,234,567.89"), "1234567890");
}

#[test]
fn full_width_and_letter_spaced_digits() {
    assert_eq!(month("'１２０３４"), "12034000");
    assert_eq!(month("'１２．５"), "12500");
    assert_eq!(month("'1 2 0 3 4"), "12034000");
    assert_eq!(month("'　12034　"), "12034000");
}

#[test]
fn negative_numbers() {
    for cell in ["'-12", "'−12", "'－12", "'(12)", "'（12）", "'- 12", "'(12.0)"] {
        assert_eq!(month(cell), "-12000", "{cell}");
    }
}

#[test]
fn a_unit_typed_behind_is_that_figures_unit() {
    assert_eq!(month("'12034千元"), "12034000");
    assert_eq!(month("'12034 千元"), "12034000");
    assert_eq!(month("'1.2万元"), "12000");
    assert_eq!(month("'1.2亿元"), "120000000");
    assert_eq!(month("'12,034,000元"), "12034000");
    assert_eq!(month("'12034元整"), "12034");
    assert_eq!(month("'¥12034"), "12034000");
    assert_eq!(month("'(1.2)万元"), "-12000");
}

#[test]
fn marks_for_missing_are_no_figure() {
    for cell in ["'-", "'—", "'——", "'－", "'/", "'无", "' 无 ", "'", "'　"] {
        assert_eq!(month(cell), ".", "{cell:?}");
    }
}

#[test]
fn binary_noise_does_not_reach_the_lake() {
    assert_eq!(month("73557.53999999999"), "73557540");
    assert_eq!(month("'73557.53999999999"), "73557540");
    assert_eq!(month("0.30000000000000004"), "300");
    assert_eq!(month("2615.75848"), "2615758.48");
    assert_eq!(month("1e-15"), "0");
}

#[test]
fn a_number_formatted_as_a_date_is_a_number() {
    assert_eq!(month("@2024-07-01"), "45474000");
}

#[test]
fn what_is_no_number_is_a_finding_with_the_value() {
    let cells = [
        "'8.5%",
        "'约12000",
        "'~12000",
        "'停产",
        "#REF!",
        "#DIV/0!",
        "=TRUE",
        "'12.3.4",
        "'12 34",
        "'1,2034",
        "'12034 80312",
        "'1.2万",
        "'12吨",
        "'12--",
        "'(12",
        "'()",
        "'e5",
        "'NaN",
        "'inf",
        "'１２０３４?",
    ];
    for cell in cells {
        let report = typed(cell);
        assert_eq!(findings(&report), ["H3@D9"], "{cell}");
        let finding = &report.findings[0];
        assert_eq!(finding.value.as_deref(), Some(cell.trim_start_matches(['\'', '='])), "{cell}");
        assert_eq!(finding.item.as_deref(), Some("output"));
        assert_eq!(finding.measure, Some(yuebao::domain::measure::Measure::Month));
        assert_eq!(finding.message.en, "A number is expected here", "{cell}");
        assert_eq!(values(&report, "output"), ". 80312000 11050000 74021000", "{cell}");
    }
}

#[test]
fn what_the_lake_cannot_hold_is_a_finding() {
    for cell in
        ["1e18", "1e300", "-1e25", "'99999999999999999999999999999999", "'1000000000000000亿元"]
    {
        let report = typed(cell);
        assert_eq!(findings(&report), ["H3@D9"], "{cell}");
        assert!(report.findings[0].message.en.contains("too large"), "{cell}");
    }
}

#[test]
fn a_row_in_another_unit_keeps_it() {
    let yuan = report(&b204(&[("千元|'01|12034|80312", "元|'01|12034000|80312")]));
    assert_eq!(values(&yuan, "output"), "12034000 80312 11050 74021");
    let wan = report(&b204(&[("千元|'01|12034|80312", "万元|'01|1203.4|80312")]));
    assert_eq!(values(&wan, "output"), "12034000 803120000 110500000 740210000");
}

#[test]
fn a_unit_for_the_whole_sheet_holds_where_rows_have_none() {
    let changes = [
        ("|||||制定机关：国 家 统 计 局", "|||||计量单位：万元"),
        ("一、工业总产值(当年价格)|千元", "一、工业总产值(当年价格)|"),
    ];
    let report = report(&b204(&changes));
    assert_eq!(values(&report, "output"), "120340000 803120000 110500000 740210000");
    assert_eq!(
        values(&report, "sales"),
        "11800000 79000000 10990000 73800000",
        "the row's own unit wins"
    );
}

#[test]
fn the_sheets_unit_may_stand_in_the_next_cell_or_in_brackets() {
    for unit in ["||||单位：|元", "||||（单位：元）|", "||||金额单位:人民币元|"] {
        let changes = [
            ("|||||制定机关：国 家 统 计 局", unit),
            ("一、工业总产值(当年价格)|千元", "一、工业总产值(当年价格)|-"),
        ];
        assert_eq!(values(&report(&b204(&changes)), "output"), "12034 80312 11050 74021", "{unit}");
    }
}

#[test]
fn a_unit_in_a_heading_holds_for_its_columns() {
    let changes = [
        ("指标名称|计量单位|代码|本年||上年同期", "指标名称||代码|本年(万元)||上年同期(万元)"),
        ("一、工业总产值(当年价格)|千元", "一、工业总产值(当年价格)|"),
    ];
    assert_eq!(
        values(&report(&b204(&changes)), "output"),
        "120340000 803120000 110500000 740210000"
    );
}

#[test]
fn a_physical_unit_in_a_row_of_money_is_not_believed() {
    let report = report(&b204(&[("千元|'01|12034", "吨|'01|12034")]));
    assert_eq!(values(&report, "output"), "12034000 80312000 11050000 74021000");
}

#[test]
fn quantities_keep_their_unit_and_six_decimals() {
    let report = report(&b204(&[("吨|'37150|12.5", "万千瓦时|'37150|12.1234567")]));
    let figure = report.figures.iter().find(|figure| figure.item == "product:37150").unwrap();
    assert_eq!(figure.unit.name(), "万千瓦时");
    assert_eq!(figure.canonical().to_string(), "12.123457");
}

#[test]
fn a_formula_that_was_never_calculated_is_not_a_blank() {
    let cell = |content: &str| {
        let text = super::b204_text(&[]);
        let rows = text.trim_matches('\n').lines().enumerate().flat_map(|(row, line)| {
            line.split('|').enumerate().filter(|(_, text)| !text.trim().is_empty()).map(
                move |(column, text)| {
                    let place = yuebao::domain::cell::Cell::new(row as u32, column as u32);
                    (place.to_string(), text.trim_matches('\'').to_owned())
                },
            )
        });
        let mut cells: Vec<(String, String)> = rows.collect();
        cells.iter_mut().find(|(place, _)| place == "D11").unwrap().1 = content.to_owned();
        let cells: Vec<(&str, &str)> =
            cells.iter().map(|(place, text)| (place.as_str(), text.as_str())).collect();
        report(&crate::support::package::xlsx(&crate::support::package::sheet_xml(&cells), &[]))
    };
    let never = cell("<f>D9-D10</f>");
    assert_eq!(findings(&never), ["H3@D11"]);
    assert_eq!(never.findings[0].value.as_deref(), Some("=D9-D10"));
    assert_eq!(values(&never, "exports"), ". 1200000 0 900000");
    assert_eq!(findings(&cell("<f t=\"shared\" si=\"4294967295\"></f>")), ["H3@D11"]);
    let calculated = cell("<f>D9-D10</f><v>234</v>");
    assert_eq!(values(&calculated, "exports"), "234000 1200000 0 900000");
}
