//! The pages are sound: well-formed, self-contained, and safe from what workbooks contain.

use proptest::prelude::*;
use yuebao::stages::publish::brief::Brief;
use yuebao::texts::Locale;

use crate::support::brief_data::{FIRMS, Marts, STATUS, TOTALS, annex, brief, july, only, sample};

const LOCALES: [Locale; 2] = [Locale::Zh, Locale::En];

/// Cells of a Markdown line; an escaped `|` separates none.
fn cells(line: &str) -> usize {
    line.replace("\\\\", "").replace("\\|", "").matches('|').count()
}

#[track_caller]
fn tables_are_well_formed(markdown: &str) {
    let lines: Vec<&str> = markdown.lines().collect();
    for (place, line) in lines.iter().enumerate() {
        if !line.starts_with('|') {
            continue;
        }
        let above = place.checked_sub(1).map_or("", |above| lines[above]);
        if above.starts_with('|') {
            assert_eq!(cells(line), cells(above), "{line}");
        } else {
            assert!(lines[place + 1].starts_with("| -"), "no rule under {line}");
            assert!(above.is_empty(), "no blank line above {line}");
        }
    }
}

/// Walks the tags: each that opens also closes, in order; only these kinds occur.
#[track_caller]
fn tags_are_balanced(html: &str) {
    const VOID: [&str; 5] = ["meta", "rect", "line", "polyline", "circle"];
    let mut open: Vec<String> = Vec::new();
    for part in html.split('<').skip(1) {
        let (tag, _) = part.split_once('>').expect("a tag that ends");
        let name: String =
            tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        if tag.starts_with('!') || tag.ends_with('/') || name == "meta" {
            continue;
        }
        if tag.starts_with('/') {
            assert_eq!(open.pop().as_deref(), Some(name.as_str()), "{tag}");
        } else {
            assert!(name != "script" && name != "img" && name != "link", "{tag}");
            open.push(name);
        }
    }
    let left: Vec<_> = open.iter().filter(|name| !VOID.contains(&name.as_str())).collect();
    assert!(left.is_empty(), "open at the end: {left:?}");
}

pub(super) fn named(name: &str) -> (Marts, Marts) {
    let cell = name.replace(['|', '\n', '\r'], " ");
    let totals = format!(
        "2024-07|chain|X|{cell}|output|1|500000000||||0.1|0.5||0.3|1|1|1
         2024-07|chain|Y|{cell}|output|1|400000000||||0.1|0.5||0.3|1|1|1"
    );
    let firms = format!("2024-07|X|{cell}|||500000000||0.5|1.5||keep");
    (only("monthly_totals", TOTALS, &totals), only("firm_months", FIRMS, &firms))
}

#[test]
fn markdown_tables_are_well_formed() {
    for locale in LOCALES {
        let text = brief(&sample(), july(), locale).markdown;
        assert!(text.contains("| -"), "no table to look at");
        tables_are_well_formed(&text);
    }
}

#[test]
fn table_columns_stand_under_one_another_on_a_terminal() {
    let text = brief(&sample(), july(), Locale::Zh).markdown;
    let width = |line: &str| -> usize {
        line.chars().map(|c| if c.is_ascii() || c == '—' { 1 } else { 2 }).sum()
    };
    let mut above: Option<usize> = None;
    for line in text.lines() {
        let this = line.starts_with('|').then(|| width(line));
        if let (Some(this), Some(above)) = (this, above) {
            assert_eq!(this, above, "{line}");
        }
        above = this;
    }
}

#[test]
fn html_is_balanced_and_declares_its_language() {
    for (locale, tag) in [(Locale::Zh, "zh-CN"), (Locale::En, "en")] {
        let html = brief(&sample(), july(), locale).html;
        assert!(html.starts_with(&format!("<!DOCTYPE html>\n<html lang=\"{tag}\">")));
        tags_are_balanced(&html);
    }
}

#[test]
fn html_refers_to_nothing_outside() {
    for locale in LOCALES {
        let html = brief(&sample(), july(), locale).html;
        for outside in
            ["http:", "https:", "//", "src=", "url(", "@import", "<script", "<link", "xlink"]
        {
            assert!(!html.contains(outside), "{outside}");
        }
        let links: Vec<&str> =
            html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let tags = if locale == Locale::Zh { ["", ".en"] } else { [".en", ""] };
        let [own, other] = tags;
        let before = format!("brief-2024-06{own}.html");
        assert_eq!(links, ["index.html", &before, &format!("brief-2024-07{other}.html")]);
    }
}

#[test]
fn every_chart_can_be_read_aloud() {
    let html = brief(&sample(), july(), Locale::Zh).html;
    let charts: Vec<&str> = html.split("<svg").skip(1).collect();
    assert_eq!(charts.len(), 5);
    for (number, chart) in ["1", "1-growth", "2", "3", "4"].into_iter().zip(charts) {
        let labelled = format!("aria-labelledby=\"chart-{number}-title chart-{number}-text\"");
        assert!(chart.contains("role=\"img\"") && chart.contains(&labelled));
        assert!(chart.contains(&format!("<title id=\"chart-{number}-title\">")));
        assert!(chart.contains(&format!("<desc id=\"chart-{number}-text\">")));
    }
}

#[test]
fn every_table_has_a_caption_and_headers() {
    let html = brief(&sample(), july(), Locale::En).html;
    for table in html.split("<table>").skip(1) {
        let table = table.split("</table>").next().unwrap();
        assert!(table.contains("<caption>"));
        assert!(table.contains("<th scope=\"col\">"));
        assert_eq!(table.matches("<th scope=\"row\"").count() + 1, table.matches("<tr>").count());
    }
}

#[test]
fn chinese_names_on_an_english_page_are_marked() {
    let html = brief(&sample(), july(), Locale::En).html;
    assert!(html.contains("<th scope=\"row\" lang=\"zh-CN\">示例长客轨道客车股份有限公司</th>"));
    let html = brief(&sample(), july(), Locale::Zh).html;
    assert!(!html.contains("<th scope=\"row\" lang"));
}

#[test]
fn bars_stay_on_the_sheet() {
    for locale in LOCALES {
        let html = brief(&sample(), july(), locale).html;
        for bar in html.split("<rect ").skip(1) {
            let read = |name: &str| -> f64 {
                let (_, rest) = bar.split_once(&format!(" {name}=\"")).unwrap();
                rest.split('"').next().unwrap().parse().unwrap()
            };
            let (x, width) = (read("x"), read("width"));
            assert!(0.0 <= x && x + width <= 360.0, "{bar}");
            assert!(0.0 <= read("y") && 0.0 <= read("height"), "{bar}");
        }
    }
}

#[test]
fn markup_in_a_name_stays_text() {
    let (totals, _) = named("<script>alert('a&b')</script>\"");
    let written = brief(&totals, july(), Locale::Zh);
    assert!(!written.html.contains("<script"));
    assert!(written.html.contains("&lt;script&gt;alert(&#39;a&amp;b&#39;)&lt;/script&gt;&quot;"));
    assert!(written.markdown.contains("\\<script>"));
}

#[test]
fn a_bar_in_a_name_opens_no_column() {
    let batch = crate::support::batches::batch(
        STATUS,
        &["2024-07|B204-1|X|A^B|missing||true|1".to_owned()],
    );
    let names = arrow::array::StringArray::from(vec!["A|B\u{1b}[31m\nC"]);
    let mut columns = batch.columns().to_vec();
    columns[3] = std::sync::Arc::new(names);
    let batch = arrow::record_batch::RecordBatch::try_new(batch.schema(), columns).unwrap();
    let marts = Marts::from([("submission_status".to_owned(), batch)]);
    let text = annex(&marts);
    tables_are_well_formed(&text);
    assert!(text.contains("| A\\|B \\[31m C |"), "{text}");
    assert!(!text.contains('\u{1b}'), "no control sequence reaches the terminal");
}

#[test]
fn the_synthetic_district_says_so_at_both_ends() {
    for (locale, words) in [(Locale::Zh, "人工合成"), (Locale::En, "made up")] {
        let Brief { markdown, html, .. } = brief(&sample(), july(), locale);
        for text in [markdown, html] {
            assert_eq!(text.matches(words).count(), 2);
            assert!(2 <= text.matches("SYNTHETIC").count());
        }
    }
}

#[test]
fn the_same_marts_give_the_same_bytes() {
    assert_eq!(brief(&sample(), july(), Locale::Zh), brief(&sample(), july(), Locale::Zh));
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let mut marts = sample();
    for batch in
        marts.values_mut().filter(|batch| batch.schema().column_with_name("target_id").is_none())
    {
        let rows = (0..batch.num_rows()).rev().map(|row| batch.slice(row, 1)).collect::<Vec<_>>();
        *batch = arrow::compute::concat_batches(&batch.schema(), &rows).unwrap();
    }
    assert_eq!(
        brief(&marts, july(), Locale::Zh).markdown,
        brief(&sample(), july(), Locale::Zh).markdown
    );
}

proptest! {
    #[test]
    fn no_name_breaks_a_page(name in "\\PC{1,40}") {
        let (totals, firms) = named(&name);
        for marts in [totals, firms] {
            let written = brief(&marts, july(), Locale::En);
            tags_are_balanced(&written.html);
        }
    }

    #[test]
    fn no_figure_breaks_a_page(
        ytd in any::<i64>(),
        yoy in -999_999_999_999_i64..999_999_999_999,
        month in any::<i64>(),
    ) {
        let row = |scope: &str| format!(
            "2024-07|{scope}|X|甲|output|{m}|{y}|||{g}|{g}|{g}||{g}|1|1|1
             2024-07|{scope}|Y|乙|output|{y}|{m}|||{g}|{g}|{g}||{g}|1|1|1",
            m = rust_decimal::Decimal::new(month, 2),
            y = rust_decimal::Decimal::new(ytd, 2),
            g = rust_decimal::Decimal::new(yoy, 6),
        );
        for scope in ["chain", "leading", "district"] {
            let written = brief(&only("monthly_totals", TOTALS, &row(scope)), july(), Locale::Zh);
            tags_are_balanced(&written.html);
            tables_are_well_formed(&written.markdown);
        }
    }
}
