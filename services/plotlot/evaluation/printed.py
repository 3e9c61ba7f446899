"""Codes printed from coded tables, in the shapes that codes have: what the reader makes of districts and values as
they are elsewhere. It tells nothing of wordings and layouts, which are ours."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape

from plotlot.evaluation.coded_tables import Coded

Shape = Callable[[Sequence[Coded]], str]
_LABELS: Mapping[str, tuple[str, str]] = {
    "min_lot_area": ("Minimum lot area", "square feet"),
    "min_lot_width": ("Minimum lot width", "feet"),
    "front_setback": ("Minimum front yard", "feet"),
    "side_setback": ("Minimum side yard", "feet"),
    "rear_setback": ("Minimum rear yard", "feet"),
    "max_height": ("Maximum height", "feet"),
    "max_stories": ("Maximum height", "stories"),
    "max_lot_coverage": ("Maximum lot coverage", "percent"),
    "max_far": ("Maximum floor area ratio", ""),
    "parking_per_unit": ("Off-street parking", "spaces per dwelling unit"),
}


def rows(coded: Sequence[Coded]) -> str:
    """A page with a table whose rows are districts."""
    fields = _fields(coded)
    head = ["District", *map(_label, fields)]
    body = [[code, *(_cell(values, field) for field in fields)] for code, values in _districts(coded).items()]
    return _page(coded, _table([head, *body]))


def columns(coded: Sequence[Coded]) -> str:
    """A page with tables of six districts, whose columns they are."""
    districts = list(_districts(coded).items())
    tables = []
    for start in range(0, len(districts), 6):
        some = districts[start : start + 6]
        head = ["Standard", *(code for code, _ in some)]
        body = [[_label(field), *(_cell(values, field) for _, values in some)] for field in _fields(coded)]
        tables.append(_table([head, *body]))
    return _page(coded, "".join(tables))


def prose(coded: Sequence[Coded]) -> str:
    """A page with a section for each district, a sentence for each value."""
    named = _names(coded)
    parts = []
    for number, (code, values) in enumerate(_districts(coded).items(), start=1):
        said = [
            f"The {_LABELS[field][0].lower()} shall be {value:,.10g} {_LABELS[field][1]}".strip() + "."
            for field, value in values.items()
        ]
        title = f"{code} {named[code]}".removesuffix("District").strip()
        parts.append(
            f"<h3>Sec. 3.{number} {escape(title)} District</h3>" + "".join(f"<p>{one}</p>" for one in said)
        )
    return _page(coded, "".join(parts))


SHAPES: Mapping[str, Shape] = {"rows": rows, "columns": columns, "prose": prose}


def _page(coded: Sequence[Coded], standards: str) -> str:
    named = _names(coded)
    listed = "".join(f"<li>{escape(' '.join((code, name)).strip())}</li>" for code, name in named.items())
    return (
        f"<html><body><main><h1>Zoning Code</h1><h2>Article 2 Districts</h2><p>The following zoning districts are established:</p>"
        f"<ul>{listed}</ul><h2>Article 3 Dimensional Standards</h2>{standards}</main></body></html>"
    )


def _names(coded: Sequence[Coded]) -> Mapping[str, str]:
    """The name of each district without its code before it."""
    return {
        each.district: re.sub(rf"{re.escape(each.district)}(?!\w)", "", each.name, count=1).strip(" -")
        if each.name.startswith(each.district)
        else each.name.strip(" -")
        for each in coded
    }


def _table(lines: Iterable[Sequence[str]]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>" for line in lines)
    return f"<table>{body}</table>"


def _label(field: str) -> str:
    name, unit = _LABELS[field]
    return f"{name} ({unit})" if unit else name


def _cell(values: Mapping[str, float], field: str) -> str:
    return f"{values[field]:,.10g}" if field in values else ""


def _fields(coded: Sequence[Coded]) -> list[str]:
    held = {each.field for each in coded}
    return [field for field in _LABELS if field in held]


def _districts(coded: Sequence[Coded]) -> Mapping[str, Mapping[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for each in coded:
        found.setdefault(each.district, {})[each.field] = each.value
    return found
