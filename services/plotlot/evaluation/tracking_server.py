"""MLflow's server on SQLite: one process group, its state in one folder."""

import asyncio
import sys
from importlib.util import find_spec
from pathlib import Path

from plotlot.domain.errors import ServiceUnavailable

STOP_SECONDS = 10.0
QUIET = "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false"  # its job runner needs another server


async def serve(folder: Path, host: str, port: int) -> int:
    """Serve until stopped; the exit code of the server where it ends by itself. Raises ServiceUnavailable."""
    command = server_command(folder, host, port)
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


def server_command(folder: Path, host: str, port: int) -> list[str]:
    """The command line of the server, once its folder is there. Raises ServiceUnavailable where MLflow is not installed."""
    if find_spec("mlflow") is None:
        raise ServiceUnavailable("MLflow is not installed here: install plotlot[evals]")
    state = folder.resolve()
    state.mkdir(parents=True, exist_ok=True)
    server = [sys.executable, "-m", "mlflow", "server", "--host", host, "--port", str(port), "--workers", "1"]
    stores = [
        "--backend-store-uri",
        f"sqlite:///{state}/mlflow.db",
        "--artifacts-destination",
        str(state / "artifacts"),
    ]
    return ["env", QUIET, *server, *stores]
