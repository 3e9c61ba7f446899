"""Why an embedded database does not start, in words that say what to do."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from plotlot.store.embedded import why

SAID = "LOG: one\nHINT: two\nPANIC: three\nAborted\n"


def test_the_program_is_quoted_where_there_is_room(tmp_path: Path) -> None:
    assert why(tmp_path, SAID) == "HINT: two / PANIC: three / Aborted"
    assert why(tmp_path, "") == "it said nothing"


def test_a_full_disk_is_told_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=3_000_000))
    reason = why(tmp_path, SAID)
    assert reason.startswith("its disk has 3 MB free")
    assert "--data" in reason
