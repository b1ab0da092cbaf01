//! Charts as SVG, inside the page.
//!
//! In: the values and the words of a chart. Out: a `<figure>` whose colours are the page's, so that
//! it follows light, dark and print. Positions are computed in decimals: the same on every machine.

use super::document::{Chart, Drawing};
use super::html::escape;

mod bars;
mod bullets;
mod canvas;
mod months;
mod scale;

/// Draws the chart with a number unique on the page, to which its title and description are tied.
pub(crate) fn figure(chart: &Chart, number: usize) -> String {
    let (class, canvas) = match &chart.drawing {
        Drawing::Months(months) => ("months", months::draw(months)),
        Drawing::Bars(bars) => ("bars", bars::draw(bars)),
        Drawing::Bullets(bullets) => ("bullets", bullets::draw(bullets)),
    };
    let (title, description) = (escape(&chart.title), escape(&chart.description));
    format!(
        "<figure class=\"chart {class}\">\n<figcaption>{title}</figcaption>\n\
         <svg viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-labelledby=\"chart-{number}-title chart-{number}-text\">\n\
         <title id=\"chart-{number}-title\">{title}</title>\n\
         <desc id=\"chart-{number}-text\">{description}</desc>\n{body}</svg>\n</figure>\n",
        width = canvas.width(),
        height = canvas.height(),
        body = canvas.body(),
    )
}
