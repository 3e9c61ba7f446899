"""A run in the making: what each suite measured is kept as it comes, and one that fails takes no other with it."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from plotlot.domain.errors import InvalidRequest, PlotLotError
from plotlot.evaluation.measures import effort, grouped, means, missing
from plotlot.evaluation.runs import Case, Groups, Run
from plotlot.evaluation.sources import Sources
from plotlot.evaluation.suites.standards import field_scores

log = logging.getLogger(__name__)

NOT_YET = "not through yet"
LONGEST_REASON = 300


def unkept(run: Run) -> None:
    """Keep nothing: whoever measures waits for the whole run."""


@dataclass
class Measured:
    """What the suites of a run have measured so far; ``keep`` is given the run whenever there is more of it."""

    suite: str
    wanted: Sequence[str]
    bundle: str
    engine: str
    sources: Sources
    keep: Callable[[Run], None] = unkept
    cases: list[Case] = field(default_factory=list)
    metrics: dict[str, float] = field(default_factory=dict)
    errors: list[Exception] = field(default_factory=list)
    unfinished: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.unfinished = dict.fromkeys(self.wanted, NOT_YET)

    @contextmanager
    def watching(self, *suites: str) -> Iterator[None]:
        """Let an error end what these suites do here, and nothing else."""
        try:
            yield
        except Exception as error:
            named = [name for name in suites if name in self.unfinished]
            log.exception("not measured to its end: %s", ", ".join(named))
            self.unfinished |= dict.fromkeys(named, reason_of(error))
            self.errors.append(error)
            self._keep()

    def done(self, suite: str) -> None:
        """Note that a suite has measured all that it does, where no error ended a part of it."""
        if self.unfinished.get(suite) == NOT_YET:
            del self.unfinished[suite]
        self._keep()

    def add(self, cases: Sequence[Case]) -> None:
        """Add cases."""
        self.cases += cases
        self._keep()

    def of(self, suite: str) -> list[Case]:
        """The cases of a suite."""
        return [case for case in self.cases if is_of(case, suite)]

    def run(self) -> Run:
        """The run of all that was measured. Raises the first error where nothing was, else InvalidRequest."""
        if not self.cases and self.errors:
            raise self.errors[0]
        if not self.cases:
            raise InvalidRequest(f"there is nothing to measure in {self.sources.root}", field="suite")
        read, asked = self.of("extraction"), [case for case in self.cases if not is_of(case, "extraction")]
        towns = {self.sources.towns[case.town] for case in self.cases if case.town in self.sources.towns}
        return Run(
            suite=self.suite,
            bundle=self.bundle,
            engine=self.engine,
            data=self.sources.digests(sorted(towns, key=lambda town: town.name)),
            metrics=dict(sorted(self._metrics(read).items())),
            cases=sorted(self.cases, key=lambda case: case.id),
            groups=groups_of(read, asked),
            unfinished=dict(self.unfinished),
        ).named()

    def _metrics(self, read: Sequence[Case]) -> dict[str, float]:
        found = {**means(self.cases), **self.metrics, "missing": float(missing(self.cases))}
        for name in self.wanted:
            found |= effort(self.of(name), name)
        if read:
            found |= {f"extraction.{name}": value for name, value in field_scores(read).items()}
        return found

    def _keep(self) -> None:
        if self.cases:
            self.keep(self.run())


def is_of(case: Case, suite: str) -> bool:
    """Whether a case is of a suite, by its id."""
    return case.id.startswith(f"{suite}/")


def reason_of(error: BaseException) -> str:
    """Why a suite failed, in a line; of several errors at once, the first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    said = " ".join(str(error).split())[:LONGEST_REASON]
    if isinstance(error, PlotLotError):
        return said
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def groups_of(read: Sequence[Case], asked: Sequence[Case]) -> Groups:
    """Metrics by town, slice and kind of what was asked, by town, field and format of what was read."""
    found = grouped(asked)
    by_field = {
        "field": lambda case: case.slice,
        "format": lambda case: str(case.detail.get("format", "")),
        "source": lambda case: str(case.detail.get("source", "")),
        "town": lambda case: case.town,
    }
    for name, groups in grouped(read, by_field, field_scores).items():
        target = found.setdefault(name, {})
        for key, values in groups.items():
            named = {f"extraction.{each}": value for each, value in values.items() if each != "cases"}
            target[key] = {**target.get(key, {}), **named}
    return {name: dict(sorted(groups.items())) for name, groups in found.items() if groups}
