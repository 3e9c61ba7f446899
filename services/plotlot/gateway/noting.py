"""What is noted of an answer for its request's span and line in the log: no words of it, and none of the question's."""

from collections.abc import Mapping
from typing import Any

from plotlot.telemetry import SpanNames
from plotlot.tracing.notes import note

NUMBERS = {"prompt_tokens": SpanNames.INPUT_TOKENS, "completion_tokens": SpanNames.OUTPUT_TOKENS}


def note_answer(answer: Mapping[str, Any]) -> None:
    """Note the town, who answered, and the tokens. The town of a refusal is not: it is whatever was typed."""
    town = answer.get("municipality")
    if town and not answer.get("refused"):
        note(SpanNames.TOWN, town)
    if engine := engine_of(answer):
        note(SpanNames.ENGINE, engine)
    for name, attribute in NUMBERS.items():
        if number := answer.get(name):
            note(attribute, number)


def engine_of(answer: Mapping[str, Any]) -> str:
    """Who answered a question, or read the standards that an answer shows; empty where nobody did."""
    read = (each.get("engine", "") for each in answer.get("standards") or () if isinstance(each, Mapping))
    return str(answer.get("engine") or next(read, ""))
