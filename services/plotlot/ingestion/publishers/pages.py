"""Codes that are pages of the web: an index of a state, of each town a list of pages, or the towns' own sites."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from yarl import URL

from plotlot.domain.coverage import ListedTown
from plotlot.domain.errors import SourceUnavailable
from plotlot.ingestion.parsers.dates import effective_date
from plotlot.ingestion.publishers.municode import numbered
from plotlot.ingestion.publishers.publisher import Fetch, Piece

MOST_PAGES = 3_000
_WORD = re.compile(r"[A-Za-z]")
_CURRENT = re.compile(
    r"[^.\n]{0,80}\b(?:current through|updated|codified through|effective)\b[^\n]{0,120}", re.IGNORECASE
)


class Link(tuple[str, str]):
    """Where a link leads, and its words."""

    __slots__ = ()

    @property
    def url(self) -> str:
        """Where it leads."""
        return self[0]

    @property
    def words(self) -> str:
        """What stands there to be read."""
        return self[1]


class Pages:
    """A site of codes.

    ``index`` is the address of a state's list, with {state} or {STATE}; ``town_link`` is found in the path of a link
    from there to a town, whose reference it captures. ``code`` is the address of a town's list of pages, with
    {reference}, and ``page_link`` is found in the paths of links to those; they are followed ``depth`` times.
    ``listed`` are towns whose addresses are known: reference and municipality.
    """

    def __init__(
        self,
        name: str,
        index: str = "",
        town_link: str = "",
        code: str = "{reference}",
        page_link: str = r"\.(?:html?|pdf|docx|txt|md)$",
        depth: int = 1,
        listed: Mapping[str, str] | None = None,
    ) -> None:
        self._name, self._index, self._code, self._depth = name, index, code, depth
        self._town_link, self._page_link = re.compile(town_link), page_link
        self._listed = dict(listed or {})

    @property
    def name(self) -> str:
        """What the configuration calls it."""
        return self._name

    @property
    def host(self) -> str:
        """Whom it asks; sites of towns are as many hosts, and share their places in the line."""
        return URL(self._index).authority if self._index else self._name

    async def towns(self, fetch: Fetch, state: str) -> list[ListedTown]:
        """The towns of the index, and those that are listed, of a state."""
        found = [
            ListedTown(municipality, self._name, reference)
            for reference, municipality in self._listed.items()
            if municipality.upper().endswith(f", {state.upper()}")
        ]
        if not self._index:
            return found
        index = self._index.format(state=state.lower(), STATE=state.upper())
        links = await fetch.get(index, lambda content: links_in(content, index))
        seen: dict[str, str] = {}
        for link in links:
            match = self._town_link.search(URL(link.url).path)
            if match and _WORD.search(link.words):
                seen.setdefault(match["reference"], link.words)
        if not seen:
            raise SourceUnavailable(f"{self._name} lists no towns at {index}: its pages may have changed")
        return found + [
            ListedTown(f"{words.partition(',')[0].strip()}, {state.upper()}", self._name, reference)
            for reference, words in seen.items()
        ]

    async def described(self, fetch: Fetch, town: ListedTown) -> ListedTown:
        """The town with what its page says of how new the code is."""
        at = self._address(town)
        if _is_file(at):
            return replace(town, product=unquote(URL(at).name))
        words = await fetch.get(at, words_in)
        current = _CURRENT.search(words)
        supplement = " ".join(current[0].split()) if current else ""
        return replace(
            town,
            product="Code of Ordinances",
            supplement=supplement,
            dated=effective_date("", supplement) or "",
        )

    async def edition(self, fetch: Fetch, town: ListedTown) -> str:
        """Nothing: a page changes, and no other one says so."""
        return ""

    async def code(self, fetch: Fetch, town: ListedTown) -> list[Piece]:
        """The pages that a town's page links to, and those that they do; the page itself where it links to none."""
        start = self._address(town)
        wanted = re.compile(self._page_link.replace("{reference}", re.escape(town.reference)))
        level, seen = [Link((start, ""))], {start}
        pieces: list[Piece] = []
        for depth in range(self._depth + 1):
            following: list[Link] = []
            for link in level:
                content = await fetch.get(link.url, _something)
                below = [] if _is_file(link.url) or depth == self._depth else links_in(content, link.url)
                below = [one for one in below if wanted.search(URL(one.url).path) and one.url not in seen]
                seen.update(one.url for one in below)
                following += list({one.url: one for one in below}.values())
                if depth or not below:
                    pieces.append(Piece(_name_of(link), "", content, link.url))
                if len(seen) > MOST_PAGES:
                    raise SourceUnavailable(f"{self._name} has more than {MOST_PAGES:,} pages of one code")
            level = following
        return numbered(pieces)

    def _address(self, town: ListedTown) -> str:
        return (
            town.reference if town.reference in self._listed else self._code.format(reference=town.reference)
        )


def links_in(content: bytes, base: str) -> list[Link]:
    """The links of a page to the same site, without fragments. Raises SourceUnavailable where it is none."""
    root = _page(content)
    found = []
    for anchor in root.iter("a"):
        try:
            url = URL(base).join(URL((anchor.get("href") or "").strip())).with_fragment(None)
        except ValueError:
            continue
        if url.scheme in ("http", "https") and url.host == URL(base).host:
            found.append(Link((str(url), " ".join("".join(anchor.itertext()).split()))))
    return found


def words_in(content: bytes) -> str:
    """The words of a page, a line to each of its parts."""
    return "\n".join(" ".join(text.split()) for text in _page(content).itertext() if text.strip())


def _page(content: bytes) -> Any:
    from lxml import etree, html

    try:
        return html.document_fromstring(content, parser=html.HTMLParser(huge_tree=False))
    except (etree.LxmlError, ValueError):
        raise SourceUnavailable("the answer is no page") from None


def _something(content: bytes) -> bytes:
    if not content.strip():
        raise SourceUnavailable("the answer is empty")
    return content


def _is_file(url: str) -> bool:
    return URL(url).suffix.lower() in (".pdf", ".docx", ".txt", ".md", ".json")


def _name_of(link: Link) -> str:
    """What a page is kept as: the words of the link to it, else the last part of its address."""
    last = unquote(URL(link.url).name) or URL(link.url).host or "page"
    if _is_file(link.url):
        return last
    words = " ".join(link.words.replace("/", " ").split())[:120]
    return f"{words or last.removesuffix('.html').removesuffix('.htm')}.html"
