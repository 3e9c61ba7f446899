"""How many questions in words each town's code had no answer to: counted by tenant and day, written down now and then."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from plotlot.domain.access import EVERY_TENANT
from plotlot.domain.errors import StoreUnavailable
from plotlot.domain.municipalities import municipality_key
from plotlot.gateway.inquiries import Inquiry
from plotlot.gateway.outcomes import Answered
from plotlot.rpc.context import current_tenant, is_shadow
from plotlot.store.pool import Database

log = logging.getLogger(__name__)

EACH_SECONDS = 15.0
DAYS = 30  # that pages tell of
KEPT_DAYS = 400
_ADD = """
INSERT INTO town_questions AS known (tenant, municipality, day, asked, refused) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (tenant, municipality, day) DO UPDATE
    SET asked = known.asked + excluded.asked, refused = known.refused + excluded.refused
"""
_SUM = """
SELECT municipality, sum(asked)::bigint, sum(refused)::bigint FROM town_questions
WHERE tenant = %s AND municipality = ANY(%s) AND day > current_date - %s GROUP BY municipality
"""
Key = tuple[str, str, date]


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions about a town in the last days, and those of them that its code had no answer to."""

    asked: int = 0
    refused: int = 0


class TownQuestions:
    """What is known of the questions that were asked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counts(self, tenant: str, towns: Sequence[str]) -> Mapping[str, Asked]:
        """A tenant's questions of the last days by town; towns that nobody asked about are left out."""
        keys = {municipality_key(town): town for town in towns}
        async with self._database.connection(reads=True) as connection:
            cursor = await connection.execute(_SUM, (tenant, list(keys), DAYS))
            return {keys[key]: Asked(asked, refused) for key, asked, refused in await cursor.fetchall()}


class QuestionCounting:
    """Counts questions of this process, and adds them to what is known."""

    def __init__(
        self, database: Database, today: Callable[[], date] = lambda: datetime.now(UTC).date()
    ) -> None:
        self._database, self._today = database, today
        self._counted: dict[Key, Asked] = {}
        self._tidied: date | None = None

    def observe(self, inquiry: Inquiry, answered: Answered) -> None:
        """Count an answer to a question about one town, unless it is a shadow's."""
        town = municipality_key(str((inquiry.body or {}).get("municipality", "")))
        if inquiry.operation != "ask" or answered.answer is None or not town or is_shadow():
            return
        key = (current_tenant(), town, self._today())
        known = self._counted.get(key, Asked())
        self._counted[key] = Asked(known.asked + 1, known.refused + bool(answered.answer.get("refused")))

    async def run(self) -> None:
        """Write down what was counted, for ever."""
        while True:
            await asyncio.sleep(EACH_SECONDS)
            try:
                await self.flush()
            except StoreUnavailable:
                continue  # readiness says so
            except Exception:
                log.exception("questions about towns could not be written down")

    async def flush(self) -> None:
        """Write down what was counted; what could not be is counted on. Raises StoreUnavailable."""
        tidied = self._tidied == self._today()
        if tidied and not self._counted:
            return
        counted, self._counted = self._counted, {}
        try:
            async with self._database.connection(EVERY_TENANT) as connection:
                rows = [(*key, each.asked, each.refused) for key, each in sorted(counted.items())]
                await connection.cursor().executemany(_ADD, rows)
                if not tidied:
                    await connection.execute(
                        "DELETE FROM town_questions WHERE day < current_date - %s", (KEPT_DAYS,)
                    )
                    self._tidied = self._today()
        except BaseException:
            for key, each in counted.items():
                since = self._counted.get(key, Asked())
                self._counted[key] = Asked(since.asked + each.asked, since.refused + each.refused)
            raise
