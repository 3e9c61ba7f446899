"""How often an address may be wrong."""

import pytest

from plotlot.domain.errors import TooManyAttempts
from plotlot.gateway.identity.attempts import BURST, PER_SECOND, Attempts


def wrong(attempts: Attempts, address: str, times: int) -> None:
    for _ in range(times):
        attempts.check(address)
        attempts.fail(address)


def test_an_address_waits_after_a_burst_and_others_do_not() -> None:
    now = [100.0]
    attempts = Attempts(lambda: now[0])
    wrong(attempts, "192.0.2.1", BURST)
    with pytest.raises(TooManyAttempts) as told:
        attempts.check("192.0.2.1")
    assert 0 < told.value.retry_after_seconds <= 1 / PER_SECOND
    attempts.check("192.0.2.2")
    now[0] += told.value.retry_after_seconds
    wrong(attempts, "192.0.2.1", 1)
    with pytest.raises(TooManyAttempts):
        attempts.check("192.0.2.1")


def test_a_network_of_ipv6_is_one_sender() -> None:
    attempts = Attempts(lambda: 0.0)
    for number in range(BURST):
        wrong(attempts, f"2001:db8::{number + 1:x}", 1)
    with pytest.raises(TooManyAttempts):
        attempts.check("2001:db8::ffff")
    attempts.check("2001:db8:0:1::1")


def test_addresses_of_ipv4_in_ipv6_are_those_of_ipv4() -> None:
    attempts = Attempts(lambda: 0.0)
    wrong(attempts, "::ffff:192.0.2.1", BURST)
    attempts.check("::ffff:192.0.2.2")
    with pytest.raises(TooManyAttempts):
        attempts.check("192.0.2.1")
