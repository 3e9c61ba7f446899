from pathlib import Path

import pytest
from pydantic import ValidationError

from plotlot.settings import Settings


def test_variables_are_prefixed_and_options_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLOTLOT_PORT", "9001")
    monkeypatch.setenv("XDG_DATA_HOME", "/elsewhere")
    monkeypatch.delenv("PLOTLOT_DATA_DIR", raising=False)
    assert Settings().port == 9001
    assert Settings().data_dir == Path("/elsewhere/plotlot")
    assert Settings(port=9002).port == 9002


def test_secrets_do_not_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLOTLOT_DATABASE_URL", "postgresql://user:hidden@host/db")
    assert "hidden" not in repr(Settings())


def test_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLOTLOT_PORT", "seventy")
    with pytest.raises(ValidationError, match="port"):
        Settings()
