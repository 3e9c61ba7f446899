"""Whom a request comes from: the owner where nobody logs in, else the holder of a key, a token or a cookie."""

import importlib.util
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import unquote, urlsplit

from starlette.requests import cookie_parser

from plotlot.domain.access import OWNER, Identity
from plotlot.domain.api_keys import PREFIX
from plotlot.domain.errors import (
    InvalidCredentials,
    NotAllowed,
    NotAuthenticated,
    ServiceUnavailable,
)
from plotlot.gateway.identity.attempts import Attempts
from plotlot.gateway.identity.keyring import Keyring
from plotlot.gateway.identity.sign_in_store import PREFIX as COOKIE_PREFIX
from plotlot.gateway.identity.tokens import Provider, ProviderDocuments, SigningKeys, Tokens
from plotlot.http.origins import from_another_site, origins_in
from plotlot.settings import Settings

COOKIE = "__Host-plotlot-sign-in"
"""Browsers keep a cookie of such a name for this host alone, and send it by HTTPS (RFC 6265bis, section 4.1.3.2)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of its sender; the address is empty on a socket of this machine."""

    method: str
    headers: Mapping[str, str]
    address: str

    @property
    def credentials(self) -> str:
        """What it was sent by, as the header Authorization has it; a browser's cookie serves as that too."""
        cookie = sign_in_cookie(self.headers)
        return self.authorization or (f"Bearer {cookie}" if cookie else "")

    @property
    def authorization(self) -> str:
        """What the header says itself; one that is empty says nothing."""
        return self.headers.get("authorization", "").strip()


class Authentication(Protocol):
    """Says who asks."""

    async def identity(self, asked: Asked) -> Identity:
        """Who sent a request. Raises NotAuthenticated, NotAllowed or TooManyAttempts."""


class EveryoneIsOwner:
    """Whoever can reach this gateway may do everything; pages of other sites in their browsers may not."""

    def __init__(self, origins: Collection[str] = ()) -> None:
        self._origins = frozenset(origins)

    async def identity(self, asked: Asked) -> Identity:
        """The owner. Raises NotAllowed."""
        refuse_other_sites(asked, self._origins)
        return OWNER


class LocalOwner:
    """Whoever sits at this machine is its owner; pages of other sites in their browser are not.

    A name that somebody else's server made point here is refused (DNS rebinding), and so are another site's forms.
    ``origins`` are those that may call by setting; ``*`` is every one.
    """

    def __init__(self, origins: Collection[str] = ()) -> None:
        self._origins = frozenset(origins)

    async def identity(self, asked: Asked) -> Identity:
        """The owner. Raises NotAllowed."""
        host = asked.headers.get("host", "")
        if not is_loopback(name_in(host)):
            raise NotAllowed(
                f"PLOTLOT_AUTH is local, and {host!r} is no name of this machine alone; open it as localhost, or set"
                " PLOTLOT_AUTH=required"
            )
        refuse_other_sites(asked, self._origins)
        return OWNER


class Credentials:
    """Keys, tokens where a provider is set, and cookies of browsers that signed in by one of both."""

    def __init__(
        self,
        keyring: Keyring[Identity],
        sign_ins: Keyring[Identity],
        tokens: Tokens | None,
        attempts: Attempts,
    ) -> None:
        self._keyring = keyring
        self._sign_ins = sign_ins
        self._tokens = tokens
        self._attempts = attempts

    async def identity(self, asked: Asked) -> Identity:
        """The holder of what was sent."""
        authorization, address = asked.credentials, asked.address
        if not asked.authorization:  # browsers send a cookie for whatever page asks
            refuse_other_sites(asked)
        scheme, _, credentials = authorization.partition(" ")
        credentials = credentials.strip()
        if not authorization:
            raise NotAuthenticated("this needs an API key or a token, and none was sent")
        if scheme.lower() != "bearer" or not credentials:
            raise InvalidCredentials("send the header as 'Authorization: Bearer KEY'")
        if credentials.startswith(COOKIE_PREFIX):
            return await self._sign_ins.found(credentials, address)
        if credentials.startswith(PREFIX) or self._tokens is None:
            return await self._keyring.found(credentials, address)
        try:
            return await self._tokens.identity(credentials)
        except InvalidCredentials:  # a valid one is let in however many others its address has sent
            self._attempts.check(address)
            self._attempts.fail(address)
            raise


def nobody_signs_in(settings: Settings) -> Authentication | None:
    """The one that asks for no credentials, where the settings ask for none."""
    origins = origins_in(settings.cors_origins)
    if settings.auth == "local":
        return LocalOwner(origins)
    return None if settings.auth == "required" else EveryoneIsOwner(origins)


def refuse_other_sites(asked: Asked, origins: Collection[str] = ()) -> None:
    """Raise NotAllowed where a page of another site, of none of these origins, made a browser change something here."""
    named = asked.headers.get("origin", "") in origins or "*" in origins
    if asked.method not in ("GET", "HEAD", "OPTIONS") and not named and from_another_site(asked.headers):
        raise NotAllowed("a page of another site asked for this; name it in PLOTLOT_CORS_ORIGINS to let it")


def sign_in_cookie(headers: Mapping[str, str]) -> str:
    """The cookie of a browser that signed in; empty where there is none."""
    return cookie_parser(headers.get("cookie", "")).get(COOKIE, "")


def asked_over_rpc(metadata: Mapping[str, str | bytes], peer: str) -> Asked:
    """What a gRPC call says of its sender; its port is bound to this machine where nobody logs in."""
    kind, _, rest = peer.partition(":")
    address = unquote(rest.rpartition(":")[0]).strip("[]") if kind in ("ipv4", "ipv6") else ""
    return Asked(
        "POST", {"host": "localhost", "authorization": str(metadata.get("authorization", ""))}, address
    )


def name_in(host: str) -> str:
    """The name in a header Host, without its port; empty where there is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:  # half of a bracket
        return ""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, and nobody can reach it from another."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def provider_of(settings: Settings, audience: str) -> Provider:
    """The settings' provider, with tokens for an audience. Raises ServiceUnavailable without the extra."""
    if importlib.util.find_spec("jwt") is None:
        raise ServiceUnavailable(
            "PLOTLOT_OIDC_ISSUER is set, but tokens cannot be read: install plotlot[oidc]"
        )
    return Provider(
        settings.oidc_issuer or "",
        audience,
        settings.oidc_tenant_claim,
        settings.oidc_role_claim,
        settings.oidc_keys_url or "",
    )


def tokens_of(provider: Provider, documents: ProviderDocuments) -> Tokens:
    """The tokens of a provider."""
    return Tokens(provider, SigningKeys(provider, documents, time.monotonic))
