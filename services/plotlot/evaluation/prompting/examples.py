"""Examples for a prompt, of answers that were right: a question cut to what the answer quotes, and the claims."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from plotlot.domain.prompts import Prompt
from plotlot.domain.quantities import normalise, parse, same_value, unit_kind
from plotlot.domain.standards import Standard
from plotlot.evaluation.prompting.cases import Case
from plotlot.extraction.model.asking import messages
from plotlot.extraction.model.passages import Passage

LONGEST = 3_000  # characters of one example: a prompt is paid for with every question


@dataclass(frozen=True, slots=True)
class Example:
    """What was asked and what was answered."""

    user: str
    assistant: str

    def __len__(self) -> int:
        return len(self.user) + len(self.assistant)

    def line(self) -> str:
        """The example as it stands in a prompt's file."""
        return json.dumps({"user": self.user, "assistant": self.assistant}, ensure_ascii=False)


def example_of(case: Case, standards: Sequence[Standard], prompt: Prompt) -> Example | None:
    """An example of a case that was answered rightly; None where it would be long, or a value is not a plain one."""
    quoted = [passage for passage in case.question.passages if any(cites(one, passage) for one in standards)]
    claims = [claim_of(one, quoted) for one in standards]
    if not claims or None in claims:
        return None
    _, asked = messages(prompt, replace(case.question, passages=quoted))[-2:]
    made = Example(asked.content, json.dumps({"claims": claims}, ensure_ascii=False))
    return made if len(made) <= LONGEST else None


def cites(standard: Standard, passage: Passage) -> bool:
    """Whether a standard's quote stands in a passage."""
    cited = standard.citation
    return (
        cited is not None
        and cited.document_sha256 == passage.document.text_sha256
        and passage.chunk.start <= cited.start
        and cited.end <= passage.chunk.end
    )


def claim_of(standard: Standard, passages: Sequence[Passage]) -> dict[str, object] | None:
    """The claim that makes a standard; None for formulas, and values that are not written as a number and a unit."""
    assert standard.citation is not None
    number, unit = parse(standard.quoted_value), unit_kind(standard.quoted_unit)
    if number is None or standard.value is None or not unit:
        return None
    if not same_value(normalise(number.value, unit, standard.field) or 0.0, standard.value):
        return None
    place = next(position for position, passage in enumerate(passages, 1) if cites(standard, passage))
    conditions = {kind: standard.conditions.get(kind) for kind in ("use", "lot", "sewer")}
    return {
        "passage": place,
        "quote": standard.citation.quote,
        "field": standard.field,
        "status": "stated",
        "value": number.value,
        "unit": unit,
        "formula": None,
        "conditions": {**conditions, "other": standard.conditions.get("case")},
    }


def with_examples(prompt: Prompt, name: str, examples: Sequence[Example]) -> Prompt:
    """A prompt under another version with these examples in place of its own."""
    parts = {kind: text for kind, text in prompt.parts.items() if kind != "examples"}
    if examples:
        parts["examples"] = "\n".join(one.line() for one in examples)
    return of_parts(name, parts)


def with_task(prompt: Prompt, name: str, task: str) -> Prompt:
    """A prompt under another version whose task is worded so; a line that looks like a part's heading is none."""
    return of_parts(name, {**prompt.parts, "system": task.replace("\n# ", "\n ## ").lstrip("# ")})


def of_parts(name: str, parts: Mapping[str, str]) -> Prompt:
    """The prompt of these parts."""
    return Prompt(name, "\n\n".join(f"# {kind}\n{text}" for kind, text in parts.items()) + "\n")
