"""A key stays with its replica unless that is much busier than the others."""

import math
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.replica_choice import BOUND, choose

NAMES = [f"http://10.0.0.{number}:8000" for number in range(1, 9)]
LOADS = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 50), min_size=1)


@given(LOADS, st.text(max_size=8))
def test_nobody_gets_more_than_its_bounded_share(loads: dict[str, int], key: str) -> None:
    chosen = choose(loads, key)
    assert loads[chosen] + 1 <= math.ceil(BOUND * (sum(loads.values()) + 1) / len(loads)) or not key


@given(LOADS)
def test_without_a_key_the_least_busy_is_chosen(loads: dict[str, int]) -> None:
    assert loads[choose(loads, "")] == min(loads.values())


def test_without_a_key_idle_replicas_take_turns() -> None:
    chosen = Counter(choose(dict.fromkeys(NAMES, 0), "", f"request-{number}") for number in range(800))
    assert len(chosen) == len(NAMES)
    assert min(chosen.values()) > 50


def test_keys_spread_and_each_stays() -> None:
    idle = dict.fromkeys(NAMES[:4], 0)
    chosen = Counter(choose(idle, f"key-{number}") for number in range(4000))
    assert min(chosen.values()) > 800
    assert choose(idle, "key-1") == choose(dict(reversed(idle.items())), "key-1")


@given(st.text(min_size=1, max_size=8), st.sampled_from(NAMES[:4]))
def test_a_replica_that_goes_moves_only_its_own_keys(key: str, gone: str) -> None:
    before = choose(dict.fromkeys(NAMES[:4], 0), key)
    after = choose({name: 0 for name in NAMES[:4] if name != gone}, key)
    assert after == before or before == gone
