"""The one place that picks the engines that the settings ask for."""

import asyncio
from typing import TYPE_CHECKING

from plotlot.domain.admission import Limits
from plotlot.domain.prices import Prices
from plotlot.inference.completion import Engine
from plotlot.inference.embedding import Embedder
from plotlot.inference.generation import Generator
from plotlot.settings import Settings
from plotlot.telemetry import Metrics

if TYPE_CHECKING:
    from plotlot.inference.answering import QuotingModel
    from plotlot.inference.completions import Completions
    from plotlot.inference.trials import Trial

MINILM_FOLDER = "all-minilm-l6-v2"
TOKENS_EACH = 8192  # that the limits allow for each request on average; a single one may take more


def embedder(settings: Settings) -> Embedder:
    """The embedding server where one is named, else MiniLM in this process."""
    # Each engine's libraries take long to import, and one engine is used: import that one.
    if settings.embedding_url is None:
        from plotlot.inference.minilm_embedder import MiniLmEmbedder

        return MiniLmEmbedder(settings.model_dir / MINILM_FOLDER)
    from plotlot.inference.openai_embedder import OpenAiEmbedder

    key = settings.embedding_api_key
    return OpenAiEmbedder(
        settings.embedding_url,
        settings.embedding_model,
        settings.embedding_dimensions,
        key.get_secret_value() if key else "",
    )


def engine_at(url: str, settings: Settings) -> Engine:
    """The adapter of the engine at one endpoint."""
    from plotlot.inference.llamacpp_engine import LlamaCppEngine
    from plotlot.inference.openai_engine import OpenAiEngine
    from plotlot.inference.sglang_engine import SglangEngine
    from plotlot.inference.vllm_engine import VllmEngine

    kinds = {each.name: each for each in (OpenAiEngine, VllmEngine, SglangEngine, LlamaCppEngine)}
    key = settings.generation_api_key
    return kinds[settings.generation_engine](
        url, key.get_secret_value() if key else "", settings.generation_priorities
    )


def completions(settings: Settings, metrics: Metrics, generator: Generator) -> "Completions":
    """What writes: the model of the settings; where they name none, the generator, which only quotes."""
    from plotlot.inference.completions import Completions
    from plotlot.inference.extractive_engine import ExtractiveWriter
    from plotlot.inference.gate import Gate
    from plotlot.inference.replicas import Replicas

    def at(url: str) -> Engine:
        return engine_at(url, settings) if url else ExtractiveWriter(generator)

    named = settings.generation_url is not None
    model = settings.generation_model if named else generator.model
    engine = settings.generation_engine if named else ExtractiveWriter.name
    now = asyncio.get_running_loop().time
    each = Limits(
        settings.generation_concurrency,
        settings.generation_concurrency * TOKENS_EACH,
        settings.generation_queue,
        settings.generation_queue * TOKENS_EACH,
    )
    gate = Gate(each, metrics)
    return Completions(
        model,
        engine,
        Replicas(
            settings.generation_url or "", at, metrics, now, lambda count: gate.resize(each.times(count))
        ),
        gate,
        metrics,
        settings.generation_hedge_seconds,
        prices=prices_of(settings),
    )


def prices_of(settings: Settings) -> Prices:
    """The prices of the settings; what is cached costs as much as the rest where they do not say."""
    prompt, cached = settings.generation_price_prompt, settings.generation_price_cached
    return Prices(prompt, prompt if cached is None else cached, settings.generation_price_completion)


async def tried(settings: Settings, metrics: Metrics) -> "list[Trial]":
    """What came of trying each replica of the engine that is set up. Raises EngineUnavailable where there is none."""
    from plotlot.inference.replicas import Replicas
    from plotlot.inference.trials import tried as tried_one

    now = asyncio.get_running_loop().time
    replicas = Replicas(settings.generation_url or "", lambda url: engine_at(url, settings), metrics, now)
    try:
        await replicas.pick("")
        engines = [replica.engine for replica in replicas]
        return list(await asyncio.gather(*(tried_one(each, settings.generation_model) for each in engines)))
    finally:
        await replicas.close()


def quoting(writes: "Completions") -> "QuotingModel":
    """The model as one that answers from passages."""
    from plotlot.inference.answering import QuotingModel

    return QuotingModel(writes.model, writes.engine, writes)
