"""Quantiles of the normal and of Student's t distribution, without a library of statistics."""

import math
from functools import lru_cache

EXACT_DEGREES = 60


@lru_cache(maxsize=4096)
def student(probability: float, degrees: int) -> float:
    """The quantile of Student's t, for probabilities from a half to one.

    By bisection of the distribution for few degrees (Abramowitz and Stegun 26.7.3 and 26.7.4), by the expansion
    about the normal for more (26.7.5), whose error is then below 1e-6.
    """
    if not 0.5 <= probability < 1 or degrees < 1:
        raise ValueError(f"no quantile at {probability} with {degrees} degrees of freedom")
    if degrees > EXACT_DEGREES:
        return _expanded(normal(probability), degrees)
    low, high = 0.0, 2.0
    while student_below(high, degrees) < probability:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if student_below(middle, degrees) < probability else (low, middle)
    return (low + high) / 2


def student_below(value: float, degrees: int) -> float:
    """The chance that Student's t is below a value that is not negative."""
    angle = math.atan(value / math.sqrt(degrees))
    cosine = math.cos(angle)
    first, factor = (math.cos(angle), 2) if degrees % 2 else (1.0, 1)
    total, term = 0.0, first
    for step in range(factor, degrees - 1, 2):
        total += term
        term *= cosine * cosine * step / (step + 1)
    if degrees % 2:
        within = 2 / math.pi * (angle + math.sin(angle) * (total + term if degrees > 1 else 0.0))
    else:
        within = math.sin(angle) * (total + term)
    return (1 + within) / 2


def _expanded(z: float, degrees: int) -> float:
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / float(degrees) ** power for power, term in enumerate(terms, start=1))


@lru_cache(maxsize=256)
def normal(probability: float) -> float:
    """The quantile of the normal distribution."""
    low, high = -40.0, 40.0
    for _ in range(120):
        middle = (low + high) / 2
        low, high = (middle, high) if normal_tail(-middle) < probability else (low, middle)
    return (low + high) / 2


def normal_tail(value: float) -> float:
    """The chance that a normal number is above a value."""
    return math.erfc(value / math.sqrt(2)) / 2
