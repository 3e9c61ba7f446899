"""Models that answer by script, for the engine that asks one."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from plotlot.domain.messages import Message
from plotlot.extraction.model.completing import Written

Says = Callable[[Sequence[Message]], str]


class Scripted:
    """Answers each call with the next of its texts, or by a function of the messages; keeps what it was sent."""

    def __init__(self, *answers: str | Exception | Says) -> None:
        self._answers = list(answers)
        self.sent: list[Sequence[Message]] = []
        self.schemas: list[Mapping[str, Any]] = []

    async def default_model(self) -> str:
        return "scripted"

    async def complete(
        self, messages: Sequence[Message], schema: Mapping[str, Any], model: str, affinity: str
    ) -> Written:
        self.sent.append(messages)
        self.schemas.append(schema)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return Written(answer if isinstance(answer, str) else answer(messages), 100, 10)


def claim(
    quote: str, field: str, value: float | None, unit: str | None = "ft", **other: Any
) -> dict[str, Any]:
    """A claim of passage 1 without conditions, with whatever else is given."""
    conditions = {"use": None, "lot": None, "sewer": None, "other": None, **other.pop("conditions", {})}
    stated = {"passage": 1, "quote": quote, "field": field, "status": "stated", "value": value, "unit": unit}
    return {**stated, "formula": None, "conditions": conditions, **other}


def claims(*made: dict[str, Any]) -> str:
    """An answer."""
    return json.dumps({"claims": made})


NONE = claims()
