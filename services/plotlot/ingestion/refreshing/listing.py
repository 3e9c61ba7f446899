"""Which towns publishers list: asked again once what is known is old, and as it was while a publisher is away."""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from plotlot.domain.access import LOCAL
from plotlot.domain.coverage import ListedTown, listing_misgiving, named_twice
from plotlot.domain.errors import SourceUnavailable
from plotlot.domain.municipalities import municipality_key, state_of
from plotlot.ingestion.publishers.publisher import Fetch, Publisher
from plotlot.ingestion.publishers.registry import Registry, county_key
from plotlot.store.pool import Database

log = logging.getLogger(__name__)

DESCRIBED_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Listing:
    """What a publisher listed of a state, and when. ``problem`` is why it was not asked anew, where it should have been."""

    publisher: str
    towns: tuple[ListedTown, ...]
    listed_at: datetime | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Discovery:
    """Towns with their publishers; ``unlisted`` are municipalities of the registry that nobody lists."""

    towns: tuple[ListedTown, ...]
    listings: tuple[Listing, ...]
    unlisted: tuple[str, ...]
    ambiguous: tuple[str, ...]


class Discoverer:
    """Lists towns by publishers, under the names of the registry."""

    def __init__(
        self,
        publishers: Sequence[Publisher],
        fetch: Callable[[str], Fetch],
        database: Database,
        registry: Registry,
        fresh: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._publishers, self._fetch, self._database = publishers, fetch, database
        self._registry, self._fresh, self._now = registry, fresh, now

    async def find(self, state: str, county: str = "", anew: bool = False) -> Discovery:
        """The towns of a state, or of one of its counties that the registry knows. Raises SourceUnavailable where nothing is
        known of any publisher."""
        listings = await asyncio.gather(
            *(self._listing(each, state.upper(), anew) for each in self._publishers)
        )
        if not any(listing.listed_at for listing in listings):
            raise SourceUnavailable(
                "; ".join(listing.problem for listing in listings) or "no publisher is set up"
            )
        found, twice = self._merged(listings, county)
        known = self._registry.of_county(state, county) if county else [
            one for name in self._registry.counties(state) for one in self._registry.of_county(state, name)
        ]  # fmt: skip
        listed = {municipality_key(town.municipality) for town in found}
        unlisted = [one.municipality for one in known if municipality_key(one.municipality) not in listed]
        return Discovery(tuple(found), tuple(listings), tuple(unlisted), tuple(sorted(twice)))

    def _merged(self, listings: Sequence[Listing], county: str) -> tuple[list[ListedTown], set[str]]:
        """Each town once, by the first publisher that lists it; those that one lists twice are nobody's."""
        towns: dict[str, ListedTown] = {}
        ambiguous: set[str] = set()
        for listing in listings:
            twice = named_twice(listing.towns)
            for town in listing.towns:
                if county and county_key(town.county) != county_key(county):
                    continue
                if (town.publisher, town.municipality) in twice:
                    ambiguous.add(town.municipality)
                else:
                    towns.setdefault(municipality_key(town.municipality), town)
        named = {municipality_key(name) for name in ambiguous}
        kept = [town for key, town in towns.items() if key not in named]
        return sorted(kept, key=lambda town: town.municipality), ambiguous

    async def _listing(self, publisher: Publisher, state: str, anew: bool) -> Listing:
        kept = await self._kept(publisher.name, state)
        if kept is not None and kept.listed_at is not None and not anew and self._is_fresh(kept.listed_at):
            return kept
        try:
            towns = await self._asked(publisher, state)
        except SourceUnavailable as error:
            log.warning("%s does not list its towns: %s", publisher.name, error.message)
            return replace(kept or Listing(publisher.name, (), None), problem=error.message)
        misgiving = listing_misgiving(kept.towns if kept else (), towns)
        if kept is not None and misgiving and not anew:
            log.warning("the list of %s is held back: %s", publisher.name, misgiving)
            return replace(kept, problem=f"{misgiving}, which plotlot discover --anew takes all the same")
        listing = Listing(publisher.name, tuple(towns), self._now())
        await self._keep(listing, state)
        return listing

    def _is_fresh(self, listed_at: datetime) -> bool:
        """Whether it is young enough; what was listed in the future, by a clock that jumped, is not."""
        return timedelta(0) <= self._now() - listed_at < self._fresh

    async def described(self, found: Discovery) -> Discovery:
        """The same with what is offered of each town, which takes requests for each that was not described yet."""
        return replace(found, towns=tuple(await self.with_details(found.towns)))

    async def with_details(self, towns: Sequence[ListedTown]) -> list[ListedTown]:
        """Towns with what is offered of them, kept with their publishers' lists; where nobody says it, as they are."""
        publishers = {each.name: each for each in self._publishers}
        room, fetch = asyncio.Semaphore(DESCRIBED_AT_ONCE), self._fetch(self._run_name("describe"))

        async def detailed(town: ListedTown) -> ListedTown:
            if town.product or town.publisher not in publishers:
                return town
            async with room:
                try:
                    return await publishers[town.publisher].described(fetch, town)
                except SourceUnavailable as error:
                    log.warning("%s: %s", town.municipality, error.message)
                    return town

        found = list(await asyncio.gather(*map(detailed, towns)))
        news = {
            (new.publisher, new.reference): new for old, new in zip(towns, found, strict=True) if old != new
        }
        for publisher, state in {(town.publisher, state_of(town.municipality)) for town in news.values()}:
            kept = await self._kept(publisher, state)
            if kept is not None:
                towns_now = tuple(news.get((town.publisher, town.reference), town) for town in kept.towns)
                await self._keep(replace(kept, towns=towns_now), state)
        return found

    async def _asked(self, publisher: Publisher, state: str) -> list[ListedTown]:
        fetch = self._fetch(self._run_name(f"list {state}"))
        return [self._named(town) for town in await publisher.towns(fetch, state)]

    def _run_name(self, what: str) -> str:
        """What this asking is kept under: it is no refresh."""
        return f"{what} {self._now().isoformat()}"

    def _named(self, town: ListedTown) -> ListedTown:
        """A town under the name and county that the registry has for it."""
        known = self._registry.find(town.municipality)
        if known is None:
            return town
        if known.kind == "place":  # with a code of its own after all
            return replace(town, county=known.county)
        return replace(town, municipality=known.code_of, county=known.county)

    async def _kept(self, publisher: str, state: str) -> Listing | None:
        async with self._database.connection(LOCAL, reads=True) as connection:
            cursor = await connection.execute(
                "SELECT towns, listed_at FROM listings WHERE publisher = %s AND state = %s",
                (publisher, state),
            )
            row = await cursor.fetchone()
        return Listing(publisher, tuple(ListedTown(**town) for town in row[0]), row[1]) if row else None

    async def _keep(self, listing: Listing, state: str) -> None:
        towns = json.dumps([asdict(town) for town in listing.towns])
        async with self._database.connection(LOCAL) as connection:
            await connection.execute(
                "INSERT INTO listings (publisher, state, towns, listed_at) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (publisher, state) DO UPDATE SET towns = excluded.towns, listed_at = excluded.listed_at",
                (listing.publisher, state, towns, listing.listed_at),
            )
