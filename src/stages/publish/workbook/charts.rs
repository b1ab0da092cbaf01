//! The native charts of a workbook, over the cells of its sheets.

use rust_xlsxwriter::{Chart, ChartAxisLabelPosition, ChartLegendPosition, ChartSeries};

use super::plan::{ChartKind, ChartPlan, Plan};
use super::sheet::FilledSheet;
use crate::texts::Locale;

/// Rows of 20 pixels that a chart takes.
pub(super) const ROWS: u32 = 18;

/// A chart of a sheet's columns: bars, and a line with an axis of its own.
pub(super) fn draw(chart: &ChartPlan, sheet: &FilledSheet, plan: &Plan, locale: Locale) -> Chart {
    let (labels, figures) = (sheet.shown(&chart.labels, plan), sheet.shown(&chart.figures, plan));
    let mut drawn = match chart.kind {
        ChartKind::Columns => Chart::new_column(),
        ChartKind::Bars => Chart::new_bar(),
    };
    series(&mut drawn, sheet, &chart.labels, &chart.figures);
    drawn.title().set_name(chart.title.get(locale));
    drawn.set_width(920).set_height(ROWS * 20).set_alt_text(chart.title.get(locale));
    if let Some(line) = &chart.line {
        let mut over = Chart::new_line();
        series(&mut over, sheet, &chart.labels, line).set_secondary_axis(true);
        drawn.combine(&over);
        drawn.y2_axis().set_num_format(sheet.shown(line, plan));
        drawn.legend().set_position(ChartLegendPosition::Bottom);
    } else {
        drawn.legend().set_hidden();
    }
    // Of bars that lie, the library takes the axis of names for y; the first row is on top.
    let names = match chart.kind {
        ChartKind::Columns => {
            drawn.y_axis().set_num_format(figures);
            drawn.x_axis()
        }
        ChartKind::Bars => {
            drawn.x_axis().set_num_format(figures);
            drawn.y_axis().set_reverse()
        }
    };
    names.set_num_format(labels).set_label_position(ChartAxisLabelPosition::Low);
    drawn
}

/// Adds the figures of a column; they go by the heading of it.
fn series<'a>(
    chart: &'a mut Chart,
    sheet: &FilledSheet,
    labels: &str,
    figures: &str,
) -> &'a mut ChartSeries {
    let series = chart.add_series();
    if let (Some(labels), Some(figures)) = (sheet.place(labels), sheet.place(figures)) {
        let (name, last) = (sheet.name.as_str(), sheet.rows().saturating_sub(1).max(1));
        series.set_categories((name, 1, labels, last, labels));
        series.set_values((name, 1, figures, last, figures));
        series.set_name((name, 0, figures));
    }
    series
}
