"""Browsers that signed in, in the store: never the cookie itself, and never longer than they may."""

import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256

from plotlot.domain.access import EVERY_TENANT, Identity, Right, Role
from plotlot.gateway.identity.audit import Deed, add_deeds
from plotlot.gateway.identity.keyring import Held
from plotlot.store.pool import Database

PREFIX = "pls_"
SECRET_BYTES = 32
_COOKIE = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
# What a key may do counts as it is now: it may have been revoked, or have expired, since.
_LASTING = """
FROM sign_ins s LEFT JOIN api_keys k ON k.id = s.api_key
WHERE s.expires_at > now()
  AND (k.id IS NULL OR (k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())))
"""
_HOLDER = f"""
SELECT s.who, coalesce(k.tenant, s.tenant), coalesce(k.role, s.role), k.scopes, s.name, least(s.expires_at, k.expires_at)
{_LASTING} AND s.digest = %s
"""
_MEANT = """
(%(id)s = '' OR left(encode(s.digest, 'hex'), 16) = %(id)s) AND (%(who)s = '' OR s.who = %(who)s)
AND (%(tenant)s = '' OR s.tenant = %(tenant)s)
"""
_FOUND = f"""
SELECT left(encode(s.digest, 'hex'), 16) AS id, s.tenant, s.who, s.name, coalesce(k.role, s.role), s.created_at,
       least(s.expires_at, k.expires_at)
{_LASTING} AND {_MEANT}
  AND (%(at)s::timestamptz IS NULL OR (s.created_at, left(encode(s.digest, 'hex'), 16)) < (%(at)s, %(after)s))
ORDER BY s.created_at DESC, id DESC LIMIT %(limit)s
"""
_END = f"DELETE FROM sign_ins s WHERE {_MEANT}"


@dataclass(frozen=True, slots=True)
class NewSignIn:
    """Who signed in by which cookie; ``api_key`` is the id of the key that they showed, if they did."""

    digest: bytes
    identity: Identity
    api_key: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StoredSignIn:
    """A sign-in that lasts, as administrators see it: its ``id`` is the beginning of its digest, and opens nothing."""

    id: str
    tenant: str
    who: str
    name: str
    role: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sign-ins are meant; an empty text is any."""

    id: str = ""
    who: str = ""
    tenant: str = ""


class SignIns:
    """Keeps who signed in."""

    not_valid = "the sign-in has ended: sign in again"

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, text: str) -> bytes | None:
        """The digest of a cookie; None for a text that is none."""
        return digest_of(text) if _COOKIE.fullmatch(text) else None

    async def held(self, digest: bytes) -> Held[Identity] | None:
        """Who signed in by a cookie, as long as that holds."""
        async with self._database.connection(EVERY_TENANT, reads=True) as connection:
            cursor = await connection.execute(_HOLDER.encode(), (digest,))
            row = await cursor.fetchone()
        if row is None:
            return None
        who, tenant, role, scopes, name, expires_at = row
        held_to = None if scopes is None else frozenset(Right(scope) for scope in scopes)
        return Held(Identity(who, tenant, Role(role), held_to, name), expires_at)

    async def add(self, new: NewSignIn, deed: Deed) -> None:
        """Keep a sign-in, and forget those that have ended."""
        identity = new.identity
        async with self._database.connection(EVERY_TENANT) as connection:
            await connection.execute("DELETE FROM sign_ins WHERE expires_at < now()")
            await connection.execute(
                "INSERT INTO sign_ins (digest, tenant, who, name, role, api_key, expires_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (
                    new.digest,
                    identity.tenant,
                    identity.who,
                    identity.name,
                    identity.role.value,
                    new.api_key,
                    new.expires_at,
                ),
            )
            await add_deeds(connection, [deed])

    async def end(self, digest: bytes, deed: Deed) -> None:
        """Forget a sign-in; again changes nothing."""
        async with self._database.connection(EVERY_TENANT) as connection:
            cursor = await connection.execute("DELETE FROM sign_ins WHERE digest = %s", (digest,))
            if cursor.rowcount:
                await add_deeds(connection, [deed])

    async def found(
        self, of: str, wanted: Wanted, after: tuple[datetime, str] | None, limit: int
    ) -> list[StoredSignIn]:
        """Sign-ins that last, of a tenant or of all, the newest first."""
        at, last = after or (None, "")
        asked = {**asdict(wanted), "at": at, "after": last, "limit": limit}
        async with self._database.connection(of, reads=True) as connection:
            cursor = await connection.execute(_FOUND.encode(), asked)
            return [StoredSignIn(*row) for row in await cursor.fetchall()]

    async def end_all(self, of: str, wanted: Wanted, deed: Deed) -> int:
        """Forget those that are meant, of a tenant or of all, and say how many they were."""
        async with self._database.connection(of) as connection:
            ended = (await connection.execute(_END.encode(), asdict(wanted))).rowcount
            await add_deeds(connection, [replace(deed, details={**deed.details, "ended": ended})])
        return ended


def digest_of(cookie: str) -> bytes:
    """What is kept of a cookie."""
    return sha256(cookie.encode()).digest()
