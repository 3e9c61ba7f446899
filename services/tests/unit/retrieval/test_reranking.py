"""A reranker puts the best results in order; without it search goes on, says so, and does not ask at once again."""

import json
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from plotlot.domain.errors import ServiceUnavailable
from plotlot.retrieval.rerank_server import RerankServer
from plotlot.retrieval.reranking import NONE_CONFIGURED, REST_SECONDS, Reranking
from plotlot.retrieval.search import Result
from plotlot.telemetry import Metrics


def result(chunk: str, text: str) -> Result:
    return Result(
        chunk, 0.5, None, None, "Yards", 0, len(text), text, "doc", "Code", "sha", "Ashby, OH", None
    )


RESULTS = [
    result("1", "signs"),
    result("2", "rear yard"),
    result("3", "yard"),
    result("4", "rear yard, corner"),
]
QUESTION = "rear yard corner"


class Server(ThreadingHTTPServer):
    """Counts the words that a text shares with the question, in either form of the API, best first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, dict[str, Any], str]] = []
        self.answer: tuple[int, str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Answers as Text Embeddings Inference and as vLLM do."""

    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, body, self.headers.get("Authorization", "")))
        status, answer = self.server.answer or (200, json.dumps(scored(body)))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *arguments: Any) -> None:
        pass


def scored(body: dict[str, Any]) -> Any:
    texts = body.get("texts") or body["documents"]
    words = set(body["query"].split())
    scores = [
        (index, len(words & set(text.replace(",", "").split())) / 4) for index, text in enumerate(texts)
    ]
    scores.sort(key=lambda pair: -pair[1])
    if "texts" in body:
        return [{"index": index, "score": score} for index, score in scores]
    rows = [{"index": i, "relevance_score": score, "document": {"text": texts[i]}} for i, score in scores]
    return {"id": "rerank-1", "model": body["model"], "usage": {"total_tokens": 9}, "results": rows}


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    thread = Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def chunks(results: Sequence[Result]) -> str:
    return "".join(each.chunk for each in results)


@pytest.mark.parametrize(("model", "field"), [("", "texts"), ("bge-reranker", "documents")])
async def test_both_forms_of_the_api_give_the_scores_in_the_order_of_the_texts(
    server: Server, model: str, field: str
) -> None:
    reranker = RerankServer(server.url, model, "secret")
    assert await reranker.scores(QUESTION, ["signs", "rear yard", "yard"]) == [0.0, 0.5, 0.25]
    await reranker.close()
    ((path, body, key),) = server.asked
    assert (path, key) == ("/rerank", "Bearer secret")
    assert body["query"] == QUESTION
    assert body[field] == ["signs", "rear yard", "yard"]
    assert body.get("model", "") == model


async def test_many_texts_are_sent_in_batches(server: Server) -> None:
    reranker = RerankServer(f"{server.url}/v1/rerank", "m")
    scores = await reranker.scores("yard", ["signs"] * 40 + ["yard"])
    await reranker.close()
    assert scores == [0.0] * 40 + [0.25]
    assert [(path, len(body["documents"])) for path, body, _ in server.asked] == [
        ("/v1/rerank", 32),
        ("/v1/rerank", 9),
    ]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((500, "no memory"), "said 500: no memory"),
        ((200, "<html>"), "did not answer in JSON"),
        ((200, "[]"), "did not send one score for each of 2 texts"),
        ((200, '[{"index": 0, "score": 1}, {"index": 1}]'), "one score for each"),
        ((200, '[{"index": 0, "score": 1}, {"index": 1, "score": NaN}]'), "no numbers"),
        ((200, '{"error": "no such model"}'), "one score for each"),
    ],
)
async def test_what_a_server_says_amiss_is_named(server: Server, answer: tuple[int, str], said: str) -> None:
    server.answer = answer
    reranker = RerankServer(server.url)
    with pytest.raises(ServiceUnavailable, match=said):
        await reranker.scores(QUESTION, ["a", "b"])
    await reranker.close()


async def test_one_that_does_not_listen_is_unavailable() -> None:
    reranker = RerankServer("http://127.0.0.1:9")
    with pytest.raises(ServiceUnavailable, match="PLOTLOT_RERANK_URL"):
        await reranker.scores(QUESTION, ["a"])
    await reranker.close()


def counted(metrics: Metrics, result: str) -> float:
    return metrics.registry.get_sample_value("plotlot_rerank_total", {"result": result}) or 0.0


async def test_the_first_are_put_in_order_and_the_rest_follow(server: Server) -> None:
    metrics = Metrics()
    server_of = RerankServer(server.url)
    found, warning = await Reranking(server_of, metrics).apply(QUESTION, RESULTS, 3)
    await server_of.close()
    assert (chunks(found), warning) == ("2314", "")
    assert [each.rerank for each in found] == [0.5, 0.25, 0.0, None]
    assert [each.score for each in found] == [0.5] * 4
    assert counted(metrics, "done") == 1
    assert server.asked[0][1]["texts"][0] == "Yards\nsigns"


async def test_a_bundle_that_asks_for_none_asks_nobody(server: Server) -> None:
    reranker = RerankServer(server.url)
    assert await Reranking(reranker, Metrics()).apply(QUESTION, RESULTS, 0) == (RESULTS, "")
    assert await Reranking(reranker, Metrics()).apply(QUESTION, [], 5) == ([], "")
    await reranker.close()
    assert server.asked == []


async def test_one_that_is_asked_for_and_not_configured_is_said() -> None:
    assert await Reranking(None, Metrics()).apply(QUESTION, RESULTS, 3) == (RESULTS, NONE_CONFIGURED)


async def test_one_that_fails_is_counted_and_left_alone_for_a_moment(server: Server) -> None:
    metrics, now = Metrics(), [0.0]
    reranker = RerankServer(server.url)
    reranking = Reranking(reranker, metrics, lambda: now[0])
    server.answer = (503, "loading")
    for _ in range(2):
        found, warning = await reranking.apply(QUESTION, RESULTS, 4)
        assert chunks(found) == "1234"
        assert "said 503: loading" in warning
    assert (len(server.asked), counted(metrics, "failed"), counted(metrics, "skipped")) == (1, 1, 1)
    server.answer, now[0] = None, REST_SECONDS
    found, warning = await reranking.apply(QUESTION, RESULTS, 4)
    await reranker.close()
    assert (chunks(found), warning) == ("4231", "")
