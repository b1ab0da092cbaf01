//! Files of marts that do not look ahead, a row group or more for each month: what one build leaves for the
//! next.
//!
//! In: the folder, the files an earlier build left in it by digest, and the month from which on things are
//! otherwise. Out: the rows of the months before, which are not computed again; a new file with these and
//! with the new ones. A file that is missing, damaged or of another build is not used: no row depends on it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{AsArray, Date32Array, RecordBatch, Scalar};
use arrow::compute::filter_record_batch;
use arrow::compute::kernels::cmp::eq;
use arrow::datatypes::{Date32Type, Schema, SchemaRef};
use arrow::error::ArrowError;

use crate::domain::period::Period;
use crate::files;
use crate::files::parquet::{self, GroupedFile, RowGroup, TableError};
use crate::project::marts::{Mart, PERIOD};

/// Where builds leave rows, and what is known of the last one.
#[derive(Clone, Debug)]
pub struct Steps {
    /// The folder.
    pub folder: PathBuf,
    /// The digests of its files, by mart.
    pub digests: BTreeMap<String, String>,
    /// The first month in which anything is otherwise than in the last build; `None` where everything may
    /// be.
    pub from: Option<Period>,
}

/// The rows of the months before the first that changed.
pub(super) struct KeptRows {
    file: GroupedFile,
    groups: Vec<usize>,
}

impl Steps {
    /// The file of a mart.
    pub fn path(&self, mart: &str) -> PathBuf {
        self.folder.join(format!("{mart}.parquet"))
    }

    /// What of a mart is not computed again.
    pub(super) fn kept(&self, mart: &Mart) -> Option<KeptRows> {
        let from = self.from.map(|from| Date32Type::from_naive_date(from.first_day()))?;
        let (path, digest) = (self.path(&mart.name), self.digests.get(&mart.name)?);
        if files::digest(&files::read(&path).ok()?) != *digest {
            return None;
        }
        let file = GroupedFile::open(&path).ok()?;
        let days = file.first_days(PERIOD);
        let is_before = |day: &Option<i32>| day.is_some_and(|day| day < from);
        let groups = days.iter().enumerate().filter(|(_, day)| is_before(day));
        let groups = groups.map(|(place, _)| place).collect();
        Some(KeptRows { file, groups })
    }

    /// Writes the file of a mart: kept rows, then new ones by month.
    pub(super) fn write(
        &self,
        mart: &Mart,
        schema: &SchemaRef,
        (kept, new): (Option<&KeptRows>, &RecordBatch),
    ) -> Result<StepFile, TableError> {
        let kept =
            kept.iter().flat_map(|it| it.groups.iter().map(|at| RowGroup::Kept(&it.file, *at)));
        let new = by_month(new).map_err(|error| TableError::Encode(error.into()))?;
        let groups = kept.chain(new.into_iter().flat_map(|rows| parquet::groups(&rows)));
        // Its metadata would say that rows are sorted by the grain, which those of steps are not.
        let plain = Arc::new(Schema::new(schema.fields().clone()));
        let schema = if mart.is_intermediate() { &plain } else { schema };
        let bytes = parquet::encode_groups(schema, groups, &[])?;
        let path = self.path(&mart.name);
        files::write_unsynced(&path, &bytes)?;
        Ok(StepFile::of(&bytes, GroupedFile::open(&path)?))
    }
}

/// A file of a mart, a row group or more for each month.
#[derive(Debug)]
pub struct StepFile {
    /// Its digest.
    pub digest: String,
    /// The file.
    pub file: GroupedFile,
    /// A fingerprint of the rows of each month.
    pub months: BTreeMap<Period, String>,
}

impl StepFile {
    /// A file with its bytes.
    fn of(bytes: &[u8], file: GroupedFile) -> Self {
        let mut months: BTreeMap<Period, String> = BTreeMap::new();
        for (month, range) in months_of(&file).into_iter().zip(file.ranges()) {
            let rows = files::digest(bytes.get(range).unwrap_or_default());
            if let Some(month) = month {
                months.entry(month).or_default().push_str(&rows);
            }
        }
        Self { digest: files::digest(bytes), file, months }
    }

    /// Opens a file that an edition has of a mart.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        Ok(Self::of(&files::read(path)?, GroupedFile::open(path)?))
    }

    /// The months whose rows are others in another file, those that only one has among them.
    pub fn differing(&self, other: &Self) -> BTreeSet<Period> {
        let months = self.months.keys().chain(other.months.keys());
        months.filter(|it| self.months.get(it) != other.months.get(it)).copied().collect()
    }

    /// The rows of some months.
    pub fn rows(&self, months: &BTreeSet<Period>) -> Result<RecordBatch, TableError> {
        let is_of = |month: &Option<Period>| month.is_some_and(|it| months.contains(&it));
        let groups = months_of(&self.file);
        let places = groups.iter().enumerate().filter(|(_, month)| is_of(month));
        self.file.read(places.map(|(place, _)| place).collect())
    }
}

/// The month of each row group.
fn months_of(file: &GroupedFile) -> Vec<Option<Period>> {
    let month = |day: Option<i32>| Period::of(Date32Type::to_naive_date_opt(day?)?);
    file.first_days(PERIOD).into_iter().map(month).collect()
}

/// The rows of each month, in its order, as they stand.
fn by_month(rows: &RecordBatch) -> Result<Vec<RecordBatch>, ArrowError> {
    let Some(months) = rows.column_by_name(PERIOD) else { return Ok(Vec::new()) };
    let mut days: Vec<i32> = months.as_primitive::<Date32Type>().iter().flatten().collect();
    days.sort_unstable();
    days.dedup();
    let of_day = |day: i32| {
        let is_its = eq(months, &Scalar::new(Date32Array::from(vec![day])))?;
        filter_record_batch(rows, &is_its)
    };
    days.into_iter().map(of_day).collect()
}
