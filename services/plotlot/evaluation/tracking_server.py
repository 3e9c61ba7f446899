"""MLflow's server: one process group. Its rows are in SQLite, or in a schema of PlotLot's Postgres."""

import asyncio
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from plotlot.domain.errors import ServiceUnavailable, StoreUnavailable

STOP_SECONDS = 10.0
QUIET = "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false"  # its job runner needs another server


SCHEMA = "mlflow"


async def serve(folder: Path, host: str, port: int, database_url: str = "") -> int:
    """Serve until stopped; the exit code of the server where it ends by itself. Raises ServiceUnavailable.

    Files lie in the folder; so do the rows, where there is no database.
    """
    command = server_command(folder, host, port, schema_of(database_url) if database_url else "")
    server = await asyncio.create_subprocess_exec(*command, start_new_session=True)
    try:
        return await server.wait()
    finally:
        if server.returncode is None:
            server.terminate()
            try:
                await asyncio.wait_for(server.wait(), STOP_SECONDS)
            except TimeoutError:
                server.kill()
                await server.wait()


def server_command(folder: Path, host: str, port: int, store: str = "") -> list[str]:
    """The command line of the server, once its folder is there. Raises ServiceUnavailable where MLflow is not installed."""
    if find_spec("mlflow") is None:
        raise ServiceUnavailable("MLflow is not installed here: install plotlot[evals]")
    state = folder.resolve()
    state.mkdir(parents=True, exist_ok=True)
    server = [sys.executable, "-m", "mlflow", "server", "--host", host, "--port", str(port), "--workers", "1"]
    # In the environment, for a command line is everybody's to read and the address may hold a password.
    backend = f"MLFLOW_BACKEND_STORE_URI={store or f'sqlite:///{state}/mlflow.db'}"
    return ["env", QUIET, backend, *server, "--artifacts-destination", str(state / "artifacts")]


def schema_of(database_url: str) -> str:
    """SQLAlchemy's address of MLflow's own schema in a Postgres, which is made. Raises StoreUnavailable."""
    try:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    except psycopg.Error as error:
        raise StoreUnavailable(f"the runs' database cannot be used: {error}") from error
    return store_uri(database_url)


def store_uri(database_url: str) -> str:
    """SQLAlchemy's address of MLflow's schema in a Postgres that libpq has an address of."""
    parts = {name: str(value) for name, value in conninfo_to_dict(database_url).items()}
    who = ":".join(quote(parts.pop(name), safe="") for name in ("user", "password") if name in parts)
    database = quote(parts.pop("dbname", ""), safe="")
    parts["options"] = f"{parts.get('options', '')} -csearch_path={SCHEMA}".strip()
    return f"postgresql+psycopg://{who}@/{database}?{urlencode(parts)}"
