"""A report as a PDF, from the very page: nothing is fetched for it, from no network and no disk."""

import asyncio
import importlib.util
import logging
import re
from typing import Any, NoReturn

from plotlot.domain.errors import Overloaded, ServiceUnavailable

AT_ONCE, MOST_WAITING = 1, 16  # each takes a whole core for about a second
DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
VARIABLE = re.compile(r"var\(--[\w-]+, ([^()]+)\)")
HALO = re.compile(r' (?:stroke|stroke-[a-z]+)="[^"]*"(?=[^<>]*paint-order="stroke")| paint-order="stroke"')
MISSING = "a PDF is written by WeasyPrint, which is not here: install plotlot[pdf]; or print the page from the browser"
NO_PANGO = (
    "a PDF is written with Pango, whose libraries are not on this machine: install libpango-1.0-0, libpangoft2-1.0-0"
    " and libharfbuzz-subset0 (apt), or pango (brew); or print the page from the browser"
)


class PdfPrinter:
    """Prints pages, one at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def printed(self, html: str) -> bytes:
        """The page as a PDF. Raises Overloaded, or ServiceUnavailable, which says what to install."""
        if self._waiting >= MOST_WAITING:
            raise Overloaded("too many PDFs are being written: try again", retry_after_seconds=MOST_WAITING)
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(pdf_of, html)
        finally:
            self._waiting -= 1


def pdf_of(html: str) -> bytes:
    """Print a page that carries its style, a PDF with tags for screen readers. Raises ServiceUnavailable."""
    if importlib.util.find_spec("weasyprint") is None:
        raise ServiceUnavailable(MISSING)
    # It warns of every property that paper does not have.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise ServiceUnavailable(NO_PANGO) from error

    class Refusing(URLFetcher):
        """Fetches no address, whatever a page or the drawing on it names."""

        def fetch(self, url: str, headers: Any = None) -> NoReturn:
            raise ValueError(f"a report asks for nothing: {url[:100]!r} is not fetched")

    written: bytes = HTML(string=on_paper(html), url_fetcher=Refusing()).write_pdf(pdf_tags=True)
    return written


def on_paper(html: str) -> str:
    """The page with its drawing in plain colours: of drawings, WeasyPrint reads no variables and no order of painting."""
    return DRAWING.sub(lambda drawing: HALO.sub("", VARIABLE.sub(r"\1", drawing.group())), html)
