"""Who wants to be told when what an analysis cites changes, or anything in a town's code, and what there is to tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from plotlot.domain.errors import InvalidRequest, UnknownWatch
from plotlot.domain.municipalities import municipality_key
from plotlot.gateway.watching.cited import CHANGE_OF_CITED, Cited
from plotlot.store.pool import Database

Json = dict[str, Any]
MOST_TOLD = 200  # changes of one watch, the newest
MOST_WATCHES = 500  # of a tenant: whoever lists them has the changes of each looked up
_SELECT = f"""
SELECT watches.id, analysis_id, coalesce(named.name, watches.municipality) AS municipality, client, created_at,
       coalesce(told.changes, '[]') AS changes, cardinality(sections) AS cited,
       (SELECT coalesce(report->'parcel'->>'address', '') FROM analyses WHERE analyses.id = analysis_id) AS lot,
       (SELECT jsonb_build_object('checked_at', checked_at, 'stage', stage, 'reason', reason, 'unwell_since', unwell_since)
        FROM covered_towns WHERE named.id > 0 AND lower(covered_towns.municipality) = lower(named.name)
        ORDER BY refreshed_at DESC LIMIT 1) AS covered
FROM watches LEFT JOIN LATERAL (
    SELECT id, name FROM municipalities WHERE key IN (watches.municipality, own_key(watches.municipality))
    ORDER BY municipalities.id LIMIT 1
) AS named ON true LEFT JOIN LATERAL (
    SELECT jsonb_agg(
        jsonb_build_object('document', document, 'section', section, 'change', change, 'changed_at', changed_at)
        ORDER BY changed_at DESC, document, section
    ) AS changes
    FROM (
        SELECT documents.name AS document, cited.section, changed.change, changed.changed_at
        FROM unnest(watches.documents, watches.sections) AS cited (document, section)
             JOIN documents ON documents.id = cited.document
             JOIN LATERAL ({CHANGE_OF_CITED}) AS changed ON true
        UNION ALL
        (SELECT changes.document, changes.section, changes.change, changes.changed_at
         FROM section_changes AS changes JOIN municipalities AS town ON town.id = changes.municipality_id
         WHERE analysis_id IS NULL AND town.key IN (watches.municipality, own_key(watches.municipality))
           AND changes.changed_at > watches.created_at
         ORDER BY changes.changed_at DESC, changes.document, changes.section LIMIT {MOST_TOLD})
    ) AS each_change
) AS told ON true
"""
_PAGE = (
    _SELECT
    + """
WHERE (NOT %(changed)s OR told.changes IS NOT NULL) AND (%(client)s = '' OR client = %(client)s)
  AND (%(at)s::timestamptz IS NULL OR (created_at, watches.id) < (%(at)s, %(id)s))
ORDER BY created_at DESC, watches.id DESC LIMIT %(limit)s
"""
)
_KEPT = """
SELECT count(*), min(id) FILTER (WHERE client = %s AND analysis_id IS NOT DISTINCT FROM %s AND municipality = %s)
FROM watches
"""


@dataclass(frozen=True, slots=True)
class Watch:
    """Somebody's wish to be told: of the sections that an analysis cites, or of a town's whole code where there is none.

    ``changes`` is what there is to tell, the newest first; ``cited`` counts the sections that the analysis cites, and
    ``lot`` is the address that it is of, where there is one. ``covered`` is what refreshes of the town came to, None
    where there were none.
    """

    id: str
    analysis_id: str | None
    municipality: str
    client: str
    created_at: datetime
    changes: Sequence[Json]
    cited: int
    lot: str | None
    covered: Json | None

    def as_json(self) -> Json:
        """The watch under the names of the REST API."""
        return {
            "id": self.id,
            "analysis": self.analysis_id,
            "municipality": self.municipality,
            "created_by": self.client,
            "created_at": self.created_at.isoformat(),
            "changes": list(self.changes),
        }


class Watches:
    """Keeps watches by tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, watch: str, client: str, municipality: str, analysis: str | None, cited: Sequence[Cited]
    ) -> Watch:
        """Keep a watch of the current tenant's; where its client watches the same already, that watch is it.

        Raises InvalidRequest where the tenant has as many as it may.
        """
        target = (client, analysis, municipality_key(municipality))
        cited_places = ([one.document for one in cited], [one.section for one in cited])
        async with self._database.connection() as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('watches ' || plotlot_tenant()))")
            cursor = await connection.execute(_KEPT, target)
            count, same = await cursor.fetchone() or (0, None)
            if same is None and count >= MOST_WATCHES:
                raise InvalidRequest(
                    f"there are {count:,} watches already, and no more are kept for a tenant: end one that is needed"
                    " no longer, on the page /watches or by DELETE /v1/watches/ID",
                    field="analysis" if analysis else "municipality",
                )
            if same is None:
                await connection.execute(
                    "INSERT INTO watches (id, client, analysis_id, municipality, documents, sections)"
                    " VALUES (%s, %s, %s, %s, %s, %s)",
                    (watch, *target, *cited_places),
                )
        return await self.one(same or watch)

    async def one(self, watch: str) -> Watch:
        """A watch with what there is to tell. Raises UnknownWatch."""
        found = await self._found(f"{_SELECT} WHERE watches.id = %(id)s", {"id": watch.replace("\0", "")})
        if not found:
            raise UnknownWatch(f"there is no watch {watch!r} here", field="watch")
        return found[0]

    async def page(
        self, changed: bool, after: tuple[datetime, str] | None, limit: int, client: str = ""
    ) -> list[Watch]:
        """The current tenant's watches, or those of one client, the newest first: all, or those with something to tell."""
        at, identifier = after or (None, None)
        values = {"changed": changed, "at": at, "id": identifier, "limit": limit, "client": client}
        return await self._found(_PAGE, values)

    async def remove(self, watch: str) -> Watch:
        """End a watch. Raises UnknownWatch."""
        found = await self.one(watch)
        async with self._database.connection() as connection:
            await connection.execute("DELETE FROM watches WHERE id = %s", (found.id,))
        return found

    async def _found(self, query: str, values: Json) -> list[Watch]:
        async with (
            self._database.connection(reads=True) as connection,
            connection.cursor(row_factory=class_row(Watch)) as cursor,
        ):
            await cursor.execute(query.encode(), values)
            return await cursor.fetchall()
