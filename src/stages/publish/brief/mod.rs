//! The monthly brief and its annex: the templates of `jobs/brief` over the marts of one month.
//!
//! In: the marts as record batches, the month, the district, the language, the project's files. Out:
//! one Markdown text, one self-contained HTML page and one document for Word that say the same. The brief
//! goes round: it names a firm only where the roster allows it; the annex stays in the bureau and names all.
//! Pure: no clock, no file is read, so the same marts give the same bytes. A mart, a column or a figure
//! that is not there leaves its clause, its column or its section out; no figure is ever made up. Only a template can fail.
//!
//! The way of a figure: `facts` reads a cell, a template of `jobs/brief` puts it in words by `filters`
//! (`words`, `chart`), `text` takes the clauses of unknown figures out and makes Markdown, `page` makes
//! HTML of it.

use std::collections::BTreeMap;
use std::fmt::Write;

use arrow::record_batch::RecordBatch;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context, escape_formatter};

use self::text::Block;
use self::words::Phrases;
use crate::domain::period::Period;
use crate::domain::words::words;
use crate::project::Project;
use crate::project::fault::Fault;
use crate::project::files::Texts;
use crate::texts::Locale;

mod chart;
mod check;
mod document;
mod facts;
mod filters;
pub mod index;
mod page;
mod text;
mod wordml;
mod words;

pub use check::{faults, unread_notes};
pub use facts::{beside, months};
pub use text::is_wide;

/// Whether a mart is one that pages are made from.
pub fn reads(mart: &str) -> bool {
    facts::MARTS.split(' ').any(|name| name == mart)
}

/// The shell of the page.
const PAGE: &str = "jobs/brief/page.html";

/// The body of the pages that lead to others.
const INDEX: &str = "jobs/brief/index.html";

/// The document whose styles, page, header and footer the briefs have.
const REFERENCE: &str = "jobs/brief/reference.docx";

/// What is said of a template that is not there.
const MISSING: &str = "is missing: copy the shipped one and edit it";

words! {
    /// The papers about a month.
    Paper {
        /// What goes round: it names only the firms that may be named.
        Brief = "brief",
        /// On the quality of the data, for the bureau itself: it names whoever is late or open.
        Annex = "annex",
    }
}

/// What a brief is about, beside the marts.
#[derive(Clone, Copy, Debug)]
pub struct Issue<'a> {
    /// The brief or its annex.
    pub paper: Paper,
    /// The month reported on.
    pub period: Period,
    /// Number of the edition the brief belongs to.
    pub edition: u32,
    /// The district, its languages, the templates and the bureau's notes.
    pub project: &'a Project,
}

/// One paper in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// As Markdown: also what a terminal shows.
    pub markdown: String,
    /// As one HTML page without any outside reference.
    pub html: String,
    /// As a document for Word.
    pub document: Vec<u8>,
}

/// Writes a paper of one month in one language.
///
/// `marts` holds each mart under its name, with any number of months in it; any may be missing.
pub fn write(
    marts: &BTreeMap<String, RecordBatch>,
    issue: &Issue<'_>,
    locale: Locale,
) -> Result<Brief, Fault> {
    let (texts, words) = (&issue.project.texts, Phrases::new(locale, &issue.project.settings));
    let engine = engine(&words);
    let template = template(issue.paper, locale);
    let mut facts = facts::gather(marts, issue, &words);
    let mut blocks = text::blocks(&render(&engine, texts, &template, &facts)?);
    if !blocks.iter().any(|block| matches!(block, Block::Heading(2, _))) {
        facts.insert("is_empty", Value::from(true));
        blocks = text::blocks(&render(&engine, texts, &template, &facts)?);
    }
    let mut page = page::parts(&blocks, locale);
    page.insert("is_synthetic", Value::from(issue.project.settings.district.is_synthetic));
    page.insert("lang", Value::from(tag(locale)));
    page.extend(facts.remove("languages").map(|others| ("links", others)));
    for (name, period) in ["previous", "next"].into_iter().zip(beside(&months(marts), issue.period))
    {
        let Some(period) = period else { continue };
        let file = file_stem(issue.paper, period, locale, &issue.project.settings.locales);
        page.insert(name, context! { file, period => facts::month_value(period) });
    }
    let html = render(&engine, texts, PAGE, &page)?;
    let document = document(&blocks, issue, &words)?;
    Ok(Brief { markdown: text::markdown(&blocks), html, document })
}

/// The document: what stands above the first section fills the places that the reference has for it.
fn document(blocks: &[Block], issue: &Issue<'_>, words: &Phrases) -> Result<Vec<u8>, Fault> {
    let (texts, district) = (&issue.project.texts, &issue.project.settings.district);
    let own = format!("jobs/brief/reference.{}.docx", words.locale.name());
    let file = if texts.document(&own).is_some() { &own } else { REFERENCE };
    let reference = texts.document(file).ok_or_else(|| Fault::new(file, MISSING))?;
    let mut body: Vec<&Block> = blocks.iter().collect();
    // Each stands once, in its own place of the reference.
    let mut take = |is: fn(&Block) -> bool| {
        let start = body.iter().position(|block| matches!(block, Block::Heading(2, _)));
        let place = body.iter().take(start.unwrap_or_default()).position(|block| is(block));
        place.map(|place| document::words(body.remove(place))).unwrap_or_default()
    };
    let title = take(|block| matches!(block, Block::Heading(1, _)));
    let notice = take(|block| matches!(block, Block::Words(words) if words.starts_with('>')));
    let imprint = take(|block| matches!(block, Block::Words(_)));
    let month = words.month(issue.period, "brief.month.names");
    let (year, number) = (issue.period.year().to_string(), issue.period.month().to_string());
    let about = BTreeMap::from([
        ("title", title),
        ("imprint", imprint),
        ("notice", notice),
        ("issue", words.say("brief.issue", &[("year", &year), ("number", &number)])),
        ("month", words.dated(&month, issue.period)),
        ("bureau", district.bureau.get(words.locale).to_owned()),
        ("district", district.name.get(words.locale).to_owned()),
    ]);
    document::write(reference, &body, &about, issue.period).map_err(|said| Fault::new(file, said))
}

/// The file name of a paper without its extension: `brief-2024-07` for the principal language,
/// `brief-2024-07.en` for another.
pub fn file_stem(paper: Paper, period: Period, locale: Locale, locales: &[Locale]) -> String {
    let name = paper.name();
    if locales.first().is_none_or(|principal| *principal == locale) {
        return format!("{name}-{period}");
    }
    format!("{name}-{period}.{}", locale.name())
}

/// Whether a project has a paper in a language: always the brief, the annex where it has the template.
pub fn has(project: &Project, paper: Paper, locale: Locale) -> bool {
    paper == Paper::Brief || project.texts.get(&template(paper, locale)).is_some()
}

/// The template of a paper in a language.
fn template(paper: Paper, locale: Locale) -> String {
    format!("jobs/brief/{}.{}.md", paper.name(), locale.name())
}

/// The BCP 47 tag of a language.
fn tag(locale: Locale) -> &'static str {
    match locale {
        Locale::Zh => "zh-CN",
        Locale::En => "en",
    }
}

/// The engine with its filters. What a template prints is escaped as its file's kind asks for; what is
/// unknown prints as a gap, which takes its clause along.
fn engine(words: &Phrases) -> Environment<'static> {
    let mut engine = Environment::new();
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    engine.set_syntax(syntax.build().expect("the usual signs of a template are sound"));
    engine.set_undefined_behavior(UndefinedBehavior::Chainable);
    engine.set_auto_escape_callback(|name| match name.rsplit('.').next() {
        Some("html") => AutoEscape::Html,
        Some("svg") => AutoEscape::Custom("svg".into()),
        _ => AutoEscape::Custom("markdown".into()),
    });
    engine.set_formatter(|out, state, value| match state.auto_escape() {
        AutoEscape::Html => escape_formatter(out, state, value),
        AutoEscape::Custom(kind) if kind == "svg" => Ok(out.write_str(&chart::printed(value))?),
        _ if value.is_undefined() || value.is_none() => Ok(out.write_char(text::GAP)?),
        _ if value.is_safe() => Ok(write!(out, "{value}")?),
        _ => Ok(out.write_str(&text::escape(&value.to_string()))?),
    });
    filters::add(&mut engine, words);
    engine
}

fn render(
    engine: &Environment<'_>,
    texts: &Texts,
    file: &str,
    facts: &BTreeMap<&str, Value>,
) -> Result<String, Fault> {
    let source = texts.get(file).ok_or_else(|| Fault::new(file, MISSING))?;
    let template = engine.template_from_named_str(file, source);
    template
        .and_then(|template| template.render(Value::from(facts.clone())))
        .map_err(|error| Fault { line: error.line(), ..Fault::new(file, check::said(&error)) })
}
