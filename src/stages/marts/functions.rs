//! The functions of SQL beside the engine's own: `ratio(a, b)` and `growth(a, b)`.
//!
//! In: exact numbers. Out: `a / b` and `(a - b) / b` with ten decimals, what is beyond them cut off;
//! null where a figure is missing and where `b` is not above zero: against that nothing is compared.
//! What can go wrong: a figure too large for a decimal, and when planning a number that is not exact.

use arrow::array::{ArrayRef, Decimal128Array, Scalar};
use arrow::compute::kernels::cmp::lt_eq;
use arrow::compute::kernels::numeric::{div, sub};
use arrow::compute::nullif;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// What the figures are taken as: every sum of the lake fits.
const FIGURE: DataType = DataType::Decimal128(38, 6);

/// Both functions.
pub(super) fn all() -> [ScalarUDF; 2] {
    ["ratio", "growth"].map(|name| {
        let signature = Signature::user_defined(Volatility::Immutable);
        ScalarUDF::from(Quotient { name, signature })
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Quotient {
    name: &'static str,
    signature: Signature,
}

impl Quotient {
    fn of(&self, upper: &ArrayRef, lower: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        let zero = Scalar::new(Decimal128Array::from(vec![0]).with_data_type(FIGURE));
        let lower = nullif(lower, &lt_eq(lower, &zero)?)?;
        if self.name == "growth" {
            return div(&sub(upper, &lower)?, &lower);
        }
        div(upper, &lower)
    }
}

impl ScalarUDFImpl for Quotient {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let is_exact = |it: &DataType| it.is_integer() || it.is_decimal() || it.is_null();
        if types.len() != 2 || !types.iter().all(is_exact) {
            return plan_err!("`{}` takes two decimals or whole numbers", self.name);
        }
        Ok(vec![FIGURE, FIGURE])
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Decimal128(38, 10))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let figures = args.args.into_iter().map(|figure| figure.into_array(rows));
        let [upper, lower] = figures.collect::<Result<Vec<_>>>()?.try_into().expect("two figures");
        Ok(ColumnarValue::Array(self.of(&upper, &lower)?))
    }
}
