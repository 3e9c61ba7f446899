"""What a refresh does to a town, stage by stage. Each may be done again: it then does only what is left to do.

They know of no engine that runs them: workflows call them one after the other, in one process or in many.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256

import psycopg

from plotlot.domain.coverage import Misgiving, counted, misgivings, trusted_for
from plotlot.domain.errors import InputError, PlotLotError, SourceUnavailable, UnreadableDocument
from plotlot.ingestion.parsers.scans import Ocr
from plotlot.ingestion.pipeline import document_identity, parse, parser_name
from plotlot.ingestion.publishers.publisher import Fetch, Piece, Publisher
from plotlot.ingestion.refreshing.answers import KeptAnswers
from plotlot.ingestion.refreshing.codes import Codes, Swapped
from plotlot.ingestion.refreshing.looking import Looking
from plotlot.ingestion.refreshing.towns import Towns, TownState, bring_to
from plotlot.ingestion.refreshing.vectors import KeptVectors
from plotlot.store.documents import NewDocument

SHOWN_UNREADABLE = 3
MOST_HELD = 4_000_000  # characters of documents that are stored together; each by itself where scans are read, which takes long
log = logging.getLogger(__name__)


class TownOver(Exception):
    """There is nothing more to be done to a town: its run was cancelled, or all of it was done before."""


class Stages:
    """The stages, over what they read and write. Those of a town raise TownOver where it has ended."""

    def __init__(
        self,
        publishers: Mapping[str, Publisher],
        fetch: Callable[[str], Fetch],
        answers: KeptAnswers,
        towns: Towns,
        codes: Codes,
        vectors: KeptVectors,
        looking: Looking,
        ocr: Ocr,
        trusted: timedelta,
    ) -> None:
        """``trusted`` is for how long a publisher is believed that a code is as it was, before all of it is asked for."""
        self._publishers, self._fetch, self._answers, self._towns = publishers, fetch, answers, towns
        self._codes, self._vectors, self._looking, self._ocr = codes, vectors, looking, ocr
        self._trusted = trusted

    async def fetch(self, run: str, municipality: str) -> bool:
        """Ask the publisher for the whole code, unless its edition says that it is the one that serves; whether it differs.

        Raises SourceUnavailable or EgressRefused, and leaves what was fetched for the next time.
        """
        state = await self._going_on(run, municipality)
        await self._towns.reach(run, municipality, "fetching")
        serves = bool(await self._codes.current(municipality))
        edition = await self._edition(run, state)
        trusted = trusted_for(municipality, self._trusted)
        known = await self._towns.taken_as(municipality, edition, trusted) if edition and serves else None
        if known is not None:
            await self._describe(run, state)
            await self._towns.note_edition(run, municipality, edition, known.digest, known.fetched_at)
            await self._towns.reach(
                run,
                municipality,
                "unchanged",
                digest=known.digest,
                documents=known.counts.get("documents", 0),
                bytes=known.counts.get("bytes", 0),
            )
            return False
        pieces = await self._pieces(run, state)
        await self._describe(run, state)
        digest = digest_of_pieces(pieces, parser_name(self._ocr.mode))
        if edition:
            await self._towns.note_edition(run, municipality, edition, digest)
        before = await self._towns.last_taken(municipality)
        unchanged = serves and before is not None and before.digest == digest
        await self._towns.reach(
            run,
            municipality,
            "unchanged" if unchanged else "parsing",
            digest=digest,
            documents=len(pieces),
            bytes=sum(len(piece.content) for piece in pieces),
        )
        return not unchanged

    async def _edition(self, run: str, state: TownState) -> str:
        """What tells the state of a code, as it is read here, from every other; empty where its publisher cannot say."""
        said = await self._publisher(state).edition(self._fetch(run), state.town)
        return f"{state.town.publisher} {said} {parser_name(self._ocr.mode)}" if said else ""

    async def parse(self, run: str, municipality: str) -> list[str]:
        """Read every document that is not stored yet; the ids of all. What cannot be read is told, and left out."""
        state = await self._going_on(run, municipality)
        pieces = await self._pieces(run, state)
        if digest_of_pieces(pieces, parser_name(self._ocr.mode)) != state.digest:
            raise SourceUnavailable("the code changed after it was fetched: refresh the town again")
        ids = [identity_of(municipality, piece, parser_name(self._ocr.mode)) for piece in pieces]
        stored = await self._codes.stored(ids)
        read, documents, unreadable = list[NewDocument](), [], []
        for identity, piece in zip(ids, pieces, strict=True):
            if identity not in stored:
                try:
                    read.append(await self._read(identity, piece))
                except InputError as error:
                    unreadable.append(error.message)
                    continue
                stored.add(identity)
                if self._ocr.mode != "off" or sum(len(each.document.text) for each in read) > MOST_HELD:
                    await self._codes.stage(municipality, read)
                    read = []
            documents.append(identity)
        if read:
            await self._codes.stage(municipality, read)
        words = unreadable[:SHOWN_UNREADABLE]
        if len(unreadable) > SHOWN_UNREADABLE:
            words.append(f"and {len(unreadable) - SHOWN_UNREADABLE} more")
        await self._towns.reach(
            run, municipality, "verifying", reason="; ".join(words), unreadable=len(unreadable)
        )
        return documents

    async def _read(self, identity: str, piece: Piece) -> NewDocument:
        """A document by its parser. Raises InputError, also where it has no text."""
        document = await asyncio.to_thread(parse, piece.name, piece.content, piece.media_type, ocr=self._ocr)
        if not document.text.strip():  # pages without a text layer, say: of those a parser only warns
            raise UnreadableDocument(f"{piece.name}: {'; '.join(document.warnings) or 'it has no text'}")
        return NewDocument(identity, document, parser_name(self._ocr.mode, document))

    async def verify(self, run: str, municipality: str, documents: list[str]) -> bool:
        """Compare with the code that serves; whether this one may take its place, else it is quarantined."""
        state = await self._going_on(run, municipality)
        before = await self._codes.current(municipality)
        size_before = await self._codes.size(before) if before else None
        size = await self._codes.size(documents)
        found = list(misgivings(size_before, size))
        if (before or not documents) and (unreadable := state.counts.get("unreadable")):
            words = f"{unreadable} of its documents cannot be read: {state.reason}"
            found.append(Misgiving("unreadable", words))
        looked = await self._looking.compare(state.town, before, documents)
        found += looked.misgivings
        if found and not (state.accepted and documents):
            reasons = "; ".join(one.reason for one in found)
            kinds = {one.kind for one in found}
            await self._towns.reach(run, municipality, "quarantined", reason=reasons, kinds=kinds)
            return False
        changes = counted(looked.changes)
        await self._towns.reach(
            run,
            municipality,
            "embedding",
            sections=size.sections,
            warnings=looked.warnings,
            added=changes["added"] if before else size.sections,
            changed=changes["changed"],
            removed=changes["removed"],
        )
        return True

    async def embed(self, run: str, municipality: str, documents: list[str]) -> None:
        """See that all that is to be searched has a vector."""
        await self._going_on(run, municipality)
        embedded = reused = 0
        async for made, there in self._vectors.embed(await self._codes.embedded_texts(documents)):
            embedded, reused = embedded + made, reused + there
            if made:
                await self._towns.reach(run, municipality, "embedding", embedded=embedded, reused=reused)
        await self._towns.reach(run, municipality, "swapping", embedded=embedded, reused=reused)

    async def swap(self, run: str, municipality: str, documents: list[str]) -> None:
        """Let the new code serve in the place of the old one, all of it at once, and the town be current with it: one
        that is cancelled meanwhile stays as it was."""
        await self._going_on(run, municipality)

        async def taken(connection: psycopg.AsyncConnection, swapped: Swapped) -> None:
            counts = {"chunks": swapped.chunks, "moved": swapped.moved}
            if not await bring_to(connection, run, municipality, "current", counts=counts):
                raise TownOver(f"{municipality} has ended")

        await self._codes.swap(municipality, documents, taken)

    async def finish(self, run: str) -> None:
        """A run is over: the codes that nothing served before are read, and what nobody needs any more goes."""
        changed = [each.municipality for each in await self._towns.of_run(run) if each.stage == "current"]
        for municipality in changed:
            try:
                await self._looking.read(municipality, await self._codes.current(municipality))
            except PlotLotError as error:  # it is read when somebody asks
                log.warning("%s is not read yet: %s", municipality, error.message)
        await self._answers.tidy()
        if changed:
            await self._vectors.prune(run)
        await self._towns.end(run)

    async def _going_on(self, run: str, municipality: str) -> TownState:
        """The town as it is. Raises TownOver."""
        state = await self._towns.one(run, municipality)
        if state.has_ended:
            raise TownOver(f"{municipality} has ended")
        return state

    async def _describe(self, run: str, state: TownState) -> None:
        """Keep what is offered of a town now; mostly what was fetched of it says so."""
        with suppress(SourceUnavailable):
            described = await self._publisher(state).described(self._fetch(run), state.town)
            await self._towns.describe(run, described)

    async def _pieces(self, run: str, state: TownState) -> list[Piece]:
        """The documents of a town. What was fetched in this run is not asked for again."""
        return await self._publisher(state).code(self._fetch(run), state.town)

    def _publisher(self, state: TownState) -> Publisher:
        """Whoever lists a town. Raises SourceUnavailable where the configuration names it no more."""
        publisher = self._publishers.get(state.town.publisher)
        if publisher is None:
            raise SourceUnavailable(f"no publisher is called {state.town.publisher!r} any more")
        return publisher


def identity_of(municipality: str, piece: Piece, parser: str) -> str:
    """The id of a document: its town, name and bytes, and by which parser it is read."""
    plain = document_identity(municipality, piece.name, piece.content)
    return "doc-" + sha256(f"{plain}\0{parser}".encode()).hexdigest()[:20]


def digest_of_pieces(pieces: list[Piece], parser: str) -> str:
    """Tells two states of a code apart, as this parser would read them."""
    listed = [[piece.name, sha256(piece.content).hexdigest()] for piece in pieces]
    return sha256(json.dumps([parser, listed]).encode()).hexdigest()
