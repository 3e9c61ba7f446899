"""The check that engines still have the names they are used by reads them as their sources write them."""

import ast
import importlib.util
import re
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from plotlot.telemetry import Metrics

SCRIPT = Path(__file__).resolve().parents[3] / "k8s" / "engine-flags"
COLLECTOR = """
self.waiting = self._gauge_cls(name="vllm:num_requests_waiting", documentation="w", labelnames=names)
self.hits = self._counter_cls("vllm:prefix_cache_hits", "h")
self.done = Counter(name="vllm:done_total", documentation="d")
self.first = Histogram(name="vllm:time_to_first_token_seconds", documentation="t", buckets=[1])
log.info("vllm:gpu_cache_usage_perc is gone")
"""
REQUEST = """
class ChatCompletionRequest(BaseModel):
    model: str
    lora_path: str | None = None

class Other(BaseModel):
    guided_json: str

@router.post("/v1/chat/completions")
async def create(): ...
"""


@pytest.fixture(scope="module")
def check() -> ModuleType:
    """The script as a module."""
    loader = SourceFileLoader("engine_flags", str(SCRIPT))
    spec = importlib.util.spec_from_loader("engine_flags", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_metrics_are_known_by_the_names_that_are_published(check: ModuleType) -> None:
    assert set(check.metrics(ast.parse(COLLECTOR))) == {
        "vllm:num_requests_waiting",
        "vllm:prefix_cache_hits_total",
        "vllm:done_total",
        "vllm:time_to_first_token_seconds_bucket",
        "vllm:time_to_first_token_seconds_sum",
        "vllm:time_to_first_token_seconds_count",
    }


def test_fields_and_paths_are_those_of_a_chat_completion(check: ModuleType) -> None:
    assert set(check.fields(ast.parse(REQUEST))) == {"model", "lora_path"}
    assert set(check.paths(ast.parse(REQUEST))) == {"/v1/chat/completions"}


def test_what_adapters_send_and_read_is_found(check: ModuleType) -> None:
    fields, paths = check.sent("sglang")
    assert {"lora_path", "priority", "response_format", "stream_options"} <= fields
    assert {"/ping", "/ready", "/v1/chat/completions"} <= paths
    assert "vllm:num_requests_waiting" in check.metrics_read("vllm")
    assert "sglang:cache_hit_rate" in check.metrics_read("sglang")


def test_what_the_chart_scales_by_is_published_here() -> None:
    values = (SCRIPT.parents[1] / "charts" / "plotlot" / "values.yaml").read_text()
    asked = {
        name
        for query in re.findall(r"query: (.*)", values)
        for name in re.findall(r"\bplotlot_[a-z_]+", query)
    }
    published = {metric.name for metric in Metrics().registry.collect()}
    assert asked
    assert asked <= published
