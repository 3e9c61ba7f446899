"""Links to reports: where they lead, and what those get who make them up."""

import secrets
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from starlette.requests import Request

from plotlot.domain.errors import TooManyAttempts, UnknownShare
from plotlot.gateway.callers import IDENTITY
from plotlot.gateway.identity.attempts import BURST, Attempts
from plotlot.gateway.identity.keyring import Keyring
from plotlot.gateway.sharing.shares import TOKEN_BYTES, Share, Shares, digest
from plotlot.gateway.sharing.sharing import Sharing
from plotlot.rpc.context import RequestContext, current_request

NOW = datetime.now(UTC)
SHARE = Share("shr-1", "acme", "an-1", "key:k1", NOW, None, None)
TOKEN = secrets.token_urlsafe(TOKEN_BYTES)


class Table:
    """A database with one link, which counts who looks for it."""

    looks = 0

    @asynccontextmanager
    async def connection(self, tenant: str = "", reads: bool = False) -> Any:
        yield self

    def cursor(self, row_factory: Any) -> "Table":
        return self

    async def execute(self, statement: Any, values: tuple[Any, ...]) -> None:
        looked_for = "digest = %s" in str(statement)
        self.looks += looked_for
        self.found = None if looked_for and values != (digest(TOKEN),) else SHARE

    async def fetchone(self) -> Share | None:
        return self.found


class Answers:
    async def report(self, analysis: str) -> tuple[dict[str, str], str]:
        return {"id": analysis}, "<svg/>"


class Log:
    def note(self, deed: Any) -> None:
        pass


def sharing(table: Table, public_url: str = "") -> Sharing:
    shares = Shares(cast(Any, table))
    opening = Keyring(shares, Attempts(lambda: 0.0), lambda: 0.0, fresh_seconds=0)
    return Sharing(cast(Any, Answers()), shares, opening, cast(Any, Log()), public_url)


def asked(host: str = "localhost") -> Request:
    current_request.set(RequestContext("r", "b"))
    scope = {
        "type": "http", "method": "GET", "path": "/", "headers": [(b"host", host.encode())], "query_string": b"",
        "client": ("192.0.2.1", 1), IDENTITY: type("Known", (), {"who": "key:k1"}),
    }  # fmt: skip
    return Request(scope)


@pytest.mark.parametrize(
    ("public_url", "begins"),
    [
        ("https://plotlot.example", "https://plotlot.example/shared/"),
        ("https://plotlot.example/", "https://plotlot.example/shared/"),
        ("", "http://evil.example/shared/"),
    ],
)
async def test_a_link_begins_as_the_operator_says(public_url: str, begins: str) -> None:
    made = await sharing(Table(), public_url).share(asked("evil.example"), "an-1", None)
    assert made["url"].startswith(begins)
    assert made["url"].count("//") == 1


@pytest.mark.parametrize("token", ["", "x", "a" * 42, "a" * 44, "a" * 42 + "!", "a" * 42 + "\n"])
async def test_what_is_no_token_is_not_looked_for(token: str) -> None:
    table = Table()
    with pytest.raises(UnknownShare):
        await sharing(table).opened(asked(), token)
    assert table.looks == 0


async def test_made_up_links_are_not_looked_for_without_end() -> None:
    table = Table()
    door = sharing(table)
    assert (await door.opened(asked(), TOKEN))[0] == SHARE
    for _ in range(BURST):
        with pytest.raises(UnknownShare):
            await door.opened(asked(), secrets.token_urlsafe(TOKEN_BYTES))
    with pytest.raises(TooManyAttempts):
        await door.opened(asked(), secrets.token_urlsafe(TOKEN_BYTES))
    assert table.looks == BURST + 1
    assert (await door.opened(asked(), TOKEN))[0] == SHARE, "who opened it before opens it still"
