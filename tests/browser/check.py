"""Opens the brief of 2024-07 in a real browser, in both languages: wide, narrow, dark and printed; the pages
that lead there, and the dictionary, wide and narrow.

    python tests/browser/check.py OUTPUT [PICTURES]

OUTPUT is the output folder of `yuebao demo`; pictures are kept in PICTURES when it is given. Needs
Debian's chromium and poppler-utils, and nothing but Python's own library. Prints one line a check; exit code 1 when
any failed.
"""

import re
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

from chrome import Chrome

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "readers"))

from tally import Tally  # noqa: E402 (the folder beside this one)

WIDTHS = (900, 390)
PRINTED_PAGES = 4
# Page, title, and what a published review of the district says of that month, as the page words it.
PAGES = [
    ("briefs/brief-2024-07.html", "《绿园区工业经济运行月报》2024年1—7月",
     ["277.40亿元", "7.6%", "117.10亿元", "10.3%", "81.70亿元", "7.1%", "示例数据"]),
    ("briefs/brief-2024-07.en.html", "Lüyuan District Industrial Economy Monthly, January–July 2024",
     ["CNY 27.740 billion", "7.6%", "CNY 11.710 billion", "10.3%", "CNY 8.170 billion", "7.1%", "SYNTHETIC"]),
]
# The pages that lead to others, and how many links each has at least.
LISTS = [("../../index.html", 1), ("briefs/index.html", 100)]
# How far the page is wider than the window, and what sticks out of boxes that do not scroll.
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CHARTS = """[...document.querySelectorAll('svg')].map(svg => {
    const box = svg.getBoundingClientRect();
    return [Math.round(box.width), Math.round(box.height), svg.querySelectorAll('rect,path,circle,line').length];
})"""
# Boxes that hold more than they show and cannot be scrolled, and charts with letters below 9 pixels.
CUT = """[...document.querySelectorAll('main, main *')].filter(node =>
    node.scrollWidth > node.clientWidth + 1 && node.clientWidth && !node.closest('svg')
    && !['auto', 'scroll'].includes(getComputedStyle(node).overflowX)
    && !node.closest('.scroll')).map(node => node.outerHTML.slice(0, 80))"""
SMALL = """[...document.querySelectorAll('svg text')].filter(text =>
    parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a < 9).map(text => text.textContent)"""
# Every table that scrolls keeps its first column in sight.
LOST = """[...document.querySelectorAll('.scroll')].filter(box => {
    box.scrollLeft = 1000;
    const first = box.querySelector('tbody th').getBoundingClientRect().left - box.getBoundingClientRect().left;
    box.scrollLeft = 0;
    return first < -1;
}).length"""
# Words that hardly stand out from what is behind them: contrast below 3.
FAINT = """(() => {
    const light = colour => {
        const parts = colour.match(/[0-9.]+/g).slice(0, 3).map(part => part / 255)
            .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    };
    const behind = node => {
        const colour = getComputedStyle(node).backgroundColor;
        return colour.endsWith(', 0)') ? behind(node.parentElement) : colour;
    };
    return [...document.querySelectorAll('h1, h2, h3, p, li, th, td, dt, strong, small, svg text, a')].filter(node => {
        const style = getComputedStyle(node), isDrawn = node.closest('svg');
        const pair = [light(isDrawn ? style.fill : style.color), light(behind(isDrawn || node))];
        return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05) < 3;
    }).map(node => node.textContent.slice(0, 20));
})()"""
LINKS = """[...document.querySelectorAll('[src],[href]')]
    .map(node => [node.tagName, node.getAttribute('src') || node.getAttribute('href')])"""


def size_and_ink(png):
    """Width, height, and the number of different rows of a PNG: a blank page has one or two."""
    at, data, width, height = 8, b"", 0, 0
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        chunk = png[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height = struct.unpack(">II", chunk[:8])
        data += chunk if kind == b"IDAT" else b""
        at += length + 12
    raw = zlib.decompress(data)
    stride = len(raw) // height
    return width, height, len({raw[row * stride:(row + 1) * stride] for row in range(height)})


def check_content(tally, chrome, page, figures):
    """What a reader must find on the page."""
    text = chrome.value("document.body.innerText") or ""
    tally.empty(f"{page}: figures on the page", [figure for figure in figures if figure not in text])
    tally.check(f"{page}: tables", (chrome.value("document.querySelectorAll('table tbody tr').length") or 0) > 10)
    charts = chrome.value(CHARTS) or []
    tally.check(f"{page}: {len(charts)} charts", len(charts) >= 3, charts)
    tally.empty(f"{page}: charts have a size and shapes",
                [chart for chart in charts if chart[0] < 100 or chart[1] < 50 or chart[2] < 3])


def check_stays_at_home(tally, chrome, folder, page, requests):
    """Nothing is fetched, and links lead to files of the same edition."""
    away = [url for url in requests if not url.startswith(("file:", "data:"))]
    tally.empty(f"{page}: asks nobody for anything", away)
    tally.same(f"{page}: one file, no other", len([url for url in requests if url.startswith("file:")]), 1)
    links = chrome.value(LINKS) or []
    dead = [link for link in links if not link[1].startswith("#") and not (folder / page).parent.joinpath(link[1]).is_file()]
    tally.empty(f"{page}: links lead to pages of this edition", dead)
    tally.empty(f"{page}: no complaints of the browser", chrome.complaints())


def check_looks(tally, chrome, page, pictures, tall=1000):
    """Nothing sticks out at either width, and there is something to see."""
    for width in WIDTHS:
        chrome.resize(width)
        tally.same(f"{page} at {width} px: no horizontal overflow", chrome.value(OVERFLOW), 0)
        png = chrome.picture()
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)
            (pictures / f"{page.replace('/', '-').strip('.-')}.{width}.png").write_bytes(png)
        shown, height, rows = size_and_ink(png)
        tally.empty(f"{page} at {width} px: nothing is cut that cannot be scrolled to", chrome.value(CUT))
        tally.empty(f"{page} at {width} px: letters of charts can be read", chrome.value(SMALL))
        tally.same(f"{page} at {width} px: first columns stay in sight", chrome.value(LOST), 0)
        name = f"{page} at {width} px: picture of {shown} x {height} is not blank"
        tally.check(name, shown == width and height > tall and rows > height // 20, f"{rows} different rows")


def check_dark(tally, chrome, page, pictures):
    """By night and by day every word stands out."""
    for scheme in ("dark", "light"):
        chrome.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        tally.empty(f"{page}, {scheme}: every word stands out", chrome.value(FAINT))
        if pictures:
            (pictures / f"{page}.{scheme}.png").write_bytes(chrome.picture())


def check_print(tally, chrome, page, mark, pictures):
    """Four sheets, each with its number and the mark of synthetic data, none of them half empty."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(chrome.pdf())
        file.flush()
        text = subprocess.run(["pdftotext", "-layout", file.name, "-"], capture_output=True, text=True, check=True)
        boxes = subprocess.run(["pdftotext", "-bbox", file.name, "-"], capture_output=True, text=True, check=True)
        if pictures:
            (pictures / f"{page}.pdf").write_bytes(Path(file.name).read_bytes())
    sheets = text.stdout.split("\f")[:-1]
    tally.same(f"{page} printed: sheets", len(sheets), PRINTED_PAGES)
    numbers = [f"{number}页" if page.count(".") == 1 else f"Page {number} of" for number in range(1, len(sheets) + 1)]
    lacking = [number for number, sheet in zip(numbers, sheets) if number not in sheet]
    tally.empty(f"{page} printed: every sheet has its number", lacking)
    tally.empty(f"{page} printed: every sheet says that the data is made up",
                [number for number, sheet in zip(numbers, sheets) if mark not in sheet])
    # the lowest word above the page's number
    lowest = [max(float(y) for y in re.findall(r'yMax="([0-9.]+)"', sheet) if float(y) < 800)
              for sheet in boxes.stdout.split("<page ")[1:]]
    tally.check(f"{page} printed: no sheet is half empty", all(y > 842 / 2 for y in lowest), lowest)


def check_dictionary(tally, chrome, folder, pictures):
    """A section a table, each link leading somewhere, nothing fetched."""
    page = "dictionary.html"
    requests = chrome.open((folder / page).as_uri())
    check_stays_at_home(tally, chrome, folder, page, requests)
    tables = {path.stem for path in folder.glob("*.parquet")}
    tally.same(f"{page}: a section a table", set(chrome.value("[...document.querySelectorAll('section')].map(it => it.id)")), tables)
    dead = "[...document.querySelectorAll('a')].map(it => it.hash.slice(1)).filter(it => !document.getElementById(it))"
    tally.empty(f"{page}: links lead to sections", chrome.value(dead))
    check_looks(tally, chrome, page, pictures)


def main():
    """All pages in one browser."""
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folder = Path(sys.argv[1]).resolve() / "marts"
    pictures = Path(sys.argv[2]) if len(sys.argv) == 3 else None
    tally, chrome = Tally(), Chrome()
    for page, title, figures in PAGES:
        requests = chrome.open((folder.resolve() / page).as_uri())
        tally.same(f"{page}: title", chrome.value("document.title"), title)
        check_content(tally, chrome, page, figures)
        check_stays_at_home(tally, chrome, folder, page, requests)
        check_looks(tally, chrome, page, pictures)
        check_dark(tally, chrome, page, pictures)
        check_print(tally, chrome, page, "SYNTHETIC", pictures)
    for page in ("briefs/annex-2024-07.html", "briefs/annex-2024-07.en.html"):
        chrome.open((folder.resolve() / page).as_uri())
        check_looks(tally, chrome, page, pictures)
    for page, links in LISTS:
        requests = chrome.open((folder.resolve() / page).as_uri())
        tally.check(f"{page}: {links} links or more", len(chrome.value(LINKS) or []) >= links)
        check_stays_at_home(tally, chrome, folder.resolve(), page, requests)
        check_looks(tally, chrome, page, pictures, tall=300)
    check_dictionary(tally, chrome, folder.resolve(), pictures)
    chrome.close()
    tally.finish()


if __name__ == "__main__":
    main()
