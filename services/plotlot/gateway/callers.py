"""Who asks: the tenant whose data it is, and the client within it that limits and keys belong to."""

from contextvars import ContextVar
from dataclasses import dataclass

from starlette.types import Scope

from plotlot.domain.access import OWNER, Identity, Right
from plotlot.rpc.context import current_tenant

# What the current request was let in by: a candidate, asked the same, has to know as well who asks.
current_credentials: ContextVar[str] = ContextVar("current_credentials", default="")
IDENTITY = "plotlot.identity"  # where authentication leaves in a request's scope whom it knows


@dataclass(frozen=True, slots=True)
class Caller:
    """``client`` is whom authentication knows, ``key:<id>`` or ``token:<subject>``, else a network address."""

    tenant: str
    client: str


def asks_for_many(known: Identity | None) -> bool:
    """Whether a request may be sent for many users: by whoever may operate, or where nobody knows who it is."""
    return known is None or Right.OPERATE in known.rights


def caller_of(scope: Scope) -> Caller:
    """Who sent a request."""
    address = scope.get("client")
    return caller_at(scope.get(IDENTITY), address[0] if address else None)


def caller_at(known: Identity | None, address: str | None) -> Caller:
    """Who sends from an address; None on a socket of this machine."""
    if known is not None and known != OWNER:
        return Caller(current_tenant(), known.who)
    return Caller(current_tenant(), OWNER.who if address is None else f"address:{address}")
