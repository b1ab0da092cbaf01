//! What became of submissions: an index of the lake, so that questions need not open Parquet files.
//!
//! In: the rows of one partition of the lake and the fingerprint it bears. Out: which partitions the
//! index has, and under which fingerprint. A partition is replaced whole in one transaction; the
//! index holds nothing that the lake does not.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Row};

use super::{Ledger, LedgerError, stamp};
use crate::lake::rows::SubmissionRow;

/// Columns of a row of the index.
const COLUMNS: usize = 13;

/// Rows written by one statement: 650 values, where SQLite takes 32,766 and PostgreSQL 65,535.
const ROWS: usize = 50;

impl Ledger {
    /// The partitions of the index (`2024-07`, or `unreadable`), each with the fingerprint under
    /// which it was taken over.
    pub async fn indexed(&self) -> Result<BTreeMap<String, String>, LedgerError> {
        let rows = sqlx::query("SELECT period, inputs FROM partitions")
            .fetch_all(&self.pool)
            .await
            .map_err(self.failed("read"))?;
        let pair = |row: &sqlx::any::AnyRow| Ok((row.try_get(0)?, row.try_get(1)?));
        rows.iter().map(pair).collect::<Result<_, _>>().map_err(self.failed("read"))
    }

    /// Puts the rows of a partition in the place of those the index has, under a fingerprint.
    pub async fn index(
        &self,
        partition: &str,
        inputs: &str,
        rows: &[SubmissionRow],
    ) -> Result<(), LedgerError> {
        self.replace(partition, Some((inputs, rows))).await.map_err(self.failed("write"))
    }

    /// Takes a partition out of the index.
    pub async fn unindex(&self, partition: &str) -> Result<(), LedgerError> {
        self.replace(partition, None).await.map_err(self.failed("write"))
    }

    async fn replace(
        &self,
        partition: &str,
        with: Option<(&str, &[SubmissionRow])>,
    ) -> Result<(), sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        for statement in [
            "DELETE FROM partitions WHERE period = $1",
            "DELETE FROM submissions WHERE partition = $1",
        ] {
            sqlx::query(statement).bind(partition).execute(&mut *transaction).await?;
        }
        let (inputs, rows) = match with {
            Some((inputs, rows)) => (Some(inputs), rows),
            None => (None, &[][..]),
        };
        for rows in rows.chunks(ROWS) {
            let statement = AssertSqlSafe(insert(rows.len()));
            let query = rows.iter().fold(sqlx::query(statement), |query, row| {
                query
                    .bind(&row.submission_id)
                    .bind(partition)
                    .bind(&row.sha256)
                    .bind(&row.file_name)
                    .bind(&row.form)
                    .bind(&row.credit_code)
                    .bind(row.period.map(|period| period.to_string()))
                    .bind(stamp(row.received_at))
                    .bind(row.revision)
                    .bind(row.state.name())
                    .bind(i64::from(row.is_current))
                    .bind(row.errors)
                    .bind(row.queries)
            });
            query.execute(&mut *transaction).await?;
        }
        if let Some(inputs) = inputs {
            sqlx::query("INSERT INTO partitions (period, inputs) VALUES ($1, $2)")
                .bind(partition)
                .bind(inputs)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    }
}

/// The statement that inserts so many rows.
fn insert(rows: usize) -> String {
    let row = |row: usize| {
        let places = (1..=COLUMNS).map(|column| format!("${}", row * COLUMNS + column));
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    let rows = (0..rows).map(row).collect::<Vec<_>>().join(", ");
    format!(
        "INSERT INTO submissions (submission_id, partition, sha256, file_name, form, credit_code, \
         period, received_at, revision, state, is_current, errors, queries) VALUES {rows}"
    )
}
