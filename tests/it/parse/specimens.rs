//! The specimen forms, read to the last figure.

use super::{findings, fixture, line, lines, read, report};
use yuebao::stages::parse::{Format, Layout, LedgerRecord, Report};

const B204_FIGURES: &str = "\
output.month=12034千元@D9
output.ytd=80312千元@E9
output.prior_month=11050千元@F9
output.prior_ytd=74021千元@G9
sales.month=11800千元@D10
sales.ytd=79000千元@E10
sales.prior_month=10990千元@F10
sales.prior_ytd=73800千元@G10
exports.month=0千元@D11
exports.ytd=1200千元@E11
exports.prior_month=0千元@F11
exports.prior_ytd=900千元@G11
industry:3714.month=9034千元@D13
industry:3714.ytd=60312千元@E13
industry:3714.prior_month=8050千元@F13
industry:3714.prior_ytd=55021千元@G13
industry:3670.month=3000千元@D14
industry:3670.ytd=20000千元@E14
industry:3670.prior_month=3000千元@F14
industry:3670.prior_ytd=19000千元@G14
product:37150.month=12.5吨@D16
product:37150.ytd=80.2吨@E16
product:37150.prior_month=11吨@F16
product:37150.prior_ytd=75吨@G16";

#[test]
fn b204_is_read_to_the_last_figure() {
    let report = report(&fixture("forms/B204-1.xlsx"));
    assert_eq!(lines(&report).join("\n"), B204_FIGURES);
    assert_eq!(findings(&report), Vec::<String>::new());
}

#[test]
fn b204_header_is_read_with_its_cells() {
    let report = report(&fixture("forms/B204-1.xlsx"));
    assert_eq!((report.form.as_str(), report.layout), ("B204-1", Layout::Sheet));
    assert_eq!(report.sheet, "B204-1");
    let document = report.document.unwrap();
    assert_eq!(
        (document.value.as_str(), document.cell.to_string().as_str()),
        ("国统字〔2023〕88号", "F4")
    );
    let code = report.credit_code.unwrap();
    assert_eq!((code.value.as_str(), code.cell.to_string().as_str()), ("91220106MA0000429W", "A4"));
    let name = report.firm_name.unwrap();
    assert_eq!(
        (name.value.as_str(), name.cell.to_string().as_str()),
        ("示例轨道配件有限公司", "A5")
    );
    let period = report.period.unwrap();
    assert_eq!(
        (period.value.to_string().as_str(), period.cell.to_string().as_str()),
        ("2024-07", "D5")
    );
    assert_eq!(report.explanation, None);
    let reported = report.reported_on.unwrap();
    assert_eq!(
        (reported.value.to_string().as_str(), reported.cell.to_string().as_str()),
        ("2024-08-06", "F17")
    );
}

#[test]
fn ly01_reads_one_row_a_firm_supplied() {
    let report = report(&fixture("forms/LY-01.xlsx"));
    assert_eq!(report.form, "LY-01");
    let expected = [
        "supply:91220106MA0000015Q.month=5034千元@E8",
        "supply:91220106MA0000015Q.ytd=32312千元@F8",
        "supply:91220106MA0000015Q.prior_month=4050千元@G8",
        "supply:91220106MA0000015Q.prior_ytd=25021千元@H8",
    ];
    assert_eq!(lines(&report), expected);
    assert_eq!(findings(&report), Vec::<String>::new());
    assert_eq!(report.credit_code.unwrap().value, "91220106MA0000429W");
}

#[test]
fn ly02_reads_purchases() {
    let report = report(&fixture("forms/LY-02.xlsx"));
    assert_eq!(report.form, "LY-02");
    assert_eq!(report.figures.len(), 8);
    assert_eq!(line(report.figures.last().unwrap()), "local_purchases.prior_ytd=200000千元@G9");
    assert_eq!(findings(&report), Vec::<String>::new());
    assert_eq!(report.document.unwrap().value, "绿工信〔2023〕12号");
}

#[test]
fn the_export_gives_one_report_a_firm() {
    let book = read(&fixture("forms/B204-1-export.xlsx"));
    assert_eq!(book.format, Some(Format::Xlsx));
    assert_eq!(book.reports.len(), 2, "the row of totals is no firm");
    let first = &book.reports[0];
    assert_eq!(
        (first.form.as_str(), first.layout, first.sheet.as_str()),
        ("B204-1", Layout::Table, "2024年7月")
    );
    assert_eq!(first.credit_code.as_ref().unwrap().value, "91220106MA0000429W");
    assert_eq!(first.firm_name.as_ref().unwrap().value, "示例轨道配件有限公司");
    assert_eq!(first.period.as_ref().unwrap().value.to_string(), "2024-07");
    assert_eq!(findings(first), Vec::<String>::new());
    let expected = "\
output.month=12034千元@F2
output.prior_month=11050千元@G2
output.ytd=80312千元@H2
output.prior_ytd=74021千元@I2
sales.month=11800千元@K2
sales.prior_month=10990千元@L2
sales.ytd=79000千元@M2
sales.prior_ytd=73800千元@N2
exports.month=0千元@P2
exports.prior_month=0千元@Q2
exports.ytd=1200千元@R2
exports.prior_ytd=900千元@S2
industry:3714.month=12034千元@F2
industry:3714.prior_month=11050千元@G2
industry:3714.ytd=80312千元@H2
industry:3714.prior_ytd=74021千元@I2";
    assert_eq!(lines(first).join("\n"), expected);
    assert!(lines(&book.reports[1]).contains(&"industry:3670.month=12034千元@F3".to_owned()));
}

/// `SQ-2024-0001: closed_on=2024-07-09@J7 …`, a line a record.
fn records(report: &Report) -> Vec<String> {
    let record = |record: &LedgerRecord| {
        let entries = record.entries.iter();
        let entries = entries.map(|(column, it)| format!(" {column}={}@{}", it.value, it.cell));
        format!("{}:{}", record.key, entries.collect::<String>())
    };
    report.records.iter().map(record).collect()
}

#[test]
fn ledgers_are_read_to_the_last_cell() {
    let requests = report(&fixture("forms/LY-03.xlsx"));
    assert_eq!((requests.form.as_str(), requests.layout), ("LY-03", Layout::Ledger));
    assert_eq!(requests.code(), Some("11220106MB1234567A"));
    assert_eq!(requests.month().unwrap().to_string(), "2024-07");
    assert_eq!(requests.document.as_ref().unwrap().value, "绿工信〔2023〕12号");
    assert_eq!(findings(&requests), Vec::<String>::new());
    let expected = [
        "SQ-2024-0001: category=用工@E7 closed_on=2024-07-09@J7 credit_code=91220106MA0000429W@B7 \
         due_on=2024-07-10@I7 firm_name=示例轨道配件有限公司@C7 level=district@G7 matter=招聘焊工20名@F7 \
         raised_on=2024-07-03@D7 request_no=SQ-2024-0001@A7 result=solved@K7 satisfaction=satisfied@L7 \
         unit=区人社局@H7",
        "SQ-2024-0002: category=融资@E8 credit_code=91220106MA0000429W@B8 due_on=2024-08-12@I8 \
         firm_name=示例轨道配件有限公司@C8 level=higher@G8 matter=流动资金贷款@F8 raised_on=2024-07-12@D8 \
         request_no=SQ-2024-0002@A8 unit=区金融办@H8",
    ];
    assert_eq!(records(&requests), expected);
    let projects = report(&fixture("forms/LY-04.xlsx"));
    assert_eq!(findings(&projects), Vec::<String>::new());
    let expected = [
        "XM-001: chain=肉牛@F7 investment=1200000000@G7 kind=attracted@E7 output_at_capacity=3300000000@H7 \
         project_name=清真熟食品项目@B7 project_no=XM-001@A7 signed_on=2024-05-20@J7 stage=signed@I7",
        "XM-002: chain=轨道交通@F8 credit_code=91220106MA0000429W@C8 firm_name=示例轨道配件有限公司@D8 \
         investment=50000000@G8 kind=returning@E8 output_at_capacity=120000000@H8 \
         producing_on=2024-06-01@L8 project_name=轨道配件回归项目@B8 project_no=XM-002@A8 \
         signed_on=2023-03-01@J8 stage=producing@I8 started_on=2023-09-01@K8",
    ];
    assert_eq!(records(&projects), expected);
    let visits = report(&fixture("forms/LY-05.xlsx"));
    assert_eq!(findings(&visits), Vec::<String>::new());
    let expected = [
        "2024-07-05 / 区领导01 / 91220106MA0000429W: credit_code=91220106MA0000429W@C7 \
         firm_name=示例轨道配件有限公司@D7 leader=区领导01@B7 matter=协调用工@E7 visited_on=2024-07-05@A7",
    ];
    assert_eq!(records(&visits), expected);
}

#[test]
fn other_formats_give_the_same_figures() {
    for (name, format) in
        [("libreoffice/B204-1.xls", Format::Xls), ("libreoffice/B204-1.ods", Format::Ods)]
    {
        let book = read(&fixture(name));
        assert_eq!(book.format, Some(format));
        assert_eq!(lines(&book.reports[0]).join("\n"), B204_FIGURES, "{name}");
        assert_eq!(findings(&book.reports[0]), Vec::<String>::new(), "{name}");
        assert_eq!(book.reports[0].credit_code.as_ref().unwrap().value, "91220106MA0000429W");
        assert_eq!(book.reports[0].period.as_ref().unwrap().value.to_string(), "2024-07");
    }
    for name in ["libreoffice/B204-1-export.xls", "libreoffice/B204-1-export.ods"] {
        let book = read(&fixture(name));
        let original = read(&fixture("forms/B204-1-export.xlsx"));
        assert_eq!(book.reports, original.reports, "{name}");
    }
}
