"""The towns whose codes are here, with their figures and documents, a page at a time."""

from typing import Any

from plotlot.domain.errors import UnknownMunicipality
from plotlot.gateway.answers import Answers
from plotlot.gateway.feedback.store import FeedbackStore
from plotlot.gateway.places.figures import with_feedback, with_questions
from plotlot.gateway.quality.town_questions import TownQuestions
from plotlot.rpc.context import current_tenant
from plotlot.store.document_lists import StoredDocument, list_documents
from plotlot.store.pool import Database

Json = dict[str, Any]


class Towns:
    """Looks up what services count of towns, and what the tenant's people asked about them and said of their values."""

    def __init__(
        self, answers: Answers, feedback: FeedbackStore, questions: TownQuestions, database: Database
    ) -> None:
        self._answers = answers
        self._feedback = feedback
        self._database = database
        self._questions = questions

    async def page(self, after: str, limit: int) -> tuple[list[Json], bool]:
        """At most so many towns by name, those after one of them, and whether there are more."""
        towns = await self._answers.municipalities(after, limit + 1)
        return await self._told(towns[:limit]), len(towns) > limit

    async def one(self, municipality: str) -> Json:
        """One town. Raises UnknownMunicipality with the names that are near."""
        towns = await self._answers.municipalities(only=municipality) if municipality.strip() else []
        if not towns:
            await self._answers.districts(municipality)  # raises it
            raise UnknownMunicipality(f"no code of {municipality!r} is here", field="municipality")
        return (await self._told(towns))[0]

    async def documents(
        self, town: str, after: tuple[str, str] | None, limit: int
    ) -> tuple[list[StoredDocument], bool]:
        """At most so many current documents of a town by name, those after a name and an id, and whether there are
        more."""
        place = (town, *after) if after else None
        async with self._database.connection(reads=True) as connection:
            found = await list_documents(connection, town, False, place, limit + 1)
        return found[:limit], len(found) > limit

    async def _told(self, towns: list[Json]) -> list[Json]:
        tenant, names = current_tenant(), [town["name"] for town in towns]
        told = with_feedback(towns, await self._feedback.counts(tenant))
        return with_questions(told, await self._questions.counts(tenant, names))
