"""What is handed over beside the tables: views for DuckDB, the tables as CSV.

In: an edition, a folder that `yuebao export` wrote. Out: checks on the tally: same rows as in the Parquet
files, from wherever the files lie, and a comment on everything.
"""

import os
import shutil
import tempfile
from pathlib import Path

import duckdb


def rows_differ(database, one, other):
    """How many rows of either side the other has not."""
    asked = f"select count(*) from ((from {one} except all from {other}) union all (from {other} except all from {one}))"
    return database.sql(asked).fetchall()[0][0]


def check_views(tally, marts, names):
    """views.sql makes a file that holds wherever it and the tables lie, and says what everything is."""
    with tempfile.TemporaryDirectory() as work:
        moved, file = Path(work) / "moved 表", Path(work) / "marts.duckdb"
        with duckdb.connect(file) as database:
            database.execute(f"create macro marts_folder() as '{marts}'")
            database.execute((marts / "views.sql").read_text(encoding="utf-8"))
        with duckdb.connect(file, read_only=True) as database:
            views = [name for (name,) in database.sql("select view_name from duckdb_views() where not internal").fetchall()]
            tally.same("views.sql: a view a mart", sorted(views), sorted(names))
            odd = [name for name in views if rows_differ(database, name, f"'{marts}/{name}.parquet'")]
            tally.empty("views.sql: the rows of the marts", odd)
            bare = "select view_name from duckdb_views() where not internal and coalesce(comment, '') = ''"
            tally.empty("views.sql: every view has a comment", database.sql(bare).fetchall())
            bare = "select table_name, column_name from duckdb_columns() where not internal and coalesce(comment, '') = ''"
            tally.empty("views.sql: every column has a comment", database.sql(bare).fetchall())
        shutil.copytree(marts, moved)
        with duckdb.connect(file) as database:
            database.execute(f"create or replace macro marts_folder() as '{moved}'")
            database.execute((moved / "views.sql").read_text(encoding="utf-8"))
            tally.check("views.sql: follows the folder where that is said", rows_differ(
                database, "headline", f"'{marts}/headline.parquet'") == 0)
        check_said_in_a_session(tally, moved, Path(work) / "other.duckdb")


def check_said_in_a_session(tally, folder, file):
    """Without the macro: by a variable, else in the folder itself."""
    sql = (folder / "views.sql").read_text(encoding="utf-8")
    before = Path.cwd()
    with duckdb.connect(file) as database:
        database.execute(f"set variable marts = '{folder}'")
        database.execute(sql)
        tally.check("views.sql: by a variable", database.sql("select count(*) from headline").fetchall()[0][0] > 0)
    with duckdb.connect(file) as database:
        os.chdir(folder)
        try:
            found = database.sql("select count(*) from headline").fetchall()[0][0]
        finally:
            os.chdir(before)
        tally.check("views.sql: in the folder itself", found > 0)


def check_csv(tally, marts, names, folder):
    """Every cell of every CSV, read back as its column's type, is what the mart has."""
    database = duckdb.connect()
    database.execute("set timezone = 'UTC'")
    tally.same("csv: a file a mart", sorted(path.stem for path in folder.glob("*.csv")), sorted(names))
    for name in names:
        mart = f"read_parquet('{marts}/{name}.parquet')"
        file = f"read_csv('{folder}/{name}.csv', all_varchar=true, header=true, delim=',', quote='\"', escape='\"', nullstr='')"
        kinds = [row[:2] for row in database.sql(f"describe from {mart}").fetchall()]
        read = ", ".join(f'cast("{column}" as {kind}) as "{column}"' for column, kind in kinds)
        # an empty text and none are both an empty cell
        told = ", ".join(f"nullif(\"{column}\", '') as \"{column}\"" if kind == "VARCHAR" else f'"{column}"' for column, kind in kinds)
        found = rows_differ(database, f"(select {read} from {file})", f"(select {told} from {mart})")
        tally.same(f"csv: {name} gives back the mart", found, 0)
