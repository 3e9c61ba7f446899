"""vLLM. Of priorities the lower number goes first, and they are an error unless scheduling by them is on.

Structured output goes by ``response_format``: the older ``guided_json`` is ignored without a word.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from plotlot.domain.errors import InvalidRequest, Overloaded, PlotLotError
from plotlot.inference.completion import Prompt
from plotlot.inference.openai_engine import OpenAiEngine


class VllmEngine(OpenAiEngine):
    """A vLLM server; adapters are models of their own names."""

    name: ClassVar[str] = "vllm"
    metrics: ClassVar[Mapping[str, str]] = {
        "vllm:num_requests_running": "running",
        "vllm:num_requests_waiting": "waiting",
        "vllm:kv_cache_usage_perc": "kv_cache_use",
    }
    tokens_in_cache = ("vllm:prefix_cache_queries_total", "vllm:prefix_cache_hits_total")
    # 503 once the engine behind the server is dead; it may be healthy before its models are loaded and listed.
    alive_path = ready_path = "/health"

    def body(self, prompt: Prompt) -> dict[str, Any]:
        """With the priority, where scheduling by it is on."""
        asked = super().body(prompt)
        if self._sends_urgency:
            asked["priority"] = -prompt.urgency
        return asked

    def refusal(self, status: int, said: Mapping[str, Any], prompt: Prompt) -> PlotLotError:
        """503 is a full queue, by which it sheds; while it starts it does not listen."""
        if status == 503:
            return Overloaded(f"the queue of the engine at {self.endpoint} is full", retry_after_seconds=1.0)
        error = super().refusal(status, said, prompt)
        if isinstance(error, InvalidRequest) and "priority" in error.message.lower() and self._sends_urgency:
            # Asked for by our settings, not by the caller.
            return self._server.fault("schedules without priorities; unset PLOTLOT_GENERATION_PRIORITIES")
        return error

    async def version(self) -> str:
        """As ``/version`` says it."""
        return str((await self._server.get_json("/version")).get("version") or "")
