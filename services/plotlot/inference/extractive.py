"""Answers made of quotes alone: the sentences of the passages that answer a question most probably.

Needs no generating model. What a passage says is only ever compared and quoted, so instructions
inside it change nothing.
"""

from collections.abc import Sequence

from plotlot.domain.bundles import Generation
from plotlot.domain.contradictions import contradict
from plotlot.domain.relevance import relevance
from plotlot.inference.candidates import Candidate, Question, adds, question_of, signs_of, split
from plotlot.inference.embedding import Embedder
from plotlot.inference.generation import Answer, Passage, Quote

MODEL = "extractive/2"
PROMPTS = ("quotes/1",)
CANDIDATES = 24  # sentences that are embedded; the rest share too few words with the question
NEAR_BEST = 0.6  # least share of the best probability that a further quote has
RIVAL = 0.3  # and that one has which contradicts the best

Scored = tuple[float, Candidate]


class ExtractiveEngine:
    """Picks sentences by shared words, by the likeness of their vectors, and by what a question asks for."""

    model = MODEL
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
        if not candidates or (not asked.asked and parameters.least_relevance > 0):
            return Answer()
        embedded = self._embedder.embed([question, *(candidate.placed for candidate in candidates)])
        likeness = embedded.vectors[1:] @ embedded.vectors[0]
        scored = [
            (relevance(signs_of(asked, candidate, float(cosine))), candidate)
            for candidate, cosine in zip(candidates, likeness, strict=True)
        ]
        chosen = choose(scored, parameters)
        return Answer(
            "\n".join(" ".join(candidate.text.split()) for _, candidate in chosen),
            tuple(Quote(each.passage.id, each.start, each.end, score) for score, each in chosen),
            prompt_tokens=embedded.tokens,
        )


def nearest_by_words(question: Question, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that hold most of the question's weight, with their headings' help, ties in order."""

    def held(candidate: Candidate) -> float:
        placed = question.share(candidate.words | candidate.headings)
        return question.share(candidate.words) + placed - 2 * candidate.is_heading

    telling = [each for each in candidates if adds(question, each)]
    return sorted(telling, key=lambda candidate: -held(candidate))[:CANDIDATES]


def choose(scored: Sequence[Scored], parameters: Generation) -> list[Scored]:
    """The relevant candidates near the best, as many as are wanted, best first; ties stay in order.

    One that contradicts the best stands right after it, also where it is less near.
    """
    ranked = sorted(scored, key=lambda pair: -pair[0])
    best, top = ranked[0]
    if best < parameters.least_relevance:
        return []
    rivals = [
        pair for pair in ranked[1:] if pair[0] >= best * RIVAL and contradict(top.placed, pair[1].placed)
    ]
    near = [
        pair
        for pair in ranked[1:]
        if pair[0] >= max(parameters.least_relevance, best * NEAR_BEST) and pair not in rivals
    ]
    return [ranked[0], *rivals[:1], *near][: parameters.most_quotes]
