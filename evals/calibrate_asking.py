"""Fits the weights by which sentences are told to answer, on the golden questions of the split ``dev``.

    python evals/calibrate_asking.py [--data FOLDER] [--write]

Every sentence of the passages that a search finds is a case: an answer where it overlaps the evidence. One
logistic regression tells which sentence comes first; another, over what the first ones of each question have
together, whether there is an answer at all. Both are measured on towns held out, one after the other, and
the limit is moved to where it serves those best. With ``--write`` they are written to domain/relevance.py.
"""

import argparse
import asyncio
import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from plotlot.domain.bundles import Generation, Retrieval
from plotlot.domain.instructions import without_instructions
from plotlot.domain.relevance import Signs, Support, support
from plotlot.evaluation.golden import Place, Question, places
from plotlot.evaluation.sources import Sources
from plotlot.evaluation.stack import Stack, open_stack
from plotlot.inference.candidates import cannot_be_told, is_parted, is_unnamed, question_of, signs_of, split
from plotlot.inference.embedding import Embedder
from plotlot.inference.engines import embedder
from plotlot.inference.extractive import nearest_by_words
from plotlot.inference.generation import Passage
from plotlot.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
RULE = ROOT / "services" / "plotlot" / "domain" / "relevance.py"
NAMES = tuple(each.name for each in fields(Signs))
TELLING = tuple(each.name for each in fields(Support))
RULED = {"no_such_district", "no_zoning", "not_stated", "instructions"}
PASSED, FAILED = 0.05, 0.03  # shares of questions that may be answered, or refused, wrongly
SOFTNESS = 0.2  # within which a score counts as partly on the other side of the limit
STRENGTH, CAUTION = 10.0, 0.3  # inverse penalties of the two regressions


Found = Sequence[Mapping[str, Any]]
"""Results of a search, with where each stands."""


@dataclass(frozen=True)
class Seen:
    """The candidates of a question: the signs of each, and whether it answers; its telling words; if it is parted,
    names what no passage names, or is refused by a rule that nothing is fitted to."""

    question: Question
    signs: Sequence[Signs]
    answers: np.ndarray
    words: int
    parted: bool
    unnamed: bool
    ruled_out: bool

    @property
    def found(self) -> bool:
        """Whether a candidate answers."""
        return bool(self.answers.any())

    def support(self, order: np.ndarray) -> Support:
        """What its first candidates have together, put in order by such weights."""
        values = rows(self.signs) @ order
        first = np.argsort(-values, kind="stable")
        ranked = [self.signs[at] for at in first]
        nearest = max(each.likeness for each in self.signs)
        return support(
            ranked, [float(values[at]) for at in first], nearest, self.words, self.parted, self.unnamed
        )


@dataclass(frozen=True)
class Rules:
    """Weights of the order and of the answer, and its bias."""

    order: np.ndarray
    answers: np.ndarray
    bias: float

    def margin(self, seen: Seen) -> float:
        """By how much a question is above the limit, in logits; one that a rule refuses is below any."""
        if seen.ruled_out:
            return -math.inf
        score = rows([seen.support(self.order)]) @ self.answers
        return float(score[0]) + self.bias - limit()

    def refuses(self, seen: Seen) -> bool:
        """Whether a question is refused."""
        return self.margin(seen) < 0


def rows(signs: Sequence[Signs | Support]) -> np.ndarray:
    """Signs as a table."""
    return np.array([list(asdict(each).values()) for each in signs])


def limit() -> float:
    """The logit of the least relevance that a bundle asks for by default."""
    least = Generation().least_relevance
    return float(np.log(least / (1 - least)))


async def see(stack: Stack, question: Question, where: Sequence[Place], model: Embedder) -> Seen | None:
    """The candidates of a question, among the passages that a search finds for it."""
    asked = without_instructions(question.question)
    if not asked:
        return None
    body = {"query": asked, "municipality": question.municipality, "k": Retrieval().passages}
    results = (await stack.post("/v1/search", body))[0]["results"]
    sizes = itertools.accumulate(len(result["text"]) for result in results)
    most = max(sum(size <= Generation().context_characters for size in sizes), 1)
    return seen_of(question, asked, results[:most], where, model)


def seen_of(
    question: Question, asked: str, results: Found, where: Sequence[Place], model: Embedder
) -> Seen | None:
    """The candidates of a question in results."""
    passages = [Passage(result["chunk"], result["text"], result["section"]) for result in results]
    by_chunk = {result["chunk"]: result for result in results}
    sentences = split(passages)
    words = question_of(asked, sentences)
    candidates = nearest_by_words(words, sentences)
    if not candidates:
        return None
    vectors = model.embed([asked, *(each.placed for each in candidates)]).vectors
    signs = [
        signs_of(words, candidate, float(likeness))
        for candidate, likeness in zip(candidates, vectors[1:] @ vectors[0], strict=True)
    ]
    answers = [
        overlaps(by_chunk[candidate.passage.id], candidate.start, candidate.end, where)
        for candidate in candidates
    ]
    return Seen(
        question,
        signs,
        np.array(answers),
        len(words.asked),
        is_parted(words, passages),
        is_unnamed(words, passages),
        cannot_be_told(words),
    )


def overlaps(result: Mapping[str, object], start: int, end: int, where: Sequence[Place]) -> bool:
    """Whether a span of a search result shares characters with the evidence."""
    first = int(str(result["start"]))
    return any(
        result["document_sha256"] == place.document.text_sha256
        and min(first + end, span.end) > max(first + start, span.start)
        for place in where
        for span in place.spans
    )


def fit(seen: Sequence[Seen]) -> Rules:
    """Both rules."""
    order = fit_order(seen)
    return Rules(order, *fit_answers(seen, order))


def fit_order(seen: Sequence[Seen]) -> np.ndarray:
    """Weights that put the evidence first: over all candidates of questions whose answer a search found."""
    useful = [each for each in seen if each.found or each.question.wants_refusal]
    signs = np.vstack([rows(each.signs) for each in useful])
    answers = np.concatenate([each.answers for each in useful])
    weights = np.concatenate([np.full(len(each.answers), 1 / np.sqrt(len(each.answers))) for each in useful])
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(signs, answers, sample_weight=weights)
    return np.where(np.array(NAMES) == "unseen", 0.0, model.coef_[0])


def fit_answers(seen: Sequence[Seen], order: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights and bias that tell answered questions from others by the candidates that come first.

    The bias is set where both kinds of mistake, each beside the share that is allowed of it, are least together.
    """
    judged = [each for each in seen if is_told_by_its_text(each.question)]
    table = rows([each.support(order) for each in judged])
    wants = np.array([each.question.wants_refusal for each in judged])
    scale = table.std(0) + 1e-9
    model = LogisticRegression(C=CAUTION, max_iter=4000, class_weight="balanced").fit(table / scale, ~wants)
    weights = model.coef_[0] / scale
    scores = table @ weights

    def loss(at: float) -> float:
        passed = (1 / (1 + np.exp((at - scores[wants]) / SOFTNESS))).mean()
        failed = (1 / (1 + np.exp((scores[~wants] - at) / SOFTNESS))).mean()
        return float(passed / PASSED + failed / FAILED)

    cut = min(np.linspace(scores.min(), scores.max(), 400), key=loss)
    return weights, limit() - float(cut)


def without_each_town(seen: Sequence[Seen]) -> dict[str, Rules]:
    """The rules fitted without a town, by its name."""
    towns = sorted({each.question.municipality for each in seen})
    return {town: fit([each for each in seen if each.question.municipality != town]) for town in towns}


def moved(rules: Rules, without: Mapping[str, Rules], seen: Sequence[Seen]) -> Rules:
    """The rules with the bias at which, in towns held out, the worse of both mistakes is least beside what is allowed.

    Of several that are as good, the one in the middle.
    """
    judged = [each for each in seen if is_told_by_its_text(each.question)]
    wants = np.array([each.question.wants_refusal for each in judged])
    margins = np.array([without[each.question.municipality].margin(each) for each in judged])

    def worse(by: float) -> float:
        refused = margins + by < 0
        return max(float((~refused)[wants].mean()) / PASSED, float(refused[~wants].mean()) / FAILED)

    tried = np.linspace(-1, 1, 201)
    found = np.array([worse(by) for by in tried])
    return replace(rules, bias=rules.bias + float(np.median(tried[found == found.min()])))


def is_told_by_its_text(question: Question) -> bool:
    """Whether sentences answer a question or nothing does: not standards, nor a lack of the district."""
    ruled = RULED & set(question.reasons) or question.slice == "other_town"
    return not ruled and "field" not in (question.answer or {})


def report(seen: Sequence[Seen], rules: Rules, without: Mapping[str, Rules]) -> None:
    """Print the weights, and how the questions fall: by these rules, and by rules fitted without their town."""
    print({name: round(float(weight), 3) for name, weight in zip(NAMES, rules.order, strict=True)})
    answers = zip(TELLING, rules.answers, strict=True)
    print({name: round(float(weight), 3) for name, weight in answers}, round(rules.bias, 3))
    count("fitted", [(each, rules) for each in seen])
    count("town held out", [(each, without[each.question.municipality]) for each in seen])


def count(name: str, cases: Sequence[tuple[Seen, Rules]]) -> None:
    """Print what is refused, and how often the first sentence is evidence."""
    judged = [(each, rules) for each, rules in cases if is_told_by_its_text(each.question)]
    for wants in (True, False):
        group = [rules.refuses(each) for each, rules in judged if each.question.wants_refusal == wants]
        what = "to be refused" if wants else "to be answered"
        print(f"{name}: {what}, refused {sum(group)} of {len(group)}")
    right = [
        bool(each.answers[(rows(each.signs) @ rules.order).argmax()]) for each, rules in cases if each.found
    ]
    print(f"{name}: first sentence is evidence: {sum(right)} of {len(right)}")


def write(rules: Rules) -> None:
    """Put both rules into their module."""
    text = RULE.read_text(encoding="utf-8")
    text = re.sub(r"BIAS = .*", f"BIAS = {rules.bias:.3f}", text)
    for rule, names, values in (("ORDER", NAMES, rules.order), ("ANSWERS", TELLING, rules.answers)):
        lines = "".join(f'    "{name}": {value:.3f},\n' for name, value in zip(names, values, strict=True))
        text = re.sub(rf"({rule}: [^\n]*\{{\n).*?\}}", rf"\g<1>{lines}}}", text, flags=re.S)
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
    fitted, without = fit(seen), without_each_town(seen)
    rules = moved(fitted, without, seen)
    held = {town: replace(each, bias=each.bias + rules.bias - fitted.bias) for town, each in without.items()}
    report(seen, rules, held)
    if keep:
        write(rules)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    asyncio.run(main(given.data, given.write))
