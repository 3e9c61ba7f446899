"""Whether something grows: a slope that a few odd samples do not move.

Theil and Sen's slope is the median of the slopes of all pairs; its interval is from Kendall's S (Sen, JASA 63, 1968).
Samples that follow one another are alike, which would make the interval too narrow: it is taken of means of blocks.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

NORMAL_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Slope:
    """Units per hour, and between which it lies with 95 % confidence."""

    per_hour: float
    low: float
    high: float

    def grows(self, most_per_hour: float) -> bool:
        """Whether it surely grows, and by more than that."""
        return self.low > 0 and self.per_hour > most_per_hour


def slope_of(seconds: Sequence[float], values: Sequence[float], blocks: int = 30) -> Slope:
    """The slope of values over times in seconds, from the medians of so many blocks of samples.

    Raises ValueError for fewer than four samples, or times that do not ascend.
    """
    if len(seconds) != len(values) or len(seconds) < 4:
        raise ValueError(f"a slope needs four samples or more, not {len(values)} at {len(seconds)} times")
    if any(after <= before for before, after in pairwise(seconds)):
        raise ValueError("times must ascend")
    parts = np.array_split(np.arange(len(values)), min(blocks, len(values)))
    hours = np.array([np.mean(np.take(seconds, part)) for part in parts]) / 3600
    levels = np.array([np.median(np.take(values, part)) for part in parts])
    first, second = np.triu_indices(len(parts), 1)
    slopes = np.sort((levels[second] - levels[first]) / (hours[second] - hours[first]))
    spread = NORMAL_95 * math.sqrt(len(parts) * (len(parts) - 1) * (2 * len(parts) + 5) / 18)
    low = max(math.floor((len(slopes) - spread) / 2), 0)
    high = min(math.ceil((len(slopes) + spread) / 2), len(slopes) - 1)
    return Slope(float(np.median(slopes)), float(slopes[low]), float(slopes[high]))
