"""Sign-in at a provider: who may try again, for how long it is believed, and where it ends."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

import pytest

from plotlot.domain.access import Identity
from plotlot.domain.errors import InvalidCredentials, TooManyAttempts
from plotlot.gateway.identity.attempts import BURST, Attempts
from plotlot.gateway.identity.code_flow import Begun
from plotlot.gateway.identity.sign_in import AtProvider, SignIn

ADA = Identity("token:ada", "acme")
BEGUN = Begun("state", "nonce", "verifier", "/towns")


class Flow:
    """Knows who comes back with the code ``good``, and counts how often it was asked."""

    asked = 0

    async def finish(self, begun: Begun, answer: Mapping[str, str]) -> Identity:
        self.asked += 1
        if answer["code"] != "good":
            raise InvalidCredentials("no")
        return ADA


class Seals:
    """Takes one cookie."""

    async def opened(self, cookie: str) -> Begun:
        if cookie != "sealed":
            raise InvalidCredentials("made up")
        return BEGUN


def provider(flow: Flow) -> AtProvider:
    return AtProvider(cast(Any, flow), cast(Any, Seals()), Attempts(lambda: 0.0), 1.0)


async def test_who_comes_back_is_led_to_what_they_asked_for() -> None:
    assert await provider(Flow()).finish("sealed", {"code": "good"}, "a") == (ADA, "/towns")


@pytest.mark.parametrize(("cookie", "asked"), [("made up", 0), ("sealed", BURST)])
async def test_an_address_whose_sign_ins_fail_has_to_wait(cookie: str, asked: int) -> None:
    flow = Flow()
    door = provider(flow)
    for _ in range(BURST):
        with pytest.raises(InvalidCredentials):
            await door.finish(cookie, {"code": "bad"}, "192.0.2.1")
    with pytest.raises(TooManyAttempts):
        await door.finish(cookie, {"code": "bad"}, "192.0.2.1")
    assert flow.asked == asked
    assert await door.finish("sealed", {"code": "good"}, "192.0.2.2") == (ADA, "/towns")


def test_what_a_provider_says_is_believed_for_its_own_time() -> None:
    nobody = cast(Any, None)
    sign_in = SignIn(nobody, nobody, nobody, provider(Flow()), 12.0)
    assert sign_in.lasts(ADA) == timedelta(hours=1)
    assert sign_in.lasts(Identity("key:k1", "acme")) == timedelta(hours=12)
    assert SignIn(nobody, nobody, nobody, provider(Flow()), 0.5).lasts(ADA) == timedelta(hours=0.5)
