"""Starting, looking at and ending refreshes: what is asked for becomes rows, which workers take up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from plotlot.domain.coverage import TAKEN, ListedTown
from plotlot.domain.errors import InvalidRequest, UnknownMunicipality
from plotlot.domain.municipalities import municipality_key
from plotlot.ingestion.publishers.registry import Registry
from plotlot.ingestion.refreshing.listing import Discoverer, Discovery
from plotlot.ingestion.refreshing.progress import Progress, RunProgress
from plotlot.ingestion.refreshing.towns import Towns

NEAR, LEAST_LIKENESS = 3, 0.75  # names of towns that are suggested


@dataclass(frozen=True, slots=True)
class Scope:
    """Which towns are to be refreshed: all of a state or a county, some by name, or those that failed.

    ``accepted`` takes codes also where they look wrong.
    """

    state: str = ""
    county: str = ""
    towns: Sequence[str] = ()
    failed: bool = False
    accepted: bool = False

    def words(self) -> str:
        """What is asked for: two of the same words are the same. Raises InvalidRequest."""
        if bool(self.state) + bool(self.towns) + self.failed != 1:
            raise InvalidRequest("say which towns: one of state, towns and failed", field="state")
        if self.county and not self.state:
            raise InvalidRequest("a county goes with its state", field="county")
        if self.failed:
            said = "failed"
        elif self.towns:
            said = f"towns {', '.join(sorted({municipality_key(name) for name in self.towns}))}"
        else:
            said = f"state {self.state.upper()}" + (f" county {self.county}" if self.county else "")
        return f"{said}, also where held back" if self.accepted else said


@dataclass(frozen=True, slots=True)
class Sources:
    """Who is asked for towns: publishers by their hosts, the lists of them, and the names of the registry."""

    discoverer: Discoverer
    registry: Registry
    hosts: Mapping[str, str]


class Refreshes:
    """Refreshes of one installation; ``sources`` where publishers are set up."""

    def __init__(self, towns: Towns, progress: Progress, sources: Sources | None) -> None:
        self._towns, self._sources = towns, sources
        self.progress = progress

    async def discover(self, state: str, county: str, anew: bool) -> Discovery:
        """The towns of a state with what is offered of each. Raises InvalidRequest, SourceUnavailable."""
        sources = self._asked()
        check_county(sources.registry, state, county)
        return await sources.discoverer.described(await sources.discoverer.find(state, county, anew))

    async def start(self, run: str, scope: Scope) -> tuple[RunProgress, bool]:
        """The run of a scope that goes on, else a new one; whether it is new.

        Raises InvalidRequest, UnknownMunicipality, SourceUnavailable.
        """
        words = scope.words()
        going_on = await self._towns.going_on(words)
        if going_on is not None:
            return await self.progress.run(going_on.id), False
        sources = self._asked()
        towns = [(town, sources.hosts.get(town.publisher, "")) for town in await self._meant(scope, sources)]
        begun, new = await self._towns.begin(run, words, towns, scope.accepted)
        return await self.progress.run(begun), new

    async def cancel(self, run: str) -> tuple[RunProgress, int]:
        """End a run, and how many towns it leaves as they were; one that is over stays as it is. Raises UnknownRefresh."""
        await self.progress.run(run)
        left = await self._towns.cancel(run)
        return await self.progress.run(run), left

    async def _meant(self, scope: Scope, sources: Sources) -> list[ListedTown]:
        if scope.failed:
            return [one.town for one in await self._towns.latest() if one.stage not in TAKEN]
        if scope.towns:
            return await _named(sources, scope.towns)
        check_county(sources.registry, scope.state, scope.county)
        return list((await sources.discoverer.find(scope.state, scope.county)).towns)

    def _asked(self) -> Sources:
        if self._sources is None:
            raise InvalidRequest(
                "no publisher is set up here: PLOTLOT_PUBLISHERS names them", field="publishers"
            )
        return self._sources


def check_county(registry: Registry, state: str, county: str) -> None:
    """Raise InvalidRequest with the counties of the state that are known where this one is not."""
    if county and not registry.of_county(state, county):
        counties = registry.counties(state)
        raise InvalidRequest(
            f"no county {county!r} of {state.upper()} is known; known are {', '.join(counties) or 'none'}",
            field="county",
            suggestions=counties,
        )


async def _named(sources: Sources, names: Sequence[str]) -> list[ListedTown]:
    """Towns by any of their names; each state is looked through once. Raises UnknownMunicipality, InvalidRequest."""
    states = {name: _state(name) for name in names}
    found = {state: await sources.discoverer.find(state) for state in sorted(set(states.values()))}
    towns = [_town(sources.registry, name, found[state]) for name, state in states.items()]
    return list({town.municipality: town for town in towns}.values())


def _state(name: str) -> str:
    """The state behind a town's name. Raises InvalidRequest."""
    head, _, state = name.rpartition(",")
    if not head.strip() or len(state.strip()) != 2:
        raise InvalidRequest(f"{name!r}: say the state too, as in 'Miami, FL'", field="towns")
    return state.strip().upper()


def _town(registry: Registry, name: str, found: Discovery) -> ListedTown:
    """The one that a name means among those of its state. Raises UnknownMunicipality, InvalidRequest."""
    known = registry.find(name)
    meant = known.code_of if known else name
    for town in found.towns:
        if municipality_key(town.municipality) == municipality_key(meant):
            return town
    if municipality_key(meant) in map(municipality_key, found.ambiguous):
        raise InvalidRequest(f"one publisher lists two towns that are called {name!r}", field="towns")
    near = get_close_matches(meant, [town.municipality for town in found.towns], NEAR, LEAST_LIKENESS)
    raise UnknownMunicipality(f"no publisher lists {meant!r}", field="towns", suggestions=near)
