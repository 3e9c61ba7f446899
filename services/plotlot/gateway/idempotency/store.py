"""Keys of requests and the answers that they got, in the store."""

import json
from dataclasses import dataclass

from plotlot.domain.errors import IdempotencyKeyReused, RequestInProgress
from plotlot.gateway.callers import Caller
from plotlot.store.pool import Database

HELD_SECONDS = 6.0  # renewed by who answers: who is silent for so long was killed
KEPT_SECONDS = 24 * 3600
_TAKE = """
INSERT INTO idempotency_keys AS kept
    (tenant, client, key, fingerprint, seed, holder, held_until, expires_at)
VALUES (%(tenant)s, %(client)s, %(key)s, %(fingerprint)s, %(holder)s, %(holder)s,
        now() + make_interval(secs => %(held)s), now() + make_interval(secs => %(kept)s))
ON CONFLICT (tenant, client, key) DO UPDATE SET
    holder = excluded.holder, held_until = excluded.held_until, expires_at = excluded.expires_at,
    fingerprint = excluded.fingerprint, status = NULL, headers = NULL, body = NULL,
    seed = CASE WHEN kept.expires_at < now() THEN excluded.seed ELSE kept.seed END
WHERE kept.expires_at < now()
   OR (kept.status IS NULL AND kept.held_until < now() AND kept.fingerprint = excluded.fingerprint)
RETURNING seed
"""
_KEPT = (
    "SELECT fingerprint, status, headers, body, extract(epoch FROM held_until - now())"
    " FROM idempotency_keys WHERE tenant = %s AND client = %s AND key = %s"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer that a key got."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """The right to answer a key's request; ids of what is made come from the ``seed``."""

    caller: Caller
    key: str
    holder: str
    seed: str


class Keys:
    """Keeps keys for a day."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, caller: Caller, key: str, fingerprint: bytes, holder: str) -> Held | Kept:
        """The right to answer, or the answer. Raises IdempotencyKeyReused or RequestInProgress."""
        values = {
            "tenant": caller.tenant,
            "client": caller.client,
            "key": key,
            "fingerprint": fingerprint,
            "holder": holder,
            "held": HELD_SECONDS,
            "kept": KEPT_SECONDS,
        }
        async with self._database.connection() as connection:
            taken = await (await connection.execute(_TAKE, values)).fetchone()
            if taken is not None:
                return Held(caller, key, holder, str(taken[0]))
            row = await (await connection.execute(_KEPT, (caller.tenant, caller.client, key))).fetchone()
        if row is None:  # forgotten between the two statements
            raise RequestInProgress("the key is being forgotten; try again", field="Idempotency-Key")
        known, status, headers, body, held_seconds = row
        if bytes(known) != fingerprint:
            raise IdempotencyKeyReused(
                f"the key {key!r} came before with another request", field="Idempotency-Key"
            )
        if status is None:
            raise RequestInProgress(
                f"the request with the key {key!r} is being answered",
                field="Idempotency-Key",
                retry_after_seconds=min(max(float(held_seconds), 1.0), 2.0),
            )
        return Kept(status, headers, bytes(body))

    async def renew(self, held: Held) -> None:
        """Go on holding the key."""
        await self._write(held, "held_until = now() + make_interval(secs => %s)", HELD_SECONDS)

    async def keep(self, held: Held, answer: Kept) -> None:
        """Keep the answer."""
        await self._write(
            held,
            "status = %s, headers = %s, body = %s",
            answer.status,
            json.dumps(answer.headers),
            answer.body,
        )

    async def let_go(self, held: Held) -> None:
        """Let the next request with the key be carried out, with the same ids."""
        await self._write(held, "held_until = '-infinity'")

    async def prune(self) -> None:
        """Forget what expired."""
        async with self._database.connection() as connection:
            await connection.execute("DELETE FROM idempotency_keys WHERE expires_at < now()")

    async def _write(self, held: Held, change: str, *values: object) -> None:
        async with self._database.connection() as connection:
            await connection.execute(
                f"UPDATE idempotency_keys SET {change}"
                " WHERE tenant = %s AND client = %s AND key = %s AND holder = %s",
                (*values, held.caller.tenant, held.caller.client, held.key, held.holder),
            )
