"""Pages of prose set in two columns, put in the order in which they are read."""

import re
from collections import Counter
from collections.abc import Sequence

_FEWEST_LINES = 8
_LEAST_WIDTH = 18
_PROSE_WORDS = 4
_PROSE_SHARE = 0.5
_RUNS_ON_SHARE = 0.2
_GAP = re.compile(r"\S( {2,})\S")
_LOWER = re.compile(r"\s*[a-z(]")


def unfolded(page: str) -> str:
    """The page, its two columns of prose one after the other; any other page as it is.

    Tables and lists beside one another stay: their lines hold few words and do not run on.
    """
    if "  " not in page:
        return page
    lines = page.split("\n")
    gutter = _gutter(lines)
    if gutter is None:
        return page
    result: list[str] = []
    block: list[tuple[str, str]] = []
    for line in lines:
        if _crosses(line, gutter):
            result += _read(block)
            block = []
            result.append(line)
        else:
            block.append((line[:gutter].rstrip(), line[gutter:].strip()))
    return "\n".join([*result, *_read(block)])


def _gutter(lines: Sequence[str]) -> int | None:
    """Where the right column begins, if the page has two columns of prose."""
    starts = Counter(match.end(1) for line in lines for match in _GAP.finditer(line))
    for start, count in starts.most_common(3):
        if start < _LEAST_WIDTH or count < _FEWEST_LINES:
            continue
        free = [line for line in lines if not _crosses(line, start)]
        left = [words for line in free if (words := line[:start].strip())]
        right = [words for line in free if (words := line[start:].strip())]
        most = sum(1 for line in lines if line.strip())
        if (
            10 * len([line for line in free if line.strip()]) >= 8 * most
            and _is_prose(left)
            and _is_prose(right)
        ):
            return start
    return None


def _crosses(line: str, gutter: int) -> bool:
    """Whether words stand where the gutter would be."""
    return bool(line[max(gutter - 2, 0) : gutter].strip()) and bool(line[gutter:].strip())


def _is_prose(column: Sequence[str]) -> bool:
    """Whether most lines of a column are long, and many go on with the sentence of the line above."""
    if len(column) < _FEWEST_LINES:
        return False
    long = sum(len(line.split()) >= _PROSE_WORDS and "   " not in line for line in column)
    runs_on = sum(bool(_LOWER.match(line)) for line in column)
    return long >= _PROSE_SHARE * len(column) and runs_on >= _RUNS_ON_SHARE * len(column)


def _read(block: Sequence[tuple[str, str]]) -> list[str]:
    """The left side of a block and then its right; a block without two sides as it is."""
    left = [one for one, _ in block]
    right = [other for _, other in block]
    if not any(right):
        return left
    while left and not left[-1]:
        left.pop()
    return [*left, *right]
