"""How a user would read a folder of B204-1 workbooks otherwise: into one Parquet file, checking and totalling nothing.

  peers.py PEER INBOX OUT.parquet [PROCESSES]     prints the number of rows and the sum of ytd of item 01

Peers: openpyxl pandas-openpyxl pandas-calamine calamine fastexcel polars.
"""
import glob
import re
import sys
from concurrent.futures import ProcessPoolExecutor

COLUMNS = ["credit_code", "period", "item", "month", "ytd", "prior_month", "prior_ytd"]


def openpyxl(path):
    import openpyxl
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def pandas(engine):
    def read(path):
        import pandas
        frame = pandas.read_excel(path, header=None, engine=engine, dtype=object)
        return frame.where(lambda cells: cells.notna(), None).values.tolist()
    return read


def calamine(path):
    from python_calamine import CalamineWorkbook
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def fastexcel(path):
    import fastexcel
    sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string")
    return list(zip(*sheet.to_arrow().to_pydict().values()))


def polars(path):
    import polars
    return polars.read_excel(path, has_header=False, infer_schema_length=0).rows()


CELLS = {"openpyxl": openpyxl, "pandas-openpyxl": pandas("openpyxl"), "pandas-calamine": pandas("calamine"), "calamine": calamine, "fastexcel": fastexcel, "polars": polars}


def rows(job):
    peer, path = job
    code = period = None
    found = []
    for row in CELLS[peer](path):
        for cell in row:
            if not isinstance(cell, str):
                continue
            if cell.startswith("统一社会信用代码："):
                code = cell[9:]
            elif month := re.fullmatch(r"(\d{4}) 年 (\d{1,2}) 月", cell):
                period = f"{month[1]}-{int(month[2]):02d}"
        item = row[2] if len(row) > 6 else None
        if isinstance(item, str) and re.fullmatch(r"\d{2}|\d{4}", item):
            found.append((code, period, item, *(float(value) for value in row[3:7])))
    return found


if __name__ == "__main__":
    import pyarrow
    import pyarrow.parquet
    peer, inbox, target = sys.argv[1:4]
    jobs = [(peer, path) for path in sorted(glob.glob(f"{inbox}/*.xlsx"))]
    processes = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    if processes > 1:
        with ProcessPoolExecutor(processes) as pool:
            found = [row for some in pool.map(rows, jobs, chunksize=32) for row in some]
    else:
        found = [row for job in jobs for row in rows(job)]
    table = pyarrow.table(dict(zip(COLUMNS, map(list, zip(*found)))))
    pyarrow.parquet.write_table(table, target, compression="zstd")
    print(len(found), sum(row[4] for row in found if row[2] == "01"))
