"""What travels with a request: its id, the bundle that answers it, and when it must be answered."""

from contextvars import ContextVar
from dataclasses import dataclass

REQUEST_ID = "plotlot-request-id"
BUNDLE = "plotlot-bundle"


@dataclass(frozen=True, slots=True)
class RequestContext:
    """``deadline`` is on the event loop's clock, in seconds; None means no limit."""

    request_id: str
    bundle: str
    deadline: float | None = None

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """The context as gRPC metadata."""
        return ((REQUEST_ID, self.request_id), (BUNDLE, self.bundle))


current_request: ContextVar[RequestContext | None] = ContextVar("current_request", default=None)
