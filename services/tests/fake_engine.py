"""An engine with the shape of a real one: the OpenAI API, streamed; what it says is a function of what it is asked."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "fake-model"
PIECE = 40  # characters an event


class FakeEngine:
    """Serves on a port of its own; ``says`` may be changed between requests, ``asked`` holds their bodies."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.says: Callable[[dict[str, Any]], str] = lambda body: "{}"
        engine = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._send(
                    json.dumps({"object": "list", "data": [{"id": MODEL, "object": "model"}]}).encode()
                )

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                engine.asked.append(body)
                self._send(events(engine.says(body)), "text/event-stream")

            def _send(self, content: bytes, kind: str = "application/json") -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def serve(self) -> None:
        """Answer until closed."""
        self._server.serve_forever()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


def events(text: str) -> bytes:
    """A completion as it is streamed: role, text in pieces, end, usage."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": text[at : at + PIECE]} for at in range(0, len(text), PIECE)]
    chunks = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    chunks.append({"choices": [], "usage": {"prompt_tokens": 900, "completion_tokens": len(deltas)}})
    sent = [{"id": "cmpl-1", "object": "chat.completion.chunk", "model": MODEL, **chunk} for chunk in chunks]
    return "".join(f"data: {json.dumps(one)}\n\n" for one in sent).encode() + b"data: [DONE]\n\n"


@contextmanager
def fake_engine() -> Iterator[FakeEngine]:
    """A running engine."""
    engine = FakeEngine()
    thread = threading.Thread(target=engine.serve, daemon=True)
    thread.start()
    try:
        yield engine
    finally:
        engine.close()
        thread.join()
