"""Whom credentials belong to, and how long who sends wrong ones has to wait."""

from typing import Any, cast

import pytest

from plotlot.domain.access import Identity
from plotlot.domain.errors import InvalidCredentials, TooManyAttempts
from plotlot.gateway.identity.attempts import BURST, Attempts
from plotlot.gateway.identity.authentication import Asked, Credentials


class Tokens:
    """Knows one token."""

    async def identity(self, text: str) -> Identity:
        if text != "good":
            raise InvalidCredentials("nobody's")
        return Identity("token:jo", "acme")


def sent(token: str) -> Asked:
    return Asked("GET", {"authorization": f"Bearer {token}"}, "192.0.2.1")


async def test_a_valid_token_is_let_in_however_many_wrong_ones_came_from_its_address() -> None:
    door = Credentials(cast(Any, None), cast(Any, None), cast(Any, Tokens()), Attempts(lambda: 0.0))
    for _ in range(BURST):
        with pytest.raises(InvalidCredentials):
            await door.identity(sent("bad"))
    with pytest.raises(TooManyAttempts):
        await door.identity(sent("bad"))
    assert (await door.identity(sent("good"))).who == "token:jo"
