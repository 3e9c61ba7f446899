"""The messages that a model is sent: what it is to do, and the code as data that cannot leave its marks."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from plotlot.domain.messages import Message
from plotlot.domain.prompts import Prompt, filled
from plotlot.domain.standards import District
from plotlot.extraction.model.claims import FieldGroup
from plotlot.extraction.model.passages import Passage

_OTHERS_SHOWN = 40
_MARK_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Question:
    """A district, the fields that are asked for, and what the code is to be read in."""

    district: District
    group: FieldGroup
    passages: Sequence[Passage]
    others: Sequence[str] = ()


def messages(prompt: Prompt, question: Question) -> tuple[Message, ...]:
    """What a question begins with: the task, the prompt's examples as turns of their own, and the question."""
    values = {
        "district": described(question.district),
        "others": ", ".join(question.others[:_OTHERS_SHOWN]) or "none",
        "fields": "\n".join(f"- {name}: {meaning}" for name, meaning in question.group.fields.items()),
    }
    values["passages"] = marked(question.passages, list(values.values()))
    return (
        Message("system", prompt.parts["system"]),
        *examples(prompt),
        Message("user", filled(prompt.parts["question"], values)),
    )


def examples(prompt: Prompt) -> Iterator[Message]:
    """The turns of a prompt's examples: a JSON object a line, what was asked and what was answered."""
    for line in prompt.parts.get("examples", "").splitlines():
        example = json.loads(line)
        yield Message("user", example["user"])
        yield Message("assistant", example["assistant"])


def complaint(prompt: Prompt, faults: Mapping[int, str]) -> Message:
    """What is wrong with claims, by their numbers from 1."""
    lines = "\n".join(f"- claim {number}: {fault}" for number, fault in faults.items())
    return Message("user", filled(prompt.parts["complaint"], {"complaints": lines}))


def described(district: District) -> str:
    """A district by its code, and its name where it has another."""
    named = district.name and district.name != district.code
    return f"{district.code} ({district.name})" if named else district.code


def marked(passages: Sequence[Passage], beside: Sequence[str] = ()) -> str:
    """The passages, each between marks that stand in nothing that is shown of them, nor in what is shown beside them."""
    shown = [f"{headed(passage)}\n{passage.shown}" for passage in passages]
    mark = mark_for([*beside, *shown])
    return "\n\n".join(
        f"<<<{mark} passage {number}\n{text}\n{mark} passage {number}>>>"
        for number, text in enumerate(shown, 1)
    )


def headed(passage: Passage) -> str:
    """Where a passage stands in the code."""
    title = passage.document.title or passage.document.name
    return f"[{' > '.join(filter(None, (title, passage.chunk.heading_path)))}]"


def mark_for(texts: Sequence[str]) -> str:
    """A word that no text holds, the same for the same texts: it is made of their digest."""
    digest = sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
    while any(digest[:_MARK_LENGTH] in text for text in texts):
        digest = sha256(digest.encode()).hexdigest()
    return digest[:_MARK_LENGTH]
