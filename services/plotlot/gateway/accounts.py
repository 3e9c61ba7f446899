"""Whose share of the models a request counts in."""

from hashlib import sha256

from starlette.types import Scope

from plotlot.telemetry import NOBODY_KNOWN


def account_of(scope: Scope) -> str:
    """The account of whoever sent a request: until somebody logs in, one for each network address."""
    address = scope.get("client")
    return account_at(str(address[0]) if address else "")


def account_at(address: str) -> str:
    """The account of an address; it does not travel itself, for accounts stand in metrics and logs."""
    if not address:
        return NOBODY_KNOWN
    return f"{NOBODY_KNOWN}-{sha256(address.encode()).hexdigest()[:12]}"
