"""What every page must be, as scripts that run in it: readable, labelled, no wider than the screen."""

PHONE, DESKTOP = (390, 844), (1280, 900)

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
