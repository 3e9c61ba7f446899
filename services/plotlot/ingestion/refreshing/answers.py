"""What publishers answered, kept by content: a run asks nothing twice, and can be done again without asking at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from psycopg.errors import ForeignKeyViolation

from plotlot.domain.access import LOCAL
from plotlot.egress.keeping import validators
from plotlot.store.pool import Database

KEPT_TIMES = 3
_TIDY = """
DELETE FROM fetched USING (
    SELECT run, url, row_number() OVER (PARTITION BY url ORDER BY retrieved_at DESC) AS place FROM fetched
) AS times
WHERE times.run = fetched.run AND times.url = fetched.url AND times.place > %s
  AND NOT EXISTS (SELECT FROM refreshes WHERE id = fetched.run AND ended_at IS NULL)
"""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer and its validators."""

    content: bytes
    etag: str | None
    last_modified: str | None

    def conditions(self) -> dict[str, str]:
        """The headers that ask whether it is still so."""
        sent = {"if-none-match": self.etag, "if-modified-since": self.last_modified}
        return {name: value for name, value in sent.items() if value}


class KeptAnswers:
    """Answers in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_run(self, run: str, url: str) -> KeptAnswer | None:
        """What an address answered in this run."""
        return await self._find("run = %(run)s AND url = %(url)s", {"run": run, "url": url})

    async def latest(self, url: str) -> KeptAnswer | None:
        """What an address answered last, in whatever run."""
        return await self._find("url = %(url)s ORDER BY retrieved_at DESC LIMIT 1", {"url": url})

    async def keep(
        self, run: str, url: str, content: bytes, headers: Mapping[str, str], retrieved_at: datetime
    ) -> None:
        """Keep an answer as this run's."""
        digest, told = sha256(content).hexdigest(), validators(headers, retrieved_at)
        async with self._database.connection(LOCAL) as connection:
            await connection.execute(
                "INSERT INTO fetched_contents (digest, content) VALUES (%s, %s)"
                " ON CONFLICT (digest) DO UPDATE SET digest = excluded.digest",  # holds it against who tidies
                (digest, content),
            )
            await connection.execute(
                "INSERT INTO fetched (run, url, digest, etag, last_modified, retrieved_at)"
                " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (run, url) DO UPDATE SET digest = excluded.digest,"
                " etag = excluded.etag, last_modified = excluded.last_modified, retrieved_at = excluded.retrieved_at",
                (run, url, digest, told.get("etag"), told.get("last-modified"), retrieved_at),
            )

    async def tidy(self) -> None:
        """Remove what an address answered before the last few times; what is under way keeps its own."""
        try:
            async with self._database.connection(LOCAL) as connection:
                await connection.execute(_TIDY, (KEPT_TIMES,))
                await connection.execute(
                    "DELETE FROM fetched_contents WHERE NOT EXISTS"
                    " (SELECT FROM fetched WHERE fetched.digest = fetched_contents.digest)"
                )
        except ForeignKeyViolation:  # somebody keeps one of them at this moment: the next run tidies
            return

    async def _find(self, condition: str, values: dict[str, str]) -> KeptAnswer | None:
        async with self._database.connection(LOCAL, reads=True) as connection:
            cursor = await connection.execute(
                f"SELECT content, etag, last_modified FROM fetched JOIN fetched_contents USING (digest)"
                f" WHERE {condition}".encode(),
                values,
            )
            row = await cursor.fetchone()
        return None if row is None else KeptAnswer(bytes(row[0]), row[1], row[2])
