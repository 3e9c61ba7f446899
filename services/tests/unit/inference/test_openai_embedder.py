"""The OpenAI-compatible adapter against a real HTTP server on this machine."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from plotlot.domain.errors import ServiceUnavailable
from plotlot.inference.openai_embedder import BATCH_TEXTS, OpenAiEmbedder

Reply = tuple[int, Any]


class Served:
    """What a server received, and the replies it has yet to give before its normal one."""

    def __init__(self, url: str, replies: list[Reply]) -> None:
        self.url = url
        self.replies = replies
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.waits: list[float] = []

    def embedder(self, dimensions: int = 3) -> OpenAiEmbedder:
        return OpenAiEmbedder(self.url, "nomic", dimensions, "key-1", self.waits.append)


def embedding_of(text: str) -> list[float]:
    return [float(len(text)), 1.0, 0.0]


def normal(request: dict[str, Any]) -> Reply:
    data = [
        {"object": "embedding", "index": index, "embedding": embedding_of(text)}
        for index, text in enumerate(request["input"])
    ]
    usage = {"prompt_tokens": len(data), "total_tokens": len(data)}
    return 200, {"object": "list", "data": data[::-1], "model": request["model"], "usage": usage}


@contextmanager
def serving(*replies: Reply) -> Iterator[Served]:
    served: Served

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            served.requests.append(request | {"path": self.path})
            served.headers.append({name.lower(): value for name, value in self.headers.items()})
            status, body = served.replies.pop(0) if served.replies else normal(request)
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            if status == 429:
                self.send_header("retry-after", "7")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Served(f"http://127.0.0.1:{server.server_port}", list(replies))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_vectors_keep_the_order_of_the_texts_over_batches() -> None:
    texts = ["x" * size for size in range(1, BATCH_TEXTS + 3)]
    with serving() as served:
        embeddings = served.embedder().embed(texts)
    expected = np.array([embedding_of(text) for text in texts])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.allclose(embeddings.vectors, expected)
    assert embeddings.tokens == len(texts)
    assert [len(request["input"]) for request in served.requests] == [BATCH_TEXTS, 2]


def test_the_request_has_the_shape_of_the_api() -> None:
    with serving() as served:
        served.embedder().embed(["yard"])
        OpenAiEmbedder(f"{served.url}/v1/", "nomic", 3).embed(["yard"])
    assert served.requests[0] == {
        "path": "/v1/embeddings",
        "model": "nomic",
        "input": ["yard"],
        "encoding_format": "float",
    }
    assert served.headers[0]["authorization"] == "Bearer key-1"
    assert served.requests[1]["path"] == "/v1/embeddings"
    assert "authorization" not in served.headers[1]


def test_a_busy_server_is_asked_again_when_it_says() -> None:
    with serving((429, {"error": "slow down"}), (503, {})) as served:
        embeddings = served.embedder().embed(["yard"])
    assert embeddings.vectors.shape == (1, 3)
    assert served.waits == [7.0, 1.0]


def row(**changes: Any) -> dict[str, Any]:
    return {"data": [{"index": 0, "embedding": [1.0, 0.0, 0.0]} | changes]}


BAD_REPLIES = [
    pytest.param((401, {"error": "no such key"}), "401.*no such key", id="refused"),
    pytest.param((200, b"<html>"), "JSON", id="not-json"),
    pytest.param((200, {"data": []}), "one vector for each of 1", id="missing"),
    pytest.param((200, row(embedding=[1.0])), "EMBEDDING_DIMENSIONS", id="dimensions"),
    pytest.param((200, row(embedding=[1.0, float("nan"), 0.0])), "finite", id="not-finite"),
    pytest.param((200, ["odd"]), "one vector", id="odd"),
]


@pytest.mark.parametrize(("reply", "message"), BAD_REPLIES)
def test_what_is_not_vectors_is_the_servers_fault_and_not_asked_again(reply: Reply, message: str) -> None:
    with serving(reply) as served, pytest.raises(ServiceUnavailable, match=message):
        served.embedder().embed(["yard"])
    assert len(served.requests) == 1


def test_a_server_that_stays_broken_is_named() -> None:
    with serving(*[(500, {})] * 3) as served, pytest.raises(ServiceUnavailable, match="said 500"):
        served.embedder().embed(["yard"])
    assert len(served.waits) == 2


def test_no_server_is_named_after_three_attempts() -> None:
    waits: list[float] = []
    wait: Callable[[float], None] = waits.append
    with pytest.raises(ServiceUnavailable, match="cannot be reached"):
        OpenAiEmbedder("http://127.0.0.1:1", "nomic", 3, "", wait).embed(["yard"])
    assert len(waits) == 2
