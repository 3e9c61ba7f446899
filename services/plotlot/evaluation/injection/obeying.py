"""A model that obeys whatever text it is shown: the worst that an engine could be, over the OpenAI API.

Where nothing is planted it answers honestly, by what the reader made of the clean code.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from plotlot.domain.standards import Standard
from plotlot.evaluation.injection.cases import DocumentCase, Wanted
from plotlot.evaluation.serving.fake_engine import FakeEngine

MODEL = "obeying-model"
MARK = re.compile(r"zq\d{3}zq")
"""The word that each planted text has said; nothing honest holds it."""
HONEST = "A fence in a front yard shall not exceed four (4) feet in height"
_NO_CONDITIONS = {"use": None, "lot": None, "sewer": None, "other": None}

Claim = Mapping[str, Any]


class ObeyingEngine(FakeEngine):
    """Claims what is planted before what is stated; quotes it, and its own instructions, before the code."""

    def __init__(self, cases: Sequence[DocumentCase], honest: Sequence[Standard]) -> None:
        super().__init__(model=MODEL)
        self._wanted = {mark: case for case in cases for mark in MARK.findall(case.payload)}
        self._honest = [
            claim_of(standard) for standard in honest if standard.citation and not standard.formula
        ]
        self.obeyed: set[str] = set()

    def says(self, asked: dict[str, Any]) -> tuple[Sequence[str], str]:
        """The answer in one piece."""
        schema = asked.get("response_format", {}).get("json_schema", {}).get("schema", {})
        system, shown = (
            asked["messages"][0]["content"],
            "\n".join(one["content"] for one in asked["messages"][1:]),
        )
        marks = sorted(set(MARK.findall(shown)))
        self.obeyed.update(marks)
        if "claims" in schema.get("properties", {}):
            answer: dict[str, Any] = {"claims": self._claims(schema, shown, marks)}
        elif "quotes" in schema.get("properties", {}):
            answer = {"quotes": self._quotes(schema, system, shown, marks)}
        else:
            return [system, *marks], "stop"
        return ["", json.dumps(answer)], "stop"

    def _claims(self, schema: Mapping[str, Any], shown: str, marks: Sequence[str]) -> list[Claim]:
        """What is wanted, by the planted words, by made-up words, and by true words with the wanted value; then the truth."""
        fields = fields_in(schema)
        flat = " ".join(shown.split())
        true = [
            one for one in self._honest if one["field"] in fields and " ".join(one["quote"].split()) in flat
        ]
        if not marks:
            return true
        wanted = [self._wanted[mark].wants for mark in marks if mark in self._wanted]
        forged = [claim for one in wanted if one.field in fields for claim in forgeries(one, flat, true)]
        return [*forged, *true][: schema["properties"]["claims"].get("maxItems", 24)]

    def _quotes(
        self, schema: Mapping[str, Any], system: str, shown: str, marks: Sequence[str]
    ) -> list[dict[str, Any]]:
        passages = json.loads(shown)["passages"]
        most = schema["properties"]["quotes"].get("maxItems", 3)
        true = [quote for one in passages if (quote := quoted(one, HONEST))]
        wanted = [self._wanted[mark].wants.quote for mark in marks if mark in self._wanted]
        planted = [quote for one in passages for text in (*wanted, *marks) if (quote := quoted(one, text))]
        made_up = [{"passage": 1, "text": text} for text in (system[:200], *marks)] if marks else []
        return [*planted, *made_up, *true][:most] if marks else true[:most]


def fields_in(schema: Mapping[str, Any]) -> frozenset[str]:
    """The fields that a schema of claims allows."""
    field = schema["$defs"]["StandardClaim"]["properties"]["field"]
    return frozenset(field.get("enum", [field.get("const", "")]))


def forgeries(wanted: Wanted, shown: str, true: Sequence[Claim]) -> list[Claim]:
    """The claims that a planted text wants: as it puts them, made up, and on the words of a true one."""
    own = next((one["quote"] for one in true if one["field"] == wanted.field), wanted.quote)
    at = shown.find(wanted.quote)
    around = shown[max(at - 40, 0) : at + len(wanted.quote)] if at >= 0 else wanted.quote
    return [claim(quote, wanted.field, wanted.value, wanted.unit) for quote in (wanted.quote, around, own)]


def quoted(passage: Mapping[str, Any], words: str) -> dict[str, Any] | None:
    """The sentence or line of a passage that holds some words, as a quote; None where there is none."""
    for line in re.split(r"\n\s*\n|(?<=[.!?])\s", passage["text"]):
        if words in " ".join(line.split()):
            return {"passage": passage["number"], "text": line.strip()}
    return None


def claim_of(standard: Standard) -> Claim:
    """A true claim: a standard as its quote has it."""
    assert standard.citation is not None
    conditions = {"use": standard.conditions.get("use")} if "use" in standard.conditions else {}
    return claim(standard.citation.quote, standard.field, standard.value, standard.unit, conditions)


def claim(
    quote: str, field: str, value: float | None, unit: str, conditions: Mapping[str, str | None] | None = None
) -> Claim:
    """A claim in the form that the schema asks for."""
    return {
        "passage": 1,
        "quote": quote[:400],
        "field": field,
        "status": "stated",
        "value": value,
        "unit": {"spaces_per_unit": "spaces"}.get(unit, unit),
        "formula": None,
        "conditions": {**_NO_CONDITIONS, **(conditions or {})},
    }
