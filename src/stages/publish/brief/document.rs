//! The brief as a value, before it is Markdown or HTML: sections of sentences, tables and charts.
//!
//! Everything is plain text in the reader's language; whoever renders it escapes it.

use rust_decimal::Decimal;

use crate::domain::period::Period;
use crate::texts::Locale;

/// A whole brief.
pub(crate) struct Document {
    /// Its language.
    pub(crate) locale: Locale,
    /// Its title.
    pub(crate) title: String,
    /// Who publishes, which edition.
    pub(crate) imprint: Vec<String>,
    /// That the data is synthetic, if it is.
    pub(crate) notice: Option<String>,
    /// What the links are.
    pub(crate) links_label: String,
    /// The same brief in other languages.
    pub(crate) links: Vec<Link>,
    /// The few figures to see first.
    pub(crate) tiles: Vec<Tile>,
    /// The numbered sections; one without content is left out before it gets here.
    pub(crate) sections: Vec<Section>,
    /// The heading of the footer.
    pub(crate) footer_heading: String,
    /// On what the figures rest.
    pub(crate) footer: Vec<String>,
}

/// The brief in another language.
pub(crate) struct Link {
    /// That language.
    pub(crate) locale: Locale,
    /// Its name in itself.
    pub(crate) label: String,
    /// The file beside this one, without extension.
    pub(crate) file_stem: String,
}

/// A figure to see first.
pub(crate) struct Tile {
    /// What it is.
    pub(crate) label: String,
    /// The figure with its unit.
    pub(crate) value: String,
    /// What to compare it with.
    pub(crate) note: Option<String>,
}

/// A section under its heading.
pub(crate) struct Section {
    /// The heading, numbered.
    pub(crate) heading: String,
    /// Its content, in order.
    pub(crate) blocks: Vec<Block>,
}

/// A piece of a section.
pub(crate) enum Block {
    /// A heading inside a section.
    Subheading(String),
    /// Sentences.
    Paragraph(String),
    /// Sentences, one a line.
    List(Vec<String>),
    /// A table.
    Table(Table),
    /// A chart; its figures also stand in a table or sentence.
    Chart(Chart),
}

/// A table: the first column names the row.
pub(crate) struct Table {
    /// What it shows, with the unit.
    pub(crate) caption: String,
    /// Its columns.
    pub(crate) columns: Vec<Column>,
    /// Its rows, each as long as `columns`.
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// A column of a table.
pub(crate) struct Column {
    /// What it holds.
    pub(crate) heading: String,
    /// Whether it holds figures, which stand to the right.
    pub(crate) is_figure: bool,
}

/// A cell of a table.
pub(crate) struct Cell {
    /// What it says; `None` where there is no figure.
    pub(crate) text: Option<String>,
    /// How to take it.
    pub(crate) tone: Tone,
}

/// Whether a word is good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Neither.
    Plain,
    /// Good.
    Good,
    /// Worth an eye.
    Watch,
    /// Bad.
    Bad,
}

impl Cell {
    /// A plain cell.
    pub(crate) fn plain(text: Option<String>) -> Self {
        Self { text, tone: Tone::Plain }
    }
}

impl Table {
    /// A table without rows yet; each column is `(heading, is_figure)`.
    pub(crate) fn new(caption: String, columns: Vec<(String, bool)>) -> Self {
        let column = |(heading, is_figure)| Column { heading, is_figure };
        Self { caption, columns: columns.into_iter().map(column).collect(), rows: Vec::new() }
    }

    /// Adds a row of plain cells.
    pub(crate) fn push(&mut self, cells: Vec<Option<String>>) {
        self.rows.push(cells.into_iter().map(Cell::plain).collect());
    }

    /// The table without the columns in which no row has a figure, such as the month's in
    /// February; `None` when it has no rows.
    pub(crate) fn trimmed(mut self) -> Option<Block> {
        let count = self.columns.len();
        let is_used = |place: usize| {
            self.rows.iter().any(|row| row.get(place).is_some_and(|cell| cell.text.is_some()))
        };
        let used: Vec<bool> = (0..count).map(is_used).collect();
        keep(&mut self.columns, &used);
        self.rows.iter_mut().for_each(|row| keep(row, &used));
        (!self.rows.is_empty()).then_some(Block::Table(self))
    }
}

fn keep<T>(items: &mut Vec<T>, used: &[bool]) {
    let mut used = used.iter();
    items.retain(|_| used.next().copied().unwrap_or(false));
}

/// A chart with the words that make it readable without seeing it.
pub(crate) struct Chart {
    /// What it shows.
    pub(crate) title: String,
    /// What one sees in it, in a sentence.
    pub(crate) description: String,
    /// The drawing.
    pub(crate) drawing: Drawing,
}

/// What a chart draws.
pub(crate) enum Drawing {
    /// Output of each month above, growth of the year to date below.
    Months(Months),
    /// One bar a row for the level, one for the growth.
    Bars(Bars),
    /// One bar a target, with marks for where it should be.
    Bullets(Bullets),
}

/// Months in a row.
pub(crate) struct Months {
    /// Heading of the upper panel, with its unit.
    pub(crate) level_heading: String,
    /// Heading of the lower panel, with its unit.
    pub(crate) growth_heading: String,
    /// The months, oldest first.
    pub(crate) points: Vec<MonthPoint>,
}

/// One month of a chart.
pub(crate) struct MonthPoint {
    /// The month.
    pub(crate) period: Period,
    /// How many months the level covers: two in February, whose report is January's too.
    pub(crate) span: u32,
    /// Its name on the axis.
    pub(crate) label: String,
    /// Its year's name on the axis.
    pub(crate) year: String,
    /// Level per month in large units.
    pub(crate) level: Option<Decimal>,
    /// The level as text.
    pub(crate) level_text: String,
    /// Growth of the year to date in percent.
    pub(crate) growth: Option<Decimal>,
    /// The growth as text.
    pub(crate) growth_text: String,
}

/// Rows with two bars each.
pub(crate) struct Bars {
    /// Heading of the level bars, with the unit.
    pub(crate) level_heading: String,
    /// Heading of the growth bars, with the unit.
    pub(crate) growth_heading: String,
    /// The rows, top first.
    pub(crate) rows: Vec<BarRow>,
}

/// One row of a bar chart.
pub(crate) struct BarRow {
    /// What it is about.
    pub(crate) label: String,
    /// The level.
    pub(crate) level: Decimal,
    /// The level as text.
    pub(crate) level_text: String,
    /// The growth, where known.
    pub(crate) growth: Option<Decimal>,
    /// The growth as text.
    pub(crate) growth_text: String,
}

/// Targets with what is attained of them.
pub(crate) struct Bullets {
    /// Word for the mark of the calendar's progress.
    pub(crate) time_label: String,
    /// Word for the mark of last year's progress.
    pub(crate) seasonal_label: String,
    /// The targets, top first.
    pub(crate) rows: Vec<BulletRow>,
}

/// One target.
pub(crate) struct BulletRow {
    /// Its name.
    pub(crate) label: String,
    /// Share attained, 1 is the whole.
    pub(crate) attained: Decimal,
    /// The share as text.
    pub(crate) attained_text: String,
    /// Share of the year gone by, where it can be compared.
    pub(crate) time: Option<Decimal>,
    /// Share of last year reached at the same month, where it can be compared.
    pub(crate) seasonal: Option<Decimal>,
    /// How to take it.
    pub(crate) tone: Tone,
}
