"""How much a caller may send at once: more is refused while it comes, before it fills memory or disk."""

from collections.abc import Mapping

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plotlot.domain.errors import DocumentTooLarge
from plotlot.http.problems import problem_response

MOST_BYTES = 1_000_000  # many times the largest question; as JSON it may take 25 times as much of memory
FORM_BYTES = 1_000_000  # of an upload besides its file


class BodyMiddleware:
    """Answers 413 to a larger body than its path takes; ``most_bytes`` has those that take more than others."""

    def __init__(self, app: ASGIApp, most_bytes: Mapping[str, int]) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most, came, begun = self._most_bytes.get(scope["path"], MOST_BYTES), 0, False

        async def receive_some() -> Message:
            nonlocal came
            message = await receive() if came <= most else {}
            came += len(message.get("body", b""))
            return message if came <= most else {"type": "http.disconnect"}

        async def answer(message: Message) -> None:
            nonlocal begun
            if came <= most or begun:
                begun = True
                await send(message)

        try:
            await self._app(scope, receive_some, answer)
        except ClientDisconnect:
            if came <= most:
                raise
        if came > most and not begun:
            await problem_response(too_large(most))(scope, receive, send)


def too_large(most_bytes: int) -> DocumentTooLarge:
    """The error that says how much may be sent."""
    allowed = f"{most_bytes / 1e6:,.0f} MB"
    return DocumentTooLarge(
        f"the body has more than the {allowed} that this operation takes: send it in parts; files of codes and parcels"
        " may have PLOTLOT_MAX_DOCUMENT_BYTES",
        field="body",
        expected=f"at most {allowed}",
    )
