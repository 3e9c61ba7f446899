"""Codes at Municode, by the calls that its own library makes: state, client, product, job, table of contents, content.

Its API is not documented. What differs between the descriptions of it is read in every form that was seen: keys in
either case, lists with and without a frame, a call that is gone.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from yarl import URL

from plotlot.domain.coverage import ListedTown
from plotlot.domain.errors import SourceUnavailable
from plotlot.ingestion.parsers.dates import effective_date
from plotlot.ingestion.publishers.publisher import Fetch, PageGone, Piece

DEEPEST = 12
EDITION = "municode/1"  # raise it when something else is made of a chapter: every code is then fetched again
MOST_NODES = 20_000

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Node:
    """An entry of a table of contents, and the headings above it."""

    id: str
    heading: str
    has_children: bool
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """A code that is published of a town, in its latest state."""

    id: str
    name: str
    job: str = ""
    supplement: str = ""


class Municode:
    """One server of that API; ``site`` is the library that its requests say they come from."""

    def __init__(self, name: str, url: str, site: str) -> None:
        self._name, self._url, self._site = name, url.rstrip("/"), site.rstrip("/")
        self._headers = {"referer": f"{site}/", "origin": site, "x-csrf": "1", "accept": "application/json"}

    @property
    def name(self) -> str:
        """What the configuration calls it."""
        return self._name

    @property
    def host(self) -> str:
        """Whom it asks."""
        return URL(self._url).authority

    async def towns(self, fetch: Fetch, state: str) -> list[ListedTown]:
        """Every client of a state: one list, without pages."""
        found = await self._list(fetch, f"Clients/stateAbbr?stateAbbr={state}", "Clients")
        return [
            ListedTown(
                municipality=f"{name}, {state}", publisher=self._name, reference=str(_of(client, "ClientID"))
            )
            for client in found
            if (name := str(_of(client, "ClientName") or _of(client, "City") or "").strip())
        ]

    async def described(self, fetch: Fetch, town: ListedTown) -> ListedTown:
        """The town with the names of its codes, and the supplement of the first."""
        products = await self._latest_of_all(fetch, town)
        if not products:
            return town
        supplement = products[0].supplement
        return replace(
            town,
            product="; ".join(product.name for product in products),
            supplement=supplement,
            dated=effective_date("", f"current through {supplement}") or "",
        )

    async def edition(self, fetch: Fetch, town: ListedTown) -> str:
        """Each code with its latest job, of which all content is asked for by its id, and what else is in the pieces."""
        products = await self._latest_of_all(fetch, town)
        if not products:
            return ""
        return " ".join(
            [EDITION, self._url, self._site, *(f"{one.id}:{one.job} {one.name}" for one in products)]
        )

    async def code(self, fetch: Fetch, town: ListedTown) -> list[Piece]:
        """One document for each chapter. Where a supplement comes out meanwhile, all of that one."""
        pieces: list[Piece] = []
        for product in await self._products(fetch, town):
            latest = await self._latest(fetch, product)
            try:
                pieces += await self._chapters(fetch, town, latest)
            except PageGone:
                newer = await self._latest(fetch, product, anew=True)
                if newer.job == latest.job:
                    raise
                pieces += await self._chapters(fetch, town, newer)
        return numbered(pieces)

    async def _products(self, fetch: Fetch, town: ListedTown) -> list[Product]:
        """The codes of a client; by the older call where the newer one is gone."""
        try:
            content = await self._get(fetch, f"ClientContent/{town.reference}", _document)
            found = content.get("codes") if isinstance(content, dict) else content
        except PageGone:
            found = await self._get(fetch, f"Products/clientId/{town.reference}", _document)
        return [
            Product(str(_of(one, "ProductID")), str(_of(one, "ProductName") or "Code of Ordinances"))
            for one in found or ()
            if isinstance(one, dict) and _of(one, "ProductID") is not None
        ]

    async def _latest_of_all(self, fetch: Fetch, town: ListedTown) -> list[Product]:
        return [await self._latest(fetch, one) for one in await self._products(fetch, town)]

    async def _latest(self, fetch: Fetch, product: Product, anew: bool = False) -> Product:
        job = await self._get(fetch, f"Jobs/latest/{product.id}", _job, anew)
        return replace(product, job=str(_of(job, "Id")), supplement=str(_of(job, "Name") or ""))

    async def _chapters(self, fetch: Fetch, town: ListedTown, product: Product) -> list[Piece]:
        """The texts below every entry of the table of contents.

        Content comes by chapter, whichever of its nodes is asked for: an entry whose content is its own alone stands
        above chapters, and its children are asked for too.
        """
        pieces, groups = [], set()
        waiting = [*await self._children(fetch, product, Node(product.id, product.name, True, ()))]
        asked = 0
        while waiting:
            node, asked = waiting.pop(0), asked + 1
            if asked > MOST_NODES:
                raise SourceUnavailable(f"{self._name} lists more than {MOST_NODES:,} entries of one code")
            docs = await self._content(fetch, product, node)
            group = str(docs[0].get("ChunkGroupStartingNodeId") or node.id) if docs else node.id
            if group not in groups and any(doc.get("Content") for doc in docs):
                groups.add(group)
                pieces.append(self._piece(town, product, node, docs))
            alone = all(doc.get("Id") == node.id for doc in docs)
            if alone and node.has_children and len(node.path) < DEEPEST:
                waiting = [*await self._children(fetch, product, node), *waiting]
        return pieces

    async def _children(self, fetch: Fetch, product: Product, node: Node) -> list[Node]:
        query = f"jobId={product.job}&productId={product.id}&nodeId={node.id}"
        entries = await self._list(fetch, f"codesToc/children?{query}", "Children")
        path = (*node.path, node.heading)
        return [
            Node(
                str(_of(one, "Id")),
                str(_of(one, "Heading") or ""),
                _of(one, "HasChildren") is not False,
                path,
            )
            for one in entries
            if _of(one, "Id") is not None
        ]

    async def _content(self, fetch: Fetch, product: Product, node: Node) -> list[dict[str, Any]]:
        query = f"jobId={product.job}&productId={product.id}&nodeId={node.id}"
        return await self._get(fetch, f"CodesContent?{query}", _docs)

    def _piece(self, town: ListedTown, product: Product, node: Node, docs: list[dict[str, Any]]) -> Piece:
        """A chapter with the addresses of its sections, without how it compares with another state."""
        kept = [
            {name: doc.get(name) for name in ("Id", "Title", "NodeDepth", "Content")}
            | {"Url": self._address(town, product, str(doc.get("Id") or node.id))}
            for doc in docs
        ]
        above = [one for one in node.path[1:] if one]
        content = {"breadcrumb": above, "Docs": kept} if above else {"Docs": kept}
        name = "/".join(_plain(part) for part in (product.name, *above, node.heading or node.id))
        url = f"{self._url}/CodesContent?productId={product.id}&nodeId={node.id}"
        return Piece(
            f"{name}.json", "application/json", json.dumps(content, ensure_ascii=False).encode(), url
        )

    def _address(self, town: ListedTown, product: Product, node: str) -> str:
        """Where the library shows a node to readers: below the state, the town and the code, each by its name."""
        name, _, state = town.municipality.rpartition(", ")
        parts = [quote("_".join(part.lower().split()), safe="") for part in (state, name, product.name)]
        return f"{self._site}/{parts[0]}/{parts[1]}/codes/{parts[2]}?nodeId={quote(node, safe='')}"

    async def _list(self, fetch: Fetch, call: str, frame: str) -> list[Record]:
        def check(content: bytes) -> list[Record]:
            found = _document(content)
            if isinstance(found, dict):
                found = _of(found, frame)
            if not isinstance(found, list):
                raise SourceUnavailable(f"{self._name} answers what is no list")
            return [one for one in found if isinstance(one, dict)]

        return await self._get(fetch, call, check)

    async def _get(self, fetch: Fetch, call: str, check: Callable[[bytes], Any], anew: bool = False) -> Any:
        return await fetch.get(f"{self._url}/{call}", check, self._headers, anew)


def numbered(pieces: list[Piece]) -> list[Piece]:
    """The pieces, each under a name of its own: the second of a name says that it is."""
    seen: dict[str, int] = {}
    named = []
    for piece in pieces:
        seen[piece.name] = count = seen.get(piece.name, 0) + 1
        stem, dot, ending = piece.name.rpartition(".")
        named.append(piece if count == 1 else replace(piece, name=f"{stem} ({count}){dot}{ending}"))
    return named


def _document(content: bytes) -> Any:
    """JSON, which says no error. Raises SourceUnavailable."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise SourceUnavailable("the answer is no JSON, or broke off") from None
    if isinstance(found, dict) and (told := _of(found, "Error") or _of(found, "ExceptionMessage")):
        raise SourceUnavailable(f"the answer is an error: {str(told)[:200]}")
    return found


def _job(content: bytes) -> Record:
    found = _document(content)
    if not isinstance(found, dict) or _of(found, "Id") is None:
        raise SourceUnavailable("the answer names no state of the code")
    return found


def _docs(content: bytes) -> list[dict[str, Any]]:
    found = _document(content)
    docs = _of(found, "Docs") if isinstance(found, dict) else None
    if not isinstance(docs, list):
        raise SourceUnavailable("the answer holds no content")
    return [doc for doc in docs if isinstance(doc, dict)]


def _of(record: Record, key: str) -> Any:
    """The value of a key, whatever its letters' case."""
    wanted = key.lower()
    return next((value for name, value in record.items() if name.lower() == wanted), None)


def _plain(part: str) -> str:
    """A heading as part of a name."""
    return " ".join(part.replace("/", " ").split())[:120]
