"""Structured answers: a JSON schema that is checked once, and answers that are checked always.

Engines promise answers that follow a schema, and break the promise: by being cut off, by a misspelt field that
switches the constraint off, by control characters in strings.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError, best_match
from referencing import Registry
from referencing.exceptions import Unresolvable

from plotlot.domain.errors import UnsupportedSchema

LONGEST_SCHEMA = 100_000  # characters
DEEPEST = 64  # levels of lists and objects
SHOWN = 300  # characters of a complaint

_REFERENCE = ("$ref", "$dynamicRef")


class BrokenAnswer(Exception):
    """Why a text is not an answer that follows the schema, in words that a model can use."""


@lru_cache(maxsize=256)
def schema_of(text: str) -> Mapping[str, Any]:
    """The schema in a text. Raises UnsupportedSchema naming what is wrong with it."""
    if len(text) > LONGEST_SCHEMA:
        raise unsupported(f"it has {len(text):,} characters, {len(text) - LONGEST_SCHEMA:,} over the limit")
    try:
        schema = json.loads(text, object_pairs_hook=no_repeats)
    except (ValueError, RecursionError, BrokenAnswer) as error:
        raise unsupported(f"it is no JSON: {error}") from None
    if not isinstance(schema, dict):
        raise unsupported("it is no object")
    check_depth(schema, unsupported)
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise unsupported(f"{error.message[:SHOWN]} at {error.json_path}") from None
    check_parts(schema)
    return schema


def unsupported(why: str) -> UnsupportedSchema:
    """The error for a schema that cannot be used."""
    return UnsupportedSchema(f"the schema cannot be used: {why}", field="json_schema")


def check_parts(schema: Any) -> None:
    """Refuse references to elsewhere, which nobody fetches, and patterns that are none."""
    if isinstance(schema, list):
        for each in schema:
            check_parts(each)
    if not isinstance(schema, dict):
        return
    for name in _REFERENCE:
        target = schema.get(name)
        if isinstance(target, str) and not target.startswith("#"):
            raise unsupported(
                f"it refers to {target[:80]!r}; only references inside of it (#/...) are followed"
            )
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        try:
            re.compile(pattern)
        except re.error as error:
            raise unsupported(f"the pattern {pattern[:80]!r} is none: {error}") from None
    for each in schema.values():
        check_parts(each)


def check_depth(value: Any, complain: Callable[[str], Exception]) -> None:
    """Refuse what is nested deeper than anything that is meant."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise complain(f"it is nested deeper than {DEEPEST} levels")


def no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object. Raises BrokenAnswer where a key stands twice: readers differ on which of them counts."""
    made = dict(pairs)
    if len(made) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise BrokenAnswer(f"the key {twice[:80]!r} stands more than once in an object")
    return made


def no_constant(name: str) -> Any:
    """Raise BrokenAnswer for NaN and infinities, which JSON does not have."""
    raise BrokenAnswer(f"{name} is no number of JSON")


def parsed_answer(text: str, finish_reason: str = "stop") -> Any:
    """The value of a JSON text, strictly. Raises BrokenAnswer."""
    try:
        value = json.loads(text, object_pairs_hook=no_repeats, parse_constant=no_constant)
    except RecursionError:
        raise BrokenAnswer(f"it is nested deeper than {DEEPEST} levels") from None
    except ValueError as error:
        if finish_reason == "length":
            raise BrokenAnswer(
                f"it was cut off after {len(text)} characters, at the most tokens allowed"
            ) from None
        raise BrokenAnswer(f"it is no JSON: {error}") from None
    check_depth(value, BrokenAnswer)
    return value


def check_answer(text: str, schema: Mapping[str, Any], finish_reason: str = "stop") -> Any:
    """The value of an answer that follows the schema. Raises BrokenAnswer naming the first thing that does not."""
    value = parsed_answer(text, finish_reason)
    validator = Draft202012Validator(schema, registry=Registry())
    try:
        error = best_match(validator.iter_errors(value))
    except (Unresolvable, RecursionError) as failed:
        raise unsupported(f"a reference in it leads nowhere: {failed}") from None
    if error is not None:
        raise BrokenAnswer(complaint(error))
    return value


def complaint(error: ValidationError) -> str:
    """What is wrong, and where."""
    return f"{error.json_path}: {error.message[:SHOWN]}"
