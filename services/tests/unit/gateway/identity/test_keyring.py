"""Whose a key is, how long that is believed, and what a flood of keys costs."""

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from plotlot.domain.access import Identity
from plotlot.domain.api_keys import ID_BYTES, SECRET_BYTES, ApiKey, api_key_of
from plotlot.domain.errors import InvalidCredentials, TooManyAttempts
from plotlot.gateway.identity.attempts import BURST, Attempts
from plotlot.gateway.identity.key_store import StoredKey
from plotlot.gateway.identity.keyring import FRESH_SECONDS, MOST_WAITING, KeyHolders, Keyring

NOW = datetime.now(UTC)
KEY = api_key_of(bytes(ID_BYTES + SECRET_BYTES))
STORED = StoredKey(KEY.id, "acme", "batch", "analyst", None, "owner", NOW, None, None, None)


class Store:
    """Holds one key, and counts who looks it up."""

    def __init__(self) -> None:
        self.stored, self.digest = STORED, KEY.digest
        self.looks = 0
        self.open = asyncio.Event()
        self.open.set()

    async def holder(self, key: ApiKey) -> tuple[StoredKey, bytes] | None:
        self.looks += 1
        await self.open.wait()
        return (self.stored, self.digest) if key.id == self.stored.id else None


class Clock:
    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def ring() -> tuple[Keyring[Identity], Store, Clock]:
    store, clock = Store(), Clock()
    return Keyring(KeyHolders(store), Attempts(clock), clock), store, clock  # type: ignore[arg-type]


def another() -> str:
    return api_key_of(os.urandom(ID_BYTES + SECRET_BYTES)).text


async def test_a_key_is_looked_up_once_for_all_who_send_it() -> None:
    keyring, store, _ = ring()
    found = await asyncio.gather(*(keyring.found(KEY.text, "a") for _ in range(50)))
    assert {identity.tenant for identity in found} == {"acme"}
    assert store.looks == 1


async def test_a_revoked_key_is_refused_within_seconds() -> None:
    keyring, store, clock = ring()
    await keyring.found(KEY.text, "a")
    store.stored = replace(STORED, revoked_at=NOW)
    clock.seconds += FRESH_SECONDS
    with pytest.raises(InvalidCredentials):
        await keyring.found(KEY.text, "a")


async def test_a_key_expires_while_it_is_believed() -> None:
    keyring, store, _ = ring()
    store.stored = replace(STORED, expires_at=datetime.now(UTC) + timedelta(milliseconds=50))
    await keyring.found(KEY.text, "a")
    await asyncio.sleep(0.06)
    with pytest.raises(InvalidCredentials):
        await keyring.found(KEY.text, "a")


async def test_the_right_id_with_another_secret_is_refused() -> None:
    keyring, _, _ = ring()
    with pytest.raises(InvalidCredentials):
        await keyring.found(ApiKey(KEY.id, "0" * 63 + "1").text, "a")


async def test_made_up_keys_are_refused_without_a_look_and_their_sender_waits() -> None:
    keyring, store, _ = ring()
    for _ in range(BURST):
        with pytest.raises(InvalidCredentials):
            await keyring.found("plk_made_up", "a")
    with pytest.raises(TooManyAttempts):
        await keyring.found("plk_made_up", "a")
    assert store.looks == 0


async def test_whoever_was_known_is_answered_from_a_flooded_address() -> None:
    keyring, store, clock = ring()
    await keyring.found(KEY.text, "a")
    for _ in range(BURST):
        with pytest.raises(InvalidCredentials):
            await keyring.found(another(), "a")
    with pytest.raises(TooManyAttempts):
        await keyring.found(another(), "a")
    clock.seconds += 0.5
    assert (await keyring.found(KEY.text, "a")).tenant == "acme"
    clock.seconds += FRESH_SECONDS
    assert (await keyring.found(KEY.text, "a")).tenant == "acme"
    assert store.looks == 2 + BURST


async def test_a_flood_from_everywhere_leaves_the_store_to_those_who_are_known() -> None:
    keyring, store, clock = ring()
    await keyring.found(KEY.text, "a")
    store.open.clear()
    flood = [
        asyncio.create_task(keyring.found(another(), f"192.0.2.{number}"))
        for number in range(MOST_WAITING + 30)
    ]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert store.looks == 1 + 2
    clock.seconds += FRESH_SECONDS
    known = asyncio.create_task(keyring.found(KEY.text, "a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert store.looks == 1 + 2 + 1
    store.open.set()
    assert (await known).tenant == "acme"
    ended = await asyncio.gather(*flood, return_exceptions=True)
    assert sum(isinstance(error, TooManyAttempts) for error in ended) == 30
    assert sum(isinstance(error, InvalidCredentials) for error in ended) == MOST_WAITING
