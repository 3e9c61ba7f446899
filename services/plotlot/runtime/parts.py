"""What a service of a process is made with, and what it is to the process."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from plotlot.rpc.health import Need
from plotlot.rpc.server import Register
from plotlot.settings import Settings
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

if TYPE_CHECKING:
    from fastapi import FastAPI

Close = Callable[[float], Coroutine[Any, Any, None]]


class Process(Protocol):
    """What a service is handed: ``alone`` where it shares the process with none, ``store`` is the database's presence.

    ``conninfo`` is how the store is reached, once it is started.
    """

    settings: Settings
    metrics: Metrics
    database: Database
    store: Need
    alone: bool
    conninfo: str

    def channel(self, name: str) -> Any:
        """The channel to a service, wherever it runs."""


@dataclass(frozen=True, slots=True)
class Part:
    """A service by its full name, what it needs before it is ready, and what it does besides answering.

    A task starts when the process serves, runs until it is cancelled, and sees to its own errors. ``close`` is
    given half of the grace, in seconds, while the other services of this process still answer; ``end`` comes when
    none does. ``app`` is its HTTP, ``bundle`` the id of the one that it serves.
    """

    name: str
    register: Register
    need: Need | None
    tasks: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
    close: Close | None = None
    end: Callable[[], Coroutine[Any, Any, None]] | None = None
    app: "FastAPI | None" = None
    bundle: str = ""


Component = Callable[[Process], Part]
