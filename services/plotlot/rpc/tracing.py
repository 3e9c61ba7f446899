"""The caller's trace (W3C Trace Context), handed on with every call: spans of whatever takes them are part of it."""

import re
from collections.abc import Mapping

from opentelemetry.context import attach
from opentelemetry.propagate import extract

TRACEPARENT, TRACESTATE = "traceparent", "tracestate"
LONGEST_STATE = 512
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

Trace = tuple[tuple[str, str], ...]


def trace_in(sent: Mapping[str, str | bytes]) -> Trace:
    """The trace that headers or metadata name; none where they are not what the recommendation says."""
    parent, state = sent.get(TRACEPARENT), sent.get(TRACESTATE)
    if not isinstance(parent, str) or _TRACEPARENT.fullmatch(parent) is None:
        return ()
    if isinstance(state, str) and 0 < len(state) <= LONGEST_STATE and state.isascii() and state.isprintable():
        return ((TRACEPARENT, parent), (TRACESTATE, state))
    return ((TRACEPARENT, parent),)


def go_on_with(trace: Trace) -> None:
    """Make what follows in this task a part of the trace."""
    if trace:
        attach(extract(dict(trace)))
