"""The published figures a second time, by another engine, from the lake and the seeds alone.

In: the lake's observations and submissions, seeds/*.csv, the settings, the exempt months of the forms.
Out: checks on the tally that compare with the marts to the last digit. The SQL here is DuckDB's and shares nothing with jobs/marts: it follows
the rules as the marts' headers state them. Ratios are computed in integers, rounded half away from
zero to six digits.
"""

import json
import tomllib
from pathlib import Path

import duckdb

SQL = Path(__file__).resolve().parent / "recompute.sql"

# The two leading firms of the sample.
RAIL = "91220106MA0000015Q"
BEEF = "91220106MA0000023K"

# Figures a published review of the district names: what, SQL on the recomputed tables, expected.
# Levels in 亿元 and growth and shares in per cent, as printed.
PUBLISHED = [
    ("district 2024-07, 亿元", "round(ytd / 1e8, 1)", "2024-07-01", "district", "277.4"),
    ("district 2024-07, growth %", "round(growth * 100, 1)", "2024-07-01", "district", "7.6"),
    ("rail firm 2024-07, 亿元", "round(ytd / 1e8, 1)", "2024-07-01", RAIL, "117.1"),
    ("rail firm 2024-07, growth %", "round(growth * 100, 1)", "2024-07-01", RAIL, "10.3"),
    ("beef firm 2024-07, 亿元", "round(ytd / 1e8, 1)", "2024-07-01", BEEF, "81.7"),
    ("beef firm 2024-07, growth %", "round(growth * 100, 1)", "2024-07-01", BEEF, "7.1"),
    ("zones 2023-12, 亿元", "round(sum(ytd) / 1e8, 1)", "2023-12-01", "zone", "435.3"),
    ("zones 2023-12, share %", "round(sum(share) * 100, 2)", "2023-12-01", "zone", "84.69"),
]


def settings(database, output, jobs):
    """What is set: since when, from which share on a month is complete, who files when; and as of when."""
    told = tomllib.loads((jobs / "pipeline.toml").read_text(encoding="utf-8"))
    created = json.loads((output / "marts" / "manifest.json").read_text(encoding="utf-8"))["created_at"]
    since = told["district"].get("since", "0001-01")
    share = told.get("thresholds", {}).get("complete_share_min", 0.95)
    database.execute(
        "create table settings as select cast($1 || '-01' as date) as since, "
        "cast($2 as decimal(18, 6)) as complete_share_min, cast($3 as timestamptz) as as_of",
        [since, str(share), created],
    )
    database.execute("create table exempt (form varchar, month int)")
    database.execute("create table bureau (form varchar, credit_code varchar)")
    for path in sorted((jobs / "forms").glob("*.toml")):
        form = tomllib.loads(path.read_text(encoding="utf-8"))
        for month in form.get("exempt_months", []):
            database.execute("insert into exempt values ($1, $2)", [form["form"], month])
        if "column" in form and "bureau_code" in told["district"]:
            database.execute("insert into bureau values ($1, $2)", [form["form"], told["district"]["bureau_code"]])


def connect(output, seeds):
    """A database in memory with the lake, the seeds, the marts, and what recompute.sql makes of them."""
    database = duckdb.connect()
    database.execute("set timezone = 'UTC'")
    # with several threads DuckDB 2.0.0 may wait for ever in a union of joins
    database.execute("set threads = 1")
    for table in ("observations", "submissions"):
        files = f"{output}/lake/{table}/**/*.parquet"
        database.execute(f"create view {table} as from read_parquet('{files}', hive_partitioning=false)")
    for seed in ("firms", "calendar", "targets", "restructurings", "qualifications"):
        database.execute(f"create view {seed} as from read_csv('{seeds}/{seed}.csv', all_varchar=true)")
    settings(database, output, seeds.parent / "jobs")
    for mart in (
        "monthly_totals", "headline", "firm_months", "target_progress", "submission_status", "products", "projects",
    ):
        database.execute(f"create view {mart} as from read_parquet('{output}/marts/{mart}.parquet')")
    database.execute(SQL.read_text(encoding="utf-8"))
    return database


def differences(database, ours, theirs, keys, columns):
    """Rows of either side without an equal row on the other, as (side, row)."""
    listed = ", ".join(keys + columns)
    asked = f"""
        select 'recomputed' as side, * from (select {listed} from {ours} except all select {listed} from {theirs})
        union all
        select 'published', * from (select {listed} from {theirs} except all select {listed} from {ours})
        order by all
    """
    return database.sql(asked).fetchall()


def compare(tally, database, name, sides, keys, columns):
    """One check a column, so that a difference says which figure it is about; and that rows exist."""
    ours, theirs = sides
    count = database.sql(f"select count(*) from {ours}").fetchall()[0][0]
    tally.check(f"{name}: {count} rows recomputed", count > 0, count)
    for column in columns:
        rows = differences(database, ours, theirs, keys, [column])
        tally.empty(f"{name}: {column} equal to the digit", rows)


def check_totals(tally, database):
    """monthly_totals in every scope, month and item; headline; firm_months."""
    columns = [
        "month_cny", "ytd_cny", "prior_month_cny", "prior_ytd_cny", "comparable_month_cny", "comparable_ytd_cny",
        "yoy_month", "yoy_ytd", "contribution_points", "contribution_share", "share_of_district",
        "firms_due", "firms_received", "firms_reported", "firms_compared", "firms_growing", "firms_without_base",
        "reported_value_share", "is_complete",
    ]
    keys = ["period", "scope_kind", "scope_id", "item"]
    compare(tally, database, "monthly_totals", ("my_totals", "monthly_totals"), keys, columns)
    columns = [
        "current_cny", "same_firms_month_cny", "same_firms_previous_cny", "month_on_month", "months_falling_in_row",
    ]
    compare(tally, database, "months side by side", ("my_months", "monthly_totals"), keys, columns)
    columns = ["month_quantity", "ytd_quantity", "firms"]
    compare(tally, database, "products", ("my_products", "products"), ["period", "product", "unit"], columns)
    columns = [
        "output_ytd_cny", "output_comparable_ytd_cny", "output_prior_ytd_cny", "yoy_month", "yoy_ytd",
        "sales_yoy_ytd", "exports_yoy_ytd", "response_rate", "accepted_rate", "growth_breadth", "sales_ratio_ytd",
        "reported_value_share", "is_complete",
    ]
    compare(tally, database, "headline", ("my_headline", "headline"), ["period"], columns)
    columns = [
        "zone", "chain", "size_class", "is_leading", "is_reported", "output_month_cny", "output_ytd_cny", "output_prior_ytd_cny",
        "yoy_ytd", "contribution_points", "supply_ytd_cny", "outside_supply_ytd_cny",
    ]
    keys = ["period", "credit_code"]
    compare(tally, database, "firm_months", ("my_firm_months", "firm_months"), keys, columns)


def check_targets(tally, database):
    """target_progress: the year to date of every target, and what levels come to."""
    keys = ["period", "target_id"]
    published = "(from target_progress where kind <> 'count')"
    compare(tally, database, "target_progress", ("my_targets", published), keys, ["ytd_cny", "prior_ytd_cny"])
    counted = """(
        select p.period, t.target_id, cast(t.level_count as int) as target_count,
            cast(count(*) filter (stage = 'producing') as int) as attained_count
        from targets t join projects p on p.kind = t.item and year(p.period) = cast(t.year as int)
            and (t.scope_kind = 'district' or p.chain = t.scope_id)
        where t.kind = 'count' group by all
    )"""
    published = "(from target_progress where kind = 'count')"
    compare(tally, database, "counts", (counted, published), keys, ["target_count", "attained_count"])
    published = "(from target_progress where kind = 'level')"
    columns = ["target_cny", "attained_share", "gap_cny", "required_month_cny"]
    compare(tally, database, "level targets", ("my_levels", published), keys, columns)


def check_qualifications(tally, database, marts):
    """qualifications, and the published numbers of July 2024."""
    published = f"(from read_parquet('{marts}/qualifications.parquet') where firms > 0)"
    compare(tally, database, "qualifications", ("my_qualifications", published), ["period", "kind"], ["firms"])
    asked = f"select firms from {published} where period = date '2024-07-01' order by firms"
    found = [row[0] for row in database.sql(asked).fetchall()]
    tally.same("published of 2024-07: firms qualified, by kind", found, [5, 23, 40, 145, 148])
    asked = f"select kind, credit_code from read_parquet('{marts}/firm_qualifications.parquet') where firm_name is null"
    tally.empty("every qualified firm has its name", database.sql(asked).fetchall())


def check_status(tally, database):
    """submission_status: who is due, who reported, who is late, by month and form."""
    published = """(
        select period, form, count(*) as due,
            count(*) filter (state = 'missing') as missing,
            count(*) filter (state = 'accepted') as accepted,
            count(*) filter (state in ('queried', 'refused')) as held,
            count(*) filter (is_late) as late
        from submission_status group by all
    )"""
    columns = ["due", "missing", "accepted", "held", "late"]
    compare(tally, database, "submission_status", ("my_status", published), ["period", "form"], columns)


def check_revisions(tally, database):
    """Whatever the lake marks as counting bears the figures of the newest accepted revision."""
    marked = """
        (select o.form, o.period, o.credit_code, o.item, o.measure, o.value
        from observations o join submissions s using (submission_id, form, period, credit_code)
        where s.is_current)
    """
    keys = ["form", "period", "credit_code", "item", "measure"]
    rows = differences(database, "newest", marked, keys, ["value"])
    tally.empty("what counts bears the newest accepted figures", rows)


def check_published(tally, database):
    """The figures of the article, from the mart and from the second computation."""
    kinds = {"district": "scope_kind = 'district'", "zone": "scope_kind = 'zone'"}
    sources = {
        "mart": "(select period, scope_kind, scope_id, item, ytd_cny as ytd, yoy_ytd as growth, "
                "share_of_district as share from monthly_totals)",
        "recomputed": "(select period, scope_kind, scope_id, item, ytd_cny as ytd, yoy_ytd as growth, "
                      "share_of_district as share from my_totals)",
    }
    for what, figure, period, scope, expected in PUBLISHED:
        leading = f"scope_kind = 'leading' and scope_id = '{scope}'"
        where = f"period = date '{period}' and item = 'output' and {kinds.get(scope, leading)}"
        for source, table in sources.items():
            found = database.sql(f"select {figure} from {table} where {where}").fetchall()
            printed = [f"{float(row[0]):.{len(expected.split('.')[1])}f}" for row in found]
            tally.same(f"published: {what} ({source})", printed, [expected])


def check_all(tally, output, seeds):
    """Every comparison with the second computation."""
    database = connect(output, seeds)
    check_revisions(tally, database)
    check_totals(tally, database)
    check_targets(tally, database)
    check_status(tally, database)
    check_qualifications(tally, database, output / "marts")
    check_published(tally, database)
