import random

import pytest

from plotlot.evaluation.capacity.drift import slope_of

TIMES = [float(second) for second in range(0, 1200, 5)]


def test_a_line_has_its_slope() -> None:
    slope = slope_of(TIMES, [100 + second / 3600 * 7 for second in TIMES])
    assert (slope.per_hour, slope.low, slope.high) == pytest.approx((7, 7, 7))
    assert slope.grows(5)
    assert not slope.grows(8)


def test_a_few_wild_samples_move_it_little() -> None:
    values = [100 + second / 3600 * 7 for second in TIMES]
    values[10], values[100], values[-1] = 900, 0, 5000
    assert slope_of(TIMES, values).per_hour == pytest.approx(7, abs=0.5)


def test_noise_without_a_slope_is_not_called_growth() -> None:
    called = 0
    for seed in range(200):
        draw = random.Random(seed)
        called += slope_of(TIMES, [100 + draw.gauss(0, 3) for _ in TIMES]).grows(0)
    assert called <= 12  # one side of a 95 % interval is 5 of 200


def test_growth_within_noise_is_found() -> None:
    draw = random.Random(1)
    slope = slope_of(TIMES, [100 + second / 3600 * 30 + draw.gauss(0, 2) for second in TIMES])
    assert slope.low < 30 < slope.high
    assert slope.grows(10)


@pytest.mark.parametrize(
    ("times", "words"), [([1.0, 2.0, 3.0], "four samples"), ([1.0, 2.0, 2.0, 3.0], "must ascend")]
)
def test_too_little_to_judge_is_refused(times: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        slope_of(times, times)
