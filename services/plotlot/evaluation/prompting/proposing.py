"""Other wordings of a prompt's task, proposed and tried by DSPy's COPRO (optional extra ``prompts``)."""

import asyncio
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from plotlot.domain.errors import ServiceUnavailable
from plotlot.domain.prompts import Prompt
from plotlot.evaluation.prompting.cases import Case
from plotlot.evaluation.prompting.examples import with_task
from plotlot.evaluation.prompting.trials import Trials

ANSWER_SECONDS = 1200.0


def writer(url: str, model: str, api_key: str) -> Any:
    """The model that proposes, as DSPy calls it. Raises ServiceUnavailable where DSPy is not installed."""
    return _dspy().LM(
        f"openai/{model}", api_base=f"{url.rstrip('/')}/v1", api_key=api_key or "none", cache=False
    )


async def proposed(
    trials: Trials, base: Prompt, name: str, learning: Sequence[Case], proposer: Any, breadth: int, depth: int
) -> Prompt:
    """The base prompt with the wording of its task that did best on the learning cases, its own among them."""
    loop = asyncio.get_running_loop()

    def score(instructions: str, number: int) -> float:
        tried = trials.of(with_task(base, name, instructions), [learning[number]])
        return asyncio.run_coroutine_threadsafe(tried, loop).result(ANSWER_SECONDS).scores["f1"]

    found = await asyncio.to_thread(_optimised, base, score, len(learning), proposer, breadth, depth)
    return with_task(base, name, found)


def _optimised(
    base: Prompt, score: Callable[[str, int], float], cases: int, proposer: Any, breadth: int, depth: int
) -> str:
    """The best instructions that COPRO finds: DSPy words them, PlotLot's own dialogue tries them."""
    dspy = _dspy()

    class ReadCode(dspy.Module):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.read = dspy.Predict(dspy.Signature("question -> claims", base.parts["system"]))

        def forward(self, number: int) -> Any:
            return dspy.Prediction(score=score(self.read.signature.instructions, number))

    examples = [dspy.Example(number=number).with_inputs("number") for number in range(cases)]
    optimiser = dspy.COPRO(
        prompt_model=proposer,
        metric=lambda example, prediction, trace=None: prediction.score,
        breadth=breadth,
        depth=depth,
    )
    quiet = {"num_threads": 2, "display_progress": False, "display_table": 0}
    with dspy.context(lm=proposer):
        best = optimiser.compile(ReadCode(), trainset=examples, eval_kwargs=quiet)
    return str(best.read.signature.instructions)


def _dspy() -> Any:
    try:
        return import_module("dspy")
    except ImportError as error:
        raise ServiceUnavailable("DSPy is not installed here: install plotlot[prompts]") from error
