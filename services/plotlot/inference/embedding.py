"""What an embedding engine does, whichever model is behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Unit-length ``vectors`` float32 [texts, dimensions] and the tokens read after truncation."""

    vectors: NDArray[np.float32]
    tokens: int


class Embedder(Protocol):
    """Turns texts into vectors; safe to call from several threads at once."""

    @property
    def model(self) -> str:
        """The model's name."""

    @property
    def engine(self) -> str:
        """What runs the model."""

    @property
    def dimensions(self) -> int:
        """Numbers in a vector."""

    def load(self) -> None:
        """Make ready to embed; does nothing the second time. Raises ServiceUnavailable where it cannot."""

    def embed(self, texts: Sequence[str]) -> Embeddings:
        """One vector a text, in order; raises ServiceUnavailable where the engine is not there."""


def unit_length(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row divided by its L2 norm; a row of zeros stays as it is."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(norms > 0, norms, 1)).astype(np.float32)
