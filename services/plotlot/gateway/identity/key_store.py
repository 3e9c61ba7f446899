"""API keys in the store: what is kept of them, and what becomes of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import class_row

from plotlot.domain.access import EVERY_TENANT, Identity, Right, Role
from plotlot.domain.api_keys import ApiKey
from plotlot.domain.errors import InvalidRequest, UnknownKey
from plotlot.gateway.identity.audit import Deed, add_deeds
from plotlot.store.pool import Database

_COLUMNS = "id, tenant, name, role, scopes, created_by, created_at, expires_at, revoked_at, replaces"
# A key that was replaced ends sooner than it was made for; the newest in its place tells how long.
_SPAN = """
WITH RECURSIVE line AS (
    SELECT id, created_at, expires_at FROM api_keys WHERE id = %s
    UNION ALL
    SELECT next.id, next.created_at, next.expires_at FROM api_keys AS next JOIN line ON next.replaces = line.id
)
SELECT expires_at - created_at FROM line ORDER BY created_at DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """What is known of a key: never its secret."""

    id: str
    tenant: str
    name: str
    role: str
    scopes: list[str] | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    replaces: str | None

    def state(self, now: datetime) -> str:
        """active, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"

    @property
    def identity(self) -> Identity:
        """Whoever holds it."""
        scopes = None if self.scopes is None else frozenset(Right(scope) for scope in self.scopes)
        return Identity(f"key:{self.id}", self.tenant, Role(self.role), scopes, self.name)


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a key is to be."""

    key: ApiKey
    tenant: str
    name: str
    role: Role
    scopes: Collection[Right] | None
    created_by: str
    expires_at: datetime | None
    replaces: str | None = None


class Keys:
    """Keeps keys. ``of`` is the tenant whose keys may be seen and changed, or all; a change is audited with it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def holder(self, key: ApiKey) -> tuple[StoredKey, bytes] | None:
        """What is kept under a key's id, with the digest that it is to be compared with."""
        async with self._database.connection(EVERY_TENANT, reads=True) as connection:
            cursor = await connection.execute(
                f"SELECT {_COLUMNS}, digest FROM api_keys WHERE id = %s".encode(), (key.id,)
            )
            row = await cursor.fetchone()
        return None if row is None else (StoredKey(*row[:-1]), bytes(row[-1]))

    async def all(self, of: str) -> list[StoredKey]:
        """Every key, the newest first."""
        async with self._database.connection(of, reads=True) as connection:
            cursor = connection.cursor(row_factory=class_row(StoredKey))
            await cursor.execute(f"SELECT {_COLUMNS} FROM api_keys ORDER BY created_at DESC, id".encode())
            return await cursor.fetchall()

    async def add(self, of: str, new: NewKey, deed: Deed) -> StoredKey:
        """Keep a key."""
        async with self._database.connection(of) as connection:
            stored = await _insert(connection, new)
            await add_deeds(connection, [deed])
        return stored

    async def replace(self, of: str, old: str, new: NewKey, until: datetime, deed: Deed) -> StoredKey:
        """Keep a key that takes another's place; both are valid until then. Raises UnknownKey, InvalidRequest."""
        async with self._database.connection(of) as connection:
            cursor = await connection.execute(
                "UPDATE api_keys SET expires_at = least(expires_at, %s)"
                " WHERE id = %s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())",
                (until, old),
            )
            if not cursor.rowcount:
                raise InvalidRequest(f"the key {old} is not valid any more: make a new one", field="key")
            stored = await _insert(connection, new)
            await add_deeds(connection, [deed])
        return stored

    async def span(self, of: str, key: str) -> timedelta | None:
        """For how long a key and those in its place were made, the newest of them; none for ever."""
        async with self._database.connection(of, reads=True) as connection:
            row = await (await connection.execute(_SPAN, (key,))).fetchone()
        return None if row is None else row[0]

    async def revoke(self, of: str, key: str, deed: Deed) -> StoredKey:
        """Take a key back; again changes nothing. Raises UnknownKey."""
        async with self._database.connection(of) as connection:
            await connection.execute(
                "UPDATE api_keys SET revoked_at = now() WHERE id = %s AND revoked_at IS NULL", (key,)
            )
            stored = await _found(connection, key)
            await add_deeds(connection, [deed])
        return stored

    async def get(self, of: str, key: str) -> StoredKey:
        """One key. Raises UnknownKey."""
        async with self._database.connection(of, reads=True) as connection:
            return await _found(connection, key)


async def _insert(connection: Any, new: NewKey) -> StoredKey:
    await connection.execute(
        "INSERT INTO api_keys (id, tenant, name, digest, role, scopes, created_by, expires_at, replaces)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            new.key.id,
            new.tenant,
            new.name,
            new.key.digest,
            new.role.value,
            None if new.scopes is None else sorted(new.scopes),
            new.created_by,
            new.expires_at,
            new.replaces,
        ),
    )
    return await _found(connection, new.key.id)


async def _found(connection: Any, key: str) -> StoredKey:
    cursor = connection.cursor(row_factory=class_row(StoredKey))
    await cursor.execute(f"SELECT {_COLUMNS} FROM api_keys WHERE id = %s", (key.replace("\0", ""),))
    stored: StoredKey | None = await cursor.fetchone()
    if stored is None:
        raise UnknownKey(f"there is no key {key!r} here", field="key")
    return stored
