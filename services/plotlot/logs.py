"""What a process writes to its log: one line a message, tracebacks indented below, and nobody to be recognised."""

import json
import logging
import textwrap
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from plotlot.domain.redaction import in_one_line, redacted

FORMAT = "%(levelname)s %(name)s: %(message)s"
TOLD = "told"  # fields that a record has besides its message

About = Callable[[], Mapping[str, Any]]


class RedactingFormatter(logging.Formatter):
    """Formats every record, whoever wrote it, by the rules of ``domain.redaction``."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging names it so
        """The line of a record; what it was told of requests starts no line of its own."""
        fields = "".join(f" {name}={value}" for name, value in getattr(record, TOLD, {}).items())
        record.message = redacted(in_one_line(f"{record.message}{fields}"))
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:  # noqa: N802
        """A traceback, in which errors may repeat what users typed."""
        return textwrap.indent(redacted(super().formatException(ei)), "  ")  # type: ignore[arg-type]


class JsonFormatter(logging.Formatter):
    """Formats every record as one JSON object, with what ``about`` says of the request that it was written for."""

    def __init__(self, about: About = dict) -> None:
        super().__init__()
        self._about = about

    def format(self, record: logging.LogRecord) -> str:
        """One line; each text in it is redacted by itself, so that it stays JSON."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **self._about(),
            **getattr(record, TOLD, {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps({name: told(value) for name, value in line.items()}, ensure_ascii=False)


def told(value: Any) -> Any:
    """A value as a line tells it: text redacted and without what a terminal obeys, numbers as they are."""
    return value if isinstance(value, int | float) else redacted(in_one_line(str(value)))


def begin_logs(level: str, form: Literal["text", "json"] = "text", about: About = dict) -> None:
    """Write the log to standard error, from a level on."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter(about) if form == "json" else RedactingFormatter(FORMAT))
    logging.basicConfig(level=level, handlers=[handler])
    # The pool tells of each attempt to connect; our own log says once that the store is away.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
