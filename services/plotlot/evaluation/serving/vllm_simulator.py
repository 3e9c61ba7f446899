"""vLLM without a model or a GPU: its paths, its metrics and its full queue, at a set pace and so many answers at a time.

For scaling in a cluster: what waits depends on how many of it there are. It takes vLLM's own flags as the chart gives
them, and passes over those that change nothing here: `python -m plotlot.evaluation.serving.vllm_simulator --port 8000`.
"""

import argparse
import asyncio
import contextlib
import signal
from collections.abc import Sequence

from plotlot.evaluation.serving.fake_engine import FakeEngine, HttpRequest, Pace, send, send_json

VERSION = "0.33.0"  # whose names of metrics these are
METRICS = """\
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{{{labels}}} {running}
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{{{labels}}} {waiting}
# TYPE vllm:kv_cache_usage_perc gauge
vllm:kv_cache_usage_perc{{{labels}}} {use}
# TYPE vllm:admission_rejections_total counter
vllm:admission_rejections_total{{{labels},reason="max_num_queued_reqs"}} {refused}
"""


class SimulatedVllm(FakeEngine):
    """Works on ``pace.slots`` requests, lets ``most_queued`` wait, and refuses the rest."""

    def __init__(self, pace: Pace, model: str, most_queued: int) -> None:
        super().__init__(pace, model)
        self.most_queued = most_queued
        self.inside = 0
        self.refused = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def waiting(self) -> int:
        """Requests that wait for a place."""
        return self.inside - self.working

    async def answer(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        """Its paths."""
        if request.path == "/health":
            await send(writer, b"")
        elif request.path == "/version":
            await send_json(writer, {"version": VERSION})
        elif request.path == "/metrics":
            await send(writer, self.metrics().encode())
        else:
            await super().answer(request, writer)

    async def complete(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        """Stream a completion, once it is its turn."""
        if self.waiting >= self.most_queued:
            self.refused += 1
            await send_json(writer, {"error": {"message": "the queue is full", "code": 503}}, 503)
            return
        self.inside += 1
        self._idle.clear()
        try:
            await super().complete(request, writer)
        finally:
            self.inside -= 1
            if not self.inside:
                self._idle.set()

    def metrics(self) -> str:
        """What ``/metrics`` says."""
        return METRICS.format(
            labels=f'engine="0",model_name="{self.model}"',
            running=self.working,
            waiting=self.waiting,
            use=self.working / self.pace.slots,
            refused=self.refused,
        )

    async def drain(self, seconds: float) -> None:
        """Take no further connections, and end what is in flight or when the time is over."""
        if self._server is not None:
            self._server.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), seconds)
        await self.stop()


async def serve(options: argparse.Namespace) -> None:
    """Serve until told to end; then as vLLM does with a time to shut down."""
    pace = Pace(options.first_token_ms / 1000, options.token_ms / 1000, options.max_num_seqs)
    engine = SimulatedVllm(pace, options.served_model_name, options.max_num_queued_reqs)
    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    print("listening", await engine.start(options.port, options.host), flush=True)
    await ended.wait()
    await engine.drain(options.shutdown_timeout)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the flags, and serve."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--served-model-name", default="fake")
    parser.add_argument("--max-num-seqs", type=int, default=256)
    parser.add_argument("--max-num-queued-reqs", type=int, default=64)
    parser.add_argument("--shutdown-timeout", type=float, default=0)
    parser.add_argument("--first-token-ms", type=float, default=50)
    parser.add_argument("--token-ms", type=float, default=20)
    options, _ = parser.parse_known_args(arguments)
    asyncio.run(serve(options))


if __name__ == "__main__":
    main()
