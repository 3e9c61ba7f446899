"""The cases that went wrong, the worst first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plotlot.evaluation.runs import Case

HEAVIEST = ("ask.unswayed", "ask.cited", "extraction.not_wrong", "ask.grounded", "ask.refused", "ask.correct")
"""What harms a user most comes first: what is made up before what is not found."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A case and its scores that are not whole; a score that is missing is None."""

    case: Case
    scores: dict[str, float | None]

    @property
    def failed(self) -> list[str]:
        """The names of those scores, with what they are where that is neither 0 nor 1."""
        return [name if not score else f"{name} {score:.2g}" for name, score in self.scores.items()]


def worst_first(cases: Sequence[Case]) -> list[Failure]:
    """Every case with a score below 1 or missing: missing ones first, then by harm, then by what is lost."""
    failures = [
        Failure(
            case, {name: score for name, score in sorted(case.scores.items()) if score is None or score < 1}
        )
        for case in cases
    ]
    return sorted((failure for failure in failures if failure.scores), key=_harm)


def _harm(failure: Failure) -> tuple[Any, ...]:
    lost = {name: 1.0 if score is None else 1 - score for name, score in failure.scores.items()}
    heaviest = next((place for place, name in enumerate(HEAVIEST) if lost.get(name)), len(HEAVIEST))
    return (None not in failure.scores.values(), heaviest, -sum(lost.values()), failure.case.id)
