"""Figures of a release in words."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from plotlot.gateway.releases.wording import (
    ago,
    change_parts,
    difference_words,
    e_words,
    guardrail_title,
    length,
    release_title,
)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1.0, "1"),
        (0.034, "0.034"),
        (0.001, "under 0.01"),
        (14.4, "14"),
        (2345.6, "2,346"),
        (2e6, ">1 million"),
    ],
)
def test_an_e_value_has_as_many_figures_as_it_means(value: float, words: str) -> None:
    assert e_words(math.log(value)) == words


def test_an_e_value_beyond_all_bounds_has_words() -> None:
    assert e_words(5000.0) == ">1 million"
    assert e_words(-5000.0) == "under 0.01"


@pytest.mark.parametrize(
    ("difference", "words"),
    [(0.021, "+2.1 points"), (-0.01, "−1 point"), (0.0, "±0"), (0.00049, "±0"), (1.0, "+100 points")],
)
def test_a_difference_has_its_sign(difference: float, words: str) -> None:
    assert difference_words(difference) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-4, "0 seconds"), (1, "1 second"), (59, "59 seconds"), (119, "119 seconds"), (120, "2 minutes"), (3599, "59 minutes"),
     (3600, "60 minutes"), (90000, "25 hours"), (200000, "2 days")],
)  # fmt: skip
def test_a_length_of_time_has_the_largest_unit_that_it_has_two_of(seconds: float, words: str) -> None:
    assert length(seconds) == words
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert ago(now - timedelta(seconds=seconds), now) == f"{words} ago"


def test_long_digests_are_cut_to_what_people_tell_apart() -> None:
    change = f"images.default: registry.test/plotlot@sha256:{'ab' * 32} -> none"
    assert change_parts(change) == ("images.default", "registry.test/plotlot@sha256:abababab…", "none")
    assert change_parts("no form at all") == ("no form at all", "", "")


def test_a_title_is_what_changed_in_a_line() -> None:
    bundles = {"stable": "bundle-a", "candidate": "bundle-b"}
    assert release_title({**bundles, "changes": []}) == "bundle-a → bundle-b"
    assert release_title({**bundles, "changes": ["a.b: 1 -> 2"]}) == "a.b: 1 → 2"
    assert (
        release_title({**bundles, "changes": ["a.b: 1 -> 2", "c: x -> y"]}) == "a.b: 1 → 2, and 1 more change"
    )
    assert len(release_title({**bundles, "changes": ["a: b -> " + "c" * 500]})) <= 90


def test_a_guardrail_of_other_software_has_a_title() -> None:
    assert guardrail_title("ndcg_at_10") == "Ndcg at 10"
