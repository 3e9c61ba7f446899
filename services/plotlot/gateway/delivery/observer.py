"""What becomes of each answer beside its way to the user: a copy for the candidate, a count for the judge."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from plotlot.api.judge.v1 import judge_pb2
from plotlot.domain.outcomes import kept_text
from plotlot.domain.plans import Plan
from plotlot.gateway.callers import current_credentials
from plotlot.gateway.delivery.plan import CANARY, ReadPlan
from plotlot.gateway.delivery.recorder import Recorder
from plotlot.gateway.delivery.sessions import Session, Visit, current_visit
from plotlot.gateway.delivery.tee import Copy, Tee, sampled
from plotlot.gateway.inquiries import Inquiry
from plotlot.gateway.outcomes import Answered, outcome_of
from plotlot.rpc.context import RequestContext, current_request

log = logging.getLogger(__name__)

LONGEST_REQUEST_ID = 100


class Observer:
    """Looks at every answer to a user, in microseconds; ``now`` is in Unix seconds."""

    def __init__(
        self,
        bundle: str,
        plan: ReadPlan,
        tee: Tee,
        recorder: Recorder,
        now: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        self._bundle = bundle
        self._plan = plan
        self._tee = tee
        self._recorder = recorder
        self._now = now
        self._new_id = new_id

    def observe(self, inquiry: Inquiry, answered: Answered) -> None:
        """Note an answer to the current request, unless it is a shadow: copies are not copied. Never raises."""
        try:
            self._look(inquiry, answered)
        except Exception as error:  # whatever it is, the user has nothing to do with it
            log.error("an answer was not observed", exc_info=error)

    def _look(self, inquiry: Inquiry, answered: Answered) -> None:
        request, visit = current_request.get(), current_visit.get()
        if visit is not None and answered.failed:
            visit.told = True
        plan = self._plan()
        if not plan.release or (request is not None and request.shadow):
            return
        visit = visit or Visit(Session("", self._now(), begins=True))
        # Ids that callers send may repeat; what is counted once by its id must have one of its own.
        request_id = f"{sent_id(request)}:{self._new_id()}"
        # Who always meets the stable bundle, by gRPC or from inside, says nothing of which bundle harms more.
        if plan.stage == CANARY and visit.weighed:
            self._expose(plan, inquiry, answered, visit, request_id)
        session = visit.session.id
        # Those too whose user left: without them, slow answers would be missing of this bundle only.
        if inquiry.path and self._tee.wants(plan, session or request_id):
            self._tee.offer(
                Copy(inquiry, answered, request_id, session, self._now(), plan, current_credentials.get())
            )

    def _expose(
        self, plan: Plan, inquiry: Inquiry, answered: Answered, visit: Visit, request_id: str
    ) -> None:
        begins = visit.session.begins and not visit.counted
        visit.counted = True
        event = None
        if answered.failed or plan.slow(inquiry.operation, answered.seconds):
            event = judge_pb2.Exposure(
                request_id=request_id,
                session=visit.session.id,
                bundle=self._bundle,
                operation=inquiry.operation,
                question=kept_text(inquiry.words),
                outcome=outcome_of(inquiry.operation, answered, {}),
                shadowed=sampled(visit.session.id or request_id, plan.candidate, plan.share),
            )
            event.at.FromDatetime(datetime.fromtimestamp(self._now(), UTC))
            event.session_started_at.FromDatetime(datetime.fromtimestamp(visit.session.started_at, UTC))
        self._recorder.exposure(plan.release, self._bundle, inquiry.operation, begins, event)


def sent_id(request: RequestContext | None) -> str:
    """The request's id, so short that there is room for more behind it."""
    return request.request_id[:LONGEST_REQUEST_ID] if request is not None else ""
