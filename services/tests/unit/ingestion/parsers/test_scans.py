"""Scans: which pages are read by OCR, how far it got, and what ends it."""

from collections.abc import Callable
from itertools import count

import pytest
from unit.ingestion.parsers.files import Words, pdf

from plotlot.domain.documents import recognised_pages
from plotlot.ingestion.parsers import ocr as ocr_module
from plotlot.ingestion.parsers import parse_document
from plotlot.ingestion.parsers.page_grid import Glyph
from plotlot.ingestion.parsers.scans import OCR_MODES, Ocr, was_cut_short

PRINTED: list[Words] = [(72, 700, "Section 1. Lots for dwellings")]
SEEN = "Section 2. Yards of dwellings"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A recogniser that sees the same line on every page; the heights of the pages that it was given."""
    heights: list[float] = []

    def reader() -> Callable[[object, float], list[Glyph]]:
        def read(picture: object, height: float) -> list[Glyph]:
            heights.append(height)
            return [Glyph(letter, 72 + 6 * at, 600, 78 + 6 * at, 610) for at, letter in enumerate(SEEN)]

        return read

    monkeypatch.setattr(ocr_module, "reader", reader)
    return heights


@pytest.mark.parametrize(("mode", "pages"), [("off", set()), ("auto", {2, 3}), ("on", {1, 2, 3})])
def test_which_pages_are_read(mode: str, pages: set[int], reads: list[float]) -> None:
    document = parse_document("scan.pdf", pdf([PRINTED, [], []]), ocr=Ocr(mode))
    assert mode in OCR_MODES
    assert recognised_pages(document) == pages
    assert len(reads) == len(pages)
    assert (SEEN in document.text) == bool(pages)
    assert ("Lots for dwellings" in document.text) == (1 not in pages)


def test_progress_is_told_page_by_page(reads: list[float]) -> None:
    told: list[tuple[int, int]] = []
    parse_document(
        "scan.pdf",
        pdf([[], PRINTED, []]),
        ocr=Ocr("auto", told=lambda done, total: told.append((done, total))),
    )
    assert told == [(1, 2), (2, 2)]


def test_what_is_read_when_time_is_up_is_kept_and_the_rest_is_told(reads: list[float]) -> None:
    ticks = count()
    ocr = Ocr("auto", seconds=2.5, clock=lambda: float(next(ticks)))
    document = parse_document("scan.pdf", pdf([[]] * 9), ocr=ocr)
    kept = recognised_pages(document)
    assert 0 < len(kept) < 9
    assert was_cut_short(document.warnings)
    assert f"did not come to {9 - len(kept)} of 9 pages" in document.warnings[0]
    assert "PLOTLOT_OCR_SECONDS" in document.warnings[0]


def test_nothing_more_is_read_once_nobody_waits(reads: list[float]) -> None:
    ocr = Ocr("auto", stopped=lambda: len(reads) >= 2)
    with pytest.raises(InterruptedError):
        parse_document("scan.pdf", pdf([[]] * 40), ocr=ocr)
    assert len(reads) < 10


def test_a_document_that_is_no_pdf_is_read_as_ever(reads: list[float]) -> None:
    assert parse_document("code.txt", b"Sec. 1. Lots.\n", ocr=Ocr("on")).text == "Sec. 1. Lots.\n"
    assert reads == []
