"""Answers made of quotes alone: the sentences of the passages that answer a question most probably.

Needs no generating model. What a passage says is only ever compared and quoted, so instructions
inside it change nothing.
"""

from collections.abc import Sequence
from typing import NamedTuple

from plotlot.domain.bundles import Generation
from plotlot.domain.contradictions import Statement, contradict
from plotlot.domain.relevance import Signs, precedence, relevance, support
from plotlot.inference import EXTRACTIVE
from plotlot.inference.candidates import (
    Candidate,
    Question,
    adds,
    cannot_be_told,
    is_parted,
    is_unnamed,
    question_of,
    signs_of,
    split,
)
from plotlot.inference.embedding import Embedder
from plotlot.inference.generation import Answer, Passage, Quote

PROMPTS = ("quotes/1",)
CANDIDATES = 24  # sentences that are embedded; the rest share too few words with the question
NEAR = 1.0  # most that a further quote is behind the best in precedence
RIVAL = 3.5  # and one that contradicts the best


class Scored(NamedTuple):
    """A candidate with its signs, its place in the order, and how probable an answer it is where it comes first."""

    candidate: Candidate
    signs: Signs
    precedence: float
    relevance: float = 0.0


class ExtractiveEngine:
    """Picks sentences by shared words, by the likeness of their vectors, and by what a question asks for."""

    model = EXTRACTIVE
    engine = "extractive"
    prompts = PROMPTS

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def answer(self, question: str, passages: Sequence[Passage], parameters: Generation) -> Answer:
        """The best sentences, each on a line; empty where none is relevant.

        Where the least relevance is 0, there is an answer to everything.
        """
        found = split(passages)
        asked = question_of(question, found)
        candidates = nearest_by_words(asked, found)
        if not candidates or (parameters.least_relevance > 0 and (not asked.asked or cannot_be_told(asked))):
            return Answer()
        embedded = self._embedder.embed([question, *(candidate.placed for candidate in candidates)])
        likeness = embedded.vectors[1:] @ embedded.vectors[0]
        scored = []
        for candidate, cosine in zip(candidates, likeness, strict=True):
            signs = signs_of(asked, candidate, float(cosine))
            scored.append(Scored(candidate, signs, precedence(signs)))
        chosen = choose(judged(scored, asked, passages), parameters)
        return Answer(
            "\n".join(" ".join(one.candidate.text.split()) for one in chosen),
            tuple(quote_of(one) for one in chosen),
            prompt_tokens=embedded.tokens,
        )


def nearest_by_words(question: Question, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that hold most of the question's weight, with their headings' help, ties in order."""

    def held(candidate: Candidate) -> float:
        placed = question.share(candidate.words | candidate.headings)
        return question.share(candidate.words) + placed - 2 * candidate.is_heading

    telling = [each for each in candidates if adds(question, each)]
    return sorted(telling, key=lambda candidate: -held(candidate))[:CANDIDATES]


def judged(scored: Sequence[Scored], question: Question, passages: Sequence[Passage]) -> list[Scored]:
    """The candidates in order, each with the probability that it, and those after it, answer."""
    ranked = sorted(scored, key=lambda one: -one.precedence)
    signs, order = [one.signs for one in ranked], [one.precedence for one in ranked]
    nearest = max(each.likeness for each in signs)
    parted, unnamed = is_parted(question, passages), is_unnamed(question, passages)
    supports = (
        support(signs[at:], order[at:], nearest, len(question.asked), parted, unnamed)
        for at in range(len(ranked))
    )
    return [one._replace(relevance=relevance(each)) for one, each in zip(ranked, supports, strict=True)]


def choose(ranked: Sequence[Scored], parameters: Generation) -> list[Scored]:
    """The relevant candidates near the best, as many as are wanted, best first; ties stay in order.

    One that contradicts the best stands right after it, also where it is less near.
    """
    best, others = ranked[0], ranked[1:]
    if best.relevance < parameters.least_relevance:
        return []
    if parameters.least_relevance == 0:
        return list(ranked[: parameters.most_quotes])
    rivals = [one for one in others if best.precedence - one.precedence <= RIVAL and contradicts(best, one)]
    near = [one for one in others if best.precedence - one.precedence <= NEAR and one not in rivals]
    return [best, *rivals[:1], *near][: parameters.most_quotes]


def contradicts(best: Scored, other: Scored) -> bool:
    """Whether a candidate gives another measure of what the best is about."""
    one, rival = (Statement(each.candidate.text, each.candidate.passage.section) for each in (best, other))
    return not other.candidate.is_heading and contradict(one, rival)


def quote_of(scored: Scored) -> Quote:
    """A candidate as a quote."""
    candidate = scored.candidate
    return Quote(candidate.passage.id, candidate.start, candidate.end, scored.relevance)
