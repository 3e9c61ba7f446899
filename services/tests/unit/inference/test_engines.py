"""The settings decide which embedder runs."""

from pathlib import Path

from pydantic import SecretStr

from plotlot.inference.engines import embedder
from plotlot.inference.minilm_embedder import MiniLmEmbedder
from plotlot.inference.openai_embedder import OpenAiEmbedder
from plotlot.settings import Settings


def test_minilm_is_the_default(tmp_path: Path) -> None:
    chosen = embedder(Settings(model_dir=tmp_path))
    assert isinstance(chosen, MiniLmEmbedder)
    assert chosen.model == Settings.model_fields["embedding_model"].default


def test_a_server_is_used_where_one_is_named() -> None:
    settings = Settings(
        embedding_url="http://127.0.0.1:1",
        embedding_model="nomic",
        embedding_dimensions=768,
        embedding_api_key=SecretStr("key"),
    )
    chosen = embedder(settings)
    assert isinstance(chosen, OpenAiEmbedder)
    assert (chosen.model, chosen.dimensions) == ("nomic", 768)
