//! The largest figures of the lake: named where a mart cannot be computed, since they are mostly why.
//!
//! In: the lake's tables. Out: the first few with file, sheet and cell. Where the lake
//! cannot be asked nothing is said: the error that led here says more.

use datafusion::error::Result;
use datafusion::prelude::SessionContext;

use super::{Tables, verify};

const LARGEST: &str =
    "select s.file_name, o.form, o.period, o.sheet, o.cell, o.item, o.measure, o.value
from observations as o
join submissions as s on s.submission_id = o.submission_id and s.form = o.form
  and s.period = o.period and s.credit_code = o.credit_code
where s.is_current
order by abs(o.value) desc, o.period, s.file_name, o.sheet, o.cell
limit 5";

/// The largest figures that count, each as `column=value, …`.
pub(super) async fn figures(tables: &Tables) -> Vec<String> {
    let Ok(session) = super::open(tables) else { return Vec::new() };
    asked(&session).await.unwrap_or_default()
}

async fn asked(session: &SessionContext) -> Result<Vec<String>> {
    let batches = session.sql(LARGEST).await?.collect().await?;
    Ok(batches.iter().flat_map(verify::rendered).collect())
}
