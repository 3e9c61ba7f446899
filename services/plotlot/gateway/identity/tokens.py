"""JSON web tokens of an OpenID provider: whose they are, by its published keys (OpenID Connect Core, section 3.1.3.7)."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plotlot.domain.access import LOCAL, RIGHTS, Identity, Role, checked_tenant
from plotlot.domain.errors import InvalidCredentials, InvalidRequest, ServiceUnavailable, SourceUnavailable
from plotlot.egress.client import EgressClient, Limits
from plotlot.egress.rules import ANY, EgressRules, entry_of
from plotlot.telemetry import Metrics

if TYPE_CHECKING:
    from jwt import PyJWK

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Those of key pairs alone: with a shared secret, or none, whoever can read a token's keys could make tokens."""
SKEW_SECONDS = 60.0
KEPT_SECONDS = 600.0
LEAST_SECONDS = 10.0  # between two looks at the provider: tokens name whatever key they like
LIMITS = Limits(seconds=5.0, seconds_in_all=5.0, most_bytes=1_000_000, attempts=1, redirects=0)
MOST_CHARACTERS = 16_384
NAMES = ("name", "preferred_username", "email")  # claims that a person would know themselves by

Json = dict[str, Any]
Fetch = Callable[[str], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Provider:
    """Whose tokens are taken, for whom they must be, and which claims say tenant and role."""

    issuer: str
    audience: str
    tenant_claim: str = "tenant"
    role_claim: str = "roles"
    keys_url: str = ""


class Tokens:
    """Identities by tokens."""

    def __init__(self, provider: Provider, keys: "SigningKeys") -> None:
        self._provider = provider
        self._keys = keys

    async def identity(self, text: str) -> Identity:
        """Whose token it is. Raises InvalidCredentials that says what is wrong, or ServiceUnavailable."""
        return identity_in(await self.claims(text), self._provider)

    async def claims(self, text: str) -> Json:
        """What a valid token says. Raises as ``identity`` does."""
        import jwt

        if len(text) > MOST_CHARACTERS:
            raise InvalidCredentials("the token is longer than any is")
        try:
            header = jwt.get_unverified_header(text)
            if header.get("alg") not in ALGORITHMS:
                raise InvalidCredentials(
                    f"the token is signed by {header.get('alg')!r}; taken are {', '.join(ALGORITHMS)}"
                )
            key = await self._keys.key(str(header.get("kid", "")))
            claims: Json = jwt.decode(
                text,
                key,
                algorithms=[header["alg"]],
                audience=self._provider.audience,
                issuer=self._provider.issuer,
                leeway=SKEW_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise InvalidCredentials(f"the token is not valid: {error}") from None
        return claims


def identity_in(claims: Mapping[str, Any], provider: Provider) -> Identity:
    """The identity that claims say; whoever has no role that is known here may do nothing."""
    named = claims.get(provider.role_claim)
    roles = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    known = [role for role in Role if role.value in roles]
    try:
        # An empty one, or none in its place, is no claim left out: it says of no tenant that it is the caller's.
        tenant = checked_tenant(str(claims.get(provider.tenant_claim, LOCAL)))
    except InvalidRequest as error:
        raise InvalidCredentials(f"the token's claim {provider.tenant_claim!r}: {error.message}") from None
    who = f"token:{claims['sub']}"
    name = next((str(claims[each]) for each in NAMES if claims.get(each)), "")
    if not known:
        return Identity(who, tenant, Role.READER, frozenset(), name)
    return Identity(who, tenant, max(known, key=lambda role: len(RIGHTS[role])), name=name)


class SigningKeys:
    """A provider's published keys, kept for a while, and looked at anew for one that is not among them."""

    def __init__(self, provider: Provider, fetch: Fetch, now: Callable[[], float]) -> None:
        self._provider = provider
        self._fetch = fetch
        self._now = now
        self._keys: dict[str, PyJWK] = {}
        self._looked_at = float("-inf")
        self._kept_at = float("-inf")
        self._looking = asyncio.Lock()

    async def key(self, name: str) -> "PyJWK":
        """The key of a name. Raises InvalidCredentials, or ServiceUnavailable where the provider is away."""
        if name not in self._keys or self._kept_at + KEPT_SECONDS <= self._now():
            await self._look(name)
        if name in self._keys:
            return self._keys[name]
        if not self._keys:
            raise ServiceUnavailable(f"the keys of {self._provider.issuer} cannot be read now; try again")
        raise InvalidCredentials("the token is signed by a key that its issuer does not publish")

    async def _look(self, name: str) -> None:
        """Read the keys, seldom: those who ask meanwhile wait for it. A provider that is away leaves those before."""
        async with self._looking:
            fresh = name in self._keys and self._kept_at + KEPT_SECONDS > self._now()
            if fresh or self._looked_at + LEAST_SECONDS > self._now():
                return
            self._looked_at = self._now()
            try:
                self._keys = signing_keys(await self._fetch(await self._url()))
                self._kept_at = self._now()
            except (OSError, ValueError, KeyError, TypeError):
                return

    async def _url(self) -> str:
        if self._provider.keys_url:
            return self._provider.keys_url
        found = await self._fetch(f"{self._provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self._provider.issuer:
            raise ValueError("the provider calls itself by another name")
        return str(found["jwks_uri"])


def signing_keys(document: Mapping[str, Any]) -> "dict[str, PyJWK]":
    """The keys of a JSON web key set by their names; those of other kinds or uses are left out."""
    from jwt import PyJWK
    from jwt.exceptions import PyJWKError

    found: dict[str, PyJWK] = {}
    listed: Sequence[Any] = document["keys"]
    for each in listed:
        if each.get("use", "sig") != "sig" or each.get("kty") == "oct":
            continue
        try:
            found[str(each.get("kid", ""))] = PyJWK(each)
        except PyJWKError:
            continue
    return found


class ProviderDocuments:
    """Reads what a provider publishes. The hosts that the operator named may be anywhere; one that the provider names is
    on the internet, so that no provider can make the gateway ask its neighbours."""

    def __init__(self, provider: Provider, metrics: Metrics) -> None:
        from yarl import URL

        named = [URL(url) for url in (provider.issuer, provider.keys_url) if url]
        own = frozenset(entry_of(url) for url in named)
        # Robots are not meant: whoever runs a provider publishes these for us.
        self._rules = EgressRules(hosts=frozenset({ANY}), own=own, agreed=frozenset({ANY}))
        self._metrics = metrics

    async def __call__(self, url: str) -> Json:
        """The JSON document at a URL. Raises OSError or ValueError."""
        try:
            async with EgressClient(self._rules, self._metrics, LIMITS) as client:
                answer = await client.get(url, keep=False)
        except SourceUnavailable as error:
            raise OSError(error.message) from error
        if answer.status != 200:
            raise OSError(f"{url} answers {answer.status}")
        return json_object(url, answer.content)

    async def sent(self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> Json:
        """The JSON document that answers a form, of refusals too. Raises OSError or ValueError."""
        try:
            async with EgressClient(self._rules, self._metrics, LIMITS) as client:
                return json_object(url, (await client.post(url, fields, headers)).content)
        except SourceUnavailable as error:
            raise OSError(error.message) from error


def json_object(url: str, content: bytes) -> Json:
    """What a URL answers. Raises ValueError where that is no JSON object."""
    document = json.loads(content)
    if not isinstance(document, dict):
        raise ValueError(f"{url} answers no JSON object")
    return document
