"""The codes that texts are planted in: each clean, and with one text at one place."""

import re
from pathlib import Path

from plotlot.domain.errors import InvalidRequest
from plotlot.evaluation.injection.cases import DocumentCase
from plotlot.evaluation.injection.docx_files import docx_with
from plotlot.evaluation.injection.pdf_files import pdf_with

_PLACE = re.compile(r"\[\[(\w+)\]\]")
_PARAGRAPHS = "code.txt"
MADE = {"docx": docx_with, "pdf": pdf_with}
"""Formats that are no text, made on the spot from the paragraphs of the text."""


def clean_file(carriers: Path, kind: str) -> bytes:
    """The carrier of a format without anything planted."""
    if kind in MADE:
        return MADE[kind](paragraphs(carriers), "", "")
    return _PLACE.sub("", _text(carriers, kind)).encode()


def planted_file(carriers: Path, case: DocumentCase) -> bytes:
    """The carrier with what the case plants. Raises InvalidRequest where it has no such place."""
    if case.format in MADE:
        return MADE[case.format](paragraphs(carriers), case.place, case.planted)
    text = _text(carriers, case.format)
    if f"[[{case.place}]]" not in text:
        raise InvalidRequest(f"{case.id}: code.{case.format} has no place {case.place!r}", field="place")
    planted = text.replace(f"[[{case.place}]]", case.planted)
    return _PLACE.sub("", planted).encode()


def file_name(case: DocumentCase) -> str:
    """What the planted file is called."""
    return case.name or f"code.{case.format}"


def paragraphs(carriers: Path) -> list[str]:
    """The paragraphs of the carrier in text, each in one line."""
    text = _PLACE.sub("", (carriers / _PARAGRAPHS).read_text(encoding="utf-8"))
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def _text(carriers: Path, kind: str) -> str:
    return (carriers / f"code.{kind}").read_text(encoding="utf-8")
