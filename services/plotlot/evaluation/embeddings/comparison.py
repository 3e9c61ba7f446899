"""How well each model ranks a judged collection by exact cosine, and how long it takes."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotlot.evaluation.embeddings.models import KINDS, model_of
from plotlot.evaluation.retrieval import MEASURES, Dataset, query_scores, read_dataset
from plotlot.evaluation.runs import digest_of
from plotlot.inference.embedding import Embedder
from plotlot.settings import Settings

BATCH = 64
RANKED = 100
OTHERS = 20  # documents that nobody is asked for, beside those of each query, where only some are taken
Follow = Callable[[str, dict[str, Any]], None]


async def compare_models(
    settings: Settings, models: Sequence[tuple[str, str]], folder: Path, most: int | None, follow: Follow
) -> dict[str, Any]:
    """Each model's figures on one collection; the same documents and queries for all."""
    dataset = read_dataset(folder)
    if most is not None:
        dataset = part_of(dataset, most)
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="plotlot-eval-") as scratch:
        for name, kind in models or [(kind, kind) for kind in KINDS]:
            model = model_of(name, kind, settings, Path(scratch) / name.replace("/", "-"))
            follow(name, {})
            found[name] = await asyncio.to_thread(figures, model, dataset, follow)
    return {
        "dataset": folder.name,
        "digest": await asyncio.to_thread(digest_of_folder, folder),
        "documents": len(dataset.corpus),
        "queries": len(dataset.queries),
        "models": found,
    }


def digest_of_folder(folder: Path) -> str:
    """One SHA-256 over the files of a folder."""
    return digest_of(sorted(path for path in folder.rglob("*.*") if path.is_file()))


def part_of(dataset: Dataset, most: int) -> Dataset:
    """Some of the queries, the documents judged for them, and others that nobody is asked for."""
    queries = dict(list(dataset.queries.items())[:most])
    judged = {query: dataset.judged[query] for query in queries}
    wanted = {document for grades in judged.values() for document in grades}
    others = [document for document in dataset.corpus if document not in wanted][: most * OTHERS]
    kept = wanted | set(others)
    return Dataset({name: text for name, text in dataset.corpus.items() if name in kept}, queries, judged)


def figures(model: Embedder, dataset: Dataset, follow: Follow) -> dict[str, float]:
    """A model's measures, the time of a query, and the documents it embeds in a second."""
    model.load()
    names = list(dataset.corpus)
    started = time.perf_counter()
    documents = embedded(model, [f"{title} {text}" for title, text in dataset.corpus.values()], follow)
    seconds = time.perf_counter() - started
    spent, rankings = [], {}
    for query, text in dataset.queries.items():
        began = time.perf_counter()
        vector = model.embed([text]).vectors[0]
        spent.append((time.perf_counter() - began) * 1000)
        rankings[query] = nearest(vector, documents, names, query)
    return {
        **quality(rankings, dataset),
        **effort(spent, len(names) / seconds),
        "dimensions": model.dimensions,
    }


def embedded(model: Embedder, texts: Sequence[str], follow: Follow) -> NDArray[np.float32]:
    """The vectors of texts, batch by batch."""
    batches = []
    for first in range(0, len(texts), BATCH):
        follow("embed", {"done": first, "total": len(texts)})
        batches.append(model.embed(texts[first : first + BATCH]).vectors)
    return np.concatenate(batches)


def nearest(
    vector: NDArray[np.float32], documents: NDArray[np.float32], names: Sequence[str], query: str
) -> list[str]:
    """The documents by their likeness, a query's own id left out; equals in the order of the collection."""
    order = np.argsort(-(documents @ vector), kind="stable")[: RANKED + 1]
    return [names[place] for place in order if names[place] != query]


def quality(rankings: Mapping[str, Sequence[str]], dataset: Dataset) -> dict[str, float]:
    """The mean of each measure over the queries."""
    each = [query_scores(rankings[query], grades) for query, grades in dataset.judged.items()]
    return {name: round(fmean(scored[name] for scored in each), 4) for name in MEASURES}


def effort(spent_ms: Sequence[float], documents_a_second: float) -> dict[str, float]:
    """What a model costs in time."""
    tail = quantiles(spent_ms, n=20)[-1] if len(spent_ms) > 1 else spent_ms[0]
    return {
        "query_p50_ms": round(median(spent_ms), 3),
        "query_p95_ms": round(tail, 3),
        "documents_per_second": round(documents_a_second, 1),
    }
