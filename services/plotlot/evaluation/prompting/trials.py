"""How well a prompt reads: its answers to cases, counted."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plotlot.domain.errors import InvalidOutput, PromptTooLong
from plotlot.domain.prompts import Prompt
from plotlot.evaluation.extraction import Counts
from plotlot.evaluation.prompting.cases import Case
from plotlot.extraction.model.completing import Completer
from plotlot.extraction.model.dialogue import Answered, Dialogue

AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Trial:
    """What a prompt came to on some cases; an answer that could not be read is all misses."""

    prompt: Prompt
    counts: Counts
    dropped: int
    prompt_tokens: int
    completion_tokens: int
    answers: Mapping[str, Answered]

    @property
    def scores(self) -> Mapping[str, float]:
        """Precision, recall and F1."""
        return self.counts.scores()


class Trials:
    """Tries prompts on one model."""

    def __init__(self, completer: Completer, model: str) -> None:
        self._completer = completer
        self._model = model

    async def of(self, prompt: Prompt, cases: Sequence[Case]) -> Trial:
        """A prompt tried on cases, a few at once."""
        slots = asyncio.Semaphore(AT_ONCE)

        async def answer(case: Case) -> Answered:
            async with slots:
                dialogue = Dialogue(self._completer, self._model, prompt, {}, "model", case.name)
                try:
                    return await dialogue.ask(case.question)
                except (InvalidOutput, PromptTooLong):
                    return Answered()

        answers = await asyncio.gather(*map(answer, cases))
        total = Counts()
        for case, answered in zip(cases, answers, strict=True):
            found = case.counts(answered.standards)
            total.right, total.wrong = total.right + found.right, total.wrong + found.wrong
            total.missed += found.missed
        return Trial(
            prompt,
            total,
            sum(one.dropped for one in answers),
            sum(one.prompt_tokens for one in answers),
            sum(one.completion_tokens for one in answers),
            {case.name: one for case, one in zip(cases, answers, strict=True)},
        )
