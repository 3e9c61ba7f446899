"""What a process writes to its log: one line a message, tracebacks indented below, and nobody to be recognised."""

import logging
import textwrap

from plotlot.domain.redaction import in_one_line, redacted

FORMAT = "%(levelname)s %(name)s: %(message)s"


class RedactingFormatter(logging.Formatter):
    """Formats every record, whoever wrote it, by the rules of ``domain.redaction``."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging names it so
        """The line of a record; what it was told of requests starts no line of its own."""
        record.message = redacted(in_one_line(record.message))
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:  # noqa: N802
        """A traceback, in which errors may repeat what users typed."""
        return textwrap.indent(redacted(super().formatException(ei)), "  ")  # type: ignore[arg-type]


def begin_logs(level: str) -> None:
    """Write the log to standard error, from a level on."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter(FORMAT))
    logging.basicConfig(level=level, handlers=[handler])
    # The pool tells of each attempt to connect; our own log says once that the store is away.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
