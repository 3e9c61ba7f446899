"""Fits the weights by which sentences are told to answer, on the golden questions of the split ``dev``.

    python evals/calibrate_asking.py [--data FOLDER] [--write]

Every sentence of the passages that a search finds is a case: an answer where it overlaps the evidence. One
logistic regression tells which sentence comes first; another, over the first of each question, whether it is an
answer at all. With ``--write`` both are written to domain/relevance.py.
"""

import argparse
import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from plotlot.domain.bundles import Generation
from plotlot.domain.instructions import without_instructions
from plotlot.domain.relevance import Signs
from plotlot.evaluation.golden import Place, Question, places
from plotlot.evaluation.sources import Sources
from plotlot.evaluation.stack import Stack, open_stack
from plotlot.inference.candidates import adds, question_of, signs_of, split
from plotlot.inference.embedding import Embedder
from plotlot.inference.engines import embedder
from plotlot.inference.extractive import TRIED
from plotlot.inference.generation import Passage
from plotlot.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
RULE = ROOT / "services" / "plotlot" / "domain" / "relevance.py"
NAMES = tuple(asdict(Signs(0, 0, 0, 0)))
PASSAGES = 8
TELLING = NAMES[:4]
RULED = {"no_such_district", "no_zoning", "not_stated", "instructions"}
PASSED, FAILED = 0.05, 0.03  # shares of questions that may be answered, or refused, wrongly
SOFTNESS = 0.2  # within which a score counts as partly on the other side of the limit
STRENGTH = 10.0  # inverse of the regression's penalty


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


def fit_order(seen: Sequence[Seen]) -> np.ndarray:
    """Weights that put the evidence first: over all candidates of questions whose answer a search found."""
    useful = [each for each in seen if each.found or each.question.wants_refusal]
    signs = np.vstack([each.signs for each in useful])
    answers = np.concatenate([each.answers for each in useful])
    weights = np.concatenate([np.full(len(each.answers), 1 / np.sqrt(len(each.answers))) for each in useful])
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(signs, answers, sample_weight=weights)
    return np.where(np.array(NAMES) == "unseen", 0.0, model.coef_[0])


def fit_answers(seen: Sequence[Seen], order: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights and bias that tell answered questions from others by the candidates that come first.

    The bias is set where both kinds of mistake, each beside the share that is allowed of it, are least together.
    """
    judged = [each for each in seen if is_told_by_its_text(each.question)]
    rows, kinds = [], []
    for each in judged:
        first = [
            at for at in np.argsort(-(each.signs @ order)) if each.question.wants_refusal or each.answers[at]
        ]
        chosen = first[:TRIED] if each.question.wants_refusal else first[:1]
        rows += [each.signs[at, : len(TELLING)] for at in chosen]
        kinds += [not each.question.wants_refusal] * len(chosen)
    model = LogisticRegression(C=STRENGTH, max_iter=2000, class_weight="balanced").fit(np.array(rows), kinds)
    weights = model.coef_[0]
    scores = [(best_score(each, order, weights), each.question.wants_refusal) for each in judged]
    refuse = np.array([score for score, wants in scores if wants])
    answer = np.array([score for score, wants in scores if not wants])

    def loss(at: float) -> float:
        passed = (1 / (1 + np.exp((at - refuse) / SOFTNESS))).mean()
        failed = (1 / (1 + np.exp((answer - at) / SOFTNESS))).mean()
        return float(passed / PASSED + failed / FAILED)

    limit = min(np.linspace(min(answer), max(refuse), 200), key=loss)
    least = Generation().least_relevance
    return weights, float(np.log(least / (1 - least)) - limit)


def best_score(seen: Seen, order: np.ndarray, weights: np.ndarray) -> float:
    """The best score of the candidates that come first."""
    first = np.argsort(-(seen.signs @ order))[:TRIED]
    return float((seen.signs[first, : len(TELLING)] @ weights).max())


def is_told_by_its_text(question: Question) -> bool:
    """Whether sentences answer a question or nothing does: not standards, nor a lack of the district."""
    ruled = RULED & set(question.reasons) or question.slice == "other_town"
    return not ruled and "field" not in (question.answer or {})


def report(seen: Sequence[Seen], order: np.ndarray, weights: np.ndarray, bias: float) -> None:
    """Print the weights and how the questions fall."""
    print({name: round(float(weight), 3) for name, weight in zip(NAMES, order, strict=True)})
    print(
        {name: round(float(weight), 3) for name, weight in zip(TELLING, weights, strict=True)}, round(bias, 3)
    )
    least = Generation().least_relevance
    cut = np.log(least / (1 - least)) - bias
    judged = [each for each in seen if is_told_by_its_text(each.question)]
    for wants in (True, False):
        group = [
            best_score(each, order, weights) < cut for each in judged if each.question.wants_refusal == wants
        ]
        print("to be refused" if wants else "to be answered", f"refused {sum(group)} of {len(group)}")
    right = [bool(each.answers[(each.signs @ order).argmax()]) for each in seen if each.found]
    print(f"best sentence is evidence: {sum(right)} of {len(right)}")


def write(order: np.ndarray, weights: np.ndarray, bias: float) -> None:
    """Put both rules into their module."""
    text = RULE.read_text(encoding="utf-8")
    text = re.sub(r"BIAS = .*", f"BIAS = {bias:.3f}", text)
    for rule, names, values in (("ORDER", NAMES, order), ("ANSWERS", TELLING, weights)):
        lines = "".join(f'    "{name}": {value:.3f},\n' for name, value in zip(names, values, strict=True))
        text = re.sub(
            rf"({rule}: [^\n]*\{{\n).*?\}}", lambda found, own=lines: f"{found[1]}{own}}}", text, flags=re.S
        )
    RULE.write_text(text, encoding="utf-8")


async def main(data: Path | None, keep: bool) -> None:
    """See every question, fit, report, and write where asked to."""
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
    order = fit_order(seen)
    weights, bias = fit_answers(seen, order)
    report(seen, order, weights, bias)
    if keep:
        write(order, weights, bias)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    asyncio.run(main(given.data, given.write))
