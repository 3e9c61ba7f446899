"""Compares analyses: finds them, and makes those of lots that are added by their addresses."""

import asyncio
from collections.abc import Sequence

from plotlot.domain.errors import InvalidRequest
from plotlot.gateway.answers import Answers
from plotlot.gateway.comparisons.comparison import MOST_COMPARED, Comparison, comparison_of
from plotlot.gateway.inquiries import Question
from plotlot.gateway.web.events import last


class Comparing:
    """Puts analyses side by side."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    async def of(self, analyses: Sequence[str]) -> Comparison:
        """Up to four analyses, each once, in their order. Raises UnknownAnalysis and InvalidRequest."""
        found = await asyncio.gather(*(self._answers.report(each) for each in at_most_four(analyses)))
        return comparison_of([report for report, _ in found])

    async def with_lot(self, analyses: Sequence[str], question: Question) -> list[str]:
        """The ids of the analyses and of a new one, of another lot. Raises what analyses do, and InvalidRequest."""
        kept = at_most_four(analyses)
        at_most_four([*kept, ""])
        report = await last(self._answers.analyze(question))
        return at_most_four([*kept, report["id"]])


def at_most_four(analyses: Sequence[str]) -> list[str]:
    """Each analysis once. Raises InvalidRequest for more than can be compared."""
    found = list(dict.fromkeys(analyses))
    if len(found) > MOST_COMPARED:
        raise InvalidRequest(
            f"{len(found)} lots are more than can be compared; leave one out",
            field="id",
            expected=f"at most {MOST_COMPARED} analyses",
        )
    return found
