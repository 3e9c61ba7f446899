"""Embedding models side by side, on a collection of a few lines."""

from pathlib import Path

import numpy as np
import pytest

from plotlot.domain.errors import InvalidRequest
from plotlot.evaluation.embeddings.comparison import compare_models, part_of
from plotlot.evaluation.embeddings.hashed_words import DIMENSIONS, HashedWords
from plotlot.evaluation.embeddings.models import model_of
from plotlot.evaluation.retrieval import Dataset, silent
from plotlot.settings import Settings


def write_collection(folder: Path) -> None:
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\t1\t1\nr\t2\t1\n")
    (folder / "queries.jsonl").write_text(
        '{"_id": "q", "text": "front yard"}\n{"_id": "r", "text": "parking spaces"}\n'
    )
    (folder / "corpus.jsonl").write_text(
        '{"_id": "1", "title": "Yards", "text": "The front yard is deep."}\n'
        '{"_id": "2", "text": "Two parking spaces."}\n{"_id": "3", "text": "Signs."}\n'
    )


async def test_words_alone_rank_what_shares_them_first(tmp_path: Path) -> None:
    write_collection(tmp_path)
    result = await compare_models(Settings(), [("floor", "words")], tmp_path, None, silent)
    assert (result["documents"], result["queries"]) == (3, 2)
    figures = result["models"]["floor"]
    assert (figures["ndcg@10"], figures["mrr"], figures["dimensions"]) == (1, 1, DIMENSIONS)
    assert figures["query_p95_ms"] >= figures["query_p50_ms"] > 0


def test_a_text_has_the_same_vector_whatever_stands_beside_it() -> None:
    one, other = HashedWords().embed(["a front yard"]), HashedWords().embed(["", "A front yard!"])
    assert np.array_equal(one.vectors[0], other.vectors[1])
    assert np.linalg.norm(one.vectors[0]) == pytest.approx(1)
    assert not other.vectors[0].any()


def test_a_part_keeps_what_its_queries_are_judged_on() -> None:
    corpus = {str(number): ("", "text") for number in range(100)}
    dataset = Dataset(corpus, {"q": "a", "r": "b"}, {"q": {"99": 1}, "r": {"98": 1}})
    part = part_of(dataset, 1)
    assert list(part.queries) == ["q"]
    assert "99" in part.corpus
    assert len(part.corpus) == 21


def test_a_kind_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="minilm-int8"):
        model_of("x", "glove", Settings(), tmp_path)


def test_single_precision_is_near_what_serves(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    settings = Settings()
    texts = ["The minimum front yard is 25 feet."]
    served, exact = (model_of(kind, kind, settings, tmp_path) for kind in ("minilm-int8", "minilm-fp32"))
    assert float(served.embed(texts).vectors[0] @ exact.embed(texts).vectors[0]) > 0.98
