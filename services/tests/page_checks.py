"""What every page must be, as scripts that run in it: readable, labelled, still, no wider than the screen."""

import itertools
from importlib import metadata
from pathlib import Path

from browser import Page

PHONE, DESKTOP = (390, 844), (1280, 900)
SIZES = ((360, 780), (768, 1024), DESKTOP)
AXE_PACKAGE = "axe-playwright-python"  # carries axe-core's file as it is published
STILL = 0.01  # the sum of layout shifts that a page may have while it is read; 0.1 is called good

# WCAG 2.2: the contrast of every text with what lies behind it, as (ratio, text) where it is under 4.5.
CONTRAST = """
(() => {
  const parse = (c) => { const [r, g, b, a = 1] = c.match(/[\\d.]+/g).map(Number); return { r, g, b, a }; };
  const part = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ({ r, g, b }) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.a === 1) return c;
    }
    return { r: 255, g: 255, b: 255 };
  };
  const weak = [];
  for (const e of document.querySelectorAll("body *:not(svg *)")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !e.getClientRects().length) continue;
    const [x, y] = [light(parse(getComputedStyle(e).color)), light(behind(e))];
    const ratio = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    if (ratio < 4.5) weak.push([ratio.toFixed(2), e.textContent.trim().slice(0, 40)]);
  }
  return weak;
})()
"""

UNLABELLED = """
[...document.querySelectorAll("input:not([type=hidden]), select, button, a, section, nav, table, svg")].filter((e) => {
  if (e.matches("input, select")) return !e.labels.length;
  if (e.matches("section")) return !document.getElementById(e.getAttribute("aria-labelledby"));
  if (e.matches("nav")) return !e.ariaLabel;
  if (e.matches("table")) return !e.caption || e.querySelector("th:not([scope])");
  if (e.matches("svg")) return e.getAttribute("role") !== "img" || !e.querySelector("title");
  return !e.textContent.trim();
}).map((e) => e.outerHTML.slice(0, 120))
"""

HEADINGS = "[...document.querySelectorAll('h1, h2, h3, h4')].map((h) => Number(h.tagName[1]))"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

# Every rule of axe-core, those of good practice too: what breaks one, with where.
AXE = """
axe.run(document, { resultTypes: ["violations"] }).then((found) =>
  found.violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(" "))]))
"""

# The Layout Instability API: how far what was seen already moved by itself, from the page's beginning on.
SHIFT = """
new Promise((done) => {
  let sum = 0;
  const add = (entries) => entries.forEach((each) => { if (!each.hadRecentInput) sum += each.value; });
  const observer = new PerformanceObserver((list) => add(list.getEntries()));
  observer.observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => { add(observer.takeRecords()); done(sum); }));
})
"""


def axe_core() -> str:
    """axe-core as a script that is run in a page. Raises PackageNotFoundError where `make tools` did not run."""
    file = next(each for each in metadata.files(AXE_PACKAGE) or () if each.name == "axe.min.js")
    return Path(str(file.locate())).read_text(encoding="utf-8")


def faults(page: Page) -> list[str]:
    """What is wrong with a page as it is shown now; empty where nothing is."""
    found = [f"contrast {ratio}: {text}" for ratio, text in page.run(CONTRAST)]
    found += [f"not labelled: {element}" for element in page.run(UNLABELLED)]
    if not page.run("'axe' in window"):
        page.run(f"{axe_core()}; 0")
    found += [f"axe {rule}: {places}" for rule, places in page.run(AXE)]
    levels = page.run(HEADINGS)
    if (
        not levels
        or levels[0] != 1
        or any(after - before > 1 for before, after in itertools.pairwise(levels))
    ):
        found.append(f"headings: {levels}")
    return found + too_wide(page)


def faults_on_every_screen(page: Page) -> list[str]:
    """What is wrong with a page on the widest screen, and on which it has no room."""
    found = []
    for width, height in SIZES:
        page.size(width, height)
        found += [f"at {width} px: {each}" for each in too_wide(page)]
    return found + faults(page)


def too_wide(page: Page) -> list[str]:
    """Whether something makes the page wider than the screen."""
    wider = page.run(WIDER)
    return [f"{wider} px wider than the screen"] if wider > 0 else []


def moved(page: Page) -> list[str]:
    """Whether what was read moved by itself."""
    shift = page.run(SHIFT)
    return [f"layout shift of {shift:.3f}"] if shift > STILL else []
