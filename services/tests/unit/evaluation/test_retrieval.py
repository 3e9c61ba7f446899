"""Reading a BEIR folder, and what is said where it is none."""

from pathlib import Path

import pytest

from plotlot.domain.errors import UnreadableDocument
from plotlot.evaluation.retrieval import Dataset, as_document, read_dataset, scores


def write_dataset(folder: Path, judgements: str) -> None:
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judgements}")
    (folder / "queries.jsonl").write_text(
        '{"_id": "q", "text": "yard"}\n{"_id": "r", "text": "not judged"}\n'
    )
    (folder / "corpus.jsonl").write_text(
        '{"_id": "1", "title": "Yards", "text": "Front\u2028yard"}\n{"_id": "2", "text": "Signs"}\n',
        encoding="utf-8",
    )


def test_only_judged_queries_are_asked(tmp_path: Path) -> None:
    write_dataset(tmp_path, "q\t1\t1\nq\t2\t0\nelsewhere\t1\t1\n")
    assert read_dataset(tmp_path) == Dataset(
        corpus={"1": ("Yards", "Front\u2028yard"), "2": ("", "Signs")},
        queries={"q": "yard"},
        judged={"q": {"1": 1, "2": 0}},
    )


def test_the_corpus_becomes_one_document_with_a_chunk_for_each(tmp_path: Path) -> None:
    write_dataset(tmp_path, "q\t1\t1\n")
    document, chunks, ids = as_document(read_dataset(tmp_path))
    assert [document.text[chunk.start : chunk.end] for chunk in chunks] == ["Front\u2028yard", "Signs"]
    assert [chunk.heading_path for chunk in chunks] == ["Yards", ""]
    assert [ids[chunk.start] for chunk in chunks] == ["1", "2"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("corpus.jsonl", "{"), ("queries.jsonl", '{"_id": "other", "text": "x"}'), ("qrels/test.tsv", "")],
)
def test_a_broken_collection_is_named(tmp_path: Path, name: str, content: str) -> None:
    write_dataset(tmp_path, "q\t1\t1\n")
    (tmp_path / name).write_text(content)
    with pytest.raises(UnreadableDocument, match=str(tmp_path)):
        read_dataset(tmp_path)


def test_a_folder_without_a_collection_says_what_one_holds(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match=r"corpus\.jsonl, queries\.jsonl"):
        read_dataset(tmp_path)


def test_scores_are_means_over_the_judged_queries() -> None:
    rankings = {"q": ["2", "1"], "r": ["3"]}
    assert scores(rankings, {"q": {"1": 1}, "r": {"3": 1}}) == {
        "ndcg@10": 0.8155,
        "recall@10": 1.0,
        "mrr": 0.75,
    }
