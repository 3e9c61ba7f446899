"""Answers made of quotes alone: the sentences of the passages that the question is nearest to.

Needs no generating model. What a passage says is only ever compared and quoted, so instructions
inside it change nothing.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from plotlot.domain.bundles import Generation
from plotlot.inference.embedding import Embedder
from plotlot.inference.generation import Answer, Passage, Quote
from plotlot.inference.sentences import sentences

MODEL = "extractive/1"
PROMPTS = ("quotes/1",)
CANDIDATES = 24  # sentences that are embedded; the rest share too few words with the question
NEAR_BEST = 0.85  # least share of the best score that a further quote has
LEXICAL_WEIGHT = 0.3
NEWS = 2  # words that an answer adds to the question; a heading that repeats it adds none

_WORD = re.compile(r"[^\W_]+(?:[-.'’][^\W_]+)*")
_STOP_WORDS = """
a about all an and any are as at be been by can could do does for from had has have how i if in into is it
its may me must my need of on one or our shall should so some than that the their them there these they this
those to up us was we were what when where which who whom why will with would you your
"""
_SILENT = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a passage, its words and the share of the question's weight that they hold."""

    passage: Passage
    start: int
    end: int
    words: frozenset[str]
    coverage: float = 0.0

    @property
    def text(self) -> str:
        """The sentence."""
        return self.passage.text[self.start : self.end]


class ExtractiveEngine:
    """Picks sentences by shared words, weighted by rarity, and by the likeness of their vectors."""

    model = MODEL
    engine = "extractive"
    prompts = PROMPTS

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def answer(self, question: str, passages: Sequence[Passage], parameters: Generation) -> Answer:
        """The best sentences, each on a line; empty where none is relevant.

        Where the least relevance is 0, there is an answer to everything.
        """
        asked = words(question)
        candidates = nearest_by_words(asked, split(passages))
        if not candidates or (not asked and parameters.least_relevance > 0):
            return Answer()
        embedded = self._embedder.embed([question, *(candidate.text for candidate in candidates)])
        likeness = embedded.vectors[1:] @ embedded.vectors[0]
        scored = [
            (relevance(candidate.coverage, float(cosine)), candidate)
            for candidate, cosine in zip(candidates, likeness, strict=True)
        ]
        chosen = choose(scored, parameters)
        return Answer(
            "\n".join(" ".join(candidate.text.split()) for _, candidate in chosen),
            tuple(Quote(each.passage.id, each.start, each.end, score) for score, each in chosen),
            prompt_tokens=embedded.tokens,
        )


def words(text: str) -> frozenset[str]:
    """The words that carry meaning, lower case, without the commonest endings."""
    return frozenset(
        stem(word)
        for word in (found.group().casefold() for found in _WORD.finditer(text))
        if word not in _SILENT
    )


def stem(word: str) -> str:
    """A word without a plural or verbal ending: ``setbacks`` and ``setback`` are one."""
    for ending in ("ies", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4 and not word.endswith("ss"):
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word.removesuffix("e") if len(word) > 4 else word


def split(passages: Sequence[Passage]) -> list[Candidate]:
    """The sentences of the passages, in order; one that stands in several passages counts once."""
    found: dict[str, Candidate] = {}
    for passage in passages:
        for span in sentences(passage.text):
            candidate = Candidate(passage, span.start, span.end, words(passage.text[span.start : span.end]))
            if len(candidate.words) > 1:
                found.setdefault(" ".join(candidate.text.split()).casefold(), candidate)
    return list(found.values())


def rarity(candidates: Iterable[Candidate]) -> Mapping[str, float]:
    """Inverse document frequency of each word over the sentences (Robertson and Spärck Jones 1976)."""
    sets = [candidate.words for candidate in candidates]
    frequency = Counter(word for each in sets for word in each)
    return {
        word: math.log(1 + (len(sets) - count + 0.5) / (count + 0.5)) for word, count in frequency.items()
    }


def nearest_by_words(asked: frozenset[str], candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that hold most of the question's weight, best first, ties in order."""
    weight = rarity(candidates)
    unseen = math.log(2 * len(candidates) + 2)  # a word that no sentence has weighs like the rarest
    total = sum(weight.get(word, unseen) for word in asked)
    covered = [
        replace(each, coverage=sum(weight[word] for word in asked & each.words) / total if total else 0.0)
        for each in candidates
        if len(each.words - asked) >= NEWS
    ]
    return sorted(covered, key=lambda candidate: -candidate.coverage)[:CANDIDATES]


def relevance(coverage: float, cosine: float) -> float:
    """The weighted mean of both, 0 to 1."""
    return LEXICAL_WEIGHT * coverage + (1 - LEXICAL_WEIGHT) * min(max(cosine, 0.0), 1.0)


def choose(
    scored: Sequence[tuple[float, Candidate]], parameters: Generation
) -> list[tuple[float, Candidate]]:
    """The relevant candidates near the best, as many as are wanted, best first; ties stay in order."""
    ranked = sorted(scored, key=lambda pair: -pair[0])
    least = max(parameters.least_relevance, ranked[0][0] * NEAR_BEST)
    return [pair for pair in ranked[: parameters.most_quotes] if pair[0] >= least]
