"""What every HTTP answer tells browsers: to run, load, frame and send nothing that the answer does not name itself."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The content security policy (CSP level 3) of answers that are no pages, should a browser show one."""
FEATURES = (
    "accelerometer", "camera", "display-capture", "fullscreen", "geolocation", "gyroscope", "magnetometer",
    "microphone", "midi", "payment", "usb",
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": NOTHING,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in FEATURES),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
YEAR_SECONDS = 365 * 24 * 3600


class SecurityMiddleware:
    """Adds to every answer what it does not say itself; ``https_only`` tells browsers to come back by HTTPS alone."""

    def __init__(self, app: ASGIApp, https_only: bool = False) -> None:
        self._app = app
        extra = {"Strict-Transport-Security": f"max-age={YEAR_SECONDS}"} if https_only else {}
        self._headers = [
            (name.lower().encode(), value.encode()) for name, value in {**HEADERS, **extra}.items()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}  # in lower case, as ASGI has them
                added = (header for header in self._headers if header[0] not in own)
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self._app(scope, receive, answer if scope["type"] == "http" else send)
