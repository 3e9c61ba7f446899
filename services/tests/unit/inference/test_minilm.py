"""Building the model: what is already there stays, what is wrong is said in one line."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from plotlot.inference import minilm
from plotlot.inference.minilm_embedder import MANIFEST_FILE, MODEL_FILE, TOKENIZER_FILE


def write_model(folder: Path) -> None:
    files = {}
    for name in (MODEL_FILE, TOKENIZER_FILE):
        (folder / name).write_text(name)
        files[name] = sha256(name.encode()).hexdigest()
    manifest = {"build": minilm.BUILD, "weights_sha256": minilm.WEIGHTS_SHA256, "files": files}
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest))


def test_a_current_model_is_left_alone(tmp_path: Path) -> None:
    write_model(tmp_path)
    assert minilm.build(tmp_path) is False


def test_a_damaged_model_is_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_model(tmp_path)
    (tmp_path / MODEL_FILE).write_text("cut")
    monkeypatch.setattr(minilm, "PACKAGE", "plotlot-has-no-such-package")
    with pytest.raises(FileNotFoundError, match="make setup"):
        minilm.build(tmp_path)


def test_unknown_weights_are_refused_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(minilm, "WEIGHTS_SHA256", "0" * 64)
    assert minilm.main([str(tmp_path / "model")]) == 1
    assert "sha256" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()


def test_the_tokenizer_reads_256_tokens_without_padding(tmp_path: Path) -> None:
    source, target = tmp_path / "source.json", tmp_path / "target.json"
    source.write_text('{"padding": {"strategy": {"Fixed": 128}}, "truncation": {"max_length": 128}}')
    minilm._write_tokenizer(source, target)
    written = json.loads(target.read_text())
    assert written["padding"] is None
    assert written["truncation"]["max_length"] == 256
