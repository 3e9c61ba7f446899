"""Sign-in at an OpenID provider: the authorization code flow with PKCE (OpenID Connect Core, section 3.1; RFC 7636)."""

import asyncio
import hmac
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import quote_plus, urlencode, urlsplit

from plotlot.domain.access import Identity
from plotlot.domain.errors import InvalidCredentials, NotAllowed, ServiceUnavailable
from plotlot.gateway.identity.tokens import KEPT_SECONDS, LEAST_SECONDS, Provider, Tokens, identity_in

Json = dict[str, Any]
RANDOM_BYTES = 32


@dataclass(frozen=True, slots=True)
class Client:
    """What PlotLot is at the provider; a public client has no secret. ``returns_to`` is where browsers come back, and
    ``leaves_to`` where they are led from a sign-out."""

    id: str
    secret: str
    returns_to: str
    leaves_to: str
    scopes: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that was begun, as the browser keeps it until it comes back; ``leads_to`` is what was asked for."""

    state: str
    nonce: str
    verifier: str
    leads_to: str


class Documents(Protocol):
    """Asks a provider. Both raise OSError or ValueError where it does not answer JSON."""

    async def __call__(self, url: str) -> Json:
        """What it publishes at a URL."""

    async def sent(self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> Json:
        """What it answers a form with."""


class CodeFlow:
    """Leads browsers to the provider, and knows who came back."""

    def __init__(
        self,
        client: Client,
        provider: Provider,
        tokens: Tokens,
        documents: Documents,
        now: Callable[[], float],
    ) -> None:
        self._client, self._provider, self._tokens = client, provider, tokens
        self._documents, self._now = documents, now
        self._looking = asyncio.Lock()
        self._endpoints: Json = {}
        self._kept_at = self._failed_at = float("-inf")

    @property
    def provider_name(self) -> str:
        """What people would know the provider by: its host."""
        return urlsplit(self._provider.issuer).hostname or self._provider.issuer

    async def begin(self, leads_to: str) -> tuple[str, Begun]:
        """Where to send a browser, and what it is to keep meanwhile. Raises ServiceUnavailable."""
        state, nonce, verifier = (secrets.token_urlsafe(RANDOM_BYTES) for _ in range(3))
        begun = Begun(state, nonce, verifier, leads_to)
        challenge = urlsafe_b64encode(sha256(begun.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._client.id,
            "redirect_uri": self._client.returns_to,
            "scope": self._client.scopes,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = str((await self._configuration())["authorization_endpoint"])
        return with_query(address, asked), begun

    async def finish(self, begun: Begun, answer: Mapping[str, str]) -> Identity:
        """Who came back with an answer. Raises InvalidCredentials, NotAllowed or ServiceUnavailable."""
        if not hmac.compare_digest(begun.state.encode(), answer.get("state", "").encode()):
            raise InvalidCredentials("this is the answer to another sign-in: begin again")
        if answer.get("iss", self._provider.issuer) != self._provider.issuer:  # RFC 9207
            raise InvalidCredentials("another provider answered than was asked")
        if "code" not in answer:
            words = answer.get("error_description") or answer.get("error") or "it gave no reason"
            raise InvalidCredentials(f"the provider did not sign you in: {words[:300]}")
        claims = await self._tokens.claims(await self._token(begun, answer["code"]))
        if not hmac.compare_digest(begun.nonce.encode(), str(claims.get("nonce", "")).encode()):
            raise InvalidCredentials("the token was made for another sign-in: begin again")
        if claims.get("azp", self._client.id) != self._client.id:
            raise InvalidCredentials("the token was made for another client")
        identity = identity_in(claims, self._provider)
        if not identity.rights:
            raise NotAllowed(
                f"the provider knows {identity.name or identity.who}, and gives them no role here; ask an administrator"
            )
        return identity

    async def end(self) -> str:
        """Where a browser signs out at the provider (OpenID Connect RP-Initiated Logout 1.0, section 2); empty where the
        provider names no such place. Raises ServiceUnavailable."""
        address = str((await self._configuration()).get("end_session_endpoint", ""))
        asked = {"client_id": self._client.id, "post_logout_redirect_uri": self._client.leaves_to}
        return with_query(address, asked) if address else ""

    async def _token(self, begun: Begun, code: str) -> str:
        """The ID token that a code stands for."""
        configuration = await self._configuration()
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.returns_to,
            "client_id": self._client.id,
            "code_verifier": begun.verifier,
        }
        headers = {}
        if self._client.secret:
            ways = configuration.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
            if "client_secret_basic" in ways:
                headers["authorization"] = basic(self._client)
            else:
                fields["client_secret"] = self._client.secret
        try:
            answer = await self._documents.sent(str(configuration["token_endpoint"]), fields, headers)
        except (OSError, ValueError) as error:
            raise ServiceUnavailable(f"{self.provider_name} does not answer now; try again") from error
        if "id_token" not in answer:
            words = answer.get("error_description") or answer.get("error") or "it sent no ID token"
            raise InvalidCredentials(f"the provider did not sign you in: {str(words)[:300]}")
        return str(answer["id_token"])

    async def _configuration(self) -> Json:
        """The provider's endpoints, read seldom. Raises ServiceUnavailable."""
        async with self._looking:
            if self._kept_at + KEPT_SECONDS > self._now():
                return self._endpoints
            if self._failed_at + LEAST_SECONDS > self._now():
                raise ServiceUnavailable(f"{self.provider_name} did not answer a moment ago; try again")
            address = f"{self._provider.issuer.rstrip('/')}/.well-known/openid-configuration"
            try:
                found = await self._documents(address)
            except (OSError, ValueError) as error:
                self._failed_at = self._now()
                raise ServiceUnavailable(f"{self.provider_name} does not answer now; try again") from error
            if found.get("issuer") != self._provider.issuer or not {
                "authorization_endpoint", "token_endpoint",
            } <= set(found):  # fmt: skip
                raise ServiceUnavailable(f"{address} is not the configuration of {self._provider.issuer}")
            self._endpoints, self._kept_at = found, self._now()
            return found


def with_query(address: str, asked: Mapping[str, str]) -> str:
    """An address with parameters beside those that it has."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def basic(client: Client) -> str:
    """A client's id and secret as a header (RFC 6749, section 2.3.1)."""
    pair = f"{quote_plus(client.id)}:{quote_plus(client.secret)}"
    return f"Basic {b64encode(pair.encode()).decode()}"
