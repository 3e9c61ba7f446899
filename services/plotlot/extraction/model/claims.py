"""What a model may claim, and the JSON schema that it must follow: evidence first, value second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, create_model

LONGEST_QUOTE = 400
MOST_CLAIMS = 24

Unit = Literal[
    "ft",
    "inch",
    "m",
    "sqft",
    "acre",
    "sqm",
    "percent",
    "ratio",
    "stories",
    "units",
    "units_per_acre",
    "spaces",
]
Use = Literal[
    "one_family",
    "two_family",
    "one_or_two_family",
    "three_family",
    "four_family",
    "multi_family",
    "townhouse",
    "manufactured_home",
    "nonresidential",
]


class _Strict(BaseModel):
    # Every property is required, null where there is nothing: some engines allow no others.
    model_config = ConfigDict(extra="forbid")


class Conditions(_Strict):
    """What the code makes a value depend on."""

    use: Use | None
    lot: Literal["corner", "interior", "through", "flag", "waterfront"] | None
    sewer: Literal["public", "none", "water_and_sewer"] | None
    other: str | None

    def named(self) -> dict[str, str]:
        """The conditions by kind, under the names that standards have."""
        given = {"use": self.use, "lot": self.lot, "sewer": self.sewer, "case": (self.other or "").strip()}
        return {kind: value for kind, value in given.items() if value}


class FormulaClaim(_Strict):
    """A share of a measure of the lot, bounded, in feet."""

    percent: float
    of: Literal["lot_depth", "lot_width"]
    minimum: float | None
    maximum: float | None


class StandardClaim(_Strict):
    """A standard with the words that state it; properties are written in this order."""

    passage: int
    quote: str
    field: str
    status: Literal["stated", "delegated"]
    value: float | None
    unit: Unit | None
    formula: FormulaClaim | None
    conditions: Conditions


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields that a model is asked for at once."""

    name: str
    fields: Mapping[str, str]


GROUPS: Sequence[FieldGroup] = (
    FieldGroup(
        "lot",
        {
            "min_lot_area": "least area of a lot",
            "min_lot_width": "least width of a lot; not the frontage on the street",
            "min_lot_depth": "least depth of a lot",
            "min_lot_area_per_unit": "least area of the lot for each dwelling unit",
            "min_lot_area_per_additional_unit": "least area of the lot for each dwelling unit after the first",
            "max_density": "most dwelling units to the acre",
            "max_units_per_lot": "most dwelling units on a lot",
        },
    ),
    FieldGroup(
        "yards",
        {
            "front_setback": "least front yard or front setback",
            "side_setback": "least side yard or side setback, each side",
            "side_setback_total": "least sum of both side yards",
            "street_side_setback": "least side yard towards a street, on a corner lot",
            "rear_setback": "least rear yard or rear setback",
        },
    ),
    FieldGroup(
        "bulk",
        {
            "max_height": "greatest height of the principal building",
            "max_stories": "most stories of the principal building",
            "max_lot_coverage": "greatest share of the lot covered by buildings",
            "max_impervious": "greatest share of the lot that is impervious",
            "max_far": "greatest floor area ratio; its unit is ratio",
            "min_open_space": "least share of the lot that is open or landscaped",
            "min_unit_area": "least floor area of a dwelling unit",
        },
    ),
    FieldGroup("parking", {"parking_per_unit": "parking spaces for each dwelling unit"}),
)
"""Every field, in the groups in which codes state them together."""


def answer_model(fields: Sequence[str]) -> type[BaseModel]:
    """The model of an answer about these fields alone."""
    named: Any = Literal[tuple(fields)]
    claim: Any = create_model("StandardClaim", __base__=StandardClaim, field=(named, ...))
    return create_model("Claims", __base__=_Strict, claims=(list[claim], ...))


def answer_schema(fields: Sequence[str]) -> dict[str, Any]:
    """The JSON schema of an answer about these fields."""
    schema = answer_model(fields).model_json_schema()
    schema["properties"]["claims"]["maxItems"] = MOST_CLAIMS
    return without_titles(schema)


def without_titles(schema: Any) -> Any:
    """A schema without the titles that repeat its names: a model reads every token of it."""
    if isinstance(schema, dict):
        kept = {name: without_titles(value) for name, value in schema.items() if name != "title"}
        # Docstrings are for us; a property may be called description, and is then an object.
        return {
            name: value for name, value in kept.items() if name != "description" or isinstance(value, dict)
        }
    return [without_titles(one) for one in schema] if isinstance(schema, list) else schema
