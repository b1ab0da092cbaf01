//! `dictionary.html`: the mart `dictionary` as a page for whoever uses the tables.
//!
//! In: its rows. Out: one page without any outside reference. The same rows give the same bytes.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use minijinja::{Environment, context};

/// Its name.
pub const FILE: &str = "dictionary.html";

/// The page.
pub fn page(columns: &RecordBatch) -> String {
    let schema = columns.schema();
    let (formats, mut rows) = (FormatOptions::new(), vec![BTreeMap::new(); columns.num_rows()]);
    for (field, column) in schema.fields().iter().zip(columns.columns()) {
        let texts = ArrayFormatter::try_new(column, &formats).expect("marts have flat columns");
        for (index, row) in rows.iter_mut().enumerate() {
            row.insert(field.name().clone(), texts.value(index).to_string());
        }
    }
    let page = Environment::new().render_named_str(
        FILE,
        include_str!("dictionary.html"),
        context! { rows },
    );
    page.expect("the template is part of the program and a test renders it")
}
