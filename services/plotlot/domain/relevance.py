"""Which sentence answers a question, and how probable it is that it does: two rules over a few plain signs.

``evals/calibrate_asking.py`` fits both on the golden questions of the split ``dev`` and writes them here.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean

TRIED = 3  # of the first sentences in order, one of which must answer
FIRST = 5  # of those that the first in order is compared with
MOST_WORDS = 8


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
    "coverage": 1.970,
    "placed": 2.559,
    "likeness": 6.125,
    "unseen": 0.000,
    "kind": 0.504,
    "heading": -1.347,
    "row": 0.555,
    "elsewhere": -1.228,
    "early": 5.452,
    "permits": 2.164,
}
BIAS = -12.944
ANSWERS: Mapping[str, float] = {
    "coverage": 0.791,
    "placed": 2.741,
    "likeness": 3.552,
    "unseen": -2.789,
    "nearest": 5.162,
    "precedence": 0.431,
    "lead": 0.222,
    "words": 6.441,
    "parted": -0.109,
    "unnamed": -4.407,
}


@dataclass(frozen=True, slots=True)
class Support:
    """What is seen of the first sentences in order, read together with the question.

    ``coverage``, ``placed`` and ``likeness`` are the most that one of the first three has, ``unseen`` as in signs;
    ``nearest`` is the likeness of the likest sentence of all, ``precedence`` that of the first, ``lead`` by how
    much it is before the mean of the first five; ``words`` is how many words tell, of eight; ``parted`` is 1 where
    two words that are neighbours in the question ("food truck") are so in no passage, ``unnamed`` where it names a
    thing that no passage calls by any of its names.
    """

    coverage: float
    placed: float
    likeness: float
    unseen: float
    nearest: float
    precedence: float
    lead: float
    words: float
    parted: float
    unnamed: float


def precedence(signs: Signs) -> float:
    """By which the sentences of one question are put in order, the best first; any number."""
    return weighed(signs, ORDER)


def support(
    ranked: Sequence[Signs], order: Sequence[float], nearest: float, words: int, parted: bool, unnamed: bool
) -> Support:
    """The support of a question by sentences and their precedence, the first in order first."""
    tried = ranked[:TRIED]
    return Support(
        coverage=max(each.coverage for each in tried),
        placed=max(each.placed for each in tried),
        likeness=max(each.likeness for each in tried),
        unseen=ranked[0].unseen,
        nearest=nearest,
        precedence=order[0],
        lead=order[0] - fmean(order[:FIRST]),
        words=min(words, MOST_WORDS) / MOST_WORDS,
        parted=float(parted),
        unnamed=float(unnamed),
    )


def relevance(seen: Support) -> float:
    """The probability, 0 to 1, that a question with such support is answered by the first sentence."""
    return 1 / (1 + math.exp(-BIAS - weighed(seen, ANSWERS)))


def weighed(signs: Signs | Support, weights: Mapping[str, float]) -> float:
    """The signs, each times its weight."""
    values: Mapping[str, float] = asdict(signs)
    return sum(weight * values[name] for name, weight in weights.items())
