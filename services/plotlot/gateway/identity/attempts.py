"""How often an address may send credentials that nobody knows, before it has to wait."""

from collections import OrderedDict
from collections.abc import Callable

from plotlot.domain.errors import TooManyAttempts
from plotlot.gateway.callers import network_of

BURST = 20
PER_SECOND = 1.0
MOST_ADDRESSES = 10_000


class Attempts:
    """A token bucket for each address that failed; those that did not for longest are forgotten."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._failed: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def check(self, address: str) -> None:
        """Raise TooManyAttempts, which says for how long, where an address has to wait."""
        left = self._left(network_of(address))
        if left < 1.0:
            raise TooManyAttempts(
                "too many invalid keys or tokens came from this address",
                retry_after_seconds=(1.0 - left) / PER_SECOND,
            )

    def fail(self, address: str) -> None:
        """Count credentials that were not valid."""
        network = network_of(address)
        self._failed[network] = (self._now(), max(self._left(network) - 1.0, 0.0))
        self._failed.move_to_end(network)
        if len(self._failed) > MOST_ADDRESSES:
            self._failed.popitem(last=False)

    def _left(self, network: str) -> float:
        at, left = self._failed.get(network, (0.0, float(BURST)))
        return min(BURST, left + (self._now() - at) * PER_SECOND)
