"""What publishers answered, kept by content: a run asks nothing twice, and can be done again without asking at all."""

from collections.abc import Mapping
from contextlib import suppress
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


# The row of a content is held against who tidies: by the key that refers to it, and where it was there, by this.
_KEEP_CONTENT = """
INSERT INTO fetched_contents (digest, content) VALUES (%(digest)s, %(content)s)
ON CONFLICT (digest) DO UPDATE SET digest = excluded.digest
"""
_KEEP = """
INSERT INTO fetched (run, url, digest, etag, last_modified, retrieved_at)
VALUES (%(run)s, %(url)s, %(digest)s, %(etag)s, %(last_modified)s, %(retrieved_at)s)
ON CONFLICT (run, url) DO UPDATE SET digest = excluded.digest, etag = excluded.etag,
    last_modified = excluded.last_modified, retrieved_at = excluded.retrieved_at
"""
_LAST = """
SELECT content, etag, last_modified, run = %(run)s FROM fetched JOIN fetched_contents USING (digest)
WHERE url = %(url)s ORDER BY run = %(run)s DESC, retrieved_at DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer and its validators; whether it was given in the run that asks for it."""

    content: bytes
    etag: str | None
    last_modified: str | None
    of_run: bool = False

    def conditions(self) -> dict[str, str]:
        """The headers that ask whether it is still so."""
        sent = {"if-none-match": self.etag, "if-modified-since": self.last_modified}
        return {name: value for name, value in sent.items() if value}


class KeptAnswers:
    """Answers in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last(self, run: str, url: str) -> KeptAnswer | None:
        """What an address answered in this run, else last in any."""
        async with self._database.connection(LOCAL, reads=True) as connection:
            cursor = await connection.execute(_LAST, {"run": run, "url": url})
            row = await cursor.fetchone()
        return None if row is None else KeptAnswer(bytes(row[0]), *row[1:])

    async def keep(
        self,
        run: str,
        url: str,
        content: bytes,
        headers: Mapping[str, str],
        retrieved_at: datetime,
        known: bool = False,
    ) -> None:
        """Keep an answer as this run's. Where the content is ``known`` to be kept, it is not written again."""
        told = validators(headers, retrieved_at)
        values = {
            "run": run,
            "url": url,
            "digest": sha256(content).hexdigest(),
            "etag": told.get("etag"),
            "last_modified": told.get("last-modified"),
            "retrieved_at": retrieved_at,
        }
        if known:
            with suppress(ForeignKeyViolation):  # somebody who tidies took it meanwhile
                async with self._database.connection(LOCAL) as connection:
                    await connection.execute(_KEEP, values)
                return
        async with self._database.connection(LOCAL) as connection:
            await connection.execute(_KEEP_CONTENT, {**values, "content": content})
            await connection.execute(_KEEP, values)

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
