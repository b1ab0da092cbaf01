//! Who and what each section lists, and in which order.

use yuebao::stages::publish::brief::{Paper, file_stem};
use yuebao::texts::Locale;

use crate::support::brief_data::{
    Marts, ROSTER, SPELLS, STATUS, TARGETS, annex, brief, july, only, sample,
};

/// The rows of the table under a caption, each as its cells.
fn table(text: &str, caption: &str) -> Vec<Vec<String>> {
    let (_, after) = text.split_once(&format!("**{caption}**")).expect("the table is there");
    let lines = after.trim_start().lines().take_while(|line| line.starts_with('|'));
    let cells =
        |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    lines.skip(2).map(cells).collect()
}

fn column(rows: &[Vec<String>], place: usize) -> Vec<&str> {
    rows.iter().map(|row| row[place].as_str()).collect()
}

fn zh() -> String {
    brief(&sample(), july(), Locale::Zh).markdown
}

#[test]
fn chains_come_by_size() {
    let rows = table(&zh(), "产业链产值（万元；较1—6月、拉动为百分点）");
    let names = ["轨道客车", "肉牛", "汽车零部件", "高端装备", "新材料", "新能源"];
    assert_eq!(column(&rows, 0), names);
    assert_eq!(rows[0][1..], ["27", "195,100", "1,310,500", "9.7%", "47.2%", "4.49", "74.1%"]);
}

#[test]
fn zones_and_chains_have_their_english_names() {
    let text = brief(&sample(), july(), Locale::En).markdown;
    let zones = table(&text, "Output by zone (CNY million; change and pull in percentage points)");
    assert_eq!(column(&zones, 0), ["Lüyuan Economic Development Zone", "Haoyue Industrial Park"]);
    assert_eq!(zones[1][3], "8,170.00");
    let divisions = table(
        &text,
        "Largest industry divisions (CNY million; change and pull in percentage points)",
    );
    assert_eq!(divisions[0][0], "Rail, ship, aerospace and other transport equipment");
}

#[test]
fn size_classes_come_in_their_own_order() {
    let rows = table(&zh(), "分规模产值（万元；较1—6月、拉动为百分点）");
    assert_eq!(column(&rows, 0), ["大型企业", "中型企业", "小型企业", "微型企业"]);
}

#[test]
fn five_firms_add_most_and_five_take_most() {
    let text = zh();
    let adding = table(&text, "拉动作用最大的企业（万元、百分点）");
    assert_eq!(
        column(&adding, 0),
        [
            "示例长客轨道客车股份有限公司",
            "示例皓月清真肉业股份有限公司",
            "示例轨道装备有限公司",
            "示例汽车底盘有限公司",
            "示例智能机床有限公司"
        ]
    );
    let taking = table(&text, "下拉作用最大的企业（万元、百分点）");
    assert_eq!(taking[0][0], "示例线束有限公司");
    assert_eq!(taking[0][2..], ["-22.4%", "-0.22"]);
    assert_eq!(taking.len(), 5, "the sixth takes least");
}

#[test]
fn industries_growing_are_counted() {
    assert!(zh().contains("8个行业大类中6个同比增长，行业增长面75.0%。"));
}

#[test]
fn reports_are_counted_by_form_and_state() {
    let text = annex(&sample());
    assert!(text.contains(
        "各表应报114份，通过109份，待核实1份，退回1份，无法读取1份，未报2份，已收报表中迟报2份，另有更正未通过1份，暂按原报表汇总。"
    ));
    let rows = table(&text, "各表上报情况（份）");
    assert_eq!(rows[0], ["B204-1", "101", "97", "1", "1", "0", "2", "2"]);
    assert_eq!(rows[1], ["LY-01", "13", "12", "0", "0", "1", "0", "0"]);
}

#[test]
fn the_chase_list_begins_with_the_most_urgent() {
    let rows = table(&annex(&sample()), "催报名单");
    let firms: Vec<_> =
        rows.iter().map(|row| format!("{} {} {}", row[0], row[2], row[4])).collect();
    assert_eq!(
        firms,
        [
            "示例铸造有限公司 未报 3",
            "示例水务有限公司 未报 1",
            "示例内饰件有限公司 无法读取 0",
            "示例线束有限公司 退回 0",
            "示例饲料有限公司 待核实 2",
            "示例模具有限公司 通过（更正被退回） 0",
        ]
    );
    let late = table(&annex(&sample()), "已通过的迟报");
    assert_eq!(late[0][0], "示例冷链有限公司", "nothing is left to chase");
}

#[test]
fn deadlines_are_in_the_district_s_time() {
    let row = "2024-07|B204-1|X|甲|missing|2024-08-07T04:00:00Z|true|1";
    let text = annex(&only("submission_status", STATUS, row));
    assert!(text.contains("2024-08-07 12:00"), "{text}");
}

#[test]
fn a_long_chase_list_is_cut_and_says_so() {
    let row = |firm: u32| format!("2024-07|B204-1|X{firm:03}|企业{firm:03}|missing||true|1");
    let of = |count: u32| {
        let rows = (0..count).map(row).collect::<Vec<_>>().join("\n");
        annex(&only("submission_status", STATUS, &rows))
    };
    let (whole, cut) = (of(30), of(42));
    assert_eq!(table(&whole, "催报名单").len(), 30);
    assert!(!whole.contains("未列出"));
    assert_eq!(table(&cut, "催报名单").len(), 30);
    assert!(cut.contains("另有12份未列出，见 submission\\_status。"), "{cut}");
}

#[test]
fn supply_is_that_of_the_district_and_its_growth_that_of_rows_with_both_years() {
    let columns = "period:month supplier_code:text supply_ytd_cny:money supply_prior_ytd_cny:money \
                   is_outside:flag";
    // 110 over 100; B has no last year, C supplies a firm that is not on the roster
    let rows = "2024-07|A|110000000|100000000|false
                2024-07|B|40000000||false
                2024-07|C|70000000|10000000|true";
    let text = brief(&only("supply_chain", columns, rows), july(), Locale::Zh).markdown;
    let sentence = "1—7月，2户企业为本地企业配套，配套产值1.50亿元，同比增长10.0%。";
    assert!(text.contains(sentence), "{text}");
}

#[test]
fn targets_are_counted_by_status() {
    assert!(zh().contains("2024年共跟踪4项目标，超前1项，正常1项，滞后2项。"));
    let text = brief(&sample(), july(), Locale::En).markdown;
    assert!(text.contains("Targets of 2024: 4 in all, 1 ahead, 1 on track, 2 behind."), "{text}");
}

#[test]
fn a_target_s_row_has_progress_gap_and_need() {
    let rows = table(&zh(), "目标进度（亿元）");
    assert_eq!(
        rows[0],
        [
            "全区规上工业总产值",
            "555.12",
            "277.40",
            "50.0%",
            "58.3%",
            "51.6%",
            "277.72",
            "55.54",
            "538.09",
            "滞后"
        ]
    );
}

#[test]
fn a_ratio_is_measured_as_a_ratio() {
    let text = zh();
    let rows = table(&text, "目标进度（亿元）");
    assert_eq!(
        rows[3],
        ["轨道客车产业链本地化配套率", "20.0%", "15.0%", "75.0%", "—", "—", "—", "—", "—", "滞后"]
    );
    assert!(text.contains("- 轨道客车产业链本地化配套率：1—7月为15.0%，目标不低于20.0%，较上年同期提高1.2个百分点。"), "{text}");
}

#[test]
fn only_targets_behind_are_told_what_they_need() {
    let text = zh();
    assert!(
        text.contains(
            "- 全区规上工业总产值：全年目标555.12亿元，已完成277.40亿元（50.0%），尚差277.72亿元，后5个月月均需完成55.54亿元，同比需增长8.9%。按上年同期进度推算（估计数），全年可完成538.09亿元，比目标少17.03亿元。"
        )
    );
    assert!(!text.contains("- 示例敏实"), "it is ahead");
}

#[test]
fn a_missed_target_in_december_needs_nothing_more() {
    let row = "2024-12|t|目标甲|Target|level|500000000||480000000|0.96|1|1|20000000|||||missed|||||||zone|output|480000000";
    let text =
        brief(&only("target_progress", TARGETS, row), "2024-12".parse().unwrap(), Locale::Zh);
    assert!(
        text.markdown
            .contains("- 目标甲：全年目标5.00亿元，已完成4.80亿元（96.0%），尚差0.20亿元。"),
        "{}",
        text.markdown
    );
}

/// A brief about one target of July: its amounts, status, base coverage and what follows.
fn about_target(kind: &str, target: &str, ending: &str) -> String {
    let row = format!("2024-07|t|目标甲|T|{kind}|{target}||300000000||0.583333||||||0.08|{ending}");
    brief(&only("target_progress", TARGETS, &row), july(), Locale::Zh).markdown
}

#[test]
fn a_target_says_what_its_figures_rest_on_where_that_is_not_everything() {
    let cautious = |kind: &str, target: &str, ending: &str| {
        let text = about_target(kind, target, ending);
        text.lines().find(|line| line.starts_with("- 目标甲：")).map(str::to_owned)
    };
    let estimated = cautious("growth", "600000000", "on_track|||0.9642|true|0.99|true");
    let expected = "- 目标甲：上年全年为推算数，上年同期累计中有全年数的占96.4%。";
    assert_eq!(estimated.as_deref(), Some(expected));
    let thin = cautious("growth", "", "|||0.64|false|0.99|true");
    let expected = "- 目标甲：上年同期累计中有全年数的仅占64.0%，目标值与进展暂不计算。";
    assert_eq!(thin.as_deref(), Some(expected));
    let incomplete = cautious("level", "500000000", "incomplete|||1|false|0.623|false");
    let expected = "- 目标甲：数据未报齐，通过的报表占应报的62.3%。";
    assert_eq!(incomplete.as_deref(), Some(expected));
    // a level needs no base; all there is to know is known
    assert_eq!(cautious("level", "500000000", "ahead|||0.64|false|0.99|true"), None);
    assert_eq!(cautious("growth", "600000000", "ahead|||1|false|1|true"), None);
}

#[test]
fn a_target_of_an_incomplete_month_is_not_judged() {
    let text = about_target("level", "500000000", "incomplete|||1|false|0.623|false");
    assert!(text.contains("2024年共跟踪1项目标，数据未报齐1项。"), "{text}");
    assert_eq!(table(&text, "目标进度（亿元）")[0].last().unwrap(), "数据未报齐");
}

#[test]
fn corrections_that_were_not_accepted_are_chased_though_the_report_before_counts() {
    let row = |latest: &str| {
        let row = format!("2024-07|B204-1|X|甲|accepted|2024-08-07T04:00:00Z|false|0|{latest}");
        annex(&only("submission_status", STATUS, &row))
    };
    for (latest, shown) in [("refused", "通过（更正被退回）"), ("queried", "通过（更正待核实）")]
    {
        let text = row(latest);
        assert_eq!(table(&text, "催报名单")[0][2], shown);
        assert!(text.contains("通过1份，另有更正未通过1份，暂按原报表汇总。"), "{text}");
    }
    assert!(!row("accepted").contains("**催报名单**"));
}

#[test]
fn the_footer_states_edition_roster_and_rules() {
    let text = zh();
    let (_, footer) = text.split_once("\n---\n").unwrap();
    for line in [
        "- 数据版次：第7版",
        "- 统计范围：规模以上工业企业，本期名录113户。",
        "可比口径",
        "上年基数按名录逐户规定保留或扣除",
        "SYNTHETIC",
    ] {
        assert!(footer.contains(line), "`{line}` is not in {footer}");
    }
}

#[test]
fn the_principal_language_has_the_plain_file_name() {
    let both = [Locale::Zh, Locale::En];
    assert_eq!(file_stem(Paper::Brief, july(), Locale::Zh, &both), "brief-2024-07");
    assert_eq!(file_stem(Paper::Brief, july(), Locale::En, &both), "brief-2024-07.en");
    assert_eq!(file_stem(Paper::Annex, july(), Locale::En, &both), "annex-2024-07.en");
    assert_eq!(
        file_stem(Paper::Brief, july(), Locale::En, &[Locale::En, Locale::Zh]),
        "brief-2024-07"
    );
    assert_eq!(
        file_stem(Paper::Brief, july(), Locale::Zh, &[Locale::En, Locale::Zh]),
        "brief-2024-07.zh"
    );
}

#[test]
fn the_basis_counts_the_firms_that_left_earlier_in_the_year() {
    let base = |firms: &str| {
        let mut marts = sample();
        marts.extend(only("dim_firm", ROSTER, firms));
        let text = brief(&marts, july(), Locale::Zh).markdown;
        text.lines().find(|line| line.contains("上年基数")).map(str::to_owned).unwrap()
    };
    let rule = "- 年内退出名录的企业，其上年基数按名录逐户规定保留或扣除";
    // still there; there till this very month; left last year; leaves later
    let nobody = "A||keep\n B|2024-07|drop\n C|2023-12|drop\n D|2024-11|keep";
    assert_eq!(base(nobody), format!("{rule}。"));
    let some = "A|2024-06|keep\n B|2024-02|drop\n C|2024-01|drop\n D|2024-07|keep";
    let counted = "截至本期，年内已退出的企业中留基数1户，不留基数2户。";
    assert_eq!(base(some), format!("{rule}；{counted}"));
}

/// The sample of which the roster says of two firms what it says here.
fn of_two_firms(leading: &str, mover: &str) -> Marts {
    let mut marts = sample();
    let rows = format!(
        "91220101735902224D|示例长客轨道客车股份有限公司|2023-01|{leading}
         08|示例线束有限公司|2023-01|true\n 08|示例线束有限公司|2024-03|{mover}
         08|示例线束有限公司|2024-08|true\n 07|示例树脂新材料有限公司|2023-01|true"
    );
    marts.extend(only("dim_firm_spell", SPELLS, &rows));
    marts
}

#[test]
fn what_goes_round_names_only_firms_that_the_roster_allows_in_that_month() {
    for locale in [Locale::Zh, Locale::En] {
        let named = brief(&of_two_firms("true", "true"), july(), locale);
        let unnamed = brief(&of_two_firms("false", "false"), july(), locale);
        for name in ["示例长客轨道客车股份有限公司", "示例线束有限公司"] {
            assert!(named.markdown.contains(name) && named.html.contains(name), "{name}");
            assert!(!unnamed.markdown.contains(name) && !unnamed.html.contains(name), "{name}");
        }
    }
    let text = brief(&of_two_firms("true", ""), july(), Locale::Zh).markdown;
    let taking = table(&text, "下拉作用最大的企业（万元、百分点）");
    assert_eq!(
        taking[0],
        ["某汽车零部件企业", "—", "—", "-0.22"],
        "no figures of one that is not named"
    );
    assert!(annex(&of_two_firms("false", "false")).contains("示例线束有限公司"));
}

#[test]
fn who_is_late_or_missing_stands_in_the_annex_alone() {
    let firm = "示例铸造有限公司";
    assert!(annex(&sample()).contains(firm));
    for locale in [Locale::Zh, Locale::En] {
        let written = brief(&sample(), july(), locale);
        for text in [written.markdown, written.html] {
            assert!(!text.contains("催报") && !text.contains("示例水务有限公司"), "{text}");
        }
    }
}

#[test]
fn the_annex_has_what_is_open_and_what_firms_explained() {
    let mut marts = sample();
    let status = "2024-07|B204-1|S2|示例线束有限公司|refused||false|0|refused|r1
                  2024-07|B204-1|S4|示例冷链有限公司|accepted||false|0|accepted|r2";
    marts.extend(only("submission_status", STATUS, status));
    let findings = "period:month submission_id:text code:text severity:text form:text credit_code:text \
                    cell:text message_zh:text finding_no:int";
    let rows = "2024-07|r1|H4|error|B204-1|S2|D11|出口交货值大于销售产值|1
                2024-07|r1|N1|note|B204-1|S2|D11|仅供参考|2
                2024-07|r2|Q5|query|B204-1|S4|D9|已说明的问题|3";
    marts.extend(only("findings", findings, rows));
    let submissions = "period:month submission_id:text form:text credit_code:text firm_name:text \
                       is_current:flag explanation:text";
    let row = "2024-07|r2|B204-1|S4|示例冷链有限公司|true|检修后恢复生产";
    marts.extend(only("submissions", submissions, row));
    let text = annex(&marts);
    let open = table(&text, "审核问题");
    assert_eq!(open, [["示例线束有限公司", "B204-1", "强制性H4", "D11", "出口交货值大于销售产值"]]);
    let explained = table(&text, "核实说明");
    assert_eq!(explained, [["示例冷链有限公司", "B204-1", "检修后恢复生产"]]);
}
