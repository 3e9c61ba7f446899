"""How much a caller may send at once: more is refused while it comes, before it fills memory or disk."""

from collections.abc import Mapping

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plotlot.domain.errors import DocumentTooLarge
from plotlot.http.problems import problem_response


class BodyMiddleware:
    """Answers 413 to a body of more than ``most_bytes``; ``by_path`` has those that take more than others.

    ``advice`` says what to do instead.
    """

    def __init__(
        self, app: ASGIApp, most_bytes: int, by_path: Mapping[str, int], advice: str = "send it in parts"
    ) -> None:
        self._app = app
        self._most_bytes = most_bytes
        self._by_path = by_path
        self._advice = advice

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most, came, begun = self._by_path.get(scope["path"], self._most_bytes), 0, False

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
            await problem_response(too_large(most, self._advice))(scope, receive, send)


def too_large(most_bytes: int, advice: str) -> DocumentTooLarge:
    """The error that says how much may be sent, and what to do instead."""
    allowed = f"{most_bytes / 1e6:,.0f} MB"
    return DocumentTooLarge(
        f"the body has more than the {allowed} that this operation takes: {advice}",
        field="body",
        expected=f"at most {allowed}",
    )
