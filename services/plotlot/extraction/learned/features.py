"""Candidates as rows of numbers: how a place looks, what names the field, what names the district."""

import math
import re
from collections.abc import Sequence
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from plotlot.domain.documents import Document
from plotlot.extraction.learned.candidates import Candidate, Found
from plotlot.extraction.learned.evidence import DISTRICT_SOURCES, FIELD_SOURCES, FIELDS, HINT_SOURCES
from plotlot.extraction.learned.places import Grid
from plotlot.extraction.reader.district_index import DistrictIndex, lived_in
from plotlot.extraction.reader.field_names import fields_named
from plotlot.extraction.reader.scopes import ASIDE
from plotlot.extraction.reader.vocabulary import FOREIGN, field_limit, limit_named

UNITS = ("ft", "sqft", "acre", "percent", "stories", "spaces", "")
USES = ("one_family", "two_family", "one_or_two_family", "multi_family", "nonresidential")
_FAR = 9_999.0
_BLOCK = 500
_MANY = 20
_MOST_ROWS = 99
_EXCEPTION = re.compile(
    r"\b(?:except|unless|however|where|when|if|provided|may\s+be\s+(?:reduced|increased|waived)|"
    r"bonus|waiver|variance|existing|pre-?existing|increase\w*|reduc\w+)\b",
    re.IGNORECASE,
)
_DIMENSIONS = re.compile(
    r"\b(?:dimension\w*|area|bulk|density|standards|requirements|lot|setbacks?)\b", re.IGNORECASE
)
_DISTRICT = re.compile(r"\b(?:districts?|zones?|zoning)\b", re.IGNORECASE)
_PURPOSE = re.compile(
    r"\b(?:definitions?|purpose|applicab\w+|administrat\w+|procedures?|enforcement)\b", re.IGNORECASE
)

_PLACE_NAMES = (
    *(f"unit_{unit or 'none'}" for unit in UNITS),
    "whole_number", "number_length", "in_words", "per_unit", "position", "numbers_here", "beside",
    "in_table", "table_rows", "table_columns", "table_row", "table_column", "numeric_share", "fields_across", "fields_down",
    "own_length", "before_length", "own_words", "over_count",
    *(f"use_{use}" for use in USES),
    "use_any", "conditions", "condition_lot", "condition_sewer", "condition_street", "condition_program", "condition_development",
    "foreign_own", "foreign_column", "foreign_group", "foreign_heading", "exception_before", "exception_after",
    "aside", "aside_parent", "of_use", "parking_heading", "home", "caption_scope",
    "heading_dimensions", "heading_district", "heading_purpose", "depth", "fields_near", "place_in_code", "general",
)  # fmt: skip
_FIELD_NAMES = (
    *(f"field_{name}" for name in FIELDS),
    "unit_by_number", "unit_by_label",
    *(f"field_in_{source}" for source in FIELD_SOURCES),
    *(f"field_alone_in_{source}" for source in FIELD_SOURCES),
    *(f"rival_in_{source}" for source in FIELD_SOURCES),
    *(f"other_in_{source}" for source in ("own", "column", "over")),
    "field_distance", "fields_between", "field_mentions", "over_rank", "limit_agrees", "limit_contradicts",
    "sources_for", "sources_against", "fields_competing",
    *(f"hint_in_{source}" for source in (*HINT_SOURCES, "unit")), "fields_hinted",
)  # fmt: skip
_DISTRICT_NAMES = (
    *(f"district_in_{source}" for source in DISTRICT_SOURCES),
    *(f"district_alone_in_{source}" for source in DISTRICT_SOURCES[:-1]),
    *(f"others_in_{source}" for source in DISTRICT_SOURCES[:-1]),
    "scope_count", "title_rank", "title_distance", "district_for", "district_against", "districts_here",
    "districts_in_code", "lived_in",
)  # fmt: skip
FEATURES = (*_PLACE_NAMES, *_FIELD_NAMES, *_DISTRICT_NAMES)
"""The names of a row's numbers, in order; a model holds the names that it was trained on.

The value itself is none of them, nor how often a code repeats it: both teach what a place's neighbours
ask for instead of what its words say.
"""

Rows = NDArray[np.float32]


def describe(
    found: Sequence[Found],
    candidates: Sequence[Candidate],
    documents: Sequence[Document],
    index: DistrictIndex,
) -> Rows:
    """One row for each candidate, in order."""
    near = [cache(partial(_fields_near, document)) for document in documents]
    of_place = {
        id(one): _place(one, documents[one.document], near[one.document](one.place.offset // _BLOCK))
        for one in found
    }
    of_field: dict[tuple[int, str], list[float]] = {}
    of_district: dict[tuple[int, str], list[float]] = {}
    dwellings = frozenset(lived_in(index.districts))
    rows = np.empty((len(candidates), len(FEATURES)), dtype=np.float32)
    for position, one in enumerate(candidates):
        key = id(one.found)
        field_key, district_key = (key, one.field), (key, one.district)
        if field_key not in of_field:
            of_field[field_key] = _field(one.found, one.field)
        if district_key not in of_district:
            of_district[district_key] = _district(one.found, one.district, len(index), dwellings)
        rows[position] = (*of_place[key], *of_field[field_key], *of_district[district_key])
    return np.round(rows, 3)


def _place(found: Found, document: Document, near: int) -> list[float]:
    place, around = found.place, found.around
    quantity, grid, scoped = place.quantity, place.grid, around.scoped
    heads = " ".join(around.headings[:2])
    uses = found.conditions.get("use", "")
    shape = _shape(grid) if grid else [0.0] * 8
    return [
        *(float(quantity.unit == unit) for unit in UNITS),
        float(quantity.value == int(quantity.value)),
        len(quantity.number_text),
        float(quantity.number_text[:1].isalpha()),
        float(quantity.per_unit),
        min(place.position, _MANY),
        min(place.of, _MANY),
        min(place.beside, _MANY),
        *shape,
        len(place.own),
        len(place.before),
        len(re.findall(r"[A-Za-z]{2,}", place.own)),
        len(place.over),
        *(float(use in uses.split(",")) for use in USES),
        float(bool(uses)),
        len(found.conditions),
        *(float(kind in found.conditions) for kind in ("lot", "sewer", "street", "program", "development")),
        _says(FOREIGN, place.before[-160:]),
        _says(FOREIGN, place.column),
        _says(FOREIGN, place.group[-160:]),
        _says(FOREIGN, heads),
        _says(_EXCEPTION, place.before[-160:]),
        _says(_EXCEPTION, place.after),
        float(bool(scoped.aside)),
        _says(ASIDE, " ".join(around.headings[1:])),
        float(scoped.of_use),
        float(scoped.parking),
        float(scoped.home),
        float(scoped.caption),
        _says(_DIMENSIONS, f"{heads} {place.caption}"),
        _says(_DISTRICT, f"{heads} {place.caption}"),
        _says(_PURPOSE, heads),
        len(around.headings),
        near,
        place.offset / max(len(document.text), 1),
        float(bool(found.general)),
    ]


def _fields_near(document: Document, block: int) -> int:
    """How many fields are named in a stretch of text and a little around it."""
    start = block * _BLOCK
    text = document.text[max(0, start - _BLOCK) : start + 2 * _BLOCK]
    return len({mention.field for mention in fields_named(text)})


def _shape(grid: Grid) -> list[float]:
    return [
        1.0,
        min(grid.rows, _MOST_ROWS),
        grid.columns,
        min(grid.row, _MOST_ROWS),
        grid.column,
        grid.numeric_share,
        grid.fields_across,
        grid.fields_down,
    ]


def _says(pattern: re.Pattern[str], text: str) -> float:
    return float(bool(text and pattern.search(text)))


def _field(found: Found, name: str) -> list[float]:
    place, around, one = found.place, found.around, found.measures[name]
    competing = set(found.measures)
    inside, alone, rival = [], [], []
    for source in FIELD_SOURCES:
        named = {field for fields in around.fields[source] for field in fields}
        inside.append(float(name in named))
        alone.append(float(named == {name}))
        rival.append(float(bool(named) and name not in named))
    mine = [m for m in around.mentions if m.field == name]
    last = mine[-1].end if mine else 0
    between = sum(1 for m in around.mentions if m.start >= last and m.field != name) if mine else _MANY
    ranks = [rank for rank, fields in enumerate(around.fields["over"]) if name in fields]
    limits = [limit_named(text) for text in (place.own, place.column, *place.over[:2], place.after[:20])]
    wanted = field_limit(name)
    return [
        *(float(name == field) for field in FIELDS),
        float(one.known_by == "number"),
        float(one.known_by == "label"),
        *inside,
        *alone,
        *rival,
        *(float(source in around.other) for source in ("own", "column", "over")),
        len(place.before) - last if mine else _FAR,
        min(between, _MANY),
        len(mine),
        ranks[0] if ranks else _MANY,
        sum(limit == wanted for limit in limits),
        sum(bool(limit) and limit != wanted for limit in limits),
        sum(inside),
        sum(rival),
        len(competing),
        *(float(source in around.hints[name]) for source in (*HINT_SOURCES, "unit")),
        len(around.hints),
    ]


def _district(found: Found, code: str, known: int, dwellings: frozenset[str]) -> list[float]:
    named = found.around.districts
    sources = DISTRICT_SOURCES[:-1]
    inside = [float(code in named[source]) for source in sources]
    alone = [float(named[source] == (code,)) for source in sources]
    others = [float(bool(named[source]) and code not in named[source]) for source in sources]
    titles = named["title"]
    distance = found.around.distances.get(code)
    return [
        *inside,
        float(bool(found.general)),
        *alone,
        *others,
        len(named["scope"]),
        titles.index(code) if code in titles else _MANY,
        math.log10(distance + 1) if distance is not None else _MANY,
        sum(inside),
        sum(others),
        len(found.districts),
        known,
        float(code in dwellings),
    ]
