"""From the bureau's ledgers themselves: openpyxl and plain Python against service_kpis and projects.

In: the archived workbooks of LY-03 to LY-05 that count by the lake, seeds/leaders.csv. Out: checks on the
tally. Shares nothing with the program: a ledger is a running list, the newest row of a key holds.
"""

import calendar
import csv
import datetime
import re
from decimal import Decimal

import duckdb
import openpyxl

LEVELS = {"区级": "district", "上级": "higher"}
KINDS = {"招商引资": "attracted", "六个回归": "returning"}
STAGES = {"签约": "signed", "在建": "building", "投产": "producing"}
BLANK = {"", "-", "—", "——", "无", "/"}

# What a published review says of July 2024.
PUBLISHED = [
    ("66 have returned", "projects", "kind = 'returning' and stage = 'producing'", 66),
    ("10 are to come", "projects", "kind = 'returning' and stage <> 'producing'", 10),
    ("a food project of 33 亿元 a year", "projects", "name like '%食品%' and output_at_capacity_cny = 3300000000", 1),
    ("576 requests solved", "service_kpis", "level = 'all' and closed_total = 576", 1),
    ("every leader visits", "service_kpis", "leaders_visiting = leaders_due and leaders_due > 0", 1),
]


def text(value):
    """A cell as text; None for a mark of missing."""
    found = "" if value is None else str(value).strip()
    return None if found in BLANK else found


def day(value):
    """A date of the sheet or as typed."""
    if isinstance(value, datetime.datetime):
        return value.date()
    found = text(value)
    return datetime.date(*map(int, re.findall(r"\d+", found)[:3])) if found else None


def money(value):
    """Yuan of an amount in 万元."""
    found = text(value)
    return Decimal(found.replace(",", "")) * 10000 if found else None


def rows(path):
    """The rows below the headings, as dictionaries by heading."""
    sheet = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    headings, found = None, []
    for cells in sheet.iter_rows(values_only=True):
        filled = [cell for cell in cells if cell is not None]
        if filled and str(filled[0]).startswith("填表人"):
            break
        if headings:
            found.append(dict(zip(headings, cells)))
        elif {"诉求编号", "项目编号", "走访日期"} & set(filled):
            headings = cells
    return [row for row in found if any(value is not None for value in row.values())]


def ledgers(output, form):
    """(month, rows) of the ledgers that count, oldest first."""
    asked = f"""
        select strftime(period, '%Y-%m'), sha256
        from read_parquet('{output}/lake/submissions/**/*.parquet', hive_partitioning=false)
        where form = '{form}' and is_current order by period
    """
    return [(month, rows(output / "archive" / month / f"{sha}.xlsx")) for month, sha in duckdb.sql(asked).fetchall()]


def last_day(month):
    """The last day of a month."""
    year, number = map(int, month.split("-"))
    return datetime.date(year, number, calendar.monthrange(year, number)[1])


def next_month(one):
    """The same day of the month after, or its last."""
    year, month = (one.year, one.month + 1) if one.month < 12 else (one.year + 1, 1)
    return datetime.date(year, month, min(one.day, calendar.monthrange(year, month)[1]))


def requests(output):
    """The newest row of each request that was not withdrawn."""
    known = {}
    for _, found in ledgers(output, "LY-03"):
        known.update({text(row["诉求编号"]): row for row in found})
    all_of_them = []
    for row in known.values():
        raised, level = day(row["提出日期"]), LEVELS[text(row["层级"])]
        if text(row["结果"]) == "撤回":
            continue
        due = day(row["办结时限"])
        if due is None:
            due = raised + datetime.timedelta(days=7) if level == "district" else next_month(raised)
        all_of_them.append((level, raised, due, day(row["办结日期"]), text(row["满意度"])))
    return all_of_them


def kpis(output, seeds, months):
    """The rows of service_kpis."""
    asked = requests(output)
    visits = set()
    for _, found in ledgers(output, "LY-05"):
        visits.update((day(row["走访日期"]), text(row["区级领导"]), text(row["统一社会信用代码"])) for row in found)
    with open(seeds / "leaders.csv", encoding="utf-8-sig", newline="") as file:
        leaders = list(csv.DictReader(file))
    made = []
    for month in months:
        first, last = datetime.date(int(month[:4]), 1, 1), last_day(month)
        due_leaders = {one["leader"] for one in leaders if one["from"] <= month and (not one["to"] or month <= one["to"])}
        of_month = [visit for visit in visits if visit[0].strftime("%Y-%m") == month]
        service = (len(due_leaders), len(due_leaders & {visit[1] for visit in of_month}), len(of_month))
        for level in ("all", "district", "higher"):
            of_level = [one for one in asked if level in ("all", one[0])]
            raised = [one for one in of_level if first <= one[1] <= last]
            closed = [one for one in raised if one[3] and one[3] <= last]
            due = [one for one in of_level if first <= one[2] <= last]
            rated = [one for one in closed if one[4]]
            total = [one for one in of_level if one[1] <= last]
            made.append((
                month, level, len(raised), len(closed), len(due),
                sum(1 for one in due if one[3] and one[3] <= one[2]),
                sum(1 for one in of_level if one[2] <= last and not (one[3] and one[3] <= last)),
                len(rated), sum(1 for one in rated if one[4] in ("满意", "基本满意")),
                len(total), sum(1 for one in total if one[3] and one[3] <= last),
                *(service if level == "all" else (None, None, None)),
            ))
    return made


def projects(output, months, seeds):
    """The rows of projects."""
    with open(seeds / "chains.csv", encoding="utf-8-sig", newline="") as file:
        chains = {name: one["chain"] for one in csv.DictReader(file) for name in (one["chain"], one["name_zh"])}
    filed, state, made = dict(ledgers(output, "LY-04")), {}, []
    for month in months:
        state.update({text(row["项目编号"]): row for row in filed.get(month, [])})
        for number, row in state.items():
            made.append((
                month, number, text(row["项目名称"]), text(row["统一社会信用代码"]), KINDS[text(row["类型"])],
                chains.get(text(row["所属产业链"]), "none"), STAGES[text(row["阶段"])],
                money(row["总投资(万元)"]), money(row["达产年产值(万元)"]),
                day(row["签约日期"]), day(row["开工日期"]), day(row["投产日期"]),
            ))
    return made


def published(output, mart, columns):
    """The rows of a mart, the month as text."""
    asked = f"select strftime(period, '%Y-%m'), {columns} from read_parquet('{output}/marts/{mart}.parquet')"
    return duckdb.sql(asked).fetchall()


def check_all(tally, output, seeds):
    """Both marts row by row, and what is published of July 2024."""
    ours = published(
        output, "service_kpis",
        "level, raised_ytd, closed_ytd, due_ytd, closed_on_time_ytd, open_overdue, rated_ytd, satisfied_ytd, "
        "raised_total, closed_total, leaders_due, leaders_visiting, visits",
    )
    months = sorted({row[0] for row in ours})
    tally.check(f"service_kpis: {len(ours)} rows, {len(months)} months", len(months) > 30, len(months))
    tally.empty("service_kpis as from the workbooks", sorted(set(ours) ^ set(kpis(output, seeds, months)), key=repr))
    ours = published(
        output, "projects",
        "project_no, name, credit_code, kind, chain, stage, investment_cny, output_at_capacity_cny, signed_on, "
        "started_on, producing_on",
    )
    tally.check(f"projects: {len(ours)} rows", len(ours) > 1000, len(ours))
    theirs = projects(output, sorted({row[0] for row in ours}), seeds)
    tally.empty("projects as from the workbooks", sorted(set(ours) ^ set(theirs), key=repr))
    for what, mart, where, expected in PUBLISHED:
        file = f"read_parquet('{output}/marts/{mart}.parquet')"
        found = duckdb.sql(f"select count(*) from {file} where period = date '2024-07-01' and {where}").fetchall()
        tally.same(f"published of 2024-07: {what}", found[0][0], expected)
