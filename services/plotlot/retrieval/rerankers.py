"""Which reranker the settings name."""

from plotlot.retrieval.reranking import Reranker
from plotlot.settings import Settings


def reranker(settings: Settings) -> Reranker | None:
    """The server of the settings; None where they name none."""
    if not settings.rerank_url:
        return None
    from plotlot.retrieval.rerank_server import RerankServer

    key = settings.rerank_api_key.get_secret_value() if settings.rerank_api_key else ""
    return RerankServer(settings.rerank_url, settings.rerank_model, key, settings.rerank_timeout_seconds)
