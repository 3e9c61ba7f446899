"""``make bench-page``: how soon the page is seen in a real Chromium, how much it fetches, and whether it moves.

``python evals/bench_page.py`` prints the section, ``--page docs/benchmarks.md`` writes it there. Needs services/tests
on PYTHONPATH, where the browser is driven.
"""

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import load_example, running
from browser import Browser, Page, browser, chromium
from page_checks import DESKTOP, PHONE, SHIFT

from plotlot.evaluation.page_parts import Part

PART = Part("page", "make bench-page")
PAGES = {
    "home": "/",
    "report": "/analyze?address=100%20S%20Main%20Street",
    "ask": "/ask?question=How%20tall%20may%20a%20fence%20in%20a%20front%20yard%20be%3F",
    "towns": "/towns",
    "API": "/docs",
}
BYTES = """
[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .map((each) => each.transferSize)
"""
HELD_TO = "cold under 1,000 ms, shift under 0.01"


@dataclass(frozen=True)
class Seen:
    """One load with nothing kept: milliseconds to the first contentful paint, files, bytes of them, layout shift."""

    painted_ms: float
    files: int
    size: int
    shift: float


@contextmanager
def fresh_browser(executable: str) -> Iterator[Browser]:
    """A Chromium that was never anywhere."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        browser(executable, Path(profile)) as opened,
    ):
        yield opened


def load(opened: Browser, url: str, size: tuple[int, int]) -> Seen:
    """Open a page with an empty cache and no connection."""
    with opened.page() as page:
        page.size(*size)
        page.send("Network.clearBrowserCache")
        page.send("Network.clearBrowserCookies")
        page.open(url)
        return seen(page)


def seen(page: Page) -> Seen:
    """What a page took that is loaded."""
    sizes = page.run(BYTES)
    return Seen(page.painted_ms(), len(sizes), sum(sizes), page.run(SHIFT))


def cold(executable: str, data: Path) -> Seen:
    """The first page that a fresh server is asked for, by a fresh browser."""
    with running(data) as (client, _, _), fresh_browser(executable) as opened:
        return load(opened, str(client.base_url), DESKTOP)


def measured(executable: str, data: Path, repeats: int) -> dict[str, list[Seen]]:
    """Loads of each page, on a desktop's and a phone's screen by turns."""
    found: dict[str, list[Seen]] = {name: [] for name in PAGES}
    with running(data) as (client, _, _), fresh_browser(executable) as opened:
        for number in range(repeats):
            for name, path in PAGES.items():
                url = str(client.base_url).rstrip("/") + path
                found[name].append(load(opened, url, PHONE if number % 2 else DESKTOP))
    return found


def row(name: str, loads: list[Seen]) -> str:
    """Loads as a row of the table."""
    times = sorted(each.painted_ms for each in loads)
    each = loads[-1]
    return (
        f"| {name} | {statistics.median(times):,.0f} ms | {times[-1]:,.0f} ms | {each.files}"
        f" | {each.size / 1000:,.0f} kB | {max(one.shift for one in loads):.3f} |"
    )


def section(first: list[Seen], pages: dict[str, list[Seen]]) -> str:
    """The figures as a part of the page."""
    lines = ["## The page", ""]
    lines += [
        "In Chromium, nothing kept in its cache. Cold is the first page that a fresh server is asked for, by a fresh"
    ]
    lines += [
        f"browser, {len(first)} times; the others {len(next(iter(pages.values())))} times each. Held to: {HELD_TO}.",
        "",
    ]
    lines += ["| page | first contentful paint, p50 | slowest | files | fetched | layout shift, most |"]
    lines += ["|---|---|---|---|---|---|"]
    lines += [row("home, cold", first), *(row(name, loads) for name, loads in pages.items())]
    return "\n".join(lines)


def main() -> None:
    """Measure, and print or write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", type=Path, help="page that the section is written into")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--cold", type=int, default=3, help="how often server and browser start afresh")
    wanted = parser.parse_args()
    executable = chromium()
    if executable is None:
        raise SystemExit("no Chromium on the path: install chromium")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        with running(data) as (client, _, _):
            load_example(client)
        first = [cold(executable, data) for _ in range(wanted.cold)]
        text = section(first, measured(executable, data, wanted.repeats))
    if wanted.page is None:
        print(text)
    else:
        PART.write(wanted.page, text)


if __name__ == "__main__":
    main()
