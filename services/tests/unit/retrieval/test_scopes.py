"""How vectors are searched follows from how many of them are in the scope."""

from datetime import date

import pytest

from plotlot.retrieval.scopes import LEAST_EF, MOST_EF, Filters, Scope, scan_of
from plotlot.store.generations import Generation

GENERATION = Generation(1, "m", 384)


@pytest.mark.parametrize(
    ("town", "chunks", "of", "candidates"),
    [
        (3, 100, 100_000, None),
        (3, 10_000, 100_000, None),
        (3, 20_000, 100_000, 250),
        (3, 50_000, 100_000, 100),
        (None, 100_000, 100_000, LEAST_EF),
        (None, 5_000, 5_000, None),
        (None, 5_001, 5_001, LEAST_EF),
        (3, 50_000, 10_000_000, None),
        (3, 50_001, 10_000_000, MOST_EF),
        (3, None, None, None),
        (None, None, None, LEAST_EF),
        (3, 0, 100_000, None),
        (3, 0, 0, None),
    ],
)
def test_small_scopes_are_searched_whole_and_wide_ones_by_their_share(
    town: int | None, chunks: int | None, of: int | None, candidates: int | None
) -> None:
    assert scan_of(Scope(GENERATION, town, chunks, of), 100).candidates == candidates


def test_fewer_results_ask_for_a_shorter_list() -> None:
    assert scan_of(Scope(GENERATION, 3, 20_000, 100_000), 50).candidates == 125


def test_filters_are_known_by_their_names() -> None:
    assert Filters().names() == ()
    assert Filters(date(2026, 1, 1), None, "R-1").names() == ("effective_by", "district")
