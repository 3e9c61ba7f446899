"""The embedder on the model that set-up built."""

import sys
from pathlib import Path

import numpy as np
import pytest

from plotlot.domain.errors import ServiceUnavailable
from plotlot.inference.minilm_embedder import MANIFEST_FILE, MiniLmEmbedder


@pytest.fixture(scope="module")
def embedder() -> MiniLmEmbedder:
    folder = Path(sys.prefix) / "share" / "plotlot" / "models" / "all-minilm-l6-v2"
    if not (folder / MANIFEST_FILE).is_file():
        pytest.skip(f"no embedding model at {folder}; run `make setup`")
    return MiniLmEmbedder(folder)


def test_vectors_are_unit_length_and_keep_the_order(embedder: MiniLmEmbedder) -> None:
    texts = ["The minimum front yard is 25 feet.", "A cat sat.", "Front setback: twenty-five feet."]
    embeddings = embedder.embed(texts)
    assert embeddings.vectors.shape == (3, 384)
    assert embeddings.vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(embeddings.vectors, axis=1), 1, atol=1e-5)
    similar = embeddings.vectors @ embeddings.vectors[0]
    assert similar[2] > 0.5 > 0.2 > similar[1]


def test_a_text_has_the_same_vector_alone_and_among_others(embedder: MiniLmEmbedder) -> None:
    text = "Height shall not exceed 35 feet."
    crowd = ["lot coverage " * size for size in range(1, 20)]
    alone, among = embedder.embed([text]), embedder.embed([*crowd, text])
    assert np.array_equal(alone.vectors[0], among.vectors[-1])


def test_text_beyond_the_limit_is_cut_and_empty_text_is_embedded(embedder: MiniLmEmbedder) -> None:
    embeddings = embedder.embed(["acre " * 2000, ""])
    assert embeddings.tokens == 256 + 2
    assert np.isfinite(embeddings.vectors).all()


def test_no_texts_give_no_vectors(embedder: MiniLmEmbedder) -> None:
    assert embedder.embed([]).vectors.shape == (0, 384)


def test_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailable, match="make setup"):
        MiniLmEmbedder(tmp_path).embed(["text"])
