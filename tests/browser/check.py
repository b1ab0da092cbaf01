"""Opens the brief of 2024-07 in a real browser, in both languages, wide and narrow.

    python tests/browser/check.py OUTPUT [PICTURES]

OUTPUT is the output folder of `yuebao demo`; pictures are kept in PICTURES when it is given. Needs
Debian's chromium and nothing but Python's own library. Prints one line a check; exit code 1 when
any failed.
"""

import struct
import sys
import zlib
from pathlib import Path

from chrome import Chrome

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "readers"))

from tally import Tally  # noqa: E402 (the folder beside this one)

WIDTHS = (900, 400)
# Page, title, and what a published review of the district says of that month, as the page words it.
PAGES = [
    ("brief-2024-07.html", "《绿园区工业经济运行月报》2024年1-7月",
     ["277.40亿元", "7.6%", "117.10亿元", "10.3%", "81.70亿元", "7.1%", "示例数据"]),
    ("brief-2024-07.en.html", "Lüyuan District Industrial Economy Monthly, January–July 2024",
     ["CNY 27.740 billion", "7.6%", "CNY 11.710 billion", "10.3%", "CNY 8.170 billion", "7.1%", "SYNTHETIC"]),
]
# How far the page is wider than the window, and what sticks out of boxes that do not scroll.
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CHARTS = """[...document.querySelectorAll('svg')].map(svg => {
    const box = svg.getBoundingClientRect();
    return [Math.round(box.width), Math.round(box.height), svg.querySelectorAll('rect,path,circle,line').length];
})"""
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
    dead = [link for link in links if not link[1].startswith("#") and not (folder / link[1]).is_file()]
    tally.empty(f"{page}: links lead to pages of this edition", dead)
    tally.empty(f"{page}: no complaints of the browser", chrome.complaints())


def check_looks(tally, chrome, page, pictures):
    """Nothing sticks out at either width, and there is something to see."""
    for width in WIDTHS:
        chrome.resize(width)
        tally.same(f"{page} at {width} px: no horizontal overflow", chrome.value(OVERFLOW), 0)
        png = chrome.picture()
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)
            (pictures / f"{page}.{width}.png").write_bytes(png)
        shown, height, rows = size_and_ink(png)
        name = f"{page} at {width} px: picture of {shown} x {height} is not blank"
        tally.check(name, shown == width and height > 1000 and rows > height // 10, f"{rows} different rows")


def main():
    """Both pages in one browser."""
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
    chrome.close()
    tally.finish()


if __name__ == "__main__":
    main()
