"""Sign-in by browser: by a key that is typed once, or at an OpenID provider; both end in a cookie."""

import secrets
from datetime import UTC, datetime, timedelta

from plotlot.domain.access import Identity
from plotlot.domain.errors import InvalidCredentials
from plotlot.gateway.identity.audit import Deed
from plotlot.gateway.identity.code_flow import CodeFlow
from plotlot.gateway.identity.keyring import Keyring
from plotlot.gateway.identity.sign_in_store import PREFIX, SECRET_BYTES, NewSignIn, SignIns, digest_of


class SignIn:
    """Hands out cookies, and takes them back. ``provider`` is None where no client of one is set."""

    def __init__(
        self, keys: Keyring, cookies: Keyring, store: SignIns, provider: CodeFlow | None, hours: float
    ) -> None:
        self._keys, self._cookies, self._store = keys, cookies, store
        self.provider = provider
        self.lasts = timedelta(hours=hours)

    async def by_key(self, key: str, address: str) -> Identity:
        """Whose key was typed. Raises InvalidCredentials or TooManyAttempts."""
        return await self._keys.identity(key.strip(), address)

    async def by_cookie(self, cookie: str, address: str) -> Identity | None:
        """Who has signed in; None where nobody has, or it has ended."""
        try:
            return await self._cookies.identity(cookie, address) if cookie else None
        except InvalidCredentials:
            return None

    async def begin(self, identity: Identity, deed: Deed) -> str:
        """A cookie for somebody who is known now."""
        cookie = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        kind, _, name = identity.who.partition(":")
        new = NewSignIn(
            digest_of(cookie), identity, name if kind == "key" else None, datetime.now(UTC) + self.lasts
        )
        await self._store.add(new, deed)
        return cookie

    async def end(self, cookie: str, deed: Deed) -> None:
        """Take a cookie back: here at once, elsewhere within seconds."""
        await self._store.end(digest_of(cookie), deed)
        self._cookies.forget(cookie)
