"""Analyses as they were answered; a stored one never changes."""

import json
from typing import Any

from plotlot.domain.errors import UnknownAnalysis
from plotlot.store.pool import Database


class Analyses:
    """Keeps analyses by id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, report: dict[str, Any], request: dict[str, Any]) -> None:
        """Keep a report under its id."""
        async with self._database.connection() as connection:
            await connection.execute(
                "INSERT INTO analyses (id, bundle, request, report) VALUES (%s, %s, %s, %s)",
                (report["id"], report["bundle"], json.dumps(request), json.dumps(report)),
            )

    async def load(self, analysis: str) -> dict[str, Any]:
        """A kept report. Raises UnknownAnalysis."""
        async with self._database.connection() as connection:
            cursor = await connection.execute("SELECT report FROM analyses WHERE id = %s", (analysis,))
            row = await cursor.fetchone()
        if row is None:
            raise UnknownAnalysis(f"there is no analysis {analysis!r} here", field="id")
        report: dict[str, Any] = row[0]
        return report
