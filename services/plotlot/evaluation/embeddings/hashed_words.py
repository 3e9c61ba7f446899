"""The floor of a comparison: words counted in hashed places, no model at all."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from zlib import crc32

import numpy as np

from plotlot.inference.embedding import Embeddings, unit_length

DIMENSIONS = 2048
_WORD = re.compile(r"[^\W_]+")


class HashedWords:
    """An Embedder that hashes words with a sign (Weinberger et al. 2009), each by the logarithm of its count."""

    model = "hashed-words"
    engine = "none"
    dimensions = DIMENSIONS

    def load(self) -> None:
        """Nothing: there is no model."""

    def embed(self, texts: Sequence[str]) -> Embeddings:
        """One vector a text, in order."""
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        tokens = 0
        for row, text in zip(vectors, texts, strict=True):
            counts = Counter(_WORD.findall(text.casefold()))
            tokens += sum(counts.values())
            for word, count in counts.items():
                code = crc32(word.encode())
                row[code % DIMENSIONS] += (1 - 2 * (code >> 31)) * (1 + math.log(count))
        return Embeddings(unit_length(vectors), tokens)
