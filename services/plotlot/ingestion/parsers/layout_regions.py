"""Runs of lines that may be a table: parted lines close together, without prose between."""

import re
from collections.abc import Iterator
from itertools import pairwise

from plotlot.domain.texts import whole_number
from plotlot.ingestion.parsers.layout_lines import Line

_PROSE_WIDTH = 72
_FAR_RIGHT = 50
_MAX_BLANK = 3
_MAX_SINGLE = 6
_MAX_TAIL = 6
_HEADING = re.compile(
    r"(?:ARTICLE|CHAPTER|SECTION|Article|Chapter|Section|Sec\.|§)\s*[\dIVX]|"
    r"(?:Table|TABLE|Figure|FIGURE)\s+[\dIVX]|\([A-Z]\)\s+[A-Z]|[A-Z]\.\s+[A-Z]"
)
_NUMBERED = re.compile(r"(?:ARTICLE|CHAPTER|SECTION|Article|Chapter|Section|Sec\.|§)\s*[\dIVX.-]+:?$")
_TOPIC = re.compile(
    r"\b(?:standards|requirements|uses|regulations|provisions|dimensions)\b[^:]{0,50}:$", re.IGNORECASE
)
_LETTERED = re.compile(r"\(?[A-Z][.)]\s+[A-Z]")
_SIGNED = re.compile(r"_{6,}|\bs/\s|\b(?:attest|clerk|signature)\b", re.IGNORECASE)


def find_regions(lines: list[Line]) -> Iterator[list[Line]]:
    """Each run, blank lines included, from its first to its last parted line."""
    position = 0
    page = -1
    while position < len(lines):
        if not lines[position].many:
            position += 1
            continue
        end = _end_of_run(lines, position)
        run = lines[position:end]
        # A lone row at the top of a page may be the last of the table on the page before.
        lone = run[0].page == page + 1 and sum(line.many for line in run) == 1
        if lone or _is_plausible(run):
            yield run
            page = run[-1].page
        position = end


def is_lone_row(run: list[Line]) -> bool:
    """Whether a run is one parted line, which is no table by itself."""
    return sum(line.many for line in run) < 2


def is_prose(line: Line) -> bool:
    """Whether a line runs on as a sentence across the page."""
    if len(line.segments) != 1:
        return False
    return line.segments[0].right - line.segments[0].left > _PROSE_WIDTH


def is_heading(line: Line) -> bool:
    """Whether a line opens a new section, table or figure."""
    if not line.segments:
        return False
    first = line.segments[0].text
    if line.many:
        return _NUMBERED.match(first) is not None or _opens_clause(line)
    return _HEADING.match(first) is not None or _TOPIC.search(first) is not None


def _opens_clause(line: Line) -> bool:
    """ "A.  Purpose   To provide ...": a lettered title beside a sentence."""
    last = line.segments[-1]
    return _LETTERED.match(line.segments[0].text) is not None and last.right - last.left > 50


def _end_of_run(lines: list[Line], position: int) -> int:
    last, blanks, singles = position, 0, 0
    beside = {lines[position].segments[-1].left}
    for line in lines[position + 1 :]:
        if line.blank:
            blanks += 1
        elif line.many and not is_heading(line):
            last, blanks, singles = line.index, 0, 0
            beside.add(line.segments[-1].left)
        else:
            blanks, singles = 0, singles + 1
        crossed_page = line.page != lines[last].page
        stopped = blanks > _MAX_BLANK or singles > _MAX_SINGLE
        if stopped or crossed_page or (is_prose(line) and not _is_remark(line, beside)) or is_heading(line):
            break
    return _with_tail(lines, last + 1)


def _is_remark(line: Line, beside: set[int]) -> bool:
    """Whether a long line stands in the last column, as what a table explains beside its values does."""
    return line.segments[0].left >= _FAR_RIGHT and line.segments[0].left in beside


def _with_tail(lines: list[Line], end: int) -> int:
    """Undivided lines right under the last parted one finish its cells, unless they run on."""
    tail = end
    while tail < len(lines) and _finishes(lines[tail], lines[tail - 1]):
        tail += 1
    return tail if tail - end <= _MAX_TAIL else end


def _finishes(line: Line, above: Line) -> bool:
    if len(line.segments) != 1 or is_prose(line) or is_heading(line) or line.page != above.page:
        return False
    left = line.segments[0].left
    return any(segment.left - 3 <= left <= segment.right for segment in above.segments)


def _is_plausible(run: list[Line]) -> bool:
    parted = [line for line in run if line.many]
    if len(parted) < 2:
        return False
    signed = sum(1 for line in parted if any(_SIGNED.search(s.text) for s in line.segments))
    return signed < 0.4 * len(parted) and not _is_contents(parted)


def _is_contents(parted: list[Line]) -> bool:
    """Whether the last column of most lines holds page numbers, which never fall."""
    last = (whole_number(line.segments[-1].text) for line in parted if len(line.segments) == 2)
    pages = [page for page in last if page is not None]
    if len(pages) < max(4, 0.6 * len(parted)):
        return False
    rises = sum(1 for before, after in pairwise(pages) if after >= before)
    return rises >= 0.9 * (len(pages) - 1) and pages[-1] > pages[0]
