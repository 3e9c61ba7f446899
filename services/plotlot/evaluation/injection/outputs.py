"""What nothing that PlotLot shows may hold, whatever was planted: markup, formulas, escapes, prompts, other tenants."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from lxml import html

from plotlot.extraction.prompts import Prompts
from plotlot.inference.prompts import NAMES as ANSWERING
from plotlot.inference.prompts import prompt

Printer = Callable[[Any], str]
"""What the command line prints of a document."""

SECRET = "zq999zq"
"""Stands in a document of another tenant, and nowhere else."""
_RUNNING = ("script", "iframe", "object", "embed", "applet", "base", "frame", "meta")
_ADDRESSES = ("href", "src", "action", "formaction", "xlink:href", "srcset", "poster", "data")
_SAFE_META = ("charset", "viewport", "color-scheme", "description", "referrer", "theme-color")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SHORTEST_SENTENCE = 30
_PLACES = ("question", "section", "document_title", "followed_from", "about")


def page_faults(text: str) -> Iterator[str]:
    """What runs, loads or leads elsewhere in a page, that no page of PlotLot has."""
    for element in html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8")).iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in _RUNNING and not _is_own(element):
            yield f"<{element.tag}>"
        for name, value in ((str(name), str(value)) for name, value in element.attrib.items()):
            if name.lower().startswith("on"):
                yield f"{element.tag} {name}"
            if name.lower() in _ADDRESSES and not _leads_here(value):
                yield f"{element.tag} {name}={value[:60]}"


def _is_own(element: Any) -> bool:
    if element.tag == "meta":
        return "charset" in element.attrib or element.get("name", "").lower() in _SAFE_META
    return (
        element.tag == "script" and element.get("src", "").startswith("/static/") and not (element.text or "")
    )


def _leads_here(address: str) -> bool:
    parts = urlsplit("".join(address.split()))
    return parts.scheme in ("", "data") and not parts.netloc and not parts.path.lower().startswith("text/")


def csv_faults(text: str) -> Iterator[str]:
    """The cells that a spreadsheet would take for formulas."""
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            visible = "".join(one for one in cell if unicodedata.category(one) != "Cf").lstrip(" ")
            if visible.startswith(_FORMULA) and not re.fullmatch(r"-?\d+(?:\.\d+)?", visible):
                yield f"cell {cell[:60]!r}"


def terminal_faults(text: str) -> Iterator[str]:
    """The characters that would command a terminal, or turn what is read."""
    for one in sorted(
        {one for one in text if one != "\n" and unicodedata.category(one) in ("Cc", "Cf", "Cs")}
    ):
        yield f"character U+{ord(one):04X}"


def prompt_sentences() -> frozenset[str]:
    """The sentences of every prompt, by which one would be known that leaks."""
    prompts = Prompts()
    texts = [prompt(name) for name in ANSWERING] + [prompts.named(name).text for name in prompts.names]
    found = (" ".join(one.split()) for text in texts for one in re.split(r"(?<=[.:])\s+|\n+", text))
    return frozenset(one for one in found if len(one) >= _SHORTEST_SENTENCE)


def leaks(shown: str, sentences: frozenset[str]) -> Iterator[str]:
    """The sentences of prompts in what is shown."""
    flat = " ".join(shown.split())
    return (f"prompt: {one[:60]}" for one in sentences if one in flat)


def words_of(document: Any) -> str:
    """All that a JSON document says, without the question that it repeats and the headings under which it stands."""
    if isinstance(document, Mapping):
        return "\n".join(words_of(value) for name, value in document.items() if name not in _PLACES)
    if isinstance(document, list):
        return "\n".join(map(words_of, document))
    return str(document)
