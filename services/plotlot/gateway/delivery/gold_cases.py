"""Gold cases: a question, what its answer must hold, or that it must be refused."""

import json
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from plotlot.domain.bundles import canonical
from plotlot.domain.errors import InvalidRequest
from plotlot.domain.standards import FIELD_UNITS
from plotlot.gateway import inquiries
from plotlot.gateway.inputs import AddressText, NameText, QuestionText, Text
from plotlot.gateway.inquiries import Inquiry, Question
from plotlot.gateway.outcomes import Answered, in_a_line

TOLERANCE = 0.005
MOST = 20_000
STRICT = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
UNKNOWN = "unknown"


class KnownValue(BaseModel):
    """A standard that the answer must state."""

    model_config = STRICT

    field: str
    value: float

    @model_validator(mode="after")
    def _is_a_field(self) -> Self:
        if self.field not in FIELD_UNITS:
            raise ValueError(f"there is no field {self.field!r}")
        return self


class GoldCase(BaseModel):
    """A question in words, or an address or parcel to analyse, and what is known of its answer.

    A question is answered rightly by all ``values`` among its standards, or by a quote with one of the
    ``words``; an analysis by the units and the verdict. Where ``refused``, the right answer is none.
    """

    model_config = STRICT

    question: QuestionText = ""
    address: AddressText = ""
    parcel_id: NameText = ""
    municipality: NameText = ""
    refused: bool = False
    values: tuple[KnownValue, ...] = ()
    words: tuple[Text, ...] = ()
    units_low: int | None = Field(default=None, ge=0)
    units_high: int | None = Field(default=None, ge=0)
    verdict: Literal["", "buildable", "not_buildable"] = ""

    @model_validator(mode="after")
    def _is_a_case(self) -> Self:
        if sum(bool(text.strip()) for text in (self.question, self.address, self.parcel_id)) != 1:
            raise ValueError("give a question, an address or a parcel_id, and only one of them")
        if self.units_low is not None and self.units_high is not None and self.units_low > self.units_high:
            raise ValueError("units_low is at most units_high")
        of_answers = bool(self.values or any(word.strip() for word in self.words))
        of_analyses = bool(self.verdict) or self.units_low is not None or self.units_high is not None
        known, other = (of_answers, of_analyses) if self.question else (of_analyses, of_answers)
        if other or known == self.refused:
            needed = "values or words" if self.question else "units_low, units_high or verdict"
            raise ValueError(
                f"say what is known of the answer ({needed}), or that it is refused, and not both"
            )
        return self

    @cached_property
    def id(self) -> str:
        """A digest of the content: the same case is stored once."""
        return "gold-" + sha256(canonical(self.model_dump(exclude_defaults=True))).hexdigest()[:16]

    @cached_property
    def inquiry(self) -> Inquiry:
        """The question."""
        if self.question:
            return inquiries.asking(self.question, self.municipality)
        return inquiries.analysis(Question(self.address, self.parcel_id, self.municipality))

    @property
    def expectation(self) -> str:
        """What is known, in words."""
        if self.refused:
            return "there is no answer"
        told = [f"{known.field} {known.value:g}" for known in self.values]
        told += ["“" + "” or “".join(self.words) + "”"] if self.words else []
        told += [f"units from {self.units_low}"] if self.units_low is not None else []
        told += [f"units to {self.units_high}"] if self.units_high is not None else []
        return ", ".join([*told, *([self.verdict] if self.verdict else [])])

    def scores(self, answered: Answered) -> dict[str, float]:
        """The guardrail that an answer speaks to, and its score; where there is none, its failure tells it all."""
        if answered.failed:
            return {}
        refused = answered.answer is None or self._refuses(answered.answer)
        if self.refused:
            return {"refusals": float(refused)}
        return {"agreement": float(not refused and self._agrees(answered.answer or {}))}

    def _refuses(self, answer: Mapping[str, Any]) -> bool:
        return bool(answer.get("refused")) if self.question else answer.get("verdict") == UNKNOWN

    def _agrees(self, answer: Mapping[str, Any]) -> bool:
        if self.question:
            return states(answer, self.values) or quotes(answer, self.words)
        units = answer.get("yield")
        found = units if isinstance(units, Mapping) else {}
        return (
            self.units_low in (None, found.get("units_low"))
            and self.units_high in (None, found.get("units_high"))
            and self.verdict in ("", answer.get("verdict"))
        )


def states(answer: Mapping[str, Any], known: tuple[KnownValue, ...]) -> bool:
    """Whether an answer's standards hold every known value, and there is one."""
    stated = [(item.get("field"), item.get("value")) for item in items(answer, "standards")]
    return bool(known) and all(
        any(name == each.field and near(value, each.value) for name, value in stated) for each in known
    )


def quotes(answer: Mapping[str, Any], words: tuple[str, ...]) -> bool:
    """Whether one of the words stands in a quote of the answer, in whatever case and spacing."""
    texts = [in_a_line(str(item.get("quote", ""))).casefold() for item in items(answer, "quotes")]
    wanted = [in_a_line(word).casefold() for word in words]
    return any(word and word in text for word in wanted for text in texts)


def items(answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of a list in an answer."""
    found = answer.get(name)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def near(value: Any, known: float) -> bool:
    """Whether a value is the known one, but for rounding."""
    return isinstance(value, int | float) and abs(value - known) <= TOLERANCE * abs(known)


def cases_in(content: bytes) -> list[GoldCase]:
    """The cases of a JSON list, or of JSON lines. Raises InvalidRequest naming the first that is not one."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidRequest("the gold cases are not text in UTF-8", field="body") from None
    rows = in_list(text) if text.lstrip().startswith("[") else in_lines(text)
    if not 0 < len(rows) <= MOST:
        raise InvalidRequest(f"give 1 to {MOST:,} gold cases, not {len(rows):,}", field="body")
    return [case_of(row, place) for place, row in rows]


def in_list(text: str) -> list[tuple[str, Any]]:
    """Each item of a JSON list with its place."""
    found = parsed(text, "the gold cases are")
    return [(f"case {number}", row) for number, row in enumerate(found, start=1)]


def in_lines(text: str) -> list[tuple[str, Any]]:
    """Each line that is not empty with its place."""
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            rows.append((f"line {number}", parsed(line, f"line {number} is")))
    return rows


def parsed(text: str, subject: str) -> Any:
    """A JSON text. Raises InvalidRequest, whose message begins with the subject."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidRequest(f"{subject} not JSON: {error}", field="body") from None
    except RecursionError:
        raise InvalidRequest(
            f"{subject} not JSON of a gold case: it is nested too deeply", field="body"
        ) from None


def case_of(row: Any, place: str) -> GoldCase:
    """The case of a JSON object. Raises InvalidRequest naming its place."""
    try:
        return TypeAdapter(GoldCase).validate_python(row)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise InvalidRequest(f"{place}: {name + ': ' if name else ''}{said}", field="body") from None
