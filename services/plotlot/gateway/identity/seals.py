"""What a browser keeps of a sign-in that it began at a provider: sealed, so that nothing comes back but what was
handed out, and not late."""

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from plotlot.domain.access import EVERY_TENANT
from plotlot.domain.errors import InvalidCredentials
from plotlot.gateway.identity.code_flow import Begun
from plotlot.store.pool import Database

SECONDS = 600
SECRET_BYTES = 32
_DIGEST_BYTES = 32  # of SHA-256, which stands before what it seals
_NAME = "sign-in"
_SECRET = """
WITH made AS (
    INSERT INTO gateway_secrets (name, secret) VALUES (%(name)s, %(made)s) ON CONFLICT DO NOTHING RETURNING secret
)
SELECT secret FROM made UNION ALL SELECT secret FROM gateway_secrets WHERE name = %(name)s
"""


class Seals:
    """Seals by a secret that all gateways on a database share; ``now`` is the time of day in seconds."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now
        self._secret = b""

    async def sealed(self, begun: Begun) -> str:
        """A sign-in that was begun now, as a cookie."""
        content = json.dumps({**asdict(begun), "until": self._now() + SECONDS}, ensure_ascii=False).encode()
        return urlsafe_b64encode(await self._digest(content) + content).decode()

    async def opened(self, cookie: str) -> Begun:
        """What a cookie holds. Raises InvalidCredentials for one that was made up, altered, or is old."""
        try:
            kept = urlsafe_b64decode(cookie)
        except ValueError:
            kept = b""
        digest, content = kept[:_DIGEST_BYTES], kept[_DIGEST_BYTES:]
        if not content or not hmac.compare_digest(digest, await self._digest(content)):
            raise not_begun()
        fields: dict[str, Any] = json.loads(content)
        if fields.pop("until") < self._now():
            raise not_begun()
        return Begun(**fields)

    async def _digest(self, content: bytes) -> bytes:
        if not self._secret:
            async with self._database.connection(EVERY_TENANT) as connection:
                asked = {"name": _NAME, "made": secrets.token_bytes(SECRET_BYTES)}
                row = await (await connection.execute(_SECRET.encode(), asked)).fetchone()
            if row is None:  # another gateway made it at the same moment
                return await self._digest(content)
            self._secret = bytes(row[0])
        return hmac.digest(self._secret, content, sha256)


def not_begun() -> InvalidCredentials:
    """The error for what was not handed out here, or not lately."""
    return InvalidCredentials("this sign-in was not begun here, or took too long: begin again")
