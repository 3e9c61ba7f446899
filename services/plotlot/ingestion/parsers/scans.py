"""Scanned pages of a PDF: which are read by OCR, within what time, and what becomes of those that are not."""

import os
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TYPE_CHECKING

from .page_columns import unfolded
from .page_grid import page_text

if TYPE_CHECKING:
    import pypdfium2

    from .ocr import Picture, Reader

OCR_MODES = ("off", "auto", "on")
"""Never; pages without a text layer; every page."""
FEWEST_CHARACTERS = 20
"""A page with fewer has no text layer worth the name."""
_MOST_WORKERS = 4


def _nobody(done: int, total: int) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Ocr:
    """How scans are read; ``told`` hears of pages done and in all, ``stopped`` says when nobody waits."""

    mode: str = "off"
    seconds: float = 1800.0
    told: Callable[[int, int], None] = _nobody
    stopped: Callable[[], bool] = lambda: False
    clock: Callable[[], float] = field(default=time.monotonic)


@dataclass(frozen=True, slots=True)
class Recognised:
    """The text of pages by their places, and how many there was no time for."""

    texts: Mapping[int, str]
    unread: int = 0


def recognise(document: "pypdfium2.PdfDocument", places: Sequence[int], ocr: Ocr) -> Recognised:
    """Read pages by OCR, as many at once as there are cores; what is read when time is up is kept.

    Raises UnreadableDocument where the extra ``ocr`` is not installed, InterruptedError where nobody waits.
    """
    from .ocr import picture_of, reader

    until = ocr.clock() + ocr.seconds
    workers = min(len(os.sched_getaffinity(0)), _MOST_WORKERS, len(places))
    readers: SimpleQueue[Reader] = SimpleQueue()
    for _ in range(workers):
        readers.put(reader())
    texts: dict[int, str] = {}
    waiting = deque(places)
    with ThreadPoolExecutor(workers, thread_name_prefix="ocr") as threads:
        running: dict[Future[str], int] = {}
        while waiting or running:
            if ocr.stopped():
                raise InterruptedError("nobody waits for the document any more")
            while waiting and len(running) < workers and ocr.clock() < until:
                place = waiting.popleft()
                page = document[place]
                running[threads.submit(_read, readers, picture_of(page), page.get_height())] = place
                page.close()
            if not running:
                break
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                texts[running.pop(done)] = done.result()
                ocr.told(len(texts), len(places))
    found = {place: text for place, text in texts.items() if len(text.strip()) >= FEWEST_CHARACTERS}
    return Recognised(found, len(waiting))


def _read(readers: "SimpleQueue[Reader]", picture: "Picture", height: float) -> str:
    """The text of one page, by a reader that no other page is using."""
    read = readers.get()
    try:
        return unfolded(page_text(read(picture, height)))
    finally:
        readers.put(read)


def unread_warning(unread: int, pages: int, seconds: float) -> str:
    """What to know where the time for OCR ended before the pages did."""
    return (
        f"OCR had {seconds:,.0f} seconds and did not come to {unread} of {pages} pages: nothing is read from there;"
        " raise PLOTLOT_OCR_SECONDS, or run OCR on the file elsewhere, and ingest it again"
    )


def was_cut_short(warnings: Sequence[str]) -> bool:
    """Whether the time for OCR ended before the pages did."""
    return any(warning.startswith("OCR had ") for warning in warnings)
