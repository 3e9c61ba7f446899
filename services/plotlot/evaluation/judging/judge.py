"""Asks a model which of two answers is better, in both orders; where they disagree it has no opinion."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import grpc

from plotlot.api.inference.v1 import inference_pb2
from plotlot.domain.agreement import cohens_kappa, share_agreed
from plotlot.domain.errors import PlotLotError
from plotlot.domain.prompts import Prompt, file_name, filled
from plotlot.evaluation.judging.pairs import Pair
from plotlot.rpc.errors import calling

if TYPE_CHECKING:
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceAsyncStub

PROMPT = "prefer/1"
AT_ONCE = 4
MISSING = "missing"
SCHEMA = {
    "type": "object",
    "properties": {
        "why": {"type": "string", "maxLength": 400},
        "better": {"enum": ["first", "second", "neither"]},
    },
    "required": ["why", "better"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the judge says of a pair: a, b, tie, none where its two answers disagree, or that one is missing."""

    pair: str
    label: str
    why: tuple[str, ...] = ()
    tokens: int = 0


class Judge:
    """A judge through the inference service."""

    def __init__(self, inference: "InferenceServiceAsyncStub", model: str = "") -> None:
        self._inference = inference
        self._model = model
        text = files(__package__).joinpath("prompts", file_name(PROMPT)).read_text(encoding="utf-8")
        self._prompt = Prompt(PROMPT, text)

    async def opinions(self, pairs: Sequence[Pair]) -> list[Opinion]:
        """The opinion on each pair, in their order."""
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(pair: Pair) -> Opinion:
            async with slots:
                return await self.opinion(pair)

        return list(await asyncio.gather(*(one(pair) for pair in pairs)))

    async def opinion(self, pair: Pair) -> Opinion:
        """Ask in both orders; the judge is told neither which answer is whose nor that it is asked twice."""
        there = await self._better(pair, pair.a, pair.b)
        back = await self._better(pair, pair.b, pair.a)
        if there is None or back is None:
            return Opinion(pair.id, MISSING)
        label = {"first": "a", "second": "b", "neither": "tie"}[there["better"]]
        again = {"first": "b", "second": "a", "neither": "tie"}[back["better"]]
        tokens = there["tokens"] + back["tokens"]
        return Opinion(pair.id, label if label == again else "none", (there["why"], back["why"]), tokens)

    async def _better(self, pair: Pair, first: str, second: str) -> dict[str, Any] | None:
        """One answer of the judge; None where there is none that keeps to its schema."""
        texts = {"question": pair.question, "code": pair.code, "first": first, "second": second}
        safe = {name: undelimited(text) for name, text in texts.items()}
        request = inference_pb2.GenerateRequest(
            messages=[
                inference_pb2.Message(role="system", content=self._prompt.parts["system"]),
                inference_pb2.Message(role="user", content=filled(self._prompt.parts["user"], safe)),
            ],
            json_schema=json.dumps(SCHEMA),
            model=self._model,
            priority="batch",
            sampling=inference_pb2.Sampling(temperature=0.0, max_tokens=200),
        )
        try:
            with calling("inference"):
                answer = await self._inference.Generate(request)
            said = json.loads(answer.answer)
            if said["better"] not in SCHEMA["properties"]["better"]["enum"]:  # type: ignore[index]
                return None
            tokens = answer.prompt_tokens + answer.completion_tokens
            return {"better": said["better"], "why": str(said["why"]), "tokens": tokens}
        except (PlotLotError, grpc.RpcError, ValueError, KeyError, TypeError):
            return None


def undelimited(text: str) -> str:
    """A text that cannot end the part of the prompt that it stands in."""
    return text.replace("<", "‹").replace(">", "›")


def agreement(pairs: Sequence[Pair], opinions: Sequence[Opinion]) -> dict[str, Any]:
    """How far the judge agrees with people. No opinion is taken for a tie; a missing one agrees with nobody."""
    people = [pair.people for pair in pairs]
    judged = [{"none": "tie"}.get(opinion.label, opinion.label) for opinion in opinions]
    kappa = cohens_kappa(people, judged)
    counts = Counter(opinion.label for opinion in opinions)
    return {
        "pairs": len(pairs),
        "kappa": None if kappa is None else round(kappa, 4),
        "agreed": round(share_agreed(people, judged), 4),
        "no_opinion": counts["none"],
        "missing": counts[MISSING],
    }


def tally(opinions: Sequence[Opinion]) -> Mapping[str, int]:
    """How many pairs went to each label."""
    return Counter(opinion.label for opinion in opinions)
