"""What goes away says so: Deprecation (RFC 9745) and Sunset (RFC 8594) on each answer of an operation."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class Deprecated:
    """A dependency of an operation that is to go: ``dependencies=[Depends(Deprecated(...))]``.

    ``since`` and ``sunset`` are in UTC; ``successor`` is the path of what takes its place.
    """

    since: datetime
    sunset: datetime
    successor: str

    def __call__(self, response: Response) -> None:
        """Say it in the headers."""
        response.headers["Deprecation"] = f"@{int(self.since.timestamp())}"
        response.headers["Sunset"] = format_datetime(self.sunset.astimezone(UTC), usegmt=True)
        response.headers["Link"] = f'<{self.successor}>; rel="successor-version"'
