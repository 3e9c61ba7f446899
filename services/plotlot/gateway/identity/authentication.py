"""Whom a request comes from: the owner where nobody logs in, else the holder of a key or a token."""

import importlib.util
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import unquote, urlsplit

from plotlot.domain.access import OWNER, Identity
from plotlot.domain.api_keys import PREFIX
from plotlot.domain.errors import (
    InvalidCredentials,
    InvalidRequest,
    NotAllowed,
    NotAuthenticated,
    ServiceUnavailable,
)
from plotlot.gateway.identity.attempts import Attempts
from plotlot.gateway.identity.key_store import Keys
from plotlot.gateway.identity.keyring import Keyring
from plotlot.gateway.identity.tokens import Provider, ProviderDocuments, SigningKeys, Tokens
from plotlot.http.origins import origins_in
from plotlot.settings import Settings
from plotlot.telemetry import Metrics


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of its sender; the address is empty on a socket of this machine."""

    method: str
    headers: Mapping[str, str]
    address: str


class Authentication(Protocol):
    """Says who asks."""

    async def identity(self, asked: Asked) -> Identity:
        """Who sent a request. Raises NotAuthenticated, NotAllowed or TooManyAttempts."""


class EveryoneIsOwner:
    """Whoever can reach this gateway may do everything."""

    async def identity(self, asked: Asked) -> Identity:
        """The owner."""
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
        origin = asked.headers.get("origin", "")
        crossed = asked.headers.get("sec-fetch-site", "") in ("cross-site", "same-site") or (
            origin not in ("", f"http://{host}")
        )
        if crossed and asked.method not in ("GET", "HEAD") and self._origins.isdisjoint((origin, "*")):
            raise NotAllowed(
                "a page of another site asked for this; name it in PLOTLOT_CORS_ORIGINS to let it"
            )
        return OWNER


class Credentials:
    """Keys, and tokens where a provider is set."""

    def __init__(self, keyring: Keyring, tokens: Tokens | None, attempts: Attempts) -> None:
        self._keyring = keyring
        self._tokens = tokens
        self._attempts = attempts

    async def identity(self, asked: Asked) -> Identity:
        """The holder of what was sent."""
        authorization, address = asked.headers.get("authorization", ""), asked.address
        scheme, _, credentials = authorization.partition(" ")
        credentials = credentials.strip()
        if not authorization:
            raise NotAuthenticated("this needs an API key or a token, and none was sent")
        if scheme.lower() != "bearer" or not credentials:
            raise InvalidCredentials("send the header as 'Authorization: Bearer KEY'")
        if credentials.startswith(PREFIX) or self._tokens is None:
            return await self._keyring.identity(credentials, address)
        try:
            return await self._tokens.identity(credentials)
        except InvalidCredentials:  # a valid one is let in however many others its address has sent
            self._attempts.check(address)
            self._attempts.fail(address)
            raise


def authentication(settings: Settings, keys: Keys, metrics: Metrics) -> Authentication:
    """The one that the settings ask for. Raises ServiceUnavailable or InvalidRequest."""
    if settings.auth == "local":
        return LocalOwner(origins_in(settings.cors_origins))
    if settings.auth != "required":
        return EveryoneIsOwner()
    attempts = Attempts(time.monotonic)
    return Credentials(Keyring(keys, attempts, time.monotonic), tokens_of(settings, metrics), attempts)


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


def tokens_of(settings: Settings, metrics: Metrics) -> Tokens | None:
    """The tokens of the settings' provider; None without one."""
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_audience:
        raise InvalidRequest("PLOTLOT_OIDC_ISSUER needs PLOTLOT_OIDC_AUDIENCE too: for whom tokens are made")
    if importlib.util.find_spec("jwt") is None:
        raise ServiceUnavailable(
            "PLOTLOT_OIDC_ISSUER is set, but tokens cannot be read: install plotlot[oidc]"
        )
    provider = Provider(
        settings.oidc_issuer,
        settings.oidc_audience,
        settings.oidc_tenant_claim,
        settings.oidc_role_claim,
        settings.oidc_keys_url or "",
    )
    return Tokens(provider, SigningKeys(provider, ProviderDocuments(provider, metrics), time.monotonic))
