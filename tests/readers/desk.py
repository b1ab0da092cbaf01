"""The workbook and the document of a month: read back with openpyxl and python-docx.

In: the edition's folder and the project. Out: checks on the tally. Figures must be those of the marts,
sentences those of the Markdown brief.
"""

import re
import tomllib
from decimal import Decimal

import docx
import duckdb
import openpyxl
import pyarrow.parquet as pq

NUMBERS = {"CNY", "fraction", "pp", "count", "quantity"}


def units(folder, mart):
    """column -> unit of a mart."""
    schema = pq.read_schema(folder / f"{mart}.parquet")
    return {field.name: field.metadata[b"unit"].decode() for field in schema}


def expected(folder, sheet, month, divide_by):
    """The rows a sheet must have, its figures and texts only, in no order."""
    unit = units(folder, sheet["mart"])
    table = f"read_parquet('{folder}/{sheet['mart']}.parquet')"
    wanted = [f"cast({column} as text) = '{text}'" for column, text in sheet.get("where", {}).items()]
    if "period" in unit:
        count = sheet.get("months", 1)
        known = f"select distinct period from {table} where period <= date '{month}-01' order by 1 desc limit {count}"
        wanted.append(f"period in ({known})" if count > 1 else f"period = date '{month}-01'")
    shown = [(place, column) for place, column in enumerate(sheet["columns"]) if unit[column] in NUMBERS | {"text"}]
    asked = f"select {', '.join(column for _, column in shown)} from {table} where {' and '.join(wanted) or 'true'}"
    rows = duckdb.sql(asked).fetchall() if shown else []

    def cell(column, value):
        if isinstance(value, str) or value is None:
            return value or None
        return float(Decimal(value) / divide_by if unit[column] == "CNY" else value)

    columns = [column for _, column in shown]
    return [place for place, _ in shown], [tuple(map(cell, columns, row)) for row in rows]


def check_workbook(tally, folder, plan, month):
    """Every sheet against its mart; every sheet frozen, with filters; charts on the first."""
    book = openpyxl.load_workbook(folder / "briefs" / f"月报数据-{month}.xlsx")
    names = [sheet["name"]["zh"] for sheet in plan["sheets"]] + [plan["columns_sheet"]["name"]["zh"]]
    tally.same(f"workbook {month}: sheets", book.sheetnames, names)
    key = lambda row: tuple((cell is None, str(cell)) for cell in row)  # noqa: E731
    for sheet in plan["sheets"]:
        name = sheet["name"]["zh"]
        places, rows = expected(folder, sheet, month, plan["money"]["divide_by"])
        read = [tuple(float(row[p]) if isinstance(row[p], (int, float)) else row[p] for p in places)
                for row in book[name].iter_rows(min_row=2, values_only=True)]
        read = [row for row in read if any(cell is not None for cell in row)]
        if name == names[0]:
            read = read[:len(rows)]
        tally.same(f"workbook {month}, {name}: {len(rows)} rows as the marts have them", sorted(read, key=key), sorted(rows, key=key))
    odd = [s.title for s in book if s.freeze_panes != "B2" or not s.auto_filter.ref]
    tally.empty(f"workbook {month}: heads frozen, filters on", odd)
    tally.check(f"workbook {month}: charts on the first sheet", len(book.worksheets[0]._charts) >= 2, book.worksheets[0]._charts)
    formulas = [c.coordinate for s in book for row in s.iter_rows() for c in row if c.data_type == "f"]
    tally.empty(f"workbook {month}: no formula", formulas)


def plain(markdown):
    """The pieces of text of a Markdown brief, without markup and blanks."""
    text = re.sub(r"(?m)^\[.*\]\(.*\)$", "", markdown)
    pieces = re.split(r"[|\n]", re.sub(r"\\(.)", r"\1", re.sub(r"(?m)^[|: -]+$", "", text)))
    return [piece for piece in (re.sub(r"^[#>\-]+ |\*\*|\s", "", p) for p in pieces) if re.search(r"\w", piece)]


def check_document(tally, folder, month, tag):
    """Every heading, sentence and cell of the Markdown stands in the document."""
    stem = f"brief-{month}{tag}"
    document = docx.Document(folder / "briefs" / f"{stem}.docx")
    texts = [p.text for p in document.paragraphs]
    texts += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    texts += [p.text for section in document.sections for p in section.header.paragraphs]
    there = re.sub(r"\s", "", "\n".join(texts))
    pieces = plain((folder / "briefs" / f"{stem}.md").read_text(encoding="utf-8"))
    tally.empty(f"{stem}.docx: all {len(pieces)} pieces of text", [piece for piece in pieces if piece not in there])
    tally.empty(f"{stem}.docx: no placeholder left", re.findall(r"\{\{.*?\}\}", there))
    tally.same(f"{stem}.docx: bears its month", document.core_properties.created.strftime("%Y-%m"), month)


def check_months(tally, folder, project, months):
    """Both files of some months."""
    plan = tomllib.loads((project / "jobs/brief/workbook.toml").read_text(encoding="utf-8"))
    for month in months:
        check_workbook(tally, folder, plan, month)
        for tag in ("", ".en"):
            check_document(tally, folder, month, tag)
