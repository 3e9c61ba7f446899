"""PDFs: of the page, with nothing fetched, and a plain word where they cannot be written."""

import asyncio
import importlib.util
import sys
import threading
from pathlib import Path

import pypdfium2
import pytest

from plotlot.domain.errors import Overloaded, ServiceUnavailable
from plotlot.gateway.web import pdf
from plotlot.gateway.web.pdf import on_paper, pdf_of

PAGE = """<html lang="en"><head><title>A lot</title><style>p { color: #123 }</style></head><body><h1>Eleven units</h1>
<img src="DRAWN" alt="none"><img src="http://127.0.0.1:9/x.png" alt="none">
<link rel="stylesheet" href="http://127.0.0.1:9/x.css"></body></html>"""
HALO = '<text x="1" fill="var(--lot-front, #c8672b)" stroke="var(--lot-paper, Canvas)" stroke-width="3" paint-order="stroke">'


def test_a_page_is_printed_and_fetches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        "urllib.request.OpenerDirector.open", lambda self, request, *rest: asked.append(str(request))
    )
    drawn = tmp_path / "dot.svg"
    drawn.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text y="9">Stolen</text></svg>')
    document = pypdfium2.PdfDocument(pdf_of(PAGE.replace("DRAWN", drawn.as_uri())))
    text = document[0].get_textpage().get_text_range()
    assert "Eleven units" in text
    assert "Stolen" not in text
    assert asked == []
    assert document.get_metadata_dict()["Title"] == "A lot"


def test_a_drawing_is_of_plain_colours_and_its_words_have_no_halo() -> None:
    drawing = f'<svg><path stroke="var(--lot-front, #c8672b)" stroke-width="3"/>{HALO}10 ft</text></svg>'
    assert on_paper(drawing) == (
        '<svg><path stroke="#c8672b" stroke-width="3"/><text x="1" fill="#c8672b">10 ft</text></svg>'
    )
    assert on_paper("<p>var(--ink, #000)</p>") == "<p>var(--ink, #000)</p>"


async def test_more_than_can_be_written_soon_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(html: str) -> bytes:
        begun.set()
        go.wait(10)
        return html.encode()

    monkeypatch.setattr(pdf, "pdf_of", slow)
    printer = pdf.PdfPrinter()
    asked = [asyncio.create_task(printer.printed(str(number))) for number in range(pdf.MOST_WAITING)]
    await asyncio.to_thread(begun.wait, 10)
    with pytest.raises(Overloaded):
        await printer.printed("one more")
    go.set()
    assert await asyncio.gather(*asked) == [str(number).encode() for number in range(pdf.MOST_WAITING)]
    assert await printer.printed("afterwards") == b"afterwards"


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ServiceUnavailable, match=r"plotlot\[pdf\]"):
        pdf_of(PAGE)


def test_without_pango_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        """Fails as an import of weasyprint does where a library is away."""

        def find_spec(self, name: str, *rest: object) -> None:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(ServiceUnavailable, match="libpango"):
        pdf_of(PAGE)
