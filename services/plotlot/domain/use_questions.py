"""Questions whether a use is allowed, and what answers them: rows of marks and lists of uses."""

import re

_ARTICLE = r"(?:an?\s+|the\s+|my\s+|some\s+|any\s+)?"
_ALLOWED = r"(?:allowed|permitted|ok|okay|legal|prohibited|banned|forbidden|possible)\b"
_PLACE = re.compile(
    r"\s+(?:in|on|at|from|within|inside|under|out\s+of|as\s+of|near|next\s+to|anywhere|somewhere|there|here|with|without"
    r"|if|when|by\s+right)\b.*|[?.!,;].*",
    re.I | re.S,
)
_ASKED = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"\b(?:can|may|could)\s+(?:i|we|you|one|someone|anyone|people)\s+(?:legally\s+)?"
        rf"(?:run|open|operate|start|have|put|put\s+up|build|locate|establish|keep|set\s+up)\s+{_ARTICLE}(.+)",
        rf"\b(?:is|are)\s+{_ARTICLE}(.+?)\s+(?:an?\s+)?(?:use\s+)?{_ALLOWED}",
        rf"\b(?:is|are)\s+{_ARTICLE}(.+?)\s+(?:an?\s+)?(?:permitted|conditional|special|accessory|allowed)\s+uses?\b",
        rf"\b(?:which|what)\s+(?:districts?|zones?)\s+(?:allow|permit)s?\s+{_ARTICLE}(.+)",
        rf"\bdo(?:es)?\s+.{{2,40}}?\s+(?:allow|permit)s?\s+{_ARTICLE}(.+)",
        rf"^{_ARTICLE}(.+?)\s+(?:in|on|at)\s+.{{1,60}}\s+{_ALLOWED}\s*\??$",
    )
)
_NEEDING = re.compile(
    rf"\b(?:does|do|must|should)\s+{_ARTICLE}((?:[\w'-]+\s+){{0,3}}?[\w'-]+)\s+(?:need|require|have|provide)\b",
    re.I,
)
# Not where or of what it is counted: "employees from outside" are employees.
_COUNTED = re.compile(
    r"\bhow\s+many\s+(?=(?:[\w'-]+\s+){1,4}?(?:can|may|must|should|do|does|am|are|is)\b)"
    r"((?:[\w'-]+\s+){0,3}?[\w'-]+)\s+(?:can|may|must|should|do|does|am|are|is|from|outside|inside|in|on|at|per|within)\b",
    re.I,
)
_NOBODY = frozenset(("it", "this", "that", "what", "they", "i", "we", "you", "one"))
_NO_USE = tuple([word] for word in (*sorted(_NOBODY), "for", "never", "not", "ever"))
_MARK = re.compile(r"[A-Z]{1,3}(?:\s?/\s?[A-Z]{1,3})*\s?[\d*†‡]{0,2}|[-–—•●○■xyn✓✔*]{0,3}|N/A")
_HEADS = frozenset(("use", "uses", "district", "districts", "zone", "zones", "standard", "land use"))
_LISTS = re.compile(
    r"\b(?:permitted|conditional|prohibited|special|principal|accessory|allowed)\s+(?:\w+\s+){0,3}uses?\b"
    r"|\buses?\s+(?:\w+\s+){0,3}(?:permitted|allowed|prohibited)\b",
    re.I,
)
_FEWEST_MARKS = 2


def use_asked(question: str) -> str:
    """What a question asks to be allowed, without where: ``bakery`` of "can I run a bakery in R-1"; else empty."""
    for pattern in _ASKED:
        found = pattern.search(" ".join(question.split()))
        if found:
            use = _PLACE.sub("", f"{found[1]} ").strip()
            return "" if use.casefold().split()[:1] in _NO_USE else use
    return ""


def subjects_of(question: str) -> list[str]:
    """What needs something, and what is counted: ``marina`` and ``spaces`` of "how many spaces does a marina need"."""
    found = [match[1] for pattern in (_NEEDING, _COUNTED) if (match := pattern.search(question))]
    return [subject for subject in found if subject.casefold() not in _NOBODY]


def use_of_row(row: str) -> str:
    """The use that a row of a table of uses is about, whose other cells are marks or empty; else empty."""
    cells = [cell.strip() for cell in re.split(r"\||\t|\s{3,}", row.strip().strip("|"))]
    marks = [cell for cell in cells[1:] if _MARK.fullmatch(cell)]
    is_marked = len(marks) >= _FEWEST_MARKS and len(marks) == len(cells) - 1 and any(marks)
    is_marked = is_marked and cells[0].casefold() not in _HEADS
    return cells[0] if is_marked and re.search(r"[A-Za-z]{3}", cells[0]) else ""


def lists_uses(text: str) -> bool:
    """Whether a text is, or heads, a list of uses."""
    return _LISTS.search(text) is not None
