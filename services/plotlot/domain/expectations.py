"""What is expected of a code that was fetched before it may serve, besides its size: each thing that is not so, in words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from plotlot.domain.coverage import Misgiving
from plotlot.domain.documents import Document

MOST_BROKEN_SHARE = 0.002  # of characters; a town's own slips are far fewer
FEWEST_BROKEN = 20
LONGEST_OTHER_PAGE = 6_000  # characters; a page that is no code says little
MOST_SECTIONS_OF_OTHER_PAGE = 4
OTHER_PAGE_REACH = 1_500
SHORTEST_REPEATED = 200  # characters; "Reserved." may stand anywhere
MOST_REPEATED_SHARE = 0.3
FEWEST_DISTRICTS = 3  # of a field: one that two districts had may well be repealed
SHOWN = 3
FURTHEST_AHEAD = timedelta(days=730)  # in which a document may take effect
A_DAY = timedelta(days=1)  # of time zones

_BROKEN = re.compile(
    r"\ufffd|ï¿½|â€[\u0080-\u00bf\u0152-\u0192\u02c6-\u2122]|"
    r"Ã[\u0080-\u00bf\u0152-\u0192\u02c6-\u2122]|Â[\u00a0-\u00bf]"
)
"""Replacement characters, and what is left of UTF-8 that was read as another encoding."""
_OTHER_PAGES: Mapping[str, re.Pattern[str]] = {
    "a page to sign in at": re.compile(
        r"\b(?:sign|log)[ -]?in\b.{0,400}\b(?:password|user\s?name|e-?mail\s+address)\b|\bforgot(?:ten)?\s+(?:your\s+)?password\b",
        re.IGNORECASE | re.DOTALL,
    ),
    "an error page": re.compile(
        r"\b(?:error\s+)?(?:403|404|500|502|503|504)\b.{0,40}\b(?:error|not\s+found|forbidden|unavailable|bad\s+gateway|time-?out)\b"
        r"|\bpage\s+(?:\w+\s+){0,4}not\s+(?:be\s+)?found\b|\baccess\s+(?:is\s+)?denied\b|\binternal\s+server\s+error\b"
        r"|\bservice\s+(?:is\s+)?(?:temporarily\s+)?unavailable\b",
        re.IGNORECASE,
    ),
    "a page that wants a browser": re.compile(
        r"\benable\s+javascript\b|\bcaptcha\b|\bchecking\s+your\s+browser\b|\bverify\s+(?:that\s+)?you\s+are\s+(?:a\s+)?human\b"
        r"|\bunusual\s+traffic\b",
        re.IGNORECASE,
    ),
}


@dataclass(frozen=True, slots=True)
class Signs:
    """What a document shows of how it was fetched: its characters, those that an encoding spoilt, and the other page
    that it looks like, empty for none."""

    name: str
    characters: int
    broken: int = 0
    other_page: str = ""
    effective: date | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What was read from a code: its districts, and for each field how many of them have it."""

    districts: int
    by_field: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Look:
    """What one state of a code looks like. ``documents`` and ``repeated_share`` are of those that only this state has;
    ``dated`` is the day of its supplement."""

    documents: Sequence[Signs] = ()
    repeated_share: float = 0.0
    dated: date | None = None

    @property
    def broken_share(self) -> float:
        """The share of characters that an encoding spoilt."""
        characters = sum(signs.characters for signs in self.documents)
        return sum(signs.broken for signs in self.documents) / characters if characters else 0.0


def signs_of(document: Document) -> Signs:
    """The signs of a document."""
    effective = document.effective_date
    return Signs(
        document.name,
        len(document.text),
        sum(1 for _ in _BROKEN.finditer(document.text)),
        other_page(document),
        date.fromisoformat(effective) if effective else None,
    )


def other_page(document: Document) -> str:
    """What a document is in the place of a code, in words; empty where nothing says that it is no code."""
    if len(document.text) > LONGEST_OTHER_PAGE or len(document.sections) - 1 > MOST_SECTIONS_OF_OTHER_PAGE:
        return ""
    text = f"{document.title}\n{document.text[:OTHER_PAGE_REACH]}"
    return next((words for words, pattern in _OTHER_PAGES.items() if pattern.search(text)), "")


def repeated_share(sections: Iterable[tuple[str, int]]) -> float:
    """The share of characters that stand in sections whose words another one before them has: digests with lengths."""
    seen: set[str] = set()
    characters = repeated = 0
    for digest, length in sections:
        characters += length
        if length >= SHORTEST_REPEATED and digest in seen:
            repeated += length
        seen.add(digest)
    return repeated / characters if characters else 0.0


def unmet(before: Look, now: Look, today: date) -> tuple[Misgiving, ...]:
    """What is not as expected of a code that was fetched, beside the one that serves; each once."""
    return (
        *_of_encoding(before, now),
        *_of_other_pages(before, now),
        *_of_repetition(before, now),
        *_of_dates(before, now, today),
    )


def _of_encoding(before: Look, now: Look) -> Iterable[Misgiving]:
    broken = sum(signs.broken for signs in now.documents)
    if broken >= FEWEST_BROKEN and now.broken_share > max(MOST_BROKEN_SHARE, 2 * before.broken_share):
        worst = max(now.documents, key=lambda signs: signs.broken)
        yield Misgiving(
            "encoding",
            f"{broken:,} of its characters were spoilt by an encoding, {worst.broken:,} of them in {worst.name}",
        )


def _of_other_pages(before: Look, now: Look) -> Iterable[Misgiving]:
    known = {signs.name for signs in before.documents if signs.other_page}
    found = [signs for signs in now.documents if signs.other_page and signs.name not in known]
    if found:
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        yield Misgiving("other_page", f"{found[0].name} is {found[0].other_page}, and no code{more}")


def _of_repetition(before: Look, now: Look) -> Iterable[Misgiving]:
    if now.repeated_share > MOST_REPEATED_SHARE and now.repeated_share > 2 * before.repeated_share:
        yield Misgiving(
            "repeated", f"{now.repeated_share:.0%} of what is new stands in it more than once, word for word"
        )


def _of_dates(before: Look, now: Look, today: date) -> Iterable[Misgiving]:
    if now.dated is not None and now.dated > today + A_DAY:
        yield Misgiving("dates", f"its supplement is of {now.dated}, a day that is still to come")
    elif now.dated is not None and before.dated is not None and now.dated < before.dated <= today + A_DAY:
        yield Misgiving(
            "dates", f"its supplement is of {now.dated}, and the one that serves of {before.dated}"
        )
    late = [signs for signs in now.documents if signs.effective and signs.effective > today + FURTHEST_AHEAD]
    if late:
        yield Misgiving(
            "dates", f"{late[0].name} takes effect on {late[0].effective}, more than two years ahead"
        )


def unmet_of_reading(before: Read | None, now: Read) -> Iterable[Misgiving]:
    """What of the code that serves was read, if it was, and is not read of the one that was fetched."""
    if before is None or not before.districts:
        return
    if not now.districts:
        yield Misgiving("districts", f"no district is found in it, where there were {before.districts}")
        return
    gone = {
        name: had
        for name, had in before.by_field.items()
        if had >= FEWEST_DISTRICTS and not now.by_field.get(name)
    }
    if gone:
        most = sorted(gone.items(), key=lambda item: (-item[1], item[0]))
        words = [f"{name.replace('_', ' ')} of {had} districts" for name, had in most[:SHOWN]]
        more = f" and {len(gone) - SHOWN} more" if len(gone) > SHOWN else ""
        yield Misgiving("standards", f"standards vanished: {', '.join(words)}{more}")
