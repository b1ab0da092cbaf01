"""The same table through four readers: pyarrow, DuckDB, Polars and pandas must see the same.

In: Parquet files. Out: checks on the tally: columns, types, row counts, nulls and exact sums of every column.
"""

from decimal import Decimal

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


def seen_by_pyarrow(path):
    """Rows, and for each column its nulls and, where it has one, its sum."""
    table = pq.read_table(path)
    seen = {}
    for field, column in zip(table.schema, table.columns):
        is_number = pa.types.is_decimal(field.type) or pa.types.is_integer(field.type)
        total = pc.sum(column).as_py() if is_number else None
        seen[field.name] = (column.null_count, plain(total))
    return table.num_rows, seen


def seen_by_duckdb(path):
    """The same through DuckDB."""
    source = f"read_parquet('{path}')"
    kinds = duckdb.sql(f"describe from {source}").fetchall()
    rows = duckdb.sql(f"select count(*) from {source}").fetchall()[0][0]
    seen = {}
    for name, kind, *_ in kinds:
        is_number = kind.startswith("DECIMAL") or kind in ("INTEGER", "BIGINT")
        total = f'sum("{name}")' if is_number else "null"
        asked = f'select count(*) - count("{name}"), {total} from {source}'
        [(nulls, found)] = duckdb.sql(asked).fetchall()
        seen[name] = (nulls, plain(found))
    return rows, seen


def seen_by_polars(path):
    """The same through Polars."""
    frame = pl.read_parquet(path, hive_partitioning=False)
    seen = {}
    for name in frame.columns:
        column = frame[name]
        is_number = column.dtype.is_decimal() or column.dtype.is_integer()
        total = column.sum() if is_number and column.null_count() < column.len() else None
        seen[name] = (column.null_count(), plain(total))
    return frame.height, seen


def seen_by_pandas(path):
    """The same through pandas, as the recipes read: exact by Arrow's types."""
    frame = pd.read_parquet(path, dtype_backend="pyarrow")
    seen = {}
    for name in frame.columns:
        column, kind = frame[name], frame[name].dtype.pyarrow_dtype
        is_number = pa.types.is_decimal(kind) or pa.types.is_integer(kind)
        nulls = int(column.isna().sum())
        total = column.sum() if is_number and nulls < len(column) else None
        seen[name] = (nulls, plain(total))
    return len(frame), seen


# A type of Arrow in the words of the others.
KINDS = {"string": ("VARCHAR", "String"), "bool": ("BOOLEAN", "Boolean"), "int32": ("INTEGER", "Int32"),
         "int64": ("BIGINT", "Int64"), "date32[day]": ("DATE", "Date"),
         "timestamp[us, tz=UTC]": ("TIMESTAMP WITH TIME ZONE", "Datetime(time_unit='us', time_zone='UTC')")}


def check_types(tally, path):
    """Names, order and types: each reader's own words for the same."""
    expected = []
    for field in pq.read_schema(path):
        digits = f"{field.type.precision}" if pa.types.is_decimal(field.type) else ""
        kind = str(field.type)
        words = (f"DECIMAL({digits},{field.type.scale})", f"Decimal(precision={digits}, scale={field.type.scale})") \
            if digits else KINDS.get(kind)
        expected.append((field.name, words, kind))
    duck = {row[0]: row[1] for row in duckdb.sql(f"describe from read_parquet('{path}')").fetchall()}
    polars = {name: str(kind) for name, kind in pl.read_parquet_schema(path).items()}
    pandas = {name: str(kind.pyarrow_dtype) for name, kind in pd.read_parquet(path, dtype_backend="pyarrow").dtypes.items()}
    found = [(name, (duck.get(name), polars.get(name)), pandas.get(name)) for name in duck]
    tally.empty(f"{path.stem}: columns and types agree in all readers",
                [pair for pair in zip(expected, found) if pair[0] != pair[1]] if len(expected) == len(found) else found)


def plain(total):
    """A sum without the scale that each engine gives it."""
    return None if total is None else Decimal(total).normalize()


def check_mart(tally, path, rows):
    """One mart through all four, against the row count of the manifest."""
    name = path.stem
    check_types(tally, path)
    arrow, duck = seen_by_pyarrow(path), seen_by_duckdb(path)
    polars, pandas = seen_by_polars(path), seen_by_pandas(path)
    counts = {"pyarrow": arrow[0], "duckdb": duck[0], "polars": polars[0], "pandas": pandas[0]}
    expected = rows if rows is not None else arrow[0]
    tally.check(f"{name}: {expected} rows in all readers", set(counts.values()) == {expected}, counts)
    odd = [(c, arrow[1].get(c), duck[1].get(c), polars[1].get(c), pandas[1].get(c)) for c in arrow[1]
           if not arrow[1][c] == duck[1].get(c) == polars[1].get(c) == pandas[1].get(c)]
    tally.empty(f"{name}: nulls and sums agree in all readers", odd)


def check_lake(tally, lake):
    """The lake's tables as one table each, with and without hive partitions."""
    for table in ("observations", "records", "submissions", "findings"):
        files = f"{lake}/{table}/**/*.parquet"
        apart = sum(pq.ParquetFile(p).metadata.num_rows for p in sorted((lake / table).rglob("*.parquet")))
        counts = {
            "duckdb": duckdb.sql(f"select count(*) from read_parquet('{files}')").fetchall()[0][0],
            "polars": pl.scan_parquet(files, hive_partitioning=False).select(pl.len()).collect().item(),
            "polars hive": pl.scan_parquet(files, hive_partitioning=True, try_parse_hive_dates=False)
            .select(pl.len()).collect().item(),
            "pyarrow": pq.read_table(lake / table, partitioning=None).num_rows,
        }
        tally.check(f"lake {table}: {apart} rows in all readers", set(counts.values()) == {apart}, counts)
    check_partitions(tally, lake)


def check_partitions(tally, lake):
    """Folder names say what the rows say; DuckDB prunes by them."""
    files = f"read_parquet('{lake}/observations/**/*.parquet', hive_partitioning={{}}, filename=true)"
    hive = duckdb.sql(f"select form, period, count(*) from {files.format('true')} group by all order by all")
    dated = duckdb.sql(
        f"select form, strftime(period, '%Y-%m'), count(*) from {files.format('false')} group by all order by all"
    )
    tally.same("folder names agree with the rows", hive.fetchall(), dated.fetchall())
    asked = (
        f"select count(distinct filename) from {files.format('true')} "
        "where form = 'B204-1' and period = '2024-07'"
    )
    tally.same("one partition answers for one month", duckdb.sql(asked).fetchall()[0][0], 1)
    kinds = dict(row[:2] for row in duckdb.sql(f"describe from {files.format('false')}").fetchall())
    tally.same("period is a date without hive partitions", kinds["period"], "DATE")
    tally.same("values are decimals", kinds["value"], "DECIMAL(24,6)")
