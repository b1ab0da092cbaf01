//! The engine: shapes, order, promises and faults of marts written for the test.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use yuebao::project::lake::Table;
use yuebao::project::marts::{Mart, parse};
use yuebao::stages::marts::{self, Built, MartError, Tables, build, plan};

use super::lake::{Row, batch};
use super::shipped::block_on;

/// A mart over the table `things`, from its header's promises and its query.
fn mart(name: &str, promises: &str, query: &str) -> Mart {
    let text = format!(
        "-- mart: {name}\n-- purpose: A test\n-- grain: id\n-- inputs: things\n-- columns:\n\
         --   id | code | Key | 编号\n--   amount | CNY | Money | 金额\n{promises}{query}\n"
    );
    let file = Path::new("jobs/marts").join(name).with_extension("sql");
    parse(&file, &text).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("id", DataType::Utf8, true),
        Field::new("amount", DataType::Decimal128(20, 4), true),
    ]))
}

/// The table `things`: a text and a decimal with four digits after the point.
fn things(rows: &[(&str, Option<&str>)]) -> Tables {
    let schema = schema();
    let rows: Vec<Row> = rows
        .iter()
        .map(|(id, amount)| {
            vec![(!id.is_empty()).then(|| (*id).to_owned()), amount.map(str::to_owned)]
        })
        .collect();
    let mut tables = Tables::default();
    tables.add_batch("things", &batch(&schema, &rows));
    tables
}

fn built(marts: &[Mart], tables: &Tables) -> Built {
    block_on(async { build(&plan(marts, tables).await?, tables, None).await }).unwrap()
}

fn cells(batch: &RecordBatch) -> String {
    arrow::util::pretty::pretty_format_batches(std::slice::from_ref(batch)).unwrap().to_string()
}

const ALL: &str = "select id, amount from things";

#[test]
fn rows_are_sorted_by_the_grain_and_rounded_half_away_from_zero() {
    let tables = things(&[
        ("c", Some("-0.0050")),
        ("a", Some("0.0050")),
        ("b", Some("0.0049")),
        ("d", Some("-0.0049")),
    ]);
    let built = built(&[mart("m", "", ALL)], &tables);
    assert_eq!(built.marts.len(), 1);
    insta::assert_snapshot!(cells(&built.marts[0].batch), @r"
    +----+--------+
    | id | amount |
    +----+--------+
    | a  | 0.01   |
    | b  | 0.00   |
    | c  | -0.01  |
    | d  | 0.00   |
    +----+--------+
    ");
}

#[test]
fn ratio_and_growth_are_null_where_there_is_nothing_to_compare_with() {
    let tables = things(&[("a", Some("3")), ("b", Some("0")), ("c", Some("-2")), ("d", None)]);
    // 10/3 and (10 - 3)/3, cut after ten decimals, so that what is left of three of them shows.
    for (call, whole) in [("ratio(10, amount)", 10), ("growth(10, amount)", 7)] {
        let query =
            format!("select id, ({whole} - 3 * {call}) * 10000000000 as amount from things");
        let built = built(&[mart("m", "", &query)], &tables);
        let amounts = built.marts[0].batch.column(1);
        let shown = arrow::util::display::array_value_to_string(amounts, 0).unwrap();
        assert_eq!((shown.as_str(), amounts.null_count()), ("1.00", 3), "{call}");
    }
}

#[test]
fn columns_carry_unit_description_type_and_nullability() {
    let mart = mart("m", "", ALL);
    let built = built(std::slice::from_ref(&mart), &things(&[("a", None)]));
    let schema = built.marts[0].batch.schema();
    assert_eq!(schema, marts::schema(&mart));
    let amount = schema.field_with_name("amount").unwrap();
    assert_eq!(amount.metadata()["unit"], "CNY");
    assert_eq!(amount.metadata()["description"], "Money");
    assert_eq!(amount.metadata()["description_zh"], "金额");
    assert_eq!(amount.data_type(), &DataType::Decimal128(24, 2));
    assert!(amount.is_nullable());
    assert!(!schema.field_with_name("id").unwrap().is_nullable());
    assert_eq!(schema.metadata()["grain"], "id");
}

#[test]
fn a_broken_grain_shows_the_rows_it_repeats() {
    let tables = things(&[("b", Some("1")), ("a", Some("2")), ("b", Some("3")), ("b", Some("4"))]);
    let failures = built(&[mart("m", "", ALL)], &tables).failures;
    assert_eq!(failures.len(), 1);
    assert_eq!((failures[0].test.as_str(), failures[0].count), ("grain", 2));
    assert_eq!(failures[0].rows, ["id=b", "id=b"]);
}

#[test]
fn a_null_where_none_is_promised_is_a_failure_not_an_error() {
    let tables = things(&[("a", None), ("b", Some("1"))]);
    let built = built(&[mart("m", "-- not_null: amount\n", ALL)], &tables);
    assert_eq!(built.failures[0].test, "not_null amount");
    assert_eq!(built.failures[0].rows, ["id=a, amount=null"]);
    assert!(built.marts[0].batch.schema().field_with_name("amount").unwrap().is_nullable());
}

#[test]
fn values_outside_the_accepted_ones_are_shown_and_null_is_accepted() {
    let promises = "-- accepted amount: 1.00, 2.00\n";
    let tables = things(&[("a", Some("1")), ("b", None), ("c", Some("2.5"))]);
    let failures = built(&[mart("m", promises, ALL)], &tables).failures;
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0].test, "accepted amount");
    assert_eq!(failures[0].rows, ["id=c, amount=2.50"]);
}

#[test]
fn a_failing_reconciliation_shows_twenty_rows_and_counts_all() {
    let promises = "-- reconcile nothing_is_negative:\n\
                    --   select id, amount from this\n--   where amount < 0 order by id\n";
    let ids: Vec<String> = (0..25).map(|index| format!("x{index:02}")).collect();
    let rows: Vec<_> = ids.iter().map(|id| (id.as_str(), Some("-1"))).collect();
    let failures = built(&[mart("m", promises, ALL)], &things(&rows)).failures;
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0].test, "nothing_is_negative");
    assert_eq!((failures[0].count, failures[0].rows.len()), (25, 20));
    assert_eq!(failures[0].rows[0], "id=x00, amount=-1.00");
}

#[test]
fn later_marts_read_earlier_ones_whatever_their_names() {
    let reader = "select id, amount * 2 as amount from zz";
    let mut first = mart("aa", "", reader);
    first.inputs = vec!["zz".to_owned()];
    let built = built(&[first, mart("zz", "", ALL)], &things(&[("a", Some("1.5"))]));
    let names: Vec<_> = built.marts.iter().map(|mart| mart.name.as_str()).collect();
    assert_eq!(names, ["zz", "aa"]);
    assert!(cells(&built.marts[1].batch).contains("3.00"));
}

#[test]
fn a_mart_with_the_name_of_a_table_reads_that_table() {
    let tables = things(&[("a", Some("1"))]);
    let query = "select id, amount + 1 as amount from things";
    let promises = "-- reconcile adds_one:\n--   select this.id from this join things on \
                    things.id = this.id where this.amount <> things.amount + 1\n";
    let marts = [mart("things", promises, query), mart("z", "", ALL)];
    let built = built(&marts, &tables);
    assert_eq!(built.failures, []);
    assert!(cells(&built.marts[0].batch).contains("2.00"));
    assert!(cells(&built.marts[1].batch).contains("1.00"));
}

#[test]
fn two_builds_are_equal() {
    let rows: Vec<(String, String)> = (0..500)
        .map(|index| (format!("k{:03}", index * 7 % 500), format!("{}.25", index % 13)))
        .collect();
    let rows: Vec<_> = rows.iter().map(|(id, text)| (id.as_str(), Some(text.as_str()))).collect();
    let mut backwards = rows.clone();
    backwards.reverse();
    let grouped = "select substr(id, 1, 2) as id, sum(amount) as amount from things group by substr(id, 1, 2)";
    let of = |rows: &[_]| built(&[mart("m", "", grouped)], &things(rows)).marts.remove(0).batch;
    assert_eq!(of(&rows), of(&backwards));
}

#[test]
fn an_empty_or_absent_folder_is_an_empty_table() {
    let folder = tempfile::tempdir().unwrap();
    for place in [folder.path().to_owned(), folder.path().join("absent")] {
        let mut tables = Tables::default();
        let url = format!("file://{}/", place.display());
        tables.add_parquet("things", &url, &schema()).unwrap();
        assert_eq!(built(&[mart("m", "", ALL)], &tables).marts[0].batch.num_rows(), 0);
    }
}

#[test]
fn files_in_folders_of_folders_are_one_table() {
    let folder = tempfile::tempdir().unwrap();
    let schema = schema();
    for (path, id) in [("form=a/period=2024-07", "a"), ("form=b/period=2024-08", "b")] {
        let place = folder.path().join(path);
        std::fs::create_dir_all(&place).unwrap();
        let rows = batch(&schema, &[vec![Some(id.to_owned()), Some("1".to_owned())]]);
        let file = std::fs::File::create(place.join("part.parquet")).unwrap();
        let mut writer =
            parquet::arrow::ArrowWriter::try_new(file, Arc::clone(&schema), None).unwrap();
        writer.write(&rows).unwrap();
        writer.close().unwrap();
        std::fs::write(place.join("part.parquet.tmp"), "not a table").unwrap();
    }
    let mut tables = Tables::default();
    let url = format!("file://{}/", folder.path().display());
    tables.add_parquet("things", &url, &schema).unwrap();
    let built = built(&[mart("m", "", ALL)], &tables);
    assert_eq!(built.marts[0].batch.num_rows(), 2);
    assert_eq!(built.marts[0].batch.schema().field(0).data_type(), &DataType::Utf8);
}

/// What planning says about a query, as one line each.
fn faults(promises: &str, query: &str) -> Vec<String> {
    let planned = block_on(plan(&[mart("m", promises, query)], &things(&[])));
    let Err(MartError::Sql(found)) = planned else { panic!("it is planned") };
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn planning_names_an_unknown_column_its_line_and_the_nearest() {
    let found = faults("", "select\n  id,\n  amuont as amount\nfrom things");
    insta::assert_snapshot!(found.join("\n"), @"jobs/marts/m.sql:10: No field named amuont. Did you mean 'things.amount'?");
}

#[test]
fn planning_compares_the_query_with_the_header() {
    let found = faults("", "select id, amount as amounts, 1 as more from things");
    insta::assert_snapshot!(found.join("\n"), @"
    jobs/marts/m.sql: the header declares column `amount`, the query does not return it; it returns `amounts`
    jobs/marts/m.sql: the query returns column `amounts`, the header does not declare it
    jobs/marts/m.sql: the query returns column `more`, the header does not declare it
    ");
}

#[test]
fn planning_refuses_binary_floats() {
    let found = faults(
        "",
        "select id, cast(avg(cast(amount as double)) as decimal(20, 2)) as amount from things group by id",
    );
    insta::assert_snapshot!(found.join("\n"), @"jobs/marts/m.sql: `avg(things.amount)` is a binary float, whose sums depend on the order of rows; use a decimal");
}

#[test]
fn planning_looks_into_reconciliations() {
    let found =
        faults("-- reconcile broken:\n--   select id\n--   from this where amonut < 0\n", ALL);
    insta::assert_snapshot!(found.join("\n"), @"jobs/marts/m.sql:10: No field named amonut. Did you mean 'this.amount'?");
}

#[test]
fn a_wrong_query_is_planned_in_vain_and_names_the_file_to_correct() {
    let wrong = mart("m", "", "select id, nothing as amount from things");
    let Err(MartError::Sql(faults)) = block_on(plan(&[wrong], &things(&[]))) else {
        panic!("built")
    };
    assert_eq!(faults[0].file, Path::new("jobs/marts/m.sql"));
}

#[test]
fn tables_of_the_lake_hold_what_units_let_pass() {
    // 18 digits before the point, six after
    let schema = Table::Observations.schema();
    let value = schema.field_with_name("value").unwrap().data_type().clone();
    assert_eq!(value, DataType::Decimal128(24, 6));
    let names: Vec<&str> = Table::ALL.iter().map(|table| table.name()).collect();
    assert_eq!(names, ["submissions", "observations", "records", "findings"]);
}
