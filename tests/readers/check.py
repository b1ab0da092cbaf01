"""Reads what the demo wrote with the tools people use, and computes its figures a second time.

    python tests/readers/check.py OUTPUT CSV

OUTPUT is the output folder of `yuebao demo`, CSV what `yuebao export --to CSV` wrote of it. Prints one line a check; exit code 1 when any failed.
"""

import sys
from pathlib import Path

import desk
import engines
import handover
import ledgers
import recompute
import shape
import workbooks
from tally import Tally

PROJECT = Path(__file__).resolve().parents[2]


def marts_of_project():
    """The marts that are published: intermediate ones (`int_`) are not."""
    names = (path.stem for path in (PROJECT / "jobs" / "marts").glob("*.sql"))
    return sorted(name for name in names if not name.startswith("int_"))


def main():
    """All checks, cheapest first."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    output, csv = (Path(argument).resolve() for argument in sys.argv[1:])
    tally = Tally()
    marts = output / "marts"
    tally.check("marts is a link to an edition", marts.is_symlink(), marts)
    rows = shape.check_marts(tally, marts.resolve(), marts_of_project())
    shape.check_lake(tally, output / "lake")
    for name, count in rows.items():
        engines.check_mart(tally, marts.resolve() / f"{name}.parquet", count)
    engines.check_lake(tally, output / "lake")
    handover.check_views(tally, marts.resolve(), list(rows))
    handover.check_csv(tally, marts.resolve(), list(rows), csv)
    recompute.check_all(tally, output, PROJECT / "seeds")
    desk.check_months(tally, marts.resolve(), PROJECT, ["2024-02", "2024-07", "2025-12"])
    workbooks.check_month(tally, output, "2024-07")
    ledgers.check_all(tally, output, PROJECT / "seeds")
    tally.finish()


if __name__ == "__main__":
    main()
