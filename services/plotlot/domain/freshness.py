"""How old what is stored is, in figures whose number does not grow with the number of towns."""

from collections.abc import Iterable, Mapping

DAY_SECONDS = 86_400.0
AGES: Mapping[str, float] = {"1d": 1, "7d": 7, "30d": 30, "90d": 90, "365d": 365}  # at most so many days
OLDER = "older"


def age_class(seconds: float) -> str:
    """The least of the ages that it is not over."""
    return next((name for name, days in AGES.items() if seconds <= days * DAY_SECONDS), OLDER)


def by_age(seconds: Iterable[float]) -> dict[str, int]:
    """How many there are in each class, those with none too."""
    counts = dict.fromkeys((*AGES, OLDER), 0)
    for each in seconds:
        counts[age_class(each)] += 1
    return counts


def oldest(seconds: Mapping[str, float], most: int) -> dict[str, float]:
    """Those of the greatest age, at most so many."""
    return dict(sorted(seconds.items(), key=lambda item: (-item[1], item[0]))[:most])
