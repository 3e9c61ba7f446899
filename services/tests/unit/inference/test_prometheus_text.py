"""Figures are read whatever labels they have; what is none is passed over."""

from imitations import SGLANG_METRICS, VLLM_METRICS

from plotlot.inference.llamacpp_engine import LlamaCppEngine
from plotlot.inference.prometheus_text import samples
from plotlot.inference.sglang_engine import SglangEngine
from plotlot.inference.vllm_engine import VllmEngine


def test_values_of_one_name_are_added_up_and_nonsense_is_passed_over() -> None:
    text = '# TYPE a counter\na{x="1} 2"} 2\na{x="2"} 3.5 1700000000\nb 1e3\nc NaN\nd\ne{x="1"\n\nf ten\n'
    assert samples(text) == {"a": 5.5, "b": 1000.0}


def test_the_names_that_are_read_are_those_of_the_engines_versions() -> None:
    """vLLM 0.33.0 and SGLang 0.5.23; llama.cpp's are read from a real server in the contract test."""
    assert VllmEngine.metrics.keys() | set(VllmEngine.tokens_in_cache) == samples(VLLM_METRICS).keys()
    assert SglangEngine.metrics.keys() | set(SglangEngine.tokens_in_cache) == samples(SGLANG_METRICS).keys()
    assert set(LlamaCppEngine.metrics.values()) == {"running", "waiting"}
