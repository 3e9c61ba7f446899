"""Fits the weights by which sentences are told to answer, on the golden questions of the split ``dev``.

    python evals/calibrate_asking.py [--data ../shared/data] [--write]

Every sentence of the passages that a search finds is a case: an answer where it overlaps the evidence. The
weights are those of a logistic regression; the bias is set so that few questions without an answer pass the
default least relevance, and few with one fail it. With ``--write`` they are written to domain/relevance.py.
"""

import argparse
import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from plotlot.domain.bundles import Generation
from plotlot.domain.instructions import without_instructions
from plotlot.domain.questions import asked_of
from plotlot.domain.relevance import Signs
from plotlot.evaluation.golden import Place, Question, places
from plotlot.evaluation.sources import Sources
from plotlot.evaluation.stack import Stack, open_stack
from plotlot.inference.candidates import adds, question_of, signs_of, split
from plotlot.inference.embedding import Embedder
from plotlot.inference.engines import embedder
from plotlot.inference.generation import Passage
from plotlot.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
RULE = ROOT / "services" / "plotlot" / "domain" / "relevance.py"
NAMES = tuple(asdict(Signs(0, 0, 0, 0)))
PASSAGES = 8
RULED = ("no_such_district", "no_zoning", "other_town")
STRENGTH = 3.0  # inverse of the regression's penalty


@dataclass(frozen=True)
class Seen:
    """The candidates of a question: the signs of each, and whether it answers; ``found`` where one does."""

    question: Question
    signs: np.ndarray
    answers: np.ndarray

    @property
    def found(self) -> bool:
        """Whether a candidate answers."""
        return bool(self.answers.any())


async def see(stack: Stack, question: Question, where: Sequence[Place], model: Embedder) -> Seen | None:
    """The candidates of a question, among the passages that a search finds for it."""
    asked = without_instructions(question.question)
    if not asked:
        return None
    body = {"query": asked, "municipality": question.municipality, "k": PASSAGES}
    results = (await stack.post("/v1/search", body))[0]["results"]
    passages = [Passage(result["chunk"], result["text"], result["section"]) for result in results]
    by_chunk = {result["chunk"]: result for result in results}
    sentences = split(passages)
    words = question_of(asked, sentences)
    candidates = [each for each in sentences if adds(words, each)]
    if not candidates:
        return None
    vectors = model.embed([asked, *(each.placed for each in candidates)]).vectors
    rows, answers = [], []
    for candidate, likeness in zip(candidates, vectors[1:] @ vectors[0], strict=True):
        rows.append(list(asdict(signs_of(words, candidate, float(likeness))).values()))
        answers.append(overlaps(by_chunk[candidate.passage.id], candidate.start, candidate.end, where))
    return Seen(question, np.array(rows), np.array(answers))


def overlaps(result: Mapping[str, object], start: int, end: int, where: Sequence[Place]) -> bool:
    """Whether a span of a search result shares characters with the evidence."""
    first = int(str(result["start"]))
    return any(
        result["document_sha256"] == place.document.text_sha256
        and min(first + end, span.end) > max(first + start, span.start)
        for place in where
        for span in place.spans
    )


def fit(seen: Sequence[Seen]) -> tuple[np.ndarray, float]:
    """Weights and bias over all candidates; questions whose answer no search found teach nothing."""
    useful = [each for each in seen if each.found or each.question.wants_refusal]
    signs = np.vstack([each.signs for each in useful])
    answers = np.concatenate([each.answers for each in useful])
    weights = np.concatenate([np.full(len(each.answers), 1 / np.sqrt(len(each.answers))) for each in useful])
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(signs, answers, sample_weight=weights)
    return model.coef_[0], float(model.intercept_[0])


def bias_for(seen: Sequence[Seen], weights: np.ndarray, least: float) -> float:
    """The bias with which the fewest questions are on the wrong side of the least relevance, both kinds alike."""
    cut = np.log(least / (1 - least))
    judged = [each for each in seen if is_told_by_its_text(each.question)]
    best = [(float((each.signs @ weights).max()), each.question.wants_refusal) for each in judged]
    refuse = [score for score, wants in best if wants]
    answer = [score for score, wants in best if not wants]

    def loss(limit: float) -> float:
        return float(
            np.mean([score >= limit for score in refuse]) + np.mean([score < limit for score in answer])
        )

    edges = sorted(score for score, _ in best)
    limits = [(low + high) / 2 for low, high in pairwise(edges)]
    least_loss = min(loss(limit) for limit in limits)
    good = [limit for limit in limits if loss(limit) <= least_loss + 1e-9]
    return float(cut - good[len(good) // 2])


def is_told_by_its_text(question: Question) -> bool:
    """Whether sentences answer a question or nothing does: not standards, nor a lack of the district."""
    return question.slice not in RULED and not asked_of(question.question).is_of_standards


def report(seen: Sequence[Seen], weights: np.ndarray, bias: float, least: float) -> None:
    """Print the weights and how the questions fall."""
    print(
        {name: round(float(weight), 3) for name, weight in zip(NAMES, weights, strict=True)}, round(bias, 3)
    )
    probable = [1 / (1 + np.exp(-(each.signs @ weights + bias))) for each in seen]
    refused = [found.max() < least for found in probable]
    told = [is_told_by_its_text(each.question) for each in seen]
    for wants in (True, False):
        sides = zip(refused, seen, told, strict=True)
        group = [one for one, each, judged in sides if judged and each.question.wants_refusal == wants]
        print("to be refused" if wants else "to be answered", f"refused {sum(group)} of {len(group)}")
    right = [
        bool(each.answers[found.argmax()]) for found, each in zip(probable, seen, strict=True) if each.found
    ]
    print(f"best sentence is evidence: {sum(right)} of {len(right)}")


def write(weights: np.ndarray, bias: float) -> None:
    """Put the weights into the rule."""
    lines = "".join(f'    "{name}": {weight:.3f},\n' for name, weight in zip(NAMES, weights, strict=True))
    text = RULE.read_text(encoding="utf-8")
    text = re.sub(r"BIAS = .*", f"BIAS = {bias:.3f}", text)
    text = re.sub(r"(WEIGHTS: [^\n]*\{\n).*?\}", lambda found: f"{found[1]}{lines}}}", text, flags=re.S)
    RULE.write_text(text, encoding="utf-8")


async def main(data: Path | None, keep: bool) -> None:
    """See every question, fit, report, and write where asked to."""
    least = Generation().least_relevance
    sources = Sources(ROOT, data, "dev")
    settings = Settings()
    seen = []
    async with open_stack(settings) as stack:
        towns = {question.municipality for question in sources.asked}
        await stack.ingest(sources.towns[name] for name in sorted(towns))
        model = embedder(settings)
        for question in sources.asked:
            found = await see(stack, question, places(question, sources.towns[question.municipality]), model)
            if found is not None:
                seen.append(found)
    weights, _ = fit(seen)
    bias = bias_for(seen, weights, least)
    report(seen, weights, bias, least)
    if keep:
        write(weights, bias)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    asyncio.run(main(given.data, given.write))
