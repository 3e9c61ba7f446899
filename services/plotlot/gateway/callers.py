"""Who asks: the tenant whose data it is, the client within it that limits and keys belong to, and its account."""

from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from starlette.types import Scope

from plotlot.domain.access import OWNER, Identity, Right
from plotlot.rpc.context import RequestContext, current_tenant
from plotlot.telemetry import NOBODY_KNOWN

# What the current request was let in by: a candidate, asked the same, has to know as well who asks.
current_credentials: ContextVar[str] = ContextVar("current_credentials", default="")
# Who signed in by the browser that asks, where one did: pages name them.
current_visitor: ContextVar[Identity | None] = ContextVar("current_visitor", default=None)
IDENTITY = "plotlot.identity"  # where authentication leaves in a request's scope whom it knows


@dataclass(frozen=True, slots=True)
class Caller:
    """``client`` is whom authentication knows, ``key:<id>`` or ``token:<subject>``, else a network; a stranger, of whom
    nothing was asked, has no ``tenant``."""

    tenant: str
    client: str

    @property
    def account(self) -> str:
        """Whose share of the models it asks for. Neither addresses nor subjects stand in it, for accounts stand in
        metrics and logs; one begins with ``anonymous`` where nobody logged in."""
        kind, _, name = self.client.partition(":")
        if kind == "key":
            return self.client
        if kind == "token":
            return f"token-{digest_of(f'{self.tenant}:{name}')}"
        return f"{NOBODY_KNOWN}-{digest_of(name)}" if name else NOBODY_KNOWN


def asks_for_many(known: Identity | None) -> bool:
    """Whether a request may be sent for many users: by whoever may operate."""
    return known is not None and Right.OPERATE in known.rights


def caller_of(scope: Scope) -> Caller:
    """Who sent a request."""
    return caller_at(scope.get(IDENTITY), address_of(scope))


def caller_at(known: Identity | None, address: str) -> Caller:
    """Who sends from an address; it is empty on a socket of this machine."""
    return Caller("" if known is None else current_tenant(), client_of(known, address))


def sent_by(request: RequestContext, known: Identity, address: str) -> RequestContext:
    """The request as its sender's: of their tenant, and counted in their share."""
    caller = Caller(known.tenant, client_of(known, address))
    return replace(request, tenant=caller.tenant, account=caller.account)


def client_of(known: Identity | None, address: str) -> str:
    """The client that is known, or the network that an address is one of."""
    if known is not None and known != OWNER:
        return known.who
    return f"address:{network_of(address)}" if address else OWNER.who


def address_of(scope: Scope) -> str:
    """The network address of whoever sent a request; empty on a socket of this machine."""
    client = scope.get("client")
    return str(client[0]) if client and client[0] else ""


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """An address as one who sends from it has it: of IPv6, which is handed out by networks, the network."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or int(parsed) >> 64)
    return address


def digest_of(name: str) -> str:
    """What stands for a name where it must not stand itself."""
    return sha256(name.encode()).hexdigest()[:12]
