"""What travels with a request: its id, the bundle that answers it, and when it must be answered."""

from contextvars import ContextVar
from dataclasses import dataclass, field

from plotlot.domain.access import LOCAL
from plotlot.domain.bundles import Parameters

REQUEST_ID = "plotlot-request-id"
BUNDLE = "plotlot-bundle"
PARAMETERS = "plotlot-parameters-bin"
SHADOW = "plotlot-shadow"
ACCOUNT = "plotlot-account"
TENANT = "plotlot-tenant"


@dataclass(frozen=True, slots=True)
class RequestContext:
    """``deadline`` is on the event loop's clock, in seconds; None means no limit.

    ``parameters`` are the bundle's; where they do not travel, each service takes its own. A ``shadow`` request is
    nobody's: it writes nothing, and fills no cache. ``hurried`` where its caller allows less time than this process
    would. ``tenant`` is whose documents, parcels and analyses it sees; only the gateway knows who asks, the services
    behind it take its word. ``account`` is whose share of the models it counts in. ``trace`` is what those are told that
    are called for it, as W3C Trace Context has it.
    """

    request_id: str
    bundle: str
    deadline: float | None = None
    parameters: Parameters = field(default_factory=Parameters)
    shadow: bool = False
    hurried: bool = False
    travels: bool = True
    tenant: str = LOCAL
    account: str = ""
    trace: tuple[tuple[str, str], ...] = ()

    def metadata(self) -> tuple[tuple[str, str | bytes], ...]:
        """The context as gRPC metadata."""
        sent: list[tuple[str, str | bytes]] = [(REQUEST_ID, self.request_id), (BUNDLE, self.bundle)]
        if self.travels:
            sent.append((PARAMETERS, self.parameters.encoded()))
        if self.shadow:
            sent.append((SHADOW, "1"))
        if self.tenant != LOCAL:
            sent.append((TENANT, self.tenant))
        if self.account:
            sent.append((ACCOUNT, self.account))
        return (*sent, *self.trace)


current_request: ContextVar[RequestContext | None] = ContextVar("current_request", default=None)


def current_parameters() -> Parameters:
    """The parameters of the request being served; the defaults outside of one."""
    request = current_request.get()
    return request.parameters if request else Parameters()


def is_shadow() -> bool:
    """Whether the request being served is a shadow: nothing is to be written or kept for it."""
    request = current_request.get()
    return request is not None and request.shadow


def current_tenant() -> str:
    """The tenant of the request being served; the installation's own outside of one."""
    request = current_request.get()
    return request.tenant if request else LOCAL


def about_request() -> dict[str, str]:
    """What a line of the log says of the request that it was written for; nothing outside of one."""
    request = current_request.get()
    if request is None:
        return {}
    trace_id, span_id = ids_of(request.trace)
    about = {"trace_id": trace_id, "span_id": span_id, "request_id": request.request_id}
    return {name: value for name, value in {**about, "bundle": request.bundle}.items() if value}


def ids_of(trace: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """The ids of a trace and of the span in it; empty where there is none."""
    if not trace:
        return "", ""
    _, trace_id, span_id, _ = trace[0][1].split("-")
    return trace_id, span_id
