"""Who may ask, put together: keys, the audit log, what says who asks, and sign-in."""

import time
from dataclasses import dataclass

from plotlot.domain.errors import InvalidRequest
from plotlot.gateway.identity.attempts import Attempts
from plotlot.gateway.identity.audit import AuditLog
from plotlot.gateway.identity.authentication import (
    Authentication,
    Credentials,
    nobody_signs_in,
    provider_of,
    tokens_of,
)
from plotlot.gateway.identity.code_flow import Client, CodeFlow
from plotlot.gateway.identity.key_store import Keys
from plotlot.gateway.identity.keyring import KeyHolders, Keyring
from plotlot.gateway.identity.seals import Seals
from plotlot.gateway.identity.sign_in import AtProvider, SignIn
from plotlot.gateway.identity.sign_in_store import SignIns
from plotlot.gateway.identity.tokens import ProviderDocuments, Tokens
from plotlot.settings import Settings
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

RETURNS_TO, LEAVES_TO = "/sign-in/callback", "/sign-in"


@dataclass(frozen=True, slots=True)
class Access:
    """The parts, each of which the routes and the middleware are handed; ``sign_in`` is None where nobody signs in."""

    authentication: Authentication
    keys: Keys
    audit: AuditLog
    sign_ins: SignIns
    sign_in: SignIn | None = None


def access_of(database: Database, settings: Settings, metrics: Metrics) -> Access:
    """The parts on a database. Raises ServiceUnavailable or InvalidRequest for settings that cannot be."""
    keys, audit, sign_ins = Keys(database), AuditLog(database, metrics), SignIns(database)
    if (authentication := nobody_signs_in(settings)) is not None:
        return Access(authentication, keys, audit, sign_ins)
    tokens, flow = tokens_and_flow(settings, metrics)
    attempts = Attempts(time.monotonic)
    keyring, cookies = (
        Keyring(holders, attempts, time.monotonic) for holders in (KeyHolders(keys), sign_ins)
    )
    provider = None
    if flow is not None:
        provider = AtProvider(flow, Seals(database, time.time), attempts, settings.oidc_sign_in_hours)
    sign_in = SignIn(keyring, cookies, sign_ins, provider, settings.sign_in_hours)
    return Access(Credentials(keyring, cookies, tokens, attempts), keys, audit, sign_ins, sign_in)


def tokens_and_flow(settings: Settings, metrics: Metrics) -> tuple[Tokens | None, CodeFlow | None]:
    """What takes a provider's tokens, and what signs browsers in there; None for what is not set."""
    if not settings.oidc_issuer:
        return None, None
    audience, client = settings.oidc_audience or "", settings.oidc_client_id or ""
    if not audience and not client:
        raise InvalidRequest(
            "PLOTLOT_OIDC_ISSUER needs PLOTLOT_OIDC_AUDIENCE, for whom tokens are made, or PLOTLOT_OIDC_CLIENT_ID, by"
            " which browsers sign in"
        )
    if client and not settings.public_url:
        raise InvalidRequest("PLOTLOT_OIDC_CLIENT_ID needs PLOTLOT_PUBLIC_URL: where browsers come back to")
    documents = ProviderDocuments(provider_of(settings, audience), metrics)
    tokens = tokens_of(provider_of(settings, audience), documents) if audience else None
    return tokens, code_flow_of(settings, documents) if client else None


def code_flow_of(settings: Settings, documents: ProviderDocuments) -> CodeFlow:
    """Sign-in at the settings' provider; its ID tokens are made for the client."""
    secret, here = settings.oidc_client_secret, (settings.public_url or "").rstrip("/")
    client = Client(
        settings.oidc_client_id or "",
        secret.get_secret_value() if secret else "",
        here + RETURNS_TO,
        here + LEAVES_TO,
        settings.oidc_scopes,
    )
    provider = provider_of(settings, client.id)
    return CodeFlow(client, provider, tokens_of(provider, documents), documents, time.monotonic)
