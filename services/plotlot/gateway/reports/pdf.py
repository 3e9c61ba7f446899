"""A report as a PDF, from the very page: nothing is fetched for it, from no network and no disk."""

import asyncio
import importlib.util
import logging
from typing import Any, NoReturn

from plotlot.domain.errors import ServiceUnavailable

AT_ONCE = 1  # it takes a whole core for about a second
MISSING = "a PDF is written by WeasyPrint, which is not here: install plotlot[pdf]; or print the page from the browser"
NO_PANGO = (
    "a PDF is written with Pango, whose libraries are not on this machine: install libpango-1.0-0, libpangoft2-1.0-0"
    " and libharfbuzz-subset0 (apt), or pango (brew); or print the page from the browser"
)


class PdfPrinter:
    """Prints pages, one at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def printed(self, html: str) -> bytes:
        """The page as a PDF. Raises ServiceUnavailable, which says what to install."""
        async with self._turn:
            return await asyncio.to_thread(pdf_of, html)


def pdf_of(html: str) -> bytes:
    """A page that carries its style, as a PDF with tags for screen readers (PDF/UA-1)."""
    if importlib.util.find_spec("weasyprint") is None:
        raise ServiceUnavailable(MISSING)
    logging.getLogger("weasyprint").setLevel(
        logging.ERROR
    )  # it warns of every property that paper does not have
    try:
        from weasyprint import HTML
    except OSError as error:
        raise ServiceUnavailable(NO_PANGO) from error
    document = HTML(string=html, url_fetcher=refuse)
    written: bytes = document.write_pdf(pdf_tags=True)
    return written


def refuse(url: str, *arguments: Any, **named: Any) -> NoReturn:
    """No address is fetched, whatever a page or the drawing on it names."""
    raise ValueError(f"a report asks for nothing: {url[:100]!r} is not fetched")
