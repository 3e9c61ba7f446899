"""What each route asks of its caller: the one place that says it. What is not here, administrators alone may do."""

import re
from collections.abc import Sequence

from starlette.routing import compile_path

from plotlot.domain.access import Right

OPEN = None
"""Asked of nobody: what keeps the process alive, and words that are no secret."""

RULES: tuple[tuple[str, str, Right | None], ...] = (
    ("GET", "/healthz", OPEN),
    ("GET", "/readyz", OPEN),
    ("GET", "/static/{version}/{name}", OPEN),
    ("GET", "/docs", OPEN),
    ("GET", "/openapi.json", OPEN),
    ("GET", "/sign-in", OPEN),
    ("POST", "/sign-in", OPEN),
    ("GET", "/sign-in/provider", OPEN),
    ("GET", "/sign-in/callback", OPEN),
    ("GET", "/sign-in/provider/leave", OPEN),
    ("POST", "/sign-out", OPEN),
    ("GET", "/errors", OPEN),
    ("GET", "/errors/{error}", OPEN),
    ("GET", "/v1/keys", Right.ADMINISTER),
    ("POST", "/v1/keys", Right.ADMINISTER),
    ("POST", "/v1/keys/{key}/rotate", Right.ADMINISTER),
    ("DELETE", "/v1/keys/{key}", Right.ADMINISTER),
    ("GET", "/v1/sign-ins", Right.ADMINISTER),
    ("DELETE", "/v1/sign-ins", Right.ADMINISTER),
    # Whoever has the token may see what it shows, and nothing else.
    ("GET", "/shared/{token}", OPEN),
    ("GET", "/shared/{token}/report.pdf", OPEN),
    ("GET", "/v1/audit", Right.ADMINISTER),
    ("GET", "/v1/me", Right.READ),
    ("POST", "/v1/analyses", Right.ANALYZE),
    ("POST", "/v1/analyses:batch", Right.ANALYZE),
    ("GET", "/v1/analyses/{analysis}", Right.READ),
    ("GET", "/v1/analyses/{analysis}/drawing.svg", Right.READ),
    ("GET", "/v1/analyses/{analysis}/map.geojson", Right.READ),
    ("GET", "/v1/comparisons", Right.READ),
    ("GET", "/v1/jobs", Right.READ),
    ("GET", "/v1/jobs/{job}", Right.READ),
    ("GET", "/v1/jobs/{job}/events", Right.READ),
    ("GET", "/v1/jobs/{job}/results", Right.READ),
    ("DELETE", "/v1/jobs/{job}", Right.ANALYZE),
    ("GET", "/v1/analyses/{analysis}/changes", Right.READ),
    ("GET", "/v1/analyses/{analysis}/sections", Right.READ),
    ("GET", "/v1/watches", Right.READ),
    ("POST", "/v1/watches", Right.ANALYZE),
    ("DELETE", "/v1/watches/{watch}", Right.ANALYZE),
    ("GET", "/v1/analyses/{analysis}/report.pdf", Right.READ),
    ("GET", "/v1/analyses/{analysis}/shares", Right.READ),
    ("POST", "/v1/analyses/{analysis}/shares", Right.ANALYZE),
    ("DELETE", "/v1/analyses/{analysis}/shares/{share}", Right.ANALYZE),
    ("POST", "/v1/feedback", Right.ANALYZE),
    ("GET", "/v1/feedback", Right.READ),
    ("POST", "/v1/feedback/{feedback}/settle", Right.INGEST),
    ("POST", "/v1/ask", Right.READ),
    ("POST", "/v1/search", Right.READ),
    ("GET", "/v1/addresses", Right.READ),
    ("GET", "/v1/municipalities", Right.READ),
    ("GET", "/v1/municipalities/{municipality}", Right.READ),
    ("GET", "/v1/municipalities/{municipality}/districts", Right.READ),
    ("GET", "/v1/municipalities/{municipality}/districts/{district:path}/standards", Right.READ),
    ("GET", "/v1/documents", Right.READ),
    ("GET", "/v1/documents/{document}", Right.READ),
    ("GET", "/v1/documents/{document}/text", Right.READ),
    ("GET", "/v1/documents/{document}/sections", Right.READ),
    ("POST", "/v1/documents", Right.INGEST),
    ("POST", "/v1/parcels", Right.INGEST),
    ("GET", "/v1/index/generations", Right.OPERATE),
    ("POST", "/v1/index/generations", Right.OPERATE),
    ("GET", "/v1/index/generations/{generation}/check", Right.OPERATE),
    ("POST", "/v1/index/generations/{generation}/check", Right.OPERATE),
    ("POST", "/v1/index/generations/{generation}/use", Right.OPERATE),
    ("POST", "/v1/index/generations/{generation}/retire", Right.OPERATE),
    ("GET", "/v1/refreshes", Right.READ),
    ("POST", "/v1/refreshes", Right.OPERATE),
    ("GET", "/v1/refreshes/{refresh}", Right.READ),
    ("GET", "/v1/refreshes/{refresh}/towns", Right.READ),
    ("GET", "/v1/refreshes/{refresh}/events", Right.READ),
    ("DELETE", "/v1/refreshes/{refresh}", Right.OPERATE),
    ("GET", "/v1/coverage", Right.READ),
    ("POST", "/v1/coverage:discover", Right.OPERATE),
    ("GET", "/v1/gold", Right.OPERATE),
    ("POST", "/v1/gold", Right.OPERATE),
    ("GET", "/v1/shadow", Right.OPERATE),
    # Pairs hold what users of every tenant asked.
    ("GET", "/v1/releases", Right.OPERATE),
    ("GET", "/v1/releases/{release}", Right.OPERATE),
    ("GET", "/v1/releases/{release}/pairs", Right.OPERATE),
    ("GET", "/v1/releases/{release}/harmed", Right.OPERATE),
    ("POST", "/v1/releases/{release}/steer", Right.OPERATE),
    ("GET", "/v1/bundles/{bundle}", Right.OPERATE),
    ("GET", "/metrics", Right.OPERATE),
    ("GET", "/", Right.READ),
    ("GET", "/analyze", Right.ANALYZE),
    ("GET", "/analyses/{id}", Right.READ),
    ("GET", "/analyses/{id}/report.html", Right.READ),
    ("GET", "/ask", Right.READ),
    ("GET", "/compare", Right.READ),
    ("GET", "/compare/add", Right.ANALYZE),
    ("GET", "/towns", Right.READ),
    ("GET", "/towns/{municipality}", Right.READ),
    ("GET", "/towns/{municipality}/{district:path}", Right.READ),
    ("POST", "/towns/{municipality}/{district:path}", Right.ANALYZE),
    ("GET", "/documents/{document}", Right.READ),
    ("GET", "/refreshes", Right.READ),
    ("POST", "/refreshes", Right.OPERATE),
    ("GET", "/refreshes/{refresh}", Right.READ),
    ("POST", "/refreshes/{refresh}/cancel", Right.OPERATE),
    ("GET", "/watches", Right.READ),
    ("POST", "/watches", Right.ANALYZE),
    ("POST", "/watches/{watch}/end", Right.ANALYZE),
    ("GET", "/releases", Right.OPERATE),
    ("GET", "/analyses/{id}/report.pdf", Right.READ),
    ("GET", "/analyses/{id}/changes", Right.READ),
    ("GET", "/analyses/{id}/rerun", Right.READ),
    ("GET", "/analyses/{id}/feedback", Right.READ),
    ("POST", "/analyses/{id}/rerun", Right.ANALYZE),
    ("POST", "/analyses/{id}/feedback", Right.ANALYZE),
    ("GET", "/analyses/{id}/shares", Right.READ),
    ("POST", "/analyses/{id}/shares", Right.ANALYZE),
    ("POST", "/analyses/{id}/shares/{share}/revoke", Right.ANALYZE),
    ("GET", "/releases/{release}", Right.OPERATE),
)


class Rules:
    """Looks up what a request asks of its caller, by the patterns that the router has."""

    def __init__(self, rules: Sequence[tuple[str, str, Right | None]] = RULES) -> None:
        self._plain = {(method, path): right for method, path, right in rules if "{" not in path}
        self._patterns: list[tuple[str, re.Pattern[str], Right | None]] = [
            (method, compile_path(path)[0], right) for method, path, right in rules if "{" in path
        ]

    def right(self, method: str, path: str) -> Right | None:
        """The right that a request needs; None where anybody may ask."""
        asked = "GET" if method == "HEAD" else method
        if (asked, path) in self._plain:
            return self._plain[asked, path]
        for known, pattern, right in self._patterns:
            if known == asked and pattern.match(path):
                return right
        return Right.ADMINISTER
