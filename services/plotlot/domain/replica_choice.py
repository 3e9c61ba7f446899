"""Which replica a request goes to: one key to one replica while that is not much busier than the others.

Rendezvous hashing (Thaler and Ravishankar 1998) with bounded loads (Mirrokni, Thorup and Zadimoghaddam 2018): a
replica that comes or goes moves only its own keys, and none gets more than ``BOUND`` times its share.
"""

import math
from collections.abc import Mapping
from hashlib import blake2b

BOUND = 1.25


def choose(loads: Mapping[str, int], key: str, spread: str = "") -> str:
    """The replica for a key among those with these requests in flight.

    With no key the least busy one; of several, ``spread``, which differs from request to request, picks one.
    """
    if not key:
        return min(loads, key=lambda name: (loads[name], rank(spread, name)))
    most = math.ceil(BOUND * (sum(loads.values()) + 1) / len(loads))
    ranked = sorted(loads, key=lambda name: rank(key, name), reverse=True)
    return next(name for name in ranked if loads[name] < most)


def rank(key: str, name: str) -> bytes:
    """How well a replica suits a key; the same everywhere and always."""
    return blake2b(f"{key}\0{name}".encode("utf-8", "replace"), digest_size=8).digest()
