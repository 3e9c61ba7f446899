"""The pages of code publishers: the code alone, with the headings and labels that their markup means.

American Legal marks blocks as ``rbox`` with their kind, Municode cuts a code into ``chunk``s with a depth,
and eCode360 puts a ``contentTitle`` above each part. None of them is bound to use headings of HTML.
"""

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from plotlot.domain.texts import whole_number

from .hidden import take_out

DEEPEST_HEADING = 9
_RANKS = {
    **{"title": 1, "code": 1, "part": 2, "appendix": 3, "chapter": 3, "subchapter": 4, "article": 5},
    **{"division": 6, "subdivision": 7, "section": 8, "subsection": 9},
}
_MARKS = frozenset(("rbox", "chunk", "chunk-title", "chunk-content", "contentTitle", "section_content"))
_TITLED = frozenset(("rbox", "contentTitle"))
_KIND = re.compile(r"(?P<kind>[a-z]+?)(?:title|-deleted)?", re.IGNORECASE)
_LABEL = re.compile(r"(?:incr|incr_ml|listheader)\d|(?:litem|defitem|fn|footnote)[_-]number", re.IGNORECASE)
_NOTICE = re.compile(r"\s*New (?:Ordinance|Legislation|Resolution) Notice\s*", re.IGNORECASE)
_CHROME = frozenset(
    [
        "annotation-drawer",
        "btn-group",
        "chunk-nav",
        "chunk-toolbar",
        "code-footer",
        "d-print-none",
        "hidden-print",
        "material-icons",
        "mcc_codes_content_action_bar",
        "no-print",
        "noprint",
        "questions",
        "schemeIcons",
        "selectionBox",
        "table-toolbar",
    ]
)
_BLOCKS = frozenset(("div", "p", "section", "article", "ul", "ol", "li"))


def code_of_page(root: Any) -> Any:
    """The part of a page that holds a publisher's code, tidied; all of any other page."""
    marked = [one for one in _elements(root) if _MARKS & _classes(one)]
    top = _common(marked) if len(marked) > 1 else root
    tidy(top)
    return top


def tidy(root: Any) -> None:
    """Drop what belongs to the site, make titles headings, and join labels with what they label."""
    for element in [one for one in _elements(root) if one is not root]:
        if _is_chrome(element):
            take_out(element)
    for element in [*_elements(root)]:
        rank = _rank(element)
        if rank:
            _make_heading(element, rank)
    for element in [*_elements(root)]:
        if any(_LABEL.fullmatch(name) for name in _classes(element)):
            _join(element)


def _elements(root: Any) -> Iterator[Any]:
    return (one for one in root.iter() if isinstance(one.tag, str))


def _classes(element: Any) -> frozenset[str]:
    return frozenset((element.get("class") or "").split())


def _words(element: Any) -> str:
    parts = " " if any(one.tag in _BLOCKS for one in element.iterdescendants()) else ""
    return " ".join(parts.join(element.itertext()).split())


def _common(elements: list[Any]) -> Any:
    """The innermost element that holds all of them."""
    paths = [[*reversed([*one.iterancestors()]), one] for one in elements]
    shared = takewhile(lambda level: all(one is level[0] for one in level), zip(*paths, strict=False))
    return [level[0] for level in shared][-1]


def _is_chrome(element: Any) -> bool:
    classes = _classes(element)
    return bool(_CHROME & classes) or ("rbox" in classes and _NOTICE.fullmatch(_words(element)) is not None)


def _rank(element: Any) -> int:
    """The rank of a publisher's title; 0 for all else."""
    classes = _classes(element)
    if "chunk-title" in classes:
        depths = (whole_number(one.get("data-nodedepth") or "") for one in element.iterancestors())
        return min(next((depth for depth in depths if depth is not None), 0) + 1, DEEPEST_HEADING)
    if not classes & _TITLED:
        return 0
    kinds = [match["kind"].lower() for name in classes if (match := _KIND.fullmatch(name))]
    return max((_RANKS.get(kind, 0) for kind in kinds), default=0)


def _make_heading(element: Any, rank: int) -> None:
    """Make a title one heading; eCode360 may give its words in an attribute alone."""
    inner = next((one for one in element.iter(*(f"h{level}" for level in range(1, 7)))), element)
    words = _words(inner) or (element.get("data-full-title") or "")
    tail = element.tail
    element.clear()
    element.tag, element.text, element.tail = f"h{rank}", words, tail


def _join(label: Any) -> None:
    """Put a label before the words of its paragraph, where the publisher sets them side by side."""
    target = label.getnext()
    words = _words(label)
    if target is None or not isinstance(target.tag, str) or not words:
        return
    while not (target.text or "").strip() and len(target) and target[0].tag in _BLOCKS:
        target = target[0]
    target.text = f"{words} {(target.text or '').lstrip()}"
    take_out(label)
