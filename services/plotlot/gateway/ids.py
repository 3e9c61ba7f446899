"""Ids of what is made: random, unless the same request may be carried out again after a kill.

Then they are derived from a seed that was kept before, so that the second time makes nothing twice.
"""

import secrets
from contextvars import ContextVar
from hashlib import sha256

DIGITS = 20

current_seed: ContextVar[str] = ContextVar("current_seed", default="")


def new_id(prefix: str) -> str:
    """``prefix-`` and 20 hexadecimal digits that nobody guesses."""
    seed = current_seed.get()
    digits = (
        sha256(f"{prefix}:{seed}".encode()).hexdigest()[:DIGITS] if seed else secrets.token_hex(DIGITS // 2)
    )
    return f"{prefix}-{digits}"
