"""The one place that picks the engine that the settings ask for."""

from plotlot.inference.embedding import Embedder
from plotlot.settings import Settings

MINILM_FOLDER = "all-minilm-l6-v2"


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
