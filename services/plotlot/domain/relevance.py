"""How probable it is that a sentence answers a question: a logistic rule over a few plain signs.

``evals/calibrate_asking.py`` fits the weights on the golden questions of the split ``dev`` and writes them here.
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
    where it names another district; ``early`` is how near its passage is to the best found.
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


# Written by evals/calibrate_asking.py
BIAS = -6.0
WEIGHTS: Mapping[str, float] = {
    "coverage": 2.0,
    "placed": 2.0,
    "likeness": 7.0,
    "unseen": -3.0,
    "kind": 0.7,
    "heading": -3.0,
    "row": 0.0,
    "elsewhere": -2.0,
    "early": 0.5,
}


def relevance(signs: Signs) -> float:
    """The probability, 0 to 1, that the sentence answers."""
    total = BIAS + sum(WEIGHTS[name] * value for name, value in asdict(signs).items())
    return 1 / (1 + math.exp(-total))
