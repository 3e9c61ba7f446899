"""What tokens cost."""

from plotlot.domain.prices import FREE, Prices


def test_cached_tokens_are_among_those_read_and_cost_less() -> None:
    prices = Prices(prompt=2.0, cached=0.5, completion=10.0)
    assert prices.cost(1_000_000, 0, 0) == 2.0
    assert prices.cost(1_000_000, 400_000, 100_000) == 0.6 * 2 + 0.4 * 0.5 + 1
    assert FREE.cost(1_000_000, 0, 1_000_000) == 0
