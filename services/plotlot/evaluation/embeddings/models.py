"""The one place that picks the embedding models of a comparison by their kind."""

import json
from pathlib import Path

from plotlot.domain.errors import InvalidRequest, ServiceUnavailable
from plotlot.evaluation.embeddings.hashed_words import HashedWords
from plotlot.inference.embedding import Embedder
from plotlot.inference.engines import MINILM_FOLDER
from plotlot.settings import Settings

KINDS = ("minilm-int8", "minilm-fp32", "words")


def model_of(name: str, kind: str, settings: Settings, scratch: Path) -> Embedder:
    """The model of a kind, or of a server's URL under its name there. Raises InvalidRequest for another kind."""
    if kind.startswith(("http://", "https://")):
        from plotlot.inference.openai_embedder import OpenAiEmbedder

        key = settings.embedding_api_key
        return OpenAiEmbedder(
            kind, name, settings.embedding_dimensions, key.get_secret_value() if key else ""
        )
    if kind == "words":
        return HashedWords()
    if kind not in KINDS:
        raise InvalidRequest(f"{kind!r} is no kind of model: {', '.join(KINDS)}, or a URL", field="model")
    from plotlot.inference.minilm_embedder import MiniLmEmbedder

    folder = settings.model_dir / MINILM_FOLDER
    return MiniLmEmbedder(folder if kind == "minilm-int8" else exact_minilm(scratch / "exact", folder))


def exact_minilm(folder: Path, built: Path) -> Path:
    """A folder with MiniLM in single precision beside the tokenizer that set-up built."""
    from plotlot.inference.minilm_embedder import MODEL_FILE, TOKENIZER_FILE

    try:
        import onnx

        from plotlot.inference.minilm import source_files
        from plotlot.inference.sentence_encoder import EncoderShape, read_safetensors, sentence_encoder

        source = source_files()
        tokenizer = (built / TOKENIZER_FILE).read_bytes()
    except (ImportError, OSError) as error:
        raise ServiceUnavailable(f"MiniLM's weights are not here ({error}): run `make setup`") from error
    folder.mkdir(parents=True)
    shape = EncoderShape.from_config(json.loads(source["config.json"].read_bytes()))
    weights = read_safetensors(source["model.safetensors"].read_bytes())
    onnx.save(sentence_encoder(weights, shape), folder / MODEL_FILE)
    (folder / TOKENIZER_FILE).write_bytes(tokenizer)
    return folder
