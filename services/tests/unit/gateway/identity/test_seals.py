"""What a browser keeps of a sign-in that it began: nothing comes back but what was handed out, and not late."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from plotlot.domain.errors import InvalidCredentials
from plotlot.gateway.identity.code_flow import Begun
from plotlot.gateway.identity.seals import SECONDS, Seals

BEGUN = Begun("state", "nonce", "verifier", "/ask?question=é")


class Shared:
    """A database that keeps one secret for all gateways."""

    secret = b""

    @asynccontextmanager
    async def connection(self, tenant: str) -> Any:
        assert tenant == "*"
        yield self

    async def execute(self, statement: bytes, asked: dict[str, bytes]) -> Any:
        self.secret = self.secret or asked["made"]
        return self

    async def fetchone(self) -> tuple[bytes]:
        return (self.secret,)


class Clock:
    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def seals(database: Shared, clock: Clock) -> Seals:
    return Seals(cast(Any, database), clock)


async def test_what_one_gateway_handed_out_another_takes() -> None:
    shared, clock = Shared(), Clock()
    cookie = await seals(shared, clock).sealed(BEGUN)
    assert await seals(shared, clock).opened(cookie) == BEGUN
    with pytest.raises(InvalidCredentials, match="begin again"):
        await seals(Shared(), clock).opened(cookie)


async def test_it_ends_after_a_while() -> None:
    clock = Clock()
    mine = seals(Shared(), clock)
    cookie = await mine.sealed(BEGUN)
    clock.seconds += SECONDS
    assert await mine.opened(cookie) == BEGUN
    clock.seconds += 1
    with pytest.raises(InvalidCredentials, match="took too long"):
        await mine.opened(cookie)


async def test_what_was_altered_or_made_up_is_refused() -> None:
    mine = seals(Shared(), Clock())
    kept = urlsafe_b64decode(await mine.sealed(BEGUN))
    altered = kept.replace(b"/ask", b"/ape")
    assert altered != kept
    made_up = [urlsafe_b64encode(each).decode() for each in (altered, kept[:-1], kept[:32], b"null", b"{}")]
    for cookie in ("", "x", "é", *made_up):
        with pytest.raises(InvalidCredentials, match="begin again"):
            await mine.opened(cookie)


async def test_the_longest_way_back_fits_in_a_cookie() -> None:
    longest = Begun("s" * 43, "n" * 43, "v" * 43, f"/{'a' * 1999}")
    assert len(await seals(Shared(), Clock()).sealed(longest)) < 3500
