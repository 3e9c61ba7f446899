"""The settings decide what embeds, and what writes."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from plotlot.inference.engines import completions, embedder, quoting
from plotlot.inference.extractive import ExtractiveEngine
from plotlot.inference.minilm_embedder import MiniLmEmbedder
from plotlot.inference.openai_embedder import OpenAiEmbedder
from plotlot.runtime.bundles import own_bundle
from plotlot.settings import Settings
from plotlot.telemetry import Metrics

QUOTES = ExtractiveEngine(MiniLmEmbedder(Path("nowhere")))


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


@pytest.mark.parametrize("kind", ["openai", "vllm", "sglang", "llamacpp"])
async def test_two_settings_and_a_kind_choose_the_engine(kind: str) -> None:
    settings = Settings(
        generation_url="http://127.0.0.1:1/v1",
        generation_model="m",
        generation_engine=kind,  # type: ignore[arg-type]
    )
    made = completions(settings, Metrics(), QUOTES)
    (replica,) = made.replicas
    assert (replica.engine.name, replica.engine.endpoint) == (kind, "http://127.0.0.1:1")
    assert (made.model, quoting(made).engine) == ("m", kind)
    await made.close()


async def test_each_replica_adds_its_room() -> None:
    settings = Settings(
        generation_url="dns+http://localhost:1",
        generation_model="m",
        generation_concurrency=4,
        generation_queue=3,
    )
    made = completions(settings, Metrics(), QUOTES)
    made.replicas._use({"http://a:1", "http://b:1"})
    assert (made.gate.queue.limits.in_flight, made.gate.queue.limits.waiting) == (8, 6)
    made.replicas._use({"http://b:1"})
    assert made.gate.queue.limits.in_flight == 4
    await made.close()


async def test_without_a_server_there_are_quotes() -> None:
    made = completions(Settings(), Metrics(), QUOTES)
    (replica,) = made.replicas
    assert (made.model, made.engine, replica.engine.endpoint) == (QUOTES.model, "extractive", "")


def test_the_bundle_of_a_release_names_the_model_that_answers() -> None:
    named = own_bundle(Settings(generation_url="http://127.0.0.1:1", generation_model="m"))
    assert named.parameters.generation.model == "m"
    assert own_bundle(Settings()).parameters.generation.model == QUOTES.model
