//! Helpers shared by the tests.

pub(crate) mod batches;
pub(crate) mod brief_data;
pub(crate) mod kept;
pub(crate) mod ledgers;
pub(crate) mod package;
pub(crate) mod postgres;
pub(crate) mod report;
pub(crate) mod scene;
pub(crate) mod together;
pub(crate) mod wait;
pub(crate) mod workbook;
