"""Which service makes which spans, and which span may be another's parent: what readers of traces can rely on.

A real trace of every operation is held to it by tests/integration/test_traces.py, and the chart's network policies to
the same calls.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """What a span is of."""

    REQUEST = "request"  # that came in at a door by HTTP
    JOB = "job"  # a row of one
    SERVED = "served"  # a gRPC call, where it is served
    CALL = "call"  # the same where it is made
    STATEMENT = "statement"  # of SQL, or the end of its transaction
    CACHE = "cache"  # a command to Redis
    ENGINE = "engine"  # a model that writes is asked
    OUTSIDE = "outside"  # a server that is not PlotLot's is asked


@dataclass(frozen=True, slots=True)
class Emits:
    """What a service makes spans of: how requests reach it, whom it calls, and what else it waits for."""

    doors: frozenset[Sort]
    calls: frozenset[str] = frozenset()
    waits: frozenset[Sort] = frozenset()

    @property
    def sorts(self) -> frozenset[Sort]:
        """Every sort of its spans."""
        return self.doors | self.waits | ({Sort.CALL} if self.calls else frozenset())


INFERENCE = frozenset({"inference"})
BY_SERVICE = {
    "gateway": Emits(
        frozenset({Sort.REQUEST, Sort.JOB, Sort.SERVED}),
        frozenset({"retrieval", "extraction", "inference", "ingestion", "judge"}),
        frozenset({Sort.STATEMENT, Sort.CACHE}),
    ),
    "retrieval": Emits(frozenset({Sort.SERVED}), INFERENCE, frozenset({Sort.STATEMENT, Sort.CACHE})),
    "extraction": Emits(frozenset({Sort.SERVED}), INFERENCE, frozenset({Sort.STATEMENT})),
    "inference": Emits(frozenset({Sort.SERVED}), waits=frozenset({Sort.ENGINE})),
    "ingestion": Emits(
        frozenset({Sort.SERVED}), INFERENCE | {"extraction"}, frozenset({Sort.STATEMENT, Sort.OUTSIDE})
    ),
    "judge": Emits(frozenset({Sort.REQUEST, Sort.SERVED}), waits=frozenset({Sort.STATEMENT})),
}

End = tuple[str, Sort]


def edges() -> Iterator[tuple[End, End]]:
    """Every pair of a span and one that is made below it, each as its service and its sort."""
    for service, emits in BY_SERVICE.items():
        for door in emits.doors:
            for wait in emits.sorts - emits.doors:
                yield (service, door), (service, wait)
        for called in emits.calls:
            yield (service, Sort.CALL), (called, Sort.SERVED)
