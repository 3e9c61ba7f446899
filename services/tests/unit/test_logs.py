"""Lines of the log as JSON."""

import json
import logging

from plotlot.logs import JsonFormatter
from plotlot.rpc.context import RequestContext, about_request, current_request

MAIL, STREET = "jane.doe@example.com", "4711 Quincunx Street"
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def record(message: str, *arguments: object, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("plotlot.access", logging.INFO, "", 1, message, arguments, None)
    made.__dict__.update(fields)
    return made


async def test_a_line_is_one_object_that_tells_of_its_request() -> None:
    trace = (("traceparent", f"00-{TRACE}-{SPAN}-01"),)
    current_request.set(RequestContext("request-1", "bundle-1", trace=trace))
    line = JsonFormatter(about_request).format(record("http", told={"latency_ms": 12.3, "cache_hit": True}))
    told = json.loads(line)
    assert told.pop("time").endswith("+00:00")
    assert told == {
        "level": "INFO",
        "logger": "plotlot.access",
        "message": "http",
        "trace_id": TRACE,
        "span_id": SPAN,
        "request_id": "request-1",
        "bundle": "bundle-1",
        "latency_ms": 12.3,
        "cache_hit": True,
    }


async def test_outside_of_a_request_a_line_tells_of_none() -> None:
    current_request.set(None)
    assert set(json.loads(JsonFormatter(about_request).format(record("up")))) == {
        "time",
        "level",
        "logger",
        "message",
    }


def test_what_is_private_or_would_forge_a_line_is_in_none() -> None:
    made = record(
        '%s"}\n{"level": "ERROR"\x1b[31m',
        STREET,
        told={"route": f"/x/{MAIL}", "secret": 'a", token=hidden, "b'},
    )
    try:
        raise ValueError(f"at {STREET}\nERROR forged")
    except ValueError as error:
        made.exc_info = (type(error), error, error.__traceback__)
    line = JsonFormatter().format(made)
    told = json.loads(line)
    assert len(line.splitlines()) == 1
    assert not [word for word in ("Quincunx", "jane.doe", "hidden", "\x1b") if word in line]
    assert told["message"].startswith("[address]")
    assert told["level"] == "INFO"
    assert "ValueError: at [address]" in told["error"]
