from typing import Any

import capacity
import pytest
from scale import Ceilings, needs_of, page, seconds_of, stops

PYTHON = {"gateway": 0.006, "extraction": 0.004, "retrieval": 0.002}
KINDS = ("analyze", "analyze-stages", "ask", "search", "standards", "towns")


@pytest.fixture
def measured() -> dict[str, Any]:
    """Every kind costs the same, 16 ms of which 2 are the client's."""
    whole = {**PYTHON, "inference": 0.0, "postgres": 0.002, "client": 0.002}
    knees = {
        "one": {"measured": 110.0, "expected": 125.0, "full": "cores"},
        "three": {"measured": None, "expected": 120, "full": "cores"},
    }
    return {
        "measured": {"measured": "2026-01-01 00:00 UTC", "cores": 2, "python": "3.11"},
        "made": dict.fromkeys(KINDS, whole),
        "kept": {kind: {**whole, "gateway": 0.002} for kind in KINDS},
        "megabytes": {"gateway": 150},
        "bytes_per_analysis": 9000,
        "knees": knees,
    }  # fmt: skip


def test_the_machine_or_the_gateway_is_full_first(measured: dict[str, Any]) -> None:
    assert capacity.expected_limit(measured["made"], "ramp", 1, 2).rate == pytest.approx(125)
    assert capacity.expected_limit(measured["made"], "ramp", 1, 8).by == "gateway"


def test_a_quiet_machine_answers_in_the_time_that_a_request_takes(measured: dict[str, Any]) -> None:
    mix = capacity.mix_of("ramp")
    found = capacity.simulated(measured["made"], mix, 1, 2, rate=2, seconds=150)
    assert found.p50_ms == pytest.approx(16, rel=0.1)


def test_it_breaks_where_the_costs_say(measured: dict[str, Any]) -> None:
    below, above = capacity.curve(measured["made"], "ramp", 1, 2, [85, 140], 30)
    assert below.p95_ms < 100
    assert above.p95_ms > 1000


def test_more_replicas_help_where_cores_are_many(measured: dict[str, Any]) -> None:
    one, three = (
        capacity.simulated(measured["made"], capacity.mix_of("ramp"), count, 16, 170, 20).p95_ms
        for count in (1, 3)
    )
    assert three < one / 2


def test_needs_grow_with_the_rate(measured: dict[str, Any]) -> None:
    found = {need.service: need for need in needs_of(measured, "made", 1000, Ceilings())}
    assert (found["gateway"].replicas, found["extraction"].replicas) == (11, 8)
    assert found["postgres"].cores == pytest.approx(2 / 0.6)


def test_parts_stop_in_the_order_of_their_rates(measured: dict[str, Any]) -> None:
    found = stops(measured, "made", Ceilings(primary_cores=10))
    assert found[0].rate == pytest.approx(1 / seconds_of(measured, "made")["gateway"])
    assert [each.rate for each in found] == sorted(each.rate for each in found)
    assert next(each.rate for each in found if "Postgres" in each.part) == pytest.approx(3000)


def test_the_page_has_every_rate_and_says_what_was_not_found(measured: dict[str, Any]) -> None:
    text = page(measured, (10, 1000, 100_000), Ceilings())
    assert "| three replicas, made anew | 120 | cores | none found |  |" in text
    assert text.count("| 100,000 |") == 2
