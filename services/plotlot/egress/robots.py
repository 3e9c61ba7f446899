"""What a site asks robots not to fetch (RFC 9309)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

PRODUCT = "plotlot"
MOST_BYTES = 512 * 1024  # section 2.5 asks to read at least 500 kibibytes
_LINE = re.compile(r"\s*([A-Za-z-]+)\s*:\s*([^#]*)")


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules for us: pairs of whether it allows and the pattern of a path. ``delay_seconds`` between requests."""

    rules: tuple[tuple[bool, str], ...] = ()
    delay_seconds: float = 0.0

    def allow(self, path: str) -> bool:
        """Whether a path, with its query, may be fetched: the longest rule decides, and one that allows before its like."""
        if path == "/robots.txt":
            return True
        wanted = _octets(path)
        found = [(len(pattern), allows) for allows, pattern in self.rules if _meant(pattern, wanted)]
        return max(found)[1] if found else True


NOTHING_ALLOWED = Robots(((False, "/"),))


def robots_in(text: str, product: str = PRODUCT) -> Robots:
    """The rules of a robots.txt for a product: those of its own groups, else those for all."""
    own: list[tuple[str, str]] = []
    general: list[tuple[str, str]] = []
    named = False
    groups: list[list[tuple[str, str]]] = []
    begins = True  # a line of user-agent after rules begins another group
    for line in text.lstrip("\ufeff").splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        name, value = found.group(1).lower(), found.group(2).strip()
        if name == "user-agent":
            if not begins:
                groups, begins = [], True
            if value.partition("/")[0].strip().lower() == product:
                named = True
                groups.append(own)
            elif value == "*":
                groups.append(general)
        elif name in ("allow", "disallow", "crawl-delay"):
            begins = False
            for group in groups:
                group.append((name, value))
    return _robots(own if named else general)


def _robots(lines: Sequence[tuple[str, str]]) -> Robots:
    rules = tuple(
        (name == "allow", _octets(value)) for name, value in lines if name != "crawl-delay" and value
    )
    delays = [value for name, value in lines if name == "crawl-delay" and re.fullmatch(r"\d+(\.\d+)?", value)]
    return Robots(rules, max(map(float, delays), default=0.0))


def _octets(path: str) -> str:
    """One spelling of a path: what need not be escaped is not, the rest is in capitals."""
    return quote(unquote(path, "latin-1"), safe="/*$?&=:;,@+!'()~%", encoding="latin-1")


def _meant(pattern: str, path: str) -> bool:
    """Whether a pattern with ``*`` and a final ``$`` matches from the start of a path; in linear time by each star."""
    ends = pattern.endswith("$")
    first, *rest = (pattern[:-1] if ends else pattern).split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for number, piece in enumerate(rest):
        if ends and number == len(rest) - 1:
            return len(path) - len(piece) >= at and path.endswith(piece)
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return not ends or bool(rest) or at == len(path)
