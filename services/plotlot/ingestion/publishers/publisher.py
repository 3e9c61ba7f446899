"""What a publisher of codes is: it lists towns, and hands out the documents of one."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from plotlot.domain.coverage import ListedTown
from plotlot.domain.errors import SourceUnavailable

T = TypeVar("T")


class PageGone(SourceUnavailable):
    """The publisher says that there is nothing at an address; asking again will not help."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One document of a code, as bytes that a parser reads.

    ``name`` tells it apart from the others of its town and stays from supplement to supplement, whatever the publisher
    calls it inside.
    """

    name: str
    media_type: str
    content: bytes
    url: str


@dataclass(frozen=True, slots=True)
class Question:
    """An address that is asked; ``anew`` also where the run has an answer."""

    url: str
    headers: Mapping[str, str]
    anew: bool


class Fetch(ABC):
    """How publishers ask: what was fetched once in a run is not asked for again."""

    async def get(
        self,
        url: str,
        check: Callable[[bytes], T],
        headers: Mapping[str, str] | None = None,
        anew: bool = False,
    ) -> T:
        """What ``check`` makes of an answer. An answer that it refuses by SourceUnavailable is asked for again.

        ``anew`` asks also where the run has an answer. Raises PageGone, SourceUnavailable or EgressRefused.
        """
        return await self.answer(Question(url, headers or {}, anew), check)

    @abstractmethod
    async def answer(self, asked: Question, check: Callable[[bytes], T]) -> T:
        """What ``get`` gives."""


class Publisher(Protocol):
    """A publisher; all methods raise SourceUnavailable, and EgressRefused where a rule of ours forbids asking."""

    @property
    def name(self) -> str:
        """What the configuration calls it."""

    @property
    def host(self) -> str:
        """Whom it asks, by which requests are limited; empty where it asks nobody."""

    async def towns(self, fetch: Fetch, state: str) -> list[ListedTown]:
        """The towns of a state, by its two letters; what it takes a request for each to know may be empty."""

    async def described(self, fetch: Fetch, town: ListedTown) -> ListedTown:
        """The town with what is offered of it, and how new that is."""

    async def edition(self, fetch: Fetch, town: ListedTown) -> str:
        """What tells the state of a town's code from every other, asked for at little cost; empty where only all of the code
        does."""

    async def code(self, fetch: Fetch, town: ListedTown) -> list[Piece]:
        """The documents of a town's code as they stand now, in their order."""
