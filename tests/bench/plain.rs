//! What the reading library costs by itself: a folder of B204-1 workbooks to one Parquet file, nothing
//! checked, nothing totalled. `cargo bench --bench plain -- INBOX OUT.parquet`

#![expect(clippy::print_stdout, reason = "how many rows it read")]

use std::error::Error;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use calamine::{Data, DataType, Reader, Xlsx, open_workbook};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

type Row = (String, String, [f64; 4]);

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).filter(|it| it != "--bench");
    let (Some(inbox), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("plain INBOX OUT.parquet".into());
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(inbox)? {
        paths.push(entry?.path());
    }
    paths.sort();
    let rows = rows(&paths)?;
    let text = |of: fn(&Row) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(rows.iter().map(of)))
    };
    let figure = |place: usize| -> ArrayRef {
        Arc::new(rows.iter().map(|row| row.2.get(place).copied()).collect::<Float64Array>())
    };
    let batch = RecordBatch::try_from_iter([
        ("credit_code", text(|row| &row.0)),
        ("item", text(|row| &row.1)),
        ("month", figure(0)),
        ("ytd", figure(1)),
        ("prior_month", figure(2)),
        ("prior_ytd", figure(3)),
    ])?;
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let properties = WriterProperties::builder().set_compression(zstd).build();
    let mut writer = ArrowWriter::try_new(File::create(out)?, batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.close()?;
    println!("{} rows", batch.num_rows());
    Ok(())
}

/// The figures of all workbooks.
fn rows(paths: &[PathBuf]) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut rows: Vec<Row> = Vec::new();
    for path in paths {
        let mut book: Xlsx<_> = open_workbook(path)?;
        let cells = book.worksheet_range_at(0).ok_or("no sheet")??;
        let mut code = String::new();
        for row in cells.rows() {
            for text in row.iter().filter_map(Data::get_string) {
                if let Some(found) = text.strip_prefix("统一社会信用代码：") {
                    found.clone_into(&mut code);
                }
            }
            let [_, _, Data::String(item), figures @ ..] = row else { continue };
            let figure = |place: usize| match figures.get(place) {
                Some(Data::Float(value)) => Some(*value),
                _ => None,
            };
            if let (Some(a), Some(b), Some(c), Some(d)) =
                (figure(0), figure(1), figure(2), figure(3))
            {
                rows.push((code.clone(), item.clone(), [a, b, c, d]));
            }
        }
    }
    Ok(rows)
}
