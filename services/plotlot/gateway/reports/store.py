"""Analyses as they were answered; a stored one never changes."""

import json
from typing import Any

from plotlot.domain.errors import UnknownAnalysis
from plotlot.store.pool import Database


class Analyses:
    """Keeps analyses by id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, report: dict[str, Any], request: dict[str, Any], drawing: str) -> dict[str, Any]:
        """Keep a report and its drawing under its id, and return it: the one that is kept already, where a request
        that was cut off is carried out again."""
        # One statement stands for itself: neither BEGIN nor COMMIT is waited for.
        async with self._database.connection(reads=True) as connection:
            made = await connection.execute(
                "INSERT INTO analyses (id, bundle, request, report, drawing) VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                (report["id"], report["bundle"], json.dumps(request), json.dumps(report), drawing),
            )
        return report if made.rowcount else (await self.load(report["id"]))[0]

    async def load(self, analysis: str) -> tuple[dict[str, Any], str]:
        """A kept report and its drawing. Raises UnknownAnalysis."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "SELECT report, drawing FROM analyses WHERE id = %s", (analysis.replace("\0", ""),)
            )
            row = await cursor.fetchone()
        if row is None:
            raise UnknownAnalysis(f"there is no analysis {analysis!r} here", field="id")
        return row[0], row[1]
