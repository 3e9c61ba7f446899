"""Exports of codes as JSON: headings and bodies found at any depth, whatever the keys are called."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from plotlot.domain.errors import UnreadableDocument

from .anchors import anchor_of
from .dates import effective_date
from .decode import canonical, decode_text
from .draft import Draft, Heading
from .flow import Flow, moved_table, with_footnotes
from .html import write_fragment
from .layout_tables import find_layout_tables
from .lines import split_lines
from .paragraphs import find_paragraphs
from .text import starts_inside

_BODY_KEYS = (
    "full_text", "fulltext", "html", "content_html", "body_html", "body", "content", "contents",
    "text", "section_text", "plain_text", "value", "excerpt", "summary", "description",
)  # fmt: skip
_HEADING_KEYS = (
    "title", "heading", "name", "catchline", "caption", "section_title", "header", "label",
)  # fmt: skip
_NUMBER_KEYS = ("number", "section_number", "section_ref", "num", "enum", "citation", "label")
_PATH_KEYS = ("breadcrumb", "breadcrumbs", "ancestors", "hierarchy", "heading_path", "path")
_DEPTH_KEYS = ("nodedepth", "node_depth")
_DATE_KEYS = ("effective_date", "effective", "as_of", "version_date", "last_amended")
_DATE = re.compile(r"(?:1[89]|20)\d\d-[01]\d-[0-3]\d")
_HTML = re.compile(r"<(?:p|div|table|span|br|h[1-6]|ul|ol|b|i|strong)\b[^<>]*>", re.I)
_BESIDE = re.compile("note|title")
_SHORTEST_UNNAMED = 160
_DEEPEST = 60


def parse_json(name: str, content: bytes) -> Draft:
    """A draft of the texts in a JSON export, in the order in which they stand."""
    writer = _Writer(name)
    try:
        value = _load(name, decode_text(name, content))
        writer.write(value, 1)
    except RecursionError as error:
        raise UnreadableDocument(
            f"{name}: the JSON is nested too deeply; export the sections as a flat list", field="content"
        ) from error
    writer.flow.end_line()
    text = writer.flow.text
    if not text.strip():
        raise UnreadableDocument(
            f"{name}: the JSON holds no headings with text; "
            "send an export whose entries carry a title and a text or html field",
            field="content",
        )
    return Draft(
        text=text,
        title=_title(value, writer) or name,
        media_type="application/json",
        headings=writer.flow.headings + writer.paragraphs,
        tables=[with_footnotes(table, text) for table in writer.flow.tables],
        effective_date=_latest_date(value) or effective_date(name, text[:6000]),
    )


def _load(name: str, text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        raise UnreadableDocument(
            f"{name}: not valid JSON at line {error.lineno}, column {error.colno} ({error.msg}); "
            "export the file again",
            field="content",
        ) from error
    except ValueError as error:
        raise UnreadableDocument(
            f"{name}: the JSON holds a number of thousands of digits; export the file again", field="content"
        ) from error


class _Writer:
    """Writes headings and bodies one after the other and remembers where each stands."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.flow = Flow()
        self.paragraphs: list[Heading] = []
        self._path: tuple[str, ...] = ()

    def first_heading(self) -> str:
        first = self.flow.headings[0] if self.flow.headings else None
        return f"{first.label} {first.text}".strip() if first else ""

    def write(self, value: Any, depth: int) -> None:
        """Everything below a value; ``depth`` counts the headings above it."""
        if depth > _DEEPEST:
            raise RecursionError("headings within headings")
        if isinstance(value, Mapping):
            self._write_entry(value, depth)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            for item in value:
                self.write(item, depth + (_node_depth(item) or 0))

    def _write_entry(self, entry: Mapping[str, Any], depth: int) -> None:
        body = _body(entry)
        heading = _heading(entry)
        children = [
            item
            for key, item in entry.items()
            if key.lower() not in _PATH_KEYS and isinstance(item, Mapping | list) and _has_text(item)
        ]
        if heading and (body or children or _node_depth(entry) is not None):
            path = _ancestors(entry)
            self._write_path(path, depth)
            depth += len(path)
            self.flow.write_heading(heading, depth, anchor_of(entry))
            depth += 1
        if body:
            self._write_body(body)
        for child in children:
            self.write(child, depth)

    def _write_path(self, path: tuple[str, ...], depth: int) -> None:
        """The headings above an entry that differ from those above the entry before."""
        shared = 0
        while shared < min(len(path), len(self._path)) and path[shared] == self._path[shared]:
            shared += 1
        for level in range(shared, len(path)):
            self.flow.write_heading(path[level], depth + level)
        self._path = path

    def _write_body(self, body: str) -> None:
        start = self.flow.position
        if _HTML.search(body):
            write_fragment(self._name, self.flow, body)
        else:
            text = canonical(body).strip("\n")
            self.flow.write_lines(text)
            self.flow.tables += [moved_table(table, start) for table in find_layout_tables(text)]
        self.flow.end_block()
        text = self.flow.text_from(start)
        lines = split_lines(text)
        tables = [moved_table(table, -start) for table in self.flow.tables if table.start >= start]
        found = find_paragraphs(lines, (), starts_inside(lines, tables))
        self.paragraphs += [replace(h, start=h.start + start, body_start=h.body_start + start) for h in found]


def _node_depth(item: Any) -> int | None:
    """How deep an entry of a flat list says that it stands; None where it says nothing."""
    if not isinstance(item, Mapping):
        return None
    lowered = {key.lower(): value for key, value in item.items()}
    found = next((value for key in _DEPTH_KEYS if isinstance(value := lowered.get(key), int)), None)
    return found if found is not None and 0 <= found < _DEEPEST else None


def _body(entry: Mapping[str, Any]) -> str:
    """The entry's text: that of a known key first, of a part without a heading, then the longest."""
    lowered = {key.lower(): value for key, value in entry.items()}
    for key in _BODY_KEYS:
        value = lowered.get(key)
        if isinstance(value, str) and value.strip() and not _is_address(value):
            return value
        if isinstance(value, Mapping) and not _heading(value) and (inner := _body(value)):
            return inner
    texts = [value for key, value in lowered.items() if isinstance(value, str) and not _BESIDE.search(key)]
    longest = max(texts, key=len, default="")
    return longest if len(longest) >= _SHORTEST_UNNAMED and " " in longest else ""


def _heading(entry: Mapping[str, Any]) -> str:
    lowered = {key.lower(): value for key, value in entry.items()}
    title = _first_string(lowered, _HEADING_KEYS)
    number = _first_string(lowered, _NUMBER_KEYS)
    if not title:
        return number
    plain = re.sub(r"\W+", "", number).lower()
    if number and len(number) <= 30 and plain not in re.sub(r"\W+", "", title).lower():
        return f"{number} {title}"
    return title


def _first_string(entry: Mapping[str, Any], keys: Sequence[str]) -> str:
    for key in keys:
        value = entry.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            text = str(value).strip()
            if len(text) <= 300 and not _is_address(text):
                return text
    return ""


def _ancestors(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The headings above an entry, where it or its metadata lists them."""
    for key, value in entry.items():
        if key.lower() in _PATH_KEYS and isinstance(value, list):
            if value and all(isinstance(item, str) for item in value):
                return tuple(value)
        elif isinstance(value, Mapping) and (inner := _ancestors(value)):
            return inner
    return ()


def _has_text(value: Any, depth: int = 0) -> bool:
    """Whether an entry with a heading and a text lies somewhere below."""
    if depth > _DEEPEST:
        return False
    if isinstance(value, Mapping):
        if _heading(value) and _body(value):
            return True
        return any(_has_text(item, depth + 1) for item in value.values())
    if isinstance(value, list):
        return any(_has_text(item, depth + 1) for item in value)
    return False


def _is_address(text: str) -> bool:
    return re.match(r"\s*(?:https?://|www\.)\S+\s*$", text) is not None


def _title(value: Any, writer: _Writer) -> str:
    own = _heading(value) if isinstance(value, Mapping) else ""
    return own or writer.first_heading()


def _latest_date(value: Any) -> str | None:
    dates = [text for text in _dates(value, 0) if _DATE.fullmatch(text)]
    return max(dates, default=None)


def _dates(value: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, str) and key.lower() in _DATE_KEYS:
                yield item[:10]
            else:
                yield from _dates(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _dates(item, depth + 1)
