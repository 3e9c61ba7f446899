"""Pages of other origins that may call the API (CORS)."""

from collections.abc import Mapping

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

SENT = (
    "Accept", "Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID", "Prefer",
    "Traceparent", "Tracestate", "X-Request-Id",
)  # fmt: skip
READ = (
    "Deprecation", "ETag", "Idempotency-Replayed", "Location", "Plotlot-Bundle", "RateLimit", "RateLimit-Policy",
    "Retry-After", "Sunset", "X-Request-Id",
)  # fmt: skip
HOUR_SECONDS = 3600


def origins_in(setting: str) -> list[str]:
    """The origins of a setting, which has commas between them."""
    return [origin.strip() for origin in setting.split(",") if origin.strip()]


def from_another_site(headers: Mapping[str, str]) -> bool:
    """Whether a page of another site made a browser ask this: by what the browser says of it (Fetch Metadata), or where
    it says nothing, by its origin. Programs send neither."""
    if site := headers.get("sec-fetch-site", ""):
        return site not in ("same-origin", "none")
    origin = headers.get("origin", "")
    return bool(origin) and origin.partition("://")[2] != headers.get("host", "")


def add_cors(app: FastAPI, origins: str) -> None:
    """Let pages of these origins, with commas between them, call the API, without cookies."""
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins_in(origins),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=SENT,
        expose_headers=READ,
        max_age=HOUR_SECONDS,
    )
