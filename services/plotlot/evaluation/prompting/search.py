"""The search itself: prompts with examples that the base prompt answered rightly, tried on towns that it did not see."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plotlot.domain.prompts import Prompt
from plotlot.evaluation.prompting.cases import Case
from plotlot.evaluation.prompting.examples import Example, example_of, with_examples
from plotlot.evaluation.prompting.trials import Trial, Trials

MOST_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Found:
    """The base prompt's trial, and the best of what was tried beside it; None where nothing was better."""

    base: Trial
    best: Trial | None
    tried: int


async def search(
    trials: Trials,
    base: Prompt,
    name: str,
    learning: Sequence[Case],
    choosing: Sequence[Case],
    tries: int,
    seed: int,
    proposed: Prompt | None = None,
    follow: Callable[[str], None] = lambda words: None,
) -> Found:
    """Try prompts with a few examples each; one counts as better only by F1, at no less precision.

    Where another wording is ``proposed`` it is tried too, and the examples stand below the better of both.
    """
    before = await trials.of(base, choosing)
    follow(f"{base.name}: {words_of(before)}")
    examples = await bootstrapped(trials, base, learning)
    follow(f"{len(examples)} right answers can serve as examples")
    best, tried = before, 0
    if proposed is not None:
        trial = await trials.of(proposed, choosing)
        tried += 1
        follow(f"with another wording: {words_of(trial)}")
        best = trial if better(trial, before) else before
    worded = best.prompt
    for chosen in draws(examples, tries, random.Random(seed)):
        trial = await trials.of(with_examples(worded, name, chosen), choosing)
        tried += 1
        follow(f"with {len(chosen)} examples: {words_of(trial)}")
        if better(trial, best):
            best = trial
    return Found(before, None if best is before else best, tried)


async def bootstrapped(trials: Trials, base: Prompt, learning: Sequence[Case]) -> list[Example]:
    """The base prompt's own answers to the learning cases, where all of an answer is right."""
    trial = await trials.of(base, learning)
    made = []
    for case in learning:
        answered = trial.answers[case.name]
        counts = case.counts(answered.standards)
        if counts.right and not counts.wrong and not counts.missed and not answered.dropped:
            made.append(example_of(case, answered.standards, base))
    return [one for one in made if one is not None]


def draws(examples: Sequence[Example], tries: int, chance: random.Random) -> list[tuple[Example, ...]]:
    """Different sets of examples, the same for the same seed."""
    found: dict[frozenset[str], tuple[Example, ...]] = {}
    for _ in range(20 * tries if examples else 0):
        size = chance.randint(1, min(MOST_EXAMPLES, len(examples)))
        drawn = tuple(chance.sample(list(examples), size))
        found.setdefault(frozenset(one.line() for one in drawn), drawn)
        if len(found) == tries:
            break
    return list(found.values())


def better(one: Trial, other: Trial) -> bool:
    """Whether a prompt is better: what is shown must be at least as often right."""
    new, old = one.scores, other.scores
    return new["f1"] > old["f1"] and new["precision"] >= old["precision"]


def words_of(trial: Trial) -> str:
    """A trial in a line."""
    scores = trial.scores
    return (
        f"F1 {scores['f1']:.3f}, precision {scores['precision']:.3f}, recall {scores['recall']:.3f}, "
        f"{trial.dropped} dropped, {trial.prompt_tokens + trial.completion_tokens} tokens"
    )
