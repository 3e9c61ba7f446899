"""Questions whose answer has a known place in what is stored: golden ones, and such as are made of sections."""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from plotlot.domain.generation_checks import Probe
from plotlot.domain.municipalities import municipality_key
from plotlot.store.municipalities import CODE_OF

PLACE_CHARACTERS = 200  # of a section's beginning: what was asked for is found where any of them is
QUESTION_WORDS = 6
_OF_QUOTE = f"""
SELECT documents.id, strpos(text, %(quote)s) - 1 AS start, strpos(text, %(quote)s) - 1 + length(%(quote)s)
FROM documents WHERE municipality_id = {CODE_OF} AND superseded_at IS NULL AND strpos(text, %(quote)s) > 0
ORDER BY name LIMIT 1
"""
_OF_SPAN = f"""
SELECT documents.id, %(start)s::int, %(end)s::int
FROM documents WHERE municipality_id = {CODE_OF} AND superseded_at IS NULL
  AND encode(sha256(convert_to(substr(text, %(start)s + 1, %(end)s - %(start)s), 'UTF8')), 'hex') = %(sha256)s
ORDER BY name LIMIT 1
"""
# Always the same ones, so that two checks compare; sections with something to say of their own.
_SAMPLE = """
SELECT municipality, heading, document, start, substr(text, start + 1, %(characters)s)
FROM (
    SELECT municipalities.name AS municipality, heading, documents.id AS document, body_start AS start
    FROM sections JOIN documents ON documents.id = document_id JOIN municipalities ON municipalities.id = municipality_id
    WHERE superseded_at IS NULL AND municipality_id > 0 AND ordinal > 0 AND "end" - body_start >= %(characters)s
    ORDER BY md5(document_id || ' ' || ordinal) LIMIT %(most)s
) AS drawn JOIN documents ON documents.id = document
ORDER BY municipality, document, start
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote of a code, or the span of a text whose SHA-256 is known."""

    quote: str = ""
    start: int = 0
    end: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Golden:
    """A question about a town, and where its code answers: any of these places does."""

    municipality: str
    question: str
    evidence: tuple[Evidence, ...]


async def located(connection: psycopg.AsyncConnection, questions: Sequence[Golden]) -> list[Probe]:
    """The questions whose evidence stands in the codes that are stored here; of the others nothing can be found."""
    found = []
    for question in questions:
        for evidence in question.evidence:
            if (probe := await _located(connection, question, evidence)) is not None:
                found.append(probe)
                break
    return found


async def _located(connection: psycopg.AsyncConnection, question: Golden, evidence: Evidence) -> Probe | None:
    if not evidence.quote and evidence.start >= evidence.end:
        return None
    values = {
        "key": municipality_key(question.municipality),
        "quote": evidence.quote.replace("\0", ""),
        "start": evidence.start,
        "end": evidence.end,
        "sha256": evidence.sha256,
    }
    cursor = await connection.execute((_OF_QUOTE if evidence.quote else _OF_SPAN).encode(), values)
    row = await cursor.fetchone()
    return Probe(question.municipality, question.question, *row) if row else None


async def sampled(connection: psycopg.AsyncConnection, most: int) -> list[Probe]:
    """Questions made of sections: the heading, and of the section's beginning its longest words."""
    cursor = await connection.execute(_SAMPLE, {"most": most, "characters": PLACE_CHARACTERS})
    return [
        Probe(town, f"{heading} {words_of(text)}", document, start, start + len(text))
        for town, heading, document, start, text in await cursor.fetchall()
    ]


def words_of(text: str) -> str:
    """The longest words of a text, in their order."""
    words = list(dict.fromkeys(text.split()[:-1]))  # the last one may be cut
    longest = sorted(words, key=len, reverse=True)[:QUESTION_WORDS]
    return " ".join(word for word in words if word in longest)
