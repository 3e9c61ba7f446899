"""Codes of many towns that nobody wrote: vectors in clusters, words as often as words are, towns of known widths."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 384
LATENT = 40  # in which the topics differ, as sentence vectors do in far fewer dimensions than they have
TOPICS = 1_500
VOCABULARY = 12_000
# Of real codes: a chunk has 81 words besides the commonest of English, 54 of them different, and the commonest
# word stands in four of five chunks.
WORDS_IN_CHUNK = 81
DIFFERENT = 0.68
WORDS_IN_QUESTION = 6
WIDTHS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.001)
SMALL_TOWN = 0.002
SYLLABLES = [first + second for first in "bdfgklmnprstv" for second in ("a", "e", "i", "o", "u")]


@dataclass(frozen=True)
class Town:
    """A town that holds a share of all chunks."""

    name: str
    share: float
    chunks: int


@dataclass(frozen=True)
class Question:
    """Words of one chunk, and a vector near it."""

    text: str
    vector: NDArray[np.float32]


def towns_of(size: int) -> list[Town]:
    """Towns of every width that leaves them 20 chunks, and small ones for the rest."""
    shares = [share for share in WIDTHS if share * size >= 20]
    found = [Town(f"Width {share:.1%}, OH", share, round(share * size)) for share in shares]
    rest = size - sum(town.chunks for town in found)
    least = max(round(SMALL_TOWN * size), 20)
    while rest > 0:
        found.append(Town(f"Small {len(found)}, OH", min(least, rest) / size, min(least, rest)))
        rest -= least
    return found


class Writer:
    """Draws chunks; the same seed draws the same."""

    def __init__(self, seed: int = 6) -> None:
        self._random = np.random.default_rng(seed)
        spread = self._random.normal(size=(LATENT, DIMENSIONS)) / np.sqrt(LATENT)
        self._common = self._random.normal(size=DIMENSIONS)
        self._topics = self._random.normal(size=(TOPICS, LATENT)) @ spread
        self._spread = spread
        rarity = 1 / (np.arange(VOCABULARY) + 6.0)
        self._often = np.cumsum(rarity / rarity.sum())
        draws = self._random.integers(0, len(SYLLABLES), size=(VOCABULARY, 4))
        lengths = self._random.integers(2, 5, size=VOCABULARY)
        self._words = ["".join(SYLLABLES[i] for i in row[:n]) for row, n in zip(draws, lengths, strict=True)]

    def chunks(self, count: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """Texts with their vectors: each of a topic, which towns share."""
        topics = self._random.zipf(1.3, size=count) % TOPICS
        vectors = self._vectors(topics)
        for vector in vectors:
            size = int(np.clip(self._random.normal(WORDS_IN_CHUNK, 25), 12, 180))
            yield " ".join(self._drawn(size)), vector

    def questions(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> list[Question]:
        """A question about each chunk: some of its words, and its vector moved."""
        found = []
        for text, vector in zip(texts, vectors, strict=True):
            words = self._random.choice(text.split(), WORDS_IN_QUESTION)
            moved = vector + 0.6 * self._random.normal(size=DIMENSIONS) / np.sqrt(DIMENSIONS)
            found.append(Question(" ".join(words), (moved / np.linalg.norm(moved)).astype("<f4")))
        return found

    def _vectors(self, topics: NDArray[np.int64]) -> NDArray[np.float32]:
        near = self._random.normal(size=(len(topics), LATENT)) @ self._spread
        noise = self._random.normal(size=(len(topics), DIMENSIONS))
        vectors = 0.7 * self._common + self._topics[topics] + 0.6 * near + 0.25 * noise
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors.astype("<f4")

    def _drawn(self, count: int) -> list[str]:
        places = np.searchsorted(self._often, self._random.random(round(count * DIFFERENT)))
        again = self._random.choice(places, count - len(places))
        return [self._words[min(place, VOCABULARY - 1)] for place in (*places, *again)]
