"""A remark as it is sent, and as it is kept."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from plotlot.domain.errors import InvalidRequest
from plotlot.domain.fact_words import LABELS, unit_of
from plotlot.domain.standards import FIELD_UNITS
from plotlot.gateway.feedback.store import FIGURES, evidence_of
from plotlot.gateway.inputs import NameText, QuestionText

FIELDS = (*FIELD_UNITS, *FIGURES)
AS_FACTS = {name: figure for name in LABELS if (figure := name.removesuffix(f"_{unit_of(name)}")) in FIGURES}
"""Figures under the names that facts of the lot have: lot_area_sqft is lot_area."""
Kind = Literal["wrong_number", "wrong_section", "missing", "other"]


class FeedbackRequest(BaseModel):
    """What is wrong, where. With the id of an analysis, what was shown there is kept as the evidence."""

    model_config = ConfigDict(
        extra="forbid",
        allow_inf_nan=False,
        json_schema_extra={
            "examples": [
                {
                    "kind": "wrong_number",
                    "municipality": "Larkfield, OH",
                    "district": "R-1",
                    "field": "front_setback",
                    "expected": 25,
                    "comment": "Table 4 says 25 feet.",
                }
            ]
        },
    )

    kind: Kind
    analysis: NameText = Field(default="", description="The id of the analysis that showed it.")
    municipality: NameText = ""
    district: NameText = ""
    field: NameText = Field(
        default="",
        description="The standard, e.g. front_setback, or a figure of the report, e.g. lot_area; empty for the answer.",
    )
    standard: int | None = Field(
        default=None, ge=0, le=100_000, description="Its place among the analysis's `standards`, from 0."
    )
    expected: float | None = Field(default=None, ge=0, description="The right value, in the field's unit.")
    comment: QuestionText = ""
    shown: NameText = Field(
        default="", description="The value or section as it was shown, without an analysis."
    )

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        self.field = AS_FACTS.get(self.field, self.field)
        if self.field and self.field not in FIELDS:
            raise ValueError(f"there is no field {self.field!r}; the fields are {', '.join(FIELDS)}")
        if not self.analysis.strip() and not self.municipality.strip():
            raise ValueError("name the analysis, or the municipality that it is about")
        return self

    def remark(self, identifier: str, report: dict[str, Any], bundle: str) -> dict[str, Any]:
        """The remark as it is kept, of a report or, where that is empty, of what this bundle shows."""
        return {
            "id": identifier,
            "kind": self.kind,
            "analysis_id": report.get("id"),
            "municipality": report.get("municipality", self.municipality.strip()),
            "district": self.district.strip() or report.get("district", ""),
            "field": self.field,
            "expected": self.expected,
            "comment": self.comment.strip(),
            "bundle": report.get("bundle", bundle),
            "evidence": evidence_of(report, self.field, self.standard) if report else {"shown": self.shown},
        }


def remark_typed(form: Mapping[str, str], analysis: str = "", municipality: str = "") -> FeedbackRequest:
    """The remark of a form at a value of a report, or of a municipality's district. Raises InvalidRequest, which names the field."""
    expected = form.get("expected", "").replace(",", "").strip()
    sent = {
        "kind": form.get("kind", ""),
        "analysis": analysis,
        "municipality": municipality,
        "field": form.get("field", ""),
        "standard": form.get("standard") or None,
        "expected": expected or None,
        "comment": form.get("comment", ""),
    }
    try:
        return FeedbackRequest.model_validate(sent)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "field"
        expected_words = EXPECTED.get(name, "a value of the list")
        raise InvalidRequest(f"{name}: {first['msg']}", field=name, expected=expected_words) from None


EXPECTED = {
    "kind": "wrong_number, wrong_section, missing or other",
    "expected": "a number, in the unit that is shown, or nothing",
    "comment": "at most 2,000 characters",
}
