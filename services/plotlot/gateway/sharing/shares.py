"""Links to a report for readers without an account: made, listed, taken back, and found by their token."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from psycopg.rows import class_row

from plotlot.domain.access import EVERY_TENANT
from plotlot.domain.errors import UnknownShare
from plotlot.gateway.identity.keyring import Held
from plotlot.store.pool import Database

TOKEN_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # so many bytes as base64url
_COLUMNS = "id, tenant, analysis_id, created_by, created_at, expires_at, revoked_at"


@dataclass(frozen=True, slots=True)
class Share:
    """A link: whose it is and what it shows, never its token."""

    id: str
    tenant: str
    analysis_id: str
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def state(self, now: datetime) -> str:
        """active, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"

    def as_json(self, now: datetime) -> dict[str, Any]:
        """The link under the names of the REST API."""
        return {
            "id": self.id,
            "analysis": self.analysis_id,
            "state": self.state(now),
            "created_by": self.created_by,
            "created_at": self.created_at.isoformat(),
            "expires_at": self.expires_at.isoformat() if self.expires_at else None,
        }


class Shares:
    """Keeps links by tenant; whoever has a token is answered whatever their tenant."""

    not_valid = "nothing is shared at this address, or not any more"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, share: str, analysis: str, token: str, created_by: str, expires_at: datetime | None
    ) -> Share:
        """Keep a link of the current tenant's; the same one again, with another token, is opened by that alone."""
        async with self._database.connection() as connection:
            await connection.execute(
                "INSERT INTO shares (id, analysis_id, digest, created_by, expires_at) VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT (id) DO UPDATE SET digest = excluded.digest",
                (share, analysis, digest(token), created_by, expires_at),
            )
            return await _found(connection, share, analysis)

    async def of(self, analysis: str) -> list[Share]:
        """The links to an analysis, the newest first."""
        async with self._database.connection(reads=True) as connection:
            cursor = connection.cursor(row_factory=class_row(Share))
            await cursor.execute(
                f"SELECT {_COLUMNS} FROM shares WHERE analysis_id = %s ORDER BY created_at DESC, id",
                (analysis.replace("\0", ""),),
            )
            return await cursor.fetchall()

    async def revoke(self, analysis: str, share: str) -> Share:
        """Take a link back; again changes nothing. Raises UnknownShare."""
        async with self._database.connection() as connection:
            await connection.execute(
                "UPDATE shares SET revoked_at = now() WHERE id = %s AND analysis_id = %s AND revoked_at IS NULL",
                (share.replace("\0", ""), analysis.replace("\0", "")),
            )
            return await _found(connection, share, analysis)

    def read(self, text: str) -> bytes | None:
        """The digest of a token; None for a text that is none."""
        return digest(text) if _TOKEN.fullmatch(text) else None

    async def held(self, read: bytes) -> Held[Share] | None:
        """The link that a token of this digest opens, as long as that holds."""
        async with self._database.connection(EVERY_TENANT, reads=True) as connection:
            cursor = connection.cursor(row_factory=class_row(Share))
            await cursor.execute(f"SELECT {_COLUMNS} FROM shares WHERE digest = %s", (read,))
            found: Share | None = await cursor.fetchone()
        active = found is not None and found.state(datetime.now(UTC)) == "active"
        return Held(found, found.expires_at) if found is not None and active else None


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


async def _found(connection: Any, share: str, analysis: str) -> Share:
    cursor = connection.cursor(row_factory=class_row(Share))
    await cursor.execute(
        f"SELECT {_COLUMNS} FROM shares WHERE id = %s AND analysis_id = %s",
        (share.replace("\0", ""), analysis.replace("\0", "")),
    )
    found: Share | None = await cursor.fetchone()
    if found is None:
        raise UnknownShare(f"there is no link {share!r} to this analysis", field="share")
    return found
