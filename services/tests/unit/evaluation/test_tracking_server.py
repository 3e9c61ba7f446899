"""MLflow's server: bound to this machine, its state in one folder, its job runner off."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from plotlot.cli.main import main
from plotlot.domain.errors import ServiceUnavailable
from plotlot.evaluation import tracking_server
from plotlot.evaluation.tracking import metric_name, recorded
from plotlot.evaluation.tracking_server import server_command, store_uri


def test_the_server_keeps_all_in_its_folder(tmp_path: Path) -> None:
    command = server_command(tmp_path / "new", "127.0.0.1", 5001)
    assert command[:2] == ["env", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false"]
    assert f"MLFLOW_BACKEND_STORE_URI=sqlite:///{tmp_path}/new/mlflow.db" in command
    assert str(tmp_path / "new" / "artifacts") in command
    assert (tmp_path / "new").is_dir()


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me:a%40b%2Fc@db.example:5433/runs?sslmode=require",
        "host=db.example port=5433 dbname=runs user=me password=a@b/c sslmode=require",
    ],
)
def test_in_a_database_it_has_a_schema_of_its_own(address: str) -> None:
    url = make_url(store_uri(address))
    assert (url.drivername, url.username, url.password, url.database) == (
        "postgresql+psycopg",
        "me",
        "a@b/c",
        "runs",
    )
    assert url.query == {
        "host": "db.example",
        "port": "5433",
        "sslmode": "require",
        "options": "-csearch_path=mlflow",
    }


def test_it_listens_on_this_machine_alone_where_nobody_asks_for_more() -> None:
    serve = main.commands["eval"].commands["serve"]  # type: ignore[attr-defined]
    defaults = {parameter.name: parameter.default for parameter in serve.params}
    assert (defaults["host"], defaults["port"]) == ("127.0.0.1", 5000)


def test_without_mlflow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking_server, "find_spec", lambda name: None)
    with pytest.raises(ServiceUnavailable, match=r"plotlot\[evals\]"):
        server_command(tmp_path, "127.0.0.1", 5001)


def test_an_error_of_the_store_is_told_without_its_password() -> None:
    with (
        pytest.raises(ServiceUnavailable, match=r"postgresql://host/runs: refused") as raised,
        recorded("postgresql://me:secret@host/runs"),
    ):
        raise ValueError("refused\nand more")
    assert "secret" not in raised.value.message


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("retrieval.ndcg@10", "retrieval.ndcg_at_10"),
        ("ask.correct/town/Aford, OH", "ask.correct/town/Aford OH"),
    ],
)
def test_names_are_of_letters_that_mlflow_takes(name: str, taken: str) -> None:
    assert metric_name(name) == taken
