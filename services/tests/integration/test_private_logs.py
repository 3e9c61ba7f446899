"""Requests that hold what is private, to a process that logs all it can: none of it is in its log or its spans."""

import json
import logging
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from integration.conftest import announced, plotlot, stopping
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from otlp_collector import collecting

from plotlot.domain.errors import ServiceUnavailable
from plotlot.domain.messages import Message
from plotlot.inference.completion import Prompt
from plotlot.inference.engine_calls import EngineCall
from plotlot.logs import FORMAT, RedactingFormatter

MAIL, PHONE, STREET = "jane.doe@example.com", "(305) 555-0123", "4711 Quincunx Street"
KEY = "plk_5EcReT5EcReT5EcReT5EcReT"
SAID = f"I am Jane Roe, {MAIL}, {PHONE}, of {STREET}. How tall may my house in R-1 be?"
PRIVATE = (MAIL, "555-0123", "Quincunx", "5EcReT", "Jane Roe")
TOWN = "Larkfield, OH"


def asked(url: str) -> None:
    """Requests of every kind that takes text, good and bad."""
    headers = {
        "Authorization": f"Bearer {KEY}",
        "X-Request-Id": f"id {MAIL}",
        "Referer": f"http://x/?q={STREET}",
    }
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        client.post("/v1/ask", json={"question": SAID, "municipality": TOWN})
        client.post("/v1/analyses", json={"address": STREET, "municipality": TOWN})
        client.post("/v1/analyses", content=f'{{"address": "{STREET}"')
        client.post("/v1/search", json={"query": SAID})
        client.get("/analyze", params={"address": STREET, "municipality": TOWN})
        client.get("/ask", params={"question": SAID})
        client.post("/v1/feedback", json={"kind": "other", "municipality": TOWN, "comment": SAID})
        client.post("/v1/keys", json={"name": SAID[:100], "role": "reader"})
        file = {"file": (f"{MAIL}.md", f"# Code\n\n## Sec. 1 Lots\n\n{SAID}\n".encode())}
        client.post("/v1/documents", files=file, data={"municipality": TOWN})
        client.post(
            "/v1/parcels", files={"file": ("p.csv", f"id;{STREET}\n1".encode())}, data={"municipality": TOWN}
        )
        client.get(f"/v1/municipalities/{STREET}/districts")


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_private_is_in_the_log_of_a_process(form: str, tmp_path: Path) -> None:
    with collecting() as collector:
        wanted = {"PLOTLOT_LOG_LEVEL": "DEBUG", "PLOTLOT_LOG_FORMAT": form}
        process = plotlot("up", "--port", "0", "--data", str(tmp_path), env=collector.environment(**wanted))
        with stopping(process):
            url = announced(process, "serves http").split()[2].rstrip(";")
            asked(url)
            process.terminate()
            assert process.stderr is not None
            log = process.stderr.readlines()
            process.wait(20)
        spans = [repr(span) for span in collector.spans()]
    assert log, "a process that logs nothing proves nothing"
    assert len(spans) > len(PRIVATE), "nor does one that traces nothing"
    assert [line for line in log + spans for word in PRIVATE if word in line] == []
    if form == "json":
        lines = [json.loads(line) for line in log if line.startswith("{")]
        served = [line for line in lines if line["logger"] == "plotlot.access" and line["message"] == "http"]
        assert {line["route"] for line in served} >= {"/v1/ask", "/v1/analyses", "/analyze"}
        assert all(line["request_id"] and line["bundle"] and line["latency_ms"] > 0 for line in served)
        traces = {span.trace for span in collector.spans()}
        assert {line["trace_id"] for line in served if line["route"] == "/v1/ask"} <= traces


def test_an_error_that_repeats_what_was_typed_is_logged_without_it(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError(f"no such thing: {SAID} {KEY}\nERROR root: forged")
    except ValueError as error:
        record = logging.LogRecord(
            "plotlot", logging.ERROR, "", 1, "%s failed\nERROR root: %s", (STREET, MAIL), None
        )
        record.exc_info = (type(error), error, error.__traceback__)
    lines = RedactingFormatter(FORMAT).format(record).splitlines()
    assert lines[0] == "ERROR plotlot: [address] failed\\nERROR root: [email]"
    assert all(line.startswith("  ") for line in lines[1:])
    assert not [line for line in lines for word in (MAIL, "555-0123", "Quincunx", "5EcReT") if word in line]
    assert "ValueError: no such thing" in "".join(lines)


async def test_nothing_private_is_on_the_span_of_a_call_that_failed() -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    engine = SimpleNamespace(name="vllm", endpoint="http://127.0.0.1:8000")
    call = EngineCall(provider.get_tracer("tests"), Prompt("model", (Message("user", SAID),)), engine)
    with pytest.raises(ServiceUnavailable), call:
        raise ServiceUnavailable(f"the engine said: {SAID} {KEY}")
    (span,) = exporter.get_finished_spans()
    told = span.to_json()
    provider.shutdown()
    assert "the engine said" in told
    assert not [word for word in (MAIL, "555-0123", "Quincunx", "5EcReT") if word in told]
