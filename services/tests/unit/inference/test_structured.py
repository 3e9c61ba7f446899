"""What is passed on follows its schema, whatever the engine claims."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.errors import UnsupportedSchema
from plotlot.inference.structured import (
    DEEPEST,
    LONGEST_SCHEMA,
    BrokenAnswer,
    check_answer,
    parsed_answer,
    schema_of,
)

SCHEMA = schema_of(
    json.dumps(
        {
            "type": "object",
            "properties": {"value": {"type": "number"}, "unit": {"enum": ["ft", "sqft"]}},
            "required": ["value", "unit"],
            "additionalProperties": False,
        }
    )
)


def test_an_answer_that_follows_its_schema_is_its_value() -> None:
    assert check_answer(' {"value": 25, "unit": "ft"}\n', SCHEMA) == {"value": 25, "unit": "ft"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"value": "25", "unit": "ft"}', r"\$\.value: '25' is not of type 'number'"),
        ('{"value": 25, "unit": "yards"}', r"\$\.unit.*is not one of"),
        ('{"value": 25}', "'unit' is a required property"),
        ('{"value": 25, "unit": "ft", "note": 1}', "Additional properties"),
        ('{"value": 25, "value": 30, "unit": "ft"}', "'value' stands more than once"),
        ('{"value": 25, "unit": "f', "no JSON"),
        ('{"value": NaN, "unit": "ft"}', "NaN is no number"),
        ('{"value": 25, "unit": "ft"} and more', "no JSON"),
        ('```json\n{"value": 25, "unit": "ft"}\n```', "no JSON"),
        ('{"value": 25, "unit": "f\nt"}', "no JSON"),
        ("[" * 100_000, "nested|no JSON"),
        ("[" * (DEEPEST + 2) + "]" * (DEEPEST + 2), "nested deeper"),
        ("", "no JSON"),
    ],
)
def test_what_breaks_it_is_named(text: str, complaint: str) -> None:
    with pytest.raises(BrokenAnswer, match=complaint):
        check_answer(text, SCHEMA)


def test_an_answer_that_was_cut_off_is_said_to_be() -> None:
    with pytest.raises(BrokenAnswer, match="cut off after 10 characters"):
        parsed_answer('{"value": ', "length")


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ("{", "no JSON"),
        ("[]", "no object"),
        ('{"type": "nope"}', "nope"),
        ('{"type": "object", "type": "array"}', "more than once"),
        ('{"$ref": "https://example.org/schema.json"}', "only references inside"),
        ('{"properties": {"a": {"$ref": "file:///etc/passwd"}}}', "only references inside"),
        ('{"type": "string", "pattern": "("}', "pattern"),
        ('{"title": "' + "x" * LONGEST_SCHEMA + '"}', "over the limit"),
        ('{"allOf": ' * 80 + "{}" + "}" * 80, "nested|no JSON|not of type"),
    ],
)
def test_a_schema_that_cannot_be_used_is_the_callers_fault(schema: str, complaint: str) -> None:
    with pytest.raises(UnsupportedSchema, match=complaint) as raised:
        schema_of(schema)
    assert raised.value.field == "json_schema"


def test_a_reference_that_leads_nowhere_is_the_schemas_fault() -> None:
    with pytest.raises(UnsupportedSchema, match="leads nowhere"):
        check_answer("1", schema_of('{"$ref": "#/$defs/missing"}'))


def test_references_inside_a_schema_are_followed() -> None:
    schema = schema_of('{"$defs": {"foot": {"type": "integer"}}, "items": {"$ref": "#/$defs/foot"}}')
    assert check_answer("[1, 2]", schema) == [1, 2]
    with pytest.raises(BrokenAnswer, match=r"\$\[1\]"):
        check_answer('[1, "2"]', schema)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_any_json_is_read_as_it_is(value: Any) -> None:
    assert parsed_answer(json.dumps(value)) == value


@given(st.text(max_size=60))
def test_no_text_is_passed_on_that_breaks_the_schema(text: str) -> None:
    try:
        value = check_answer(text, SCHEMA)
    except BrokenAnswer:
        return
    assert set(value) == {"value", "unit"}
