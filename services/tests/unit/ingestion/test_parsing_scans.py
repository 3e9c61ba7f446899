"""The pipeline's stage of parsing: pages of scans are told as they are read, and left when nobody listens."""

import asyncio
import threading

import pytest
from unit.ingestion.parsers.files import pdf

from plotlot.domain.documents import Document
from plotlot.domain.errors import InvalidRequest
from plotlot.ingestion.parsers import ocr as ocr_module
from plotlot.ingestion.parsers import parse_document
from plotlot.ingestion.parsers.scans import Ocr
from plotlot.ingestion.pipeline import PARSER, Progress, ocr_mode, parsed, parser_name

SCAN = pdf([[]] * 6)


async def test_pages_are_told_and_the_document_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr_module, "reader", lambda: lambda picture, height: [])
    events = [event async for event in parsed("scan.pdf", SCAN, "", Ocr("auto"))]
    assert events[:-1] == [Progress("ocr", page, 6) for page in range(1, 7)]
    assert isinstance(events[-1], Document)


async def test_reading_stops_when_nobody_listens_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, free, read = threading.Event(), threading.Event(), []

    def reads(picture: object, height: float) -> list[object]:
        begun.set()
        read.append(height)
        assert free.wait(10)
        return []

    monkeypatch.setattr(ocr_module, "reader", lambda: reads)
    listening = parsed("scan.pdf", SCAN, "", Ocr("auto"))
    first = asyncio.ensure_future(anext(listening))
    assert await asyncio.to_thread(begun.wait, 10)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    free.set()
    while any(thread.name.startswith("ocr") for thread in threading.enumerate()):
        await asyncio.sleep(0.01)
    assert len(read) < 6


def test_a_document_that_ocr_had_no_time_for_is_not_known_the_next_time() -> None:
    whole = parse_document("scan.pdf", SCAN)
    cut = parse_document("code.txt", b"Sec. 1. Lots.\n")
    object.__setattr__(cut, "warnings", ("OCR had 5 seconds and did not come to 2 of 3 pages",))
    assert parser_name("off", whole) == parser_name("off") == PARSER
    assert len({parser_name(mode) for mode in ("off", "auto", "on")}) == 3
    assert parser_name("auto", cut) != parser_name("auto")


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="off or auto or on"):
        ocr_mode("always")
