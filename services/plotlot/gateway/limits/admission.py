"""Lets in as many requests as can be answered in time; the next one is told at once to come back."""

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plotlot.domain.errors import Overloaded, PlotLotError
from plotlot.http.problems import problem_response
from plotlot.http.requests import PROBES

RETRY_AFTER_SECONDS = 1.0


class AdmissionMiddleware:
    """Refuses what comes while ``most`` requests wait for their answers: in a line without end, all would be late.

    A request waits from when its body is there, for who sends one slowly keeps nobody out, to the first words of its
    answer: what streams on waits no more.
    """

    def __init__(
        self,
        app: ASGIApp,
        most: int,
        refuse: Callable[[Scope, PlotLotError], ASGIApp] = lambda scope, error: problem_response(error),
    ) -> None:
        self._app = app
        self._most = most
        self._refuse = refuse
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        if self._waiting >= self._most:
            await self._refuse(scope, crowded(self._waiting))(scope, receive, send)
            return
        waits = ends = False

        def wait() -> None:
            nonlocal waits
            if not waits and not ends:
                waits = True
                self._waiting += 1

        def end() -> None:
            nonlocal ends
            if waits and not ends:
                self._waiting -= 1
            ends = True

        async def come() -> Message:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                wait()
            return message

        async def answer(message: Message) -> None:
            if message.get("body") or (
                message["type"] == "http.response.body" and not message.get("more_body")
            ):
                end()
            await send(message)

        if not has_body(scope):
            wait()
        try:
            await self._app(scope, come, answer)
        finally:
            end()


def has_body(scope: Scope) -> bool:
    """Whether a request says that more comes behind its head."""
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )


def crowded(waiting: int) -> Overloaded:
    """The error that says when to come back."""
    return Overloaded(
        f"{waiting} requests wait here for their answers already: try again in {RETRY_AFTER_SECONDS:.0f} s",
        retry_after_seconds=RETRY_AFTER_SECONDS,
    )
