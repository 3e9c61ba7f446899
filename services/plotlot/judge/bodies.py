"""How much a caller may send at once."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 16_000_000  # ten thousand pairs, of which people will read a line each


class LimitMiddleware:
    """Refuses a larger body with 413 while it comes, before it fills the memory."""

    def __init__(self, app: ASGIApp, most_bytes: int = MOST_BYTES) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        came = 0

        async def receive_some() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self._most_bytes:
                megabytes = f"{self._most_bytes / 1e6:,.0f} MB"
                raise HTTPException(413, f"more than the {megabytes} allowed: send it in parts")
            return message

        await self._app(scope, receive_some if scope["type"] == "http" else receive, send)
