"""Made-up reports of form B204-1 for benchmarks, as a district's firms and its platform send them.

  corpus.py OUT FIRMS FROM TO [--export]    a workbook a firm and month in OUT/inbox, months as 2024-07;
                                            --export: one sheet a month with a row a firm
  corpus.py OUT FIRMS                       OUT/firms.csv, a roster in the project's form, and nothing else

Figures go on from month to month and year to year, so that every check passes. Needs xlsxwriter.
"""
import csv
import os
import random
import sys
from concurrent.futures import ProcessPoolExecutor

import xlsxwriter

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
ORGANISATION = [3, 7, 9, 10, 5, 8, 4, 2]
EDITIONS = {2023: ("国统字〔2022〕90号", "2024年1月"), 2024: ("国统字〔2023〕88号", "2025年1月"), 2025: ("国统字〔2024〕93号", "2026年1月")}
INDUSTRIES = [("高铁设备、配件制造", "3714"), ("汽车零部件及配件制造", "3670"), ("肉制品及副产品加工", "1353"), ("初级形态塑料及合成树脂制造", "2651")]
ROSTER = "credit_code roster_from roster_to name zone chain industry_code size_class is_leading base_rule forms contact".split()


def credit_code(firm):
    """A code by GB 32100-2015 with its check characters."""
    number = f"MA{firm:06d}"
    value = lambda letter: ord(letter) - 55 if letter.isalpha() else int(letter)
    ninth = 11 - sum(value(letter) * weight for letter, weight in zip(number, ORGANISATION)) % 11
    body = "91220106" + number + {10: "X", 11: "0"}.get(ninth, str(ninth))
    total = sum(ALPHABET.index(letter) * weight for letter, weight in zip(body, WEIGHTS))
    return body + ALPHABET[(31 - total % 31) % 31]


def name(firm):
    return f"示例工业企业{firm:07d}有限公司"


class Firm:
    """Its output in thousands of yuan, month by month: a level, a growth, and how the months differ."""

    def __init__(self, firm):
        dice = random.Random(firm)
        self.level, self.growth = int(dice.lognormvariate(9, 1.2)) + 50, 1 + dice.uniform(-0.1, 0.2)
        self.season = [0.9 + 0.2 * dice.random() for _ in range(12)]

    def measures(self, year, month):
        """month, ytd, prior_month, prior_ytd"""
        of = lambda at: [int(self.level * self.growth ** (at - 2023) * self.season[m]) for m in range(month)]
        now, prior = of(year), of(year - 1)
        return now[-1], sum(now), prior[-1], sum(prior)


def workbook(job):
    path, firm, year, month = job
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("B204-1")
    bold = book.add_format({"bold": True, "align": "center", "font_size": 16})
    box = book.add_format({"border": 1, "align": "center"})
    number, expires = EDITIONS[year]
    sheet.merge_range(0, 0, 0, 6, "工业产销总值及主要产品产量", bold)
    for row, text in enumerate(["表    号：B 2 0 4 - 1 表", "制定机关：国 家 统 计 局", f"文    号：{number}", "有效期至：" + " ".join(expires)], 1):
        sheet.write(row, 5, text)
    sheet.merge_range(3, 0, 3, 2, f"统一社会信用代码：{credit_code(firm)}")
    sheet.merge_range(4, 0, 4, 2, f"单位详细名称：{name(firm)}")
    sheet.write(4, 3, f"{year} 年 {month} 月")
    for column, text in enumerate(["指标名称", "计量单位", "代码"]):
        sheet.merge_range(5, column, 6, column, text, box)
    sheet.merge_range(5, 3, 5, 4, "本年", box)
    sheet.merge_range(5, 5, 5, 6, "上年同期", box)
    for column, text in enumerate(["本月", "1-本月", "本月", "1-本月"]):
        sheet.write(6, 3 + column, text, box)
    for column, text in enumerate("甲乙丙1234"):
        sheet.write(7, column, text, box)
    out = Firm(firm).measures(year, month)
    industry, code = INDUSTRIES[firm % len(INDUSTRIES)]
    rows = [("一、工业总产值(当年价格)", "01", out), ("    工业销售产值(当年价格)", "03", [v * 97 // 100 for v in out]), ("      其中:出口交货值", "04", [v // 10 for v in out]), ("二、工业总产值(当年价格)按工业行业小类分", "-", None), (industry, code, out), ("三、主要工业产品产量", "", None)]
    for row, (label, item, values) in enumerate(rows, 8):
        sheet.write(row, 0, label, box)
        sheet.write(row, 1, "千元" if values else "-", box)
        sheet.write(row, 2, item, box)
        for column, value in enumerate(values or ()):
            sheet.write_number(row, 3 + column, value, box)
    for column, text in enumerate(["单位负责人：", "统计负责人：", "填表人：", "联系电话：", "", "报出日期："]):
        sheet.write(14, column, text)
    sheet.write(15, 0, "核实说明：")
    book.close()


def export(job):
    path, firms, year, month = job
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet(f"{year}年{month}月")
    heads = ["处理地编码", "统一社会信用代码", "单位详细名称", "201-1-行业代码（GB/T4754-2017）", "201-1-单位规模"]
    for item in ["工业总产值(当年价格)", "工业销售产值(当年价格)", "其中:出口交货值"]:
        heads += [f"{year}年;{month}月;{item};{measure}" for measure in ["本年-本月", "上年-本月", "本年-1—本月", "上年-1—本月"]]
    sheet.write_row(0, 0, heads)
    for row, firm in enumerate(range(1, firms + 1), 1):
        now, ytd, prior, prior_ytd = Firm(firm).measures(year, month)
        sheet.write_row(row, 0, ["220106", credit_code(firm), name(firm), INDUSTRIES[firm % len(INDUSTRIES)][1], "3"])
        for place, part in enumerate([lambda v: v, lambda v: v * 97 // 100, lambda v: v // 10]):
            sheet.write_row(row, 5 + 4 * place, [part(now), part(prior), part(ytd), part(prior_ytd)])
    book.close()


def months(first, last):
    (year, month), end = (tuple(map(int, text.split("-"))) for text in (first, last))
    while (year, month) <= end:
        if month > 1:
            yield year, month
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def roster(path, firms):
    with open(path, "w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(ROSTER)
        rows = ([credit_code(firm), "2020-01", "", name(firm), "luyuan", "rail", INDUSTRIES[firm % 4][1], 3, "false", "keep", "B204-1", ""] for firm in range(1, firms + 1))
        lines.writerows(sorted(rows))


if __name__ == "__main__":
    out, firms = sys.argv[1], int(sys.argv[2])
    os.makedirs(f"{out}/inbox", exist_ok=True)
    if len(sys.argv) > 4:
        span = list(months(*sys.argv[3:5]))
        with ProcessPoolExecutor() as pool:
            if "--export" in sys.argv:
                list(pool.map(export, [(f"{out}/inbox/export-{y}-{m:02d}.xlsx", firms, y, m) for y, m in span]))
            else:
                jobs = [(f"{out}/inbox/{y}-{m:02d}-{firm:07d}.xlsx", firm, y, m) for y, m in span for firm in range(1, firms + 1)]
                list(pool.map(workbook, jobs, chunksize=64))
    roster(f"{out}/firms.csv", firms)
