"""Whether a process traces, by its environment."""

import pytest
from pydantic import ValidationError

from plotlot.cli.command import settings_complaint
from plotlot.domain.errors import ServiceUnavailable
from plotlot.settings import OpenTelemetry
from plotlot.tracing import tracing
from plotlot.tracing.tracing import begin_tracing

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}


@pytest.mark.parametrize("variables", [{}, {**ENDPOINT, "OTEL_SDK_DISABLED": "true"}])
def test_without_an_endpoint_nothing_is_traced(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert begin_tracing(OpenTelemetry(), "plotlot", 1.0) is None


def test_an_endpoint_without_the_extra_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4318/v1/traces")
    monkeypatch.setattr(tracing.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ServiceUnavailable, match=r"plotlot\[tracing\]"):
        begin_tracing(OpenTelemetry(), "plotlot", 1.0)


def test_a_sampler_that_nobody_has_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "sometimes")
    with pytest.raises(ValidationError) as refused:
        OpenTelemetry()
    assert settings_complaint(refused.value).startswith("OTEL_TRACES_SAMPLER is not usable: ")
