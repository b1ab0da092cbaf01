"""From the workbooks themselves: output read naively with openpyxl against the lake.

In: the archived workbooks of one month. Out: checks on the tally. Understands only tidy B204-1
sheets: what needs any cleaning (text for numbers, another unit, odd labels) is left out and counted.
"""

from decimal import Decimal

import duckdb
import openpyxl

FEWEST = 40  # firms that must be comparable for the check to mean something


def tidy_output(book):
    """(cell, output year to date in 千元) of a tidy B204-1 sheet of the workbook, or None."""
    for sheet in book.worksheets:
        if sheet.title != "B204-1" or sheet.sheet_state != "visible":
            continue
        for row in sheet.iter_rows(min_row=1, max_row=40, max_col=5):
            label, unit, code, _, ytd = (cell.value for cell in row)
            if label == "一、工业总产值(当年价格)" and unit == "千元" and code == "01":
                is_number = isinstance(ytd, (int, float)) and not isinstance(ytd, bool)
                return (row[4].coordinate, Decimal(str(ytd))) if is_number else None
    return None


def read(folder):
    """sha256 -> (cell, output in yuan) of every tidy workbook, and how many files there were."""
    files = sorted(folder.glob("*.xlsx"))
    found = {}
    for path in files:
        tidy = tidy_output(openpyxl.load_workbook(path, data_only=True))
        if tidy:
            found[path.stem] = (tidy[0], tidy[1] * 1000)
    return found, len(files)


def of_lake(lake, period):
    """sha256 -> (credit code, cell, output in yuan) of the lake's sheets of one month."""
    asked = f"""
        select s.sha256, s.credit_code, o.cell, o.value
        from read_parquet('{lake}/observations/form=B204-1/period={period}/*.parquet', hive_partitioning=false) o
        join read_parquet('{lake}/submissions/period={period}/*.parquet', hive_partitioning=false) s
            using (submission_id, credit_code)
        where o.item = 'output' and o.measure = 'ytd' and s.layout = 'sheet'
    """
    return {sha: (code, cell, value) for sha, code, cell, value in duckdb.sql(asked).fetchall()}


def check_month(tally, output, period):
    """Each tidy workbook's output of one month: the same figure, from the same cell."""
    raw, files = read(output / "archive" / period)
    lake = of_lake(output / "lake", period)
    firms = {lake[sha][0] for sha in raw if sha in lake}
    name = f"workbooks of {period}: {len(raw)} of {files} tidy, {len(firms)} firms comparable"
    tally.check(name, len(firms) >= FEWEST, f"fewer than {FEWEST}")
    tally.empty("every tidy workbook is in the lake", [sha for sha in raw if sha not in lake])
    odd = [(lake[sha], raw[sha]) for sha in raw if sha in lake and lake[sha][1:] != raw[sha]]
    tally.empty("output as in the workbook, from the same cell", odd)
