//! The rows of a mart by its name.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;

use crate::lake::cells;
pub(crate) use crate::lake::cells::Row;

/// The rows of a mart in their order; none when it is missing.
pub(crate) fn rows<'a>(
    marts: &'a BTreeMap<String, RecordBatch>,
    name: &str,
) -> impl Iterator<Item = Row<'a>> + use<'a> {
    marts.get(name).into_iter().flat_map(cells::rows)
}
