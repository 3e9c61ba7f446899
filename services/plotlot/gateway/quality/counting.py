"""Counts what becomes of questions, and has the citations of some answers read again."""

import logging
from collections.abc import Callable, Sequence

from plotlot.domain.outcomes import LEFT
from plotlot.domain.question_kinds import kind_of
from plotlot.gateway.inquiries import Inquiry
from plotlot.gateway.outcomes import Answered
from plotlot.gateway.quality.shown import Shown, shown_in
from plotlot.rpc.context import is_shadow
from plotlot.telemetry import Metrics

log = logging.getLogger(__name__)

Offer = Callable[[Sequence[Shown]], None]
Observe = Callable[[Inquiry, Answered], None]


class Counting:
    """Looks at every answer to a user; ``offer`` is given what it showed."""

    def __init__(self, bundle: str, metrics: Metrics, offer: Offer) -> None:
        self._bundle = bundle
        self._metrics = metrics
        self._offer = offer

    def observe(self, inquiry: Inquiry, answered: Answered) -> None:
        """Count an answer, unless it is a shadow's. Never raises."""
        try:
            if not is_shadow():
                self._count(inquiry, answered)
        except Exception as error:  # whatever it is, the user has nothing to do with it
            log.error("an answer was not counted", exc_info=error)

    def _count(self, inquiry: Inquiry, answered: Answered) -> None:
        metrics, outcome = self._metrics, outcome_of(answered)
        metrics.questions.labels(inquiry.operation, outcome, self._bundle).inc()
        if inquiry.operation == "ask" and inquiry.body and answered.answer is not None:
            refused = "yes" if answered.answer.get("refused") else "no"
            metrics.question_kinds.labels(kind_of(inquiry.body["question"]), refused).inc()
        shown = shown_in(answered.answer or {})
        if shown:
            metrics.values_shown.labels(inquiry.operation).inc(len(shown))
            self._offer(shown)


def each_of(*observers: Observe) -> Observe:
    """One observer that tells them all."""

    def observe(inquiry: Inquiry, answered: Answered) -> None:
        for each in observers:
            each(inquiry, answered)

    return observe


def outcome_of(answered: Answered) -> str:
    """What became of a question: ``answered``, the reason of a refusal, ``problem``, ``failed`` or ``left``."""
    if answered.failed:
        return "failed"
    if answered.answer is None:
        return "left" if answered.status == LEFT else "problem"
    refused = answered.answer.get("refused")
    return str(answered.answer.get("reason") or "refused") if refused else "answered"
