"""Runs of a Word document that a reader does not see: hidden, white on white, or of no size."""

from typing import Any

from docx.document import Document as WordDocument
from docx.oxml.ns import qn

_SMALLEST_HALF_POINTS = 4
_PALEST = 0xFA
_OFF = ("0", "false", "off")


def drop_hidden_runs(document: WordDocument) -> None:
    """Take out of a document the runs that its own marks or its styles hide."""
    hidden = hidden_styles(document)
    for run in list(document.element.body.iter(qn("w:r"))):
        properties = run.find(qn("w:rPr"))
        if (properties is not None and _is_unseen(run, properties)) or not hidden.isdisjoint(_styles_of(run)):
            run.getparent().remove(run)


def hidden_styles(document: WordDocument) -> frozenset[str]:
    """The ids of the styles that hide what is set in them, by themselves or by the style that they rest on."""
    marked: dict[str, bool] = {}
    bases: dict[str, str] = {}
    for style in document.styles.element.iter(qn("w:style")):
        name = style.get(qn("w:styleId")) or ""
        properties, base = style.find(qn("w:rPr")), style.find(qn("w:basedOn"))
        marked[name] = properties is not None and _is_on(properties.find(qn("w:vanish")))
        bases[name] = (base.get(qn("w:val")) or "") if base is not None else ""
    found = {name for name, is_hidden in marked.items() if is_hidden}
    for _ in range(len(bases)):
        more = {name for name, base in bases.items() if base in found} - found
        if not more:
            break
        found |= more
    return frozenset(found)


def _styles_of(run: Any) -> set[str]:
    """The styles of a run and of its paragraph."""
    named = [run.find(f"{qn('w:rPr')}/{qn('w:rStyle')}")]
    if (paragraph := run.getparent()) is not None:
        named.append(paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}"))
    return {one.get(qn("w:val")) or "" for one in named if one is not None}


def _is_unseen(run: Any, properties: Any) -> bool:
    if _is_on(properties.find(qn("w:vanish"))) or _is_on(properties.find(qn("w:webHidden"))):
        return True
    size = properties.find(qn("w:sz"))
    half_points = (size.get(qn("w:val")) or "") if size is not None else ""
    if half_points.isdecimal() and int(half_points[:6]) <= _SMALLEST_HALF_POINTS:
        return True
    return _is_pale(properties.find(qn("w:color"))) and not _is_shaded(run, properties)


def _is_on(mark: Any) -> bool:
    return mark is not None and (mark.get(qn("w:val")) or "").lower() not in _OFF


def _is_pale(colour: Any) -> bool:
    value = (colour.get(qn("w:val")) or "") if colour is not None else ""
    try:
        return len(value) == 6 and min(bytes.fromhex(value)) >= _PALEST
    except ValueError:
        return False


def _is_shaded(run: Any, properties: Any) -> bool:
    """Whether a colour may lie under a run: its own, its paragraph's, or that of a table, whose style may bring it."""
    if properties.find(qn("w:shd")) is not None or properties.find(qn("w:highlight")) is not None:
        return True
    return any(
        one.tag == qn("w:tc")
        or (one.tag == qn("w:p") and one.find(f"{qn('w:pPr')}/{qn('w:shd')}") is not None)
        for one in run.iterancestors()
    )
