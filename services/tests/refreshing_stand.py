"""Where refreshes are tried: databases of their own, a made-up state's publisher, and workers at work on both."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from fakes.serving import Server
from fakes.state import State
from psycopg.conninfo import make_conninfo
from refreshing_worker import refreshed

from plotlot.ingestion.refreshing.towns import TownState
from plotlot.store.embedded import EmbeddedPostgres
from plotlot.store.migrate import migrate

WORKER = Path(__file__).resolve().parent / "refreshing_worker.py"
# All that readers see of codes, in an order of its own: ids of chunks differ from run to run.
CHECKSUM = """
SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
    SELECT concat_ws('|', municipalities.name, documents.name, text_sha256, parser) AS line
    FROM documents JOIN municipalities ON municipalities.id = municipality_id WHERE superseded_at IS NULL
    UNION ALL
    SELECT concat_ws('|', municipalities.name, documents.id, chunks.ordinal, chunks.text, chunks.length, embedding)
    FROM chunks JOIN municipalities ON municipalities.id = municipality_id JOIN documents ON documents.id = document_id
    UNION ALL
    SELECT concat_ws('|', term, sum(frequency), count(*)) FROM postings GROUP BY term
) AS lines
"""


@dataclass
class Stand:
    """A database of its own, and the publisher that is refreshed from."""

    conninfo: str
    server: Server
    state: State

    @property
    def arguments(self) -> tuple[str, str, str, str]:
        """Of a worker."""
        entry = {
            "kind": "municode",
            "name": "fake",
            "url": self.server.url,
            "site": "https://library.example",
        }
        publishers = json.dumps({"publishers": [entry]})
        return self.conninfo, publishers, self.server.host, self.state.abbreviation

    def start(self) -> "subprocess.Popen[str]":
        """A worker at work, in a process of its own."""
        command = [sys.executable, str(WORKER), *self.arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    async def refresh(self) -> dict[str, TownState]:
        """The towns of the state, each as the refresh left it."""
        return {each.municipality: each for each in await refreshed(*self.arguments)}

    def one(self, query: str) -> Any:
        """The one value of a query."""
        with psycopg.connect(self.conninfo) as connection:
            row = connection.execute(query.encode()).fetchone()
            assert row is not None
            return row[0]

    def write(self, statement: str) -> None:
        """Carry out a statement that changes rows."""
        with psycopg.connect(self.conninfo) as connection:
            connection.execute(statement.encode())

    def progress(self) -> int:
        """A number that grows with whatever a run gets done."""
        return int(
            self.one(
                "SELECT (SELECT count(*) FROM fetched) + (SELECT count(*) FROM documents)"
                " + (SELECT count(*) FROM kept_vectors) + (SELECT count(*) FROM chunks)"
            )
        )


class Databases:
    """Makes databases, each migrated and empty."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo

    def __call__(self) -> str:
        """The connection string of a new one."""
        name = f"refresh_{random.getrandbits(48):x}"
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        made = make_conninfo(self._conninfo, dbname=name)
        migrate(made)
        return made


@contextmanager
def databases_below(folder: Path) -> Iterator[Databases]:
    """Databases on a Postgres of their own."""
    postgres = EmbeddedPostgres(folder)
    try:
        yield Databases(postgres.start())
    finally:
        postgres.stop()


def stages(towns: dict[str, TownState]) -> set[str]:
    """The stages that towns came to."""
    return {each.stage for each in towns.values()}
