"""What so many runs say about a rate."""

import math

NORMAL_97_5 = 1.959964


def wilson(times: int, runs: int) -> tuple[float, float]:
    """The 95 % interval of a rate seen so many times in so many runs (Wilson 1927, score interval)."""
    if not runs:
        return 0.0, 1.0
    rate, square = times / runs, NORMAL_97_5**2
    centre = rate + square / (2 * runs)
    half = NORMAL_97_5 * math.sqrt(rate * (1 - rate) / runs + square / (4 * runs * runs))
    scale = 1 + square / runs
    return max((centre - half) / scale, 0.0), min((centre + half) / scale, 1.0)
