//! Blocks of a brief as `WordprocessingML`: paragraphs, lists and tables in the styles of a reference document.
//!
//! In: blocks and the identifiers of styles. Out: XML for the body of a document. Text is escaped; nothing
//! else of it gets there.

use std::collections::BTreeMap;
use std::fmt::Write;

use pulldown_cmark::{Event, Tag, TagEnd};

use super::document::escaped;
use super::page;
use super::text::{Block, BriefTable, TEXT, width};

/// Tables take the whole width; a row stays on one page, the first is on each.
const TABLE: &str = "<w:tblW w:w=\"5000\" w:type=\"pct\"/><w:jc w:val=\"center\"/><w:tblCellMar>\
    <w:left w:w=\"57\" w:type=\"dxa\"/><w:right w:w=\"57\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr>";
const HEAD: &str = "<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>";
const ROW: &str = "<w:tr><w:trPr><w:cantSplit/></w:trPr>";

/// The width of a table in twentieths of a point (156 mm), and up to how many characters a column is given
/// room for.
const TABLE_WIDTH: usize = 8844;
const COLUMN_MAX: usize = 20;

/// What a column has beside its words, in characters.
const PADDING: usize = 3;

/// The body of a document while it is written.
pub(super) struct Body<'a> {
    styles: &'a BTreeMap<&'static str, String>,
    pub(super) xml: String,
    /// The style of paragraphs, and whether one is open.
    style: &'static str,
    is_open: bool,
    is_bold: bool,
}

impl<'a> Body<'a> {
    /// An empty body with the styles by name.
    pub(super) fn new(styles: &'a BTreeMap<&'static str, String>) -> Self {
        Self { styles, xml: String::new(), style: "Body Text", is_open: false, is_bold: false }
    }

    /// Adds a block; what only the page or only the Markdown has is left out.
    pub(super) fn add(&mut self, block: &Block) {
        match block {
            Block::Heading(2, words) => self.line("heading 1", words),
            Block::Heading(3, words) => self.line("heading 2", words),
            Block::Heading(_, words) => self.line("heading 3", words),
            Block::Bold(words) => self.line("caption", words),
            Block::Words(words) if words.starts_with(TEXT) => {}
            Block::Words(words) => self.text(words),
            Block::Table(table) => self.table(table),
            Block::Rule | Block::Page(_) => {}
        }
    }

    /// Words of one line as a paragraph.
    fn line(&mut self, style: &'static str, words: &str) {
        self.open(style, "");
        self.inside(words);
        self.close();
    }

    /// Words inside a line.
    fn inside(&mut self, words: &str) {
        for event in page::line_events(words) {
            self.event(&event);
        }
    }

    /// Paragraphs, lists, tables.
    fn text(&mut self, words: &str) {
        self.style = "Body Text";
        for event in page::events(words) {
            self.event(&event);
        }
        self.close();
    }

    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Text(text) | Event::Code(text) => self.run(text),
            Event::SoftBreak => self.run(" "),
            Event::HardBreak => self.xml.push_str("<w:r><w:br/></w:r>"),
            Event::Start(Tag::Strong) => self.is_bold = true,
            Event::End(TagEnd::Strong) => self.is_bold = false,
            Event::Start(Tag::Item) => self.style = "List Bullet",
            Event::Start(Tag::Heading { .. }) => self.style = "heading 2",
            Event::Start(Tag::Table(_)) => self.begin_table(&[]),
            Event::Start(Tag::TableHead) => self.xml.push_str(HEAD),
            Event::Start(Tag::TableRow) => self.xml.push_str(ROW),
            Event::Start(Tag::TableCell) => self.begin_cell(false),
            Event::End(TagEnd::TableCell) => self.end_cell(),
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => self.xml.push_str("</w:tr>"),
            Event::End(TagEnd::Table) => self.xml.push_str("</w:tbl>"),
            Event::End(TagEnd::Paragraph) => self.close(),
            Event::End(TagEnd::Item | TagEnd::Heading(_) | TagEnd::CodeBlock) => {
                self.close();
                self.style = "Body Text";
            }
            // A list within an item: the item's own words end where it begins.
            Event::Start(Tag::List(_)) if self.is_open => self.close(),
            _ => {}
        }
    }

    /// A table of the brief; a caption stays with it.
    fn table(&mut self, table: &BriefTable) {
        if let Some(caption) = &table.caption {
            self.line("caption", caption);
        }
        // A heading may go on in a second line, a figure may not.
        let widest = |place: usize| {
            let cells = table.rows.iter().enumerate().filter_map(|(nth, row)| {
                let width = width(row.get(place)?);
                Some(if nth == 0 { width / 2 } else { width })
            });
            cells.map(|width| width.min(COLUMN_MAX)).max().unwrap_or_default() + PADDING
        };
        self.begin_table(&(0..table.is_figure.len()).map(widest).collect::<Vec<_>>());
        for (nth, row) in table.rows.iter().enumerate() {
            self.xml.push_str(if nth == 0 { HEAD } else { ROW });
            for (cell, is_figure) in row.iter().zip(&table.is_figure) {
                self.begin_cell(*is_figure && nth > 0);
                self.is_bold = nth == 0;
                self.inside(cell);
                self.is_bold = false;
                self.end_cell();
            }
            self.xml.push_str("</w:tr>");
        }
        self.xml.push_str("</w:tbl>");
    }

    /// Begins a table whose columns share its width by how wide they are.
    fn begin_table(&mut self, columns: &[usize]) {
        self.close();
        let (id, all) = (self.id("Table Grid"), columns.iter().sum::<usize>().max(1));
        let column = |width: &usize| format!("<w:gridCol w:w=\"{}\"/>", TABLE_WIDTH * width / all);
        let grid: String = columns.iter().map(column).collect();
        let _ = write!(
            self.xml,
            "<w:tbl><w:tblPr><w:tblStyle w:val=\"{id}\"/>{TABLE}<w:tblGrid>{grid}</w:tblGrid>"
        );
    }

    fn begin_cell(&mut self, is_figure: bool) {
        self.xml.push_str("<w:tc>");
        self.open("Table Text", if is_figure { "<w:jc w:val=\"right\"/>" } else { "" });
    }

    fn end_cell(&mut self) {
        self.close();
        self.xml.push_str("</w:tc>");
    }

    fn open(&mut self, style: &'static str, form: &str) {
        self.close();
        let id = self.id(style);
        let _ = write!(self.xml, "<w:p><w:pPr><w:pStyle w:val=\"{id}\"/>{form}</w:pPr>");
        self.is_open = true;
    }

    fn close(&mut self) {
        if self.is_open {
            self.xml.push_str("</w:p>");
        }
        self.is_open = false;
    }

    fn run(&mut self, text: &str) {
        if !self.is_open {
            self.open(self.style, "");
        }
        let bold = if self.is_bold { "<w:rPr><w:b/></w:rPr>" } else { "" };
        let text = escaped(text);
        let _ = write!(self.xml, "<w:r>{bold}<w:t xml:space=\"preserve\">{text}</w:t></w:r>");
    }

    fn id(&self, style: &str) -> String {
        self.styles.get(style).map(|id| escaped(id)).unwrap_or_default()
    }
}
