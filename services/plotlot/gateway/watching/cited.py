"""What became of the sections that a report cites: the quotes stay as they were, and their sections may not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plotlot.store.pool import Database

Json = dict[str, Any]
AS_CITED = "as_cited"
# The first change of a cited section since its document was superseded. Where no document has that document's name any
# more, whatever is said of a section of that path is said of it.
CHANGE_OF_CITED = """
SELECT changes.change, changes.changed_at FROM section_changes AS changes
WHERE documents.superseded_at IS NOT NULL AND changes.municipality_id = documents.municipality_id
  AND changes.section = cited.section AND changes.changed_at >= documents.superseded_at AND changes.change <> 'added'
  AND (changes.document = documents.name OR NOT EXISTS (
      SELECT FROM documents AS current WHERE current.municipality_id = documents.municipality_id
      AND current.name = documents.name AND current.superseded_at IS NULL
  ))
ORDER BY changes.changed_at LIMIT 1
"""
_CHANGES = f"""
SELECT cited.document, cited.section, changed.change, changed.changed_at
FROM unnest(%s::text[], %s::text[]) AS cited (document, section)
     JOIN documents ON documents.id = cited.document
     JOIN LATERAL ({CHANGE_OF_CITED}) AS changed ON true
"""


@dataclass(frozen=True, slots=True)
class Cited:
    """A section that a report cites: the document's id and title, and the section's path."""

    document: str
    title: str
    section: str


@dataclass(frozen=True, slots=True)
class CitedSection:
    """What became of a cited section: ``as_cited``, ``changed`` or ``removed``, and when; None where it is as cited."""

    cited: Cited
    status: str
    changed_at: datetime | None

    def as_json(self) -> Json:
        """The section under the names of the REST API."""
        return {
            "document": self.cited.document,
            "document_title": self.cited.title,
            "section": self.cited.section,
            "status": self.status,
            "changed_at": self.changed_at.isoformat() if self.changed_at else None,
        }


def cited_in(report: Mapping[str, Any]) -> list[Cited]:
    """The sections that the standards of a report cite, each once, in their order."""
    citations: Iterable[Mapping[str, Any]] = (
        standard["citation"] for standard in report["standards"] if standard["citation"]
    )
    return list(
        dict.fromkeys(
            Cited(one["document"], one.get("document_title", ""), one["section"]) for one in citations
        )
    )


class CitedSections:
    """Looks up what became of cited sections."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, report: Mapping[str, Any]) -> list[CitedSection]:
        """Every section that a report cites, and what became of it since."""
        cited = cited_in(report)
        values = ([one.document for one in cited], [one.section for one in cited])
        async with self._database.connection(reads=True) as connection:
            cursor = await connection.execute(_CHANGES.encode(), values)
            found = {(document, section): rest for document, section, *rest in await cursor.fetchall()}
        return [CitedSection(one, *found.get((one.document, one.section), (AS_CITED, None))) for one in cited]
