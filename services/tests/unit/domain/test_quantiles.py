"""Quantiles against printed tables (Abramowitz and Stegun 26.10, NIST) and against their own inverse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.quantiles import EXACT_DEGREES, normal, normal_tail, student, student_below


@pytest.mark.parametrize(
    ("probability", "degrees", "expected"),
    [
        (0.975, 1, 12.7062), (0.975, 2, 4.3027), (0.975, 3, 3.1824), (0.975, 10, 2.2281), (0.975, 30, 2.0423),
        (0.95, 4, 2.1318), (0.995, 5, 4.0321), (0.975, 60, 2.0003), (0.975, 120, 1.9799), (0.5, 7, 0.0),
    ],
)  # fmt: skip
def test_student_is_that_of_the_tables(probability: float, degrees: int, expected: float) -> None:
    assert student(probability, degrees) == pytest.approx(expected, abs=1e-4)


def test_the_normal_is_that_of_the_tables() -> None:
    assert normal(0.975) == pytest.approx(1.959964, abs=1e-6)
    assert normal(0.05) == pytest.approx(-1.644854, abs=1e-6)


@given(st.floats(0, 30), st.integers(1, EXACT_DEGREES))
def test_student_is_the_inverse_of_its_distribution(value: float, degrees: int) -> None:
    chance = student_below(value, degrees)
    if chance < 1 - 1e-9:
        assert student_below(student(chance, degrees), degrees) == pytest.approx(chance, abs=1e-9)


def test_the_expansion_goes_on_where_the_series_ends() -> None:
    before, exact, expanded = (student(0.999, EXACT_DEGREES + step) for step in (-1, 0, 1))
    assert expanded - exact == pytest.approx(exact - before, rel=0.05)
    assert student(0.975, 100_000) == pytest.approx(normal(0.975), abs=1e-4)


@pytest.mark.parametrize(("probability", "degrees"), [(0.4, 3), (1.0, 3), (0.9, 0)])
def test_what_has_no_quantile_is_refused(probability: float, degrees: int) -> None:
    with pytest.raises(ValueError, match="no quantile"):
        student(probability, degrees)


@given(st.floats(-5, 5))
def test_the_tails_of_the_normal_are_alike(value: float) -> None:
    assert normal_tail(value) + normal_tail(-value) == pytest.approx(1.0)
