"""What every HTTP request gets: an id, a deadline, the bundle's name, a session, its trace, and its metrics."""

import asyncio
from collections.abc import Callable

from opentelemetry.trace import get_tracer
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plotlot.domain.bundles import Bundle
from plotlot.gateway.delivery.delivery import Load
from plotlot.gateway.delivery.sessions import ROUTE, SESSION, WEIGHED, Sessions, Visit, current_visit
from plotlot.gateway.inquiries import Inquiry
from plotlot.gateway.outcomes import Answered
from plotlot.http.requests import PROBES, end_request, headers_of, receive_request, request_id_of, told_path
from plotlot.rpc.context import SHADOW, RequestContext
from plotlot.rpc.tracing import trace_in
from plotlot.settings import Settings
from plotlot.telemetry import Metrics

WRITES = (
    "/v1/documents",
    "/v1/parcels",
    "/v1/index/generations",
    "/v1/refreshes",
    "/v1/coverage",
    "/refreshes",
)
NOT_PAGES = ("/v1/", "/static/", "/docs", "/openapi.json", *PROBES)
# What programs ask of this process itself: nobody is harmed where it says no.
OF_OPERATORS = (*PROBES, *WRITES)


class RequestMiddleware:
    """Sets the request's context before the application runs, and answers with its id and bundle.

    A request with the header ``plotlot-shadow: 1`` is answered as any other and leaves nothing behind. Whoever
    sends it has only their own answer not kept.
    """

    def __init__(
        self,
        app: ASGIApp,
        bundle: Bundle,
        sessions: Sessions,
        load: Load,
        observe: Callable[[Inquiry, Answered], None],
        metrics: Metrics,
        settings: Settings,
    ) -> None:
        self._app = app
        self._bundle = bundle
        self._sessions = sessions
        self._load = load
        self._observe = observe
        self._metrics = metrics
        self._deadline_seconds = settings.request_deadline_seconds
        self._ingest_deadline_seconds = settings.ingest_deadline_seconds
        self._tracer = get_tracer(__name__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = headers_of(scope)
        request_id = request_id_of(headers)
        shadow = headers.get(SHADOW) == "1"
        writes = scope["method"] == "POST" and scope["path"].startswith(WRITES)
        seconds = self._ingest_deadline_seconds if writes else self._deadline_seconds
        deadline = asyncio.get_running_loop().time() + seconds
        received = receive_request(
            self._tracer,
            scope,
            RequestContext(
                request_id,
                self._bundle.id,
                deadline,
                self._bundle.parameters,
                shadow,
                travels=self._bundle.travels,
                trace=trace_in(headers),
            ),
        )
        visit, cookies = self._visit(scope, headers, shadow)
        current_visit.set(visit)
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                sent = [*message["headers"], (b"x-request-id", request_id.encode())]
                sent.append((b"plotlot-bundle", self._bundle.id.encode()))
                if cookies and is_page(status, sent):
                    sent += [(b"set-cookie", text.encode()) for text in cookies]
                    visit.begun = True
                message["headers"] = sent
            await send(message)

        in_flight = self._metrics.requests_in_flight.labels("http")
        in_flight.inc()
        self._load.in_flight += 1
        try:
            await self._app(scope, receive, answer)
        finally:
            self._load.in_flight -= 1
            in_flight.dec()
            seconds = end_request(self._metrics, scope, status, received)
            self._tell(scope, status, seconds, visit)

    def _visit(self, scope: Scope, headers: dict[str, str], shadow: bool) -> tuple[Visit, list[str]]:
        """The request's session, and the cookies that a page which answers it sets."""
        cookies = cookie_parser(headers.get("cookie", ""))
        sent, weighed = headers.get(SESSION, ""), headers.get(ROUTE) == WEIGHED
        if shadow or sent or scope["method"] != "GET" or scope["path"].startswith(NOT_PAGES):
            return Visit(self._sessions.of_call(sent, cookies), weighed), []
        session, to_set = self._sessions.of_page(cookies)
        return Visit(session, weighed), to_set

    def _tell(self, scope: Scope, status: int, seconds: float, visit: Visit) -> None:
        """Note what its questions did not tell: that it failed beside them, as in the making of the page, or
        that a session began with a page that asks nothing."""
        failed = status >= 500 and not visit.told and not scope["path"].startswith(OF_OPERATORS)
        if failed or (visit.begun and not visit.counted):
            words = f"{scope['method']} {told_path(scope['path'])}"
            self._observe(Inquiry("page", words), Answered(seconds, str(status), failed))


def is_page(status: int, headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether an answer is HTML, or leads to it."""
    return status == 303 or any(
        name == b"content-type" and value.startswith(b"text/html") for name, value in headers
    )
