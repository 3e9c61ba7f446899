"""Which sentence answers a question, and how probable it is that it does: two rules over a few plain signs.

``evals/calibrate_asking.py`` fits both on the golden questions of the split ``dev`` and writes them here.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Signs:
    """What is seen of a sentence beside a question, each 0 to 1 where not said otherwise.

    ``coverage`` is the share of the question's weight that the sentence's words hold, ``placed`` the share that
    they hold together with their headings, ``unseen`` the share that no passage holds; ``kind`` is 1 where the
    sentence has what the question's words ask for (a number, a meaning, a ban), -1 where it lacks it; ``elsewhere``
    where it names another district; ``early`` is how near its passage is to the best found; ``permits`` where
    it permits or bans the use that the question asks for.
    """

    coverage: float
    placed: float
    likeness: float
    unseen: float
    kind: float = 0.0
    heading: float = 0.0
    row: float = 0.0
    elsewhere: float = 0.0
    early: float = 0.0
    permits: float = 0.0


# Written by evals/calibrate_asking.py
ORDER: Mapping[str, float] = {
    "coverage": 2.289,
    "placed": 3.356,
    "likeness": 5.655,
    "unseen": 0.000,
    "kind": 0.495,
    "heading": -2.834,
    "row": 0.449,
    "elsewhere": -1.271,
    "early": 4.741,
    "permits": 2.150,
}
# Of an earlier fit than the order: that of the same day refused more of what codes answer on questions not fitted on.
BIAS = -4.823
ANSWERS: Mapping[str, float] = {
    "coverage": -0.131,
    "placed": 4.181,
    "likeness": 9.487,
    "unseen": -3.211,
}


def precedence(signs: Signs) -> float:
    """By which the sentences of one question are put in order, the best first; any number."""
    return weighed(signs, ORDER)


def relevance(signs: Signs) -> float:
    """The probability, 0 to 1, that a question that such a sentence comes first for is answered by it."""
    return 1 / (1 + math.exp(-BIAS - weighed(signs, ANSWERS)))


def weighed(signs: Signs, weights: Mapping[str, float]) -> float:
    """The signs, each times its weight."""
    values: Mapping[str, float] = asdict(signs)
    return sum(weight * values[name] for name, weight in weights.items())
