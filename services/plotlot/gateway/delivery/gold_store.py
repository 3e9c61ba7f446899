"""Gold cases as they were given; one never changes."""

import json
from collections.abc import Sequence

from plotlot.gateway.delivery.gold_cases import GoldCase
from plotlot.store.pool import Database

EXPECTED = {"refused", "values", "words", "units_low", "units_high", "verdict"}


class GoldCases:
    """Keeps gold cases by the digest of their content."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, cases: Sequence[GoldCase]) -> int:
        """Keep those that are new, and return how many were."""
        rows = [
            (
                case.id,
                case.municipality,
                case.inquiry.operation,
                case.model_dump_json(exclude_defaults=True, exclude=EXPECTED),
                case.model_dump_json(exclude_defaults=True, include=EXPECTED),
            )
            for case in {case.id: case for case in cases}.values()
        ]
        async with self._database.connection() as connection, connection.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO gold_cases (id, municipality, operation, question, expected)"
                " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                rows,
            )
            return cursor.rowcount

    async def all(self) -> list[GoldCase]:
        """Every case, in the order of their ids, which is nobody's."""
        async with self._database.connection() as connection:
            cursor = await connection.execute("SELECT question, expected FROM gold_cases ORDER BY id")
            rows = await cursor.fetchall()
        return [GoldCase.model_validate_json(json.dumps({**question, **known})) for question, known in rows]
