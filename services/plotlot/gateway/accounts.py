"""Whose share of the models a request counts in."""

from hashlib import sha256

from starlette.types import Scope

from plotlot.telemetry import NOBODY_KNOWN


def account_of(scope: Scope) -> str:
    """The account of whoever sent a request: until somebody logs in, one for each network address.

    The address itself does not travel: accounts stand in metrics and logs.
    """
    address = scope.get("client")
    if not address or not address[0]:
        return NOBODY_KNOWN
    return f"{NOBODY_KNOWN}-{sha256(str(address[0]).encode()).hexdigest()[:12]}"
