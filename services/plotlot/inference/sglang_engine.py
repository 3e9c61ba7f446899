"""SGLang. Of priorities the higher number goes first, and they are ignored unless scheduling by them is on.

Its ``/health`` writes a token, which costs and waits behind others: it is asked by ``/ping`` and ``/ready``.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from plotlot.domain.errors import Overloaded, PlotLotError
from plotlot.inference.completion import Prompt
from plotlot.inference.openai_engine import OpenAiEngine


class SglangEngine(OpenAiEngine):
    """An SGLang server; adapters are named beside the model, as ``lora_path``."""

    name: ClassVar[str] = "sglang"
    metrics: ClassVar[Mapping[str, str]] = {
        "sglang:num_running_reqs": "running",
        "sglang:num_queue_reqs": "waiting",
        "sglang:token_usage": "kv_cache_use",
        "sglang:cache_hit_rate": "prefix_hit_rate",
    }
    tokens_in_cache = ("sglang:prompt_tokens_total", "sglang:cached_tokens_total")
    alive_path = "/ping"  # writes nothing
    ready_path = "/ready"  # up and not draining

    def body(self, prompt: Prompt) -> dict[str, Any]:
        """With the adapter and the priority in its words."""
        asked = super().body(prompt)
        asked["model"] = prompt.model
        if prompt.adapter:
            asked["lora_path"] = prompt.adapter
        if self._sends_urgency:
            asked["priority"] = prompt.urgency
        return asked

    def refusal(self, status: int, said: Mapping[str, Any], prompt: Prompt) -> PlotLotError:
        """503 is a full queue, unless it names priorities, which our settings ask for."""
        message = str(said.get("message") or "").lower()
        if status == 503 and "priority is disabled" in message:
            return self._server.fault("schedules without priorities; unset PLOTLOT_GENERATION_PRIORITIES")
        if status == 503 and ("queue" in message or "higher priority" in message):
            return Overloaded(f"the queue of the engine at {self.endpoint} is full", retry_after_seconds=1.0)
        return super().refusal(status, said, prompt)

    async def version(self) -> str:
        """As ``/get_server_info`` says it."""
        return str((await self._server.get_json("/get_server_info")).get("version") or "")
