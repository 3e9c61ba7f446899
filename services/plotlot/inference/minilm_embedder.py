"""all-MiniLM-L6-v2 on ONNX Runtime, in this process."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from plotlot.domain.errors import ServiceUnavailable
from plotlot.inference.embedding import Embeddings

if TYPE_CHECKING:  # both take long to import, and a server that has just started embeds nothing yet
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

MODEL_NAME = "all-MiniLM-L6-v2"
MODEL_FILE = "model.int8.onnx"
TOKENIZER_FILE = "tokenizer.json"
MANIFEST_FILE = "manifest.json"
DIMENSIONS = 384


class MiniLmEmbedder:
    """Reads the files that ``python -m plotlot.inference.minilm`` wrote; loads them once, at first use."""

    model = MODEL_NAME
    engine = "onnxruntime"
    dimensions = DIMENSIONS

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self._folder = folder
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="embed")
        self._loading = Lock()

    def embed(self, texts: Sequence[str]) -> Embeddings:
        """One vector a text, in order; raises ServiceUnavailable where `make setup` was not run."""
        self.load()
        encodings = self._tokenizer.encode_batch(list(texts))
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        for row, vector in enumerate(self._run_all(encodings)):
            vectors[row] = vector
        return Embeddings(vectors, sum(len(encoding) for encoding in encodings))

    def load(self) -> None:
        """Read the files now rather than at the first text. Raises ServiceUnavailable."""
        with self._loading:
            _ = self._tokenizer, self._session

    def close(self) -> None:
        """Stop the worker threads."""
        self._workers.shutdown(wait=True, cancel_futures=True)

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self._file(TOKENIZER_FILE)))

    @cached_property
    def _session(self) -> "InferenceSession":
        """One thread a run: runs are made parallel above it, where texts are many."""
        from onnxruntime import InferenceSession, SessionOptions

        options = SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        return InferenceSession(str(self._file(MODEL_FILE)), options, providers=["CPUExecutionProvider"])

    def _file(self, name: str) -> Path:
        path = self._folder / name
        if not path.is_file():
            raise ServiceUnavailable(
                f"the embedding model is not at {path}; run `make setup`, or name the folder that "
                "holds it in PLOTLOT_MODEL_DIR"
            )
        return path

    def _run_all(self, encodings: "Sequence[Encoding]") -> Iterable[NDArray[np.float32]]:
        if len(encodings) == 1:  # a query: no need to change threads
            return [self._run(encodings[0])]
        return self._workers.map(self._run, encodings)

    def _run(self, encoding: "Encoding") -> NDArray[np.float32]:
        """One text a run: in a batch the int8 scales would make its vector depend on the others."""
        ids = np.array([encoding.ids], np.int64)
        (vectors,) = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        return np.asarray(vectors[0], np.float32)
