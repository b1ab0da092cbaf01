//! Marts as tables of a PostgreSQL database, all in one transaction.
//!
//! In: an address, rows. Out: a table a mart in the schema `yuebao`, with its primary key and comments;
//! readers go on seeing the old rows until all of the new ones are there. A table that has the columns
//! already, or their first ones, is filled anew and keeps its grants and views; another is made anew. What
//! can go wrong: an address that is none, a database that is away or refuses. Nothing is changed then.

use std::time::Duration;

use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};

use super::{Cells, formats};
use crate::cli::CliError;
use crate::files::parquet::TableError;
use crate::stages::publish::manifest::Manifest;
use crate::stages::publish::views;

/// How long a database may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes that are sent at once.
const PIECE: usize = 1 << 20;

/// Kinds of refusal that a second try does not mend (classes of SQLSTATE): who calls or what with, a
/// database that is not there, a right or a name, a view that stands on a table.
const OF_THE_CALL: [&str; 5] = ["28", "2B", "3D", "3F", "42"];

/// The database of an address.
pub(super) fn address(text: &str) -> Result<PgConnectOptions, CliError> {
    text.parse().map_err(|error: sqlx::Error| {
        CliError::Call(format!(
            "the address of the database is none ({error}): write postgres://USER@HOST/DATABASE"
        ))
    })
}

/// A database in words, without user and password.
pub(super) fn named(address: &PgConnectOptions) -> String {
    let host = address.get_socket().map_or_else(
        || format!("{}:{}", address.get_host(), address.get_port()),
        |socket| socket.display().to_string(),
    );
    format!("{host}/{}", address.get_database().unwrap_or(address.get_username()))
}

/// Copies marts of an edition.
pub(super) async fn copy(
    address: &PgConnectOptions,
    edition: &Manifest,
    marts: &[&str],
    read: impl Fn(&str) -> Result<RecordBatch, TableError>,
) -> Result<(), CliError> {
    let place = named(address);
    let away = format!("could not reach the database {place}; nothing was copied");
    let connection = tokio::time::timeout(PATIENCE, PgConnection::connect_with(address)).await;
    let mut connection = match connection {
        Ok(connection) => connection.map_err(|error| failure(away, error))?,
        Err(late) => return Err(CliError::Run(anyhow::Error::new(late).context(away))),
    };
    let what =
        format!("could not begin to copy to the database {place}; nothing was changed there");
    let failed = |error| failure(what.clone(), error);
    let mut transaction = connection.begin().await.map_err(failed)?;
    prepare(&mut transaction).await.map_err(failed)?;
    for mart in marts {
        let rows = read(mart)?;
        let what = || format!("could not copy `{mart}` to {place}; nothing was changed there");
        refill(&mut transaction, mart, &rows, edition)
            .await
            .map_err(|error| failure(what(), error))?;
        send(&mut transaction, mart, &rows).await.map_err(|error| failure(what(), error))?;
    }
    let what = format!("could not end copying to the database {place}: look there, then try again");
    transaction.commit().await.map_err(|error| failure(what, error))
}

/// A failure that says who can mend it: whoever called, or the machine. It never bears the password.
fn failure(what: String, error: sqlx::Error) -> CliError {
    let code = error.as_database_error().and_then(DatabaseError::code);
    let is_call = code.is_some_and(|code| OF_THE_CALL.iter().any(|it| code.starts_with(it)));
    if is_call || matches!(error, sqlx::Error::Configuration(_) | sqlx::Error::Tls(_)) {
        CliError::Call(format!("{what}: {error}"))
    } else {
        CliError::Run(anyhow::Error::new(error).context(what))
    }
}

/// The schema, and nobody else who copies until this is done.
async fn prepare(connection: &mut PgConnection) -> sqlx::Result<()> {
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('yuebao'))").await?;
    let asked = sqlx::query_scalar("SELECT to_regnamespace('yuebao') IS NULL");
    // Who may fill a schema need not have the right to make one.
    if asked.fetch_one(&mut *connection).await? {
        connection.execute("CREATE SCHEMA yuebao").await?;
    }
    Ok(())
}

/// Name, type, whether part of the key.
type TableColumn = (String, String, bool);

/// The columns a table has; none where it is not there.
const KNOWN: &str = "
    SELECT attname::text, format_type(atttypid, atttypmod), coalesce(attnum = ANY (indkey), false)
    FROM pg_attribute LEFT JOIN pg_index ON indrelid = attrelid AND indisprimary
    WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
    ORDER BY attnum";

/// Makes a mart's table ready for its rows: there, empty, described.
async fn refill(
    connection: &mut PgConnection,
    mart: &str,
    rows: &RecordBatch,
    edition: &Manifest,
) -> sqlx::Result<()> {
    let table = format!("yuebao.{}", views::quoted(mart));
    let known: Vec<TableColumn> =
        sqlx::query_as(KNOWN).bind(&table).fetch_all(&mut *connection).await?;
    let columns = columns(rows);
    let new = columns.strip_prefix(known.as_slice()).filter(|_| !known.is_empty());
    let listed = |columns: &[TableColumn], before: &str| {
        let column =
            |(name, kind, _): &TableColumn| format!("{before}{} {kind}", views::quoted(name));
        columns.iter().map(column).collect::<Vec<_>>().join(", ")
    };
    let mut sql = match new {
        Some([]) => format!("DELETE FROM {table};"),
        Some(new) if new.iter().all(|(.., is_key)| !is_key) => {
            format!("DELETE FROM {table}; ALTER TABLE {table} {};", listed(new, "ADD COLUMN "))
        }
        _ => {
            let key = columns.iter().filter(|(.., is_key)| *is_key);
            let key: Vec<_> = key.map(|(name, ..)| views::quoted(name)).collect();
            format!(
                "DROP TABLE IF EXISTS {table}; CREATE TABLE {table} ({}, PRIMARY KEY ({}));",
                listed(&columns, ""),
                key.join(", ")
            )
        }
    };
    let synthetic = if edition.is_synthetic { ", SYNTHETIC 示例数据" } else { "" };
    let comment = format!(
        "{} (第{n}版 edition {n}{synthetic})",
        views::purpose(&rows.schema()),
        n = edition.edition
    );
    sql += &views::comments("TABLE", &table, &comment, &rows.schema());
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}

fn columns(rows: &RecordBatch) -> Vec<TableColumn> {
    let schema = rows.schema();
    let key: Vec<&str> =
        schema.metadata.get("grain").map(|key| key.split(", ").collect()).unwrap_or_default();
    let fields = schema.fields().iter();
    fields
        .map(|it| (it.name().clone(), kind(it.data_type()), key.contains(&it.name().as_str())))
        .collect()
}

/// The type of a column in the database's own words.
fn kind(of: &DataType) -> String {
    match of {
        DataType::Boolean => "boolean".to_owned(),
        DataType::Int32 => "integer".to_owned(),
        DataType::Int64 => "bigint".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Timestamp(..) => "timestamp with time zone".to_owned(),
        DataType::Decimal128(precision, scale) => format!("numeric({precision},{scale})"),
        _ => "text".to_owned(),
    }
}

/// Sends a mart's rows as `COPY` reads them.
async fn send(connection: &mut PgConnection, mart: &str, rows: &RecordBatch) -> sqlx::Result<()> {
    let names: Vec<_> = rows.schema().fields().iter().map(|it| views::quoted(it.name())).collect();
    let (table, names) = (views::quoted(mart), names.join(", "));
    let mut copy =
        connection.copy_in_raw(&format!("COPY yuebao.{table} ({names}) FROM STDIN")).await?;
    let formats = formats();
    let cells = Cells::of(rows, &formats).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let mut piece = String::new();
    for row in 0..rows.num_rows() {
        for (index, cell) in cells.row(row).enumerate() {
            piece += if index == 0 { "" } else { "\t" };
            piece += &cell.map_or_else(|| "\\N".to_owned(), |cell| escaped(&cell));
        }
        piece.push('\n');
        if piece.len() > PIECE {
            copy.send(std::mem::take(&mut piece).into_bytes()).await?;
        }
    }
    copy.send(piece.into_bytes()).await?;
    copy.finish().await?;
    Ok(())
}

/// A text in which nothing ends a cell or a row; PostgreSQL keeps no NUL.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => escaped.push_str("\\\\"),
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\0' => escaped.push(char::REPLACEMENT_CHARACTER),
            other => escaped.push(other),
        }
    }
    escaped
}
