from pathlib import Path

import pytest
from pydantic import ValidationError

from plotlot.cli.command import settings_complaint
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


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("DATABASE_URL", "mysql-is-here hidden", "postgresql://user:password@host"),
        ("REDIS_URL", "localhost:6379", "redis://host:6379/0"),
        ("LOG_LEVEL", "loud", "there is no level 'loud'"),
        ("RPC_CONNECTION_AGE_SECONDS", "0", "greater than 0"),
        ("GENERATION_URL", "my-vllm:8000", "http://host:8000"),
        ("GENERATION_URL", "http://my-vllm:8000", "PLOTLOT_GENERATION_MODEL"),
        ("GENERATION_ENGINE", "tgi", "vllm"),
    ],
)
def test_what_cannot_be_parsed_is_told_without_its_secret(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(f"PLOTLOT_{variable}", value)
    with pytest.raises(ValidationError) as raised:
        Settings()
    complaint = settings_complaint(raised.value)
    assert complaint.startswith(f"PLOTLOT_{variable} is not usable: ")
    assert words in complaint
    assert "hidden" not in complaint


def test_what_is_empty_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLOTLOT_RPC_CONNECTION_AGE_SECONDS", "")
    assert Settings().rpc_connection_age_seconds is None
    monkeypatch.setenv("PLOTLOT_DATABASE_URL", " ")
    monkeypatch.setenv("PLOTLOT_REDIS_URL", "")
    assert Settings().database_url is None
    assert Settings().redis_url is None
