"""Sign-in by browser: by a key that is typed once, or at an OpenID provider; both end in a cookie."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from plotlot.domain.access import Identity
from plotlot.domain.errors import InvalidCredentials
from plotlot.gateway.identity.attempts import Attempts
from plotlot.gateway.identity.audit import Deed
from plotlot.gateway.identity.code_flow import CodeFlow
from plotlot.gateway.identity.keyring import Keyring
from plotlot.gateway.identity.seals import Seals
from plotlot.gateway.identity.sign_in_store import PREFIX, SECRET_BYTES, NewSignIn, SignIns, digest_of


class AtProvider:
    """Sign-in at an OpenID provider, begun and finished here; what it says of somebody is believed for ``hours``."""

    def __init__(self, flow: CodeFlow, seals: Seals, attempts: Attempts, hours: float) -> None:
        self._flow, self._seals, self._attempts = flow, seals, attempts
        self.hours = hours

    @property
    def name(self) -> str:
        """What people would know the provider by."""
        return self._flow.provider_name

    async def begin(self, leads_to: str) -> tuple[str, str]:
        """Where to send a browser, and the cookie that it is to keep meanwhile. Raises ServiceUnavailable."""
        address, begun = await self._flow.begin(leads_to)
        return address, await self._seals.sealed(begun)

    async def finish(self, cookie: str, answer: Mapping[str, str], address: str) -> tuple[Identity, str]:
        """Who came back, and where to lead them. The provider is asked of nobody whose sign-in was not begun here, nor
        for an address whose sign-ins keep failing. Raises InvalidCredentials, TooManyAttempts, NotAllowed or
        ServiceUnavailable."""
        self._attempts.check(address)
        try:
            begun = await self._seals.opened(cookie)
            return await self._flow.finish(begun, answer), begun.leads_to
        except InvalidCredentials:
            self._attempts.fail(address)
            raise

    async def end(self) -> str:
        """Where a browser signs out of the provider; empty where it has no such place. Raises ServiceUnavailable."""
        return await self._flow.end()


class SignIn:
    """Hands out cookies, and takes them back. ``provider`` is None where no client of one is set."""

    def __init__(
        self,
        keys: Keyring[Identity],
        cookies: Keyring[Identity],
        store: SignIns,
        provider: AtProvider | None,
        hours: float,
    ) -> None:
        self._keys, self._cookies, self._store = keys, cookies, store
        self.provider = provider
        self._hours = hours

    async def by_key(self, key: str, address: str) -> Identity:
        """Whose key was typed. Raises InvalidCredentials or TooManyAttempts."""
        return await self._keys.found(key.strip(), address)

    async def by_cookie(self, cookie: str, address: str) -> Identity | None:
        """Who has signed in; None where nobody has, or it has ended."""
        try:
            return await self._cookies.found(cookie, address) if cookie else None
        except InvalidCredentials:
            return None

    async def begin(self, identity: Identity, deed: Deed) -> str:
        """A cookie for somebody who is known now."""
        cookie = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        kind, _, name = identity.who.partition(":")
        ends = datetime.now(UTC) + self.lasts(identity)
        await self._store.add(
            NewSignIn(digest_of(cookie), identity, name if kind == "key" else None, ends), deed
        )
        return cookie

    def lasts(self, identity: Identity) -> timedelta:
        """For how long somebody is signed in: what a provider said of them is believed for its own time at most."""
        believed = [self.provider.hours] if self.provider and is_of_provider(identity) else []
        return timedelta(hours=min([self._hours, *believed]))

    async def end(self, cookie: str, deed: Deed) -> None:
        """Take a cookie back: here at once, elsewhere within seconds."""
        await self._store.end(digest_of(cookie), deed)
        self._cookies.forget(cookie)


def is_of_provider(identity: Identity) -> bool:
    """Whether a provider says who somebody is."""
    return identity.who.startswith("token:")
