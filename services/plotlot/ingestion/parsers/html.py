"""HTML, XHTML and TEI: the text a reader sees, its headings, lists and tables."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from plotlot.domain.errors import UnreadableDocument
from plotlot.domain.texts import whole_number

from .dates import effective_date
from .decode import canonical, decode_markup
from .draft import Draft, Heading
from .flow import Flow, GridCell, starts_note, structure_of_flow
from .hidden import drop_hidden
from .lines import split_lines
from .paragraphs import label_of_item
from .publishers import DEEPEST_HEADING, code_of_page, tidy
from .site import code_of_site
from .titles import first_title

_UNSHOWN = (
    "script style noscript template head nav svg button select option input textarea iframe object canvas"
    " teiheader colgroup col audio video map dialog"
)
_DROPPED = frozenset(_UNSHOWN.split())
_BLOCK_LIKE = (
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer"
    " form header hr main p section summary ul ol tr td th lg l ab list quote caption legend text front back"
)
_BLOCKS = frozenset(_BLOCK_LIKE.split())
_HEADINGS = {f"h{level}": level for level in range(1, DEEPEST_HEADING + 1)}
_MENU = re.compile(
    r"(?:^|[\s_-])(?:nav\w*|menu\w*|breadcrumbs?|cookies?|skip\w*|toolbar|pager|sidebar|shar(?:e|ing)|social\w*|toc)"
    r"(?=$|[\s_-])",
    re.I,
)
_MARK = re.compile(r"\s*(?:\d|[a-z]\s*$)")
"""What is raised as the mark of a note, and would run into the number before it."""
_DEEPEST = 200
_LARGEST_SPAN = 200


def parse_html(name: str, content: bytes) -> Draft:
    """A draft of an HTML page."""
    parser = lxml_html.HTMLParser(huge_tree=True, encoding="utf-8")
    try:
        root = lxml_html.document_fromstring(_in_utf8(name, content), parser=parser)
    except (etree.ParserError, ValueError) as error:
        raise _without_text(name) from error
    _refuse_cut_short(name, parser)
    named = root.find(".//head/title")
    title = " ".join(_words(named).split()) if named is not None else ""
    return draft_of_tree(name, root, title, "text/html")


def parse_xml(name: str, content: bytes) -> Draft:
    """A draft of a TEI or other XML text, whose line ends count."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, huge_tree=True, encoding="utf-8"
    )
    root = etree.fromstring(_in_utf8(name, content), parser=parser)
    _refuse_cut_short(name, parser)
    if root is None:
        raise _without_text(name)
    titles = [element for element in root.iter() if _tag(element) == "title"]
    title = " ".join(_words(titles[0]).split()) if titles else ""
    return draft_of_tree(name, root, title, "application/xml")


def _in_utf8(name: str, content: bytes) -> bytes:
    return decode_markup(name, content).encode("utf-8", "replace")


def _refuse_cut_short(name: str, parser: Any) -> None:
    """Raise UnreadableDocument where the parser left out what goes beyond its limits."""
    limits = [one.message for one in parser.error_log if one.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT]
    if limits:
        deep = any("depth" in message for message in limits)
        raise _too_deep(
            name,
            "nests its elements thousands of levels deep" if deep else "declares entities that multiply",
        )


def _too_deep(name: str, why: str) -> UnreadableDocument:
    return UnreadableDocument(
        f"{name}: the page {why}, so that its text cannot be read whole; save the page anew, or print it to PDF",
        field="content",
    )


def draft_of_tree(name: str, root: Any, title: str, media_type: str) -> Draft:
    """A draft of a parsed tree; raises UnreadableDocument where it shows no text."""
    flow = Flow()
    drop_hidden(root)
    if media_type == "text/html":
        root = code_of_site(code_of_page(root))
    try:
        _Walker(flow, keeps_lines=media_type == "application/xml").walk(root, 0)
    except RecursionError as error:  # tables in cells of tables, each of which is walked anew
        raise _too_deep(name, "nests its elements thousands of levels deep") from error
    flow.end_line()
    text = flow.text
    if not text.strip():
        raise _without_text(name)
    headings, tables = structure_of_flow(flow, text)
    return Draft(
        text=text,
        title=title or _top(flow.headings) or first_title(split_lines(text)),
        media_type=media_type,
        headings=headings,
        tables=tables,
        effective_date=effective_date(name, text),
    )


def write_fragment(name: str, flow: Flow, markup: str) -> None:
    """A piece of HTML, as exports hold it, into a text under construction. Raises UnreadableDocument."""
    parser = lxml_html.HTMLParser(huge_tree=True)
    try:
        root = lxml_html.fragment_fromstring(markup, create_parent="div", parser=parser)
    except (etree.ParserError, ValueError):
        flow.write_lines(markup)
        return
    _refuse_cut_short(name, parser)
    drop_hidden(root)
    tidy(root)
    _Walker(flow, keeps_lines=False).walk(root, 0)
    flow.end_line()


def _without_text(name: str) -> UnreadableDocument:
    return UnreadableDocument(
        f"{name}: the page shows no text; save the page after it has loaded, or print it to PDF",
        field="content",
    )


def _top(headings: list[Heading]) -> str:
    if not headings:
        return ""
    top = min(heading.rank for heading in headings)
    first = next(heading for heading in headings if heading.rank == top)
    return f"{first.label} {first.text}".strip()


def _words(element: Any) -> str:
    return "".join(element.itertext())


def _tag(element: Any) -> str:
    """The name of an element without its namespace; not every one that HTML allows is a name of XML."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


class _Walker:
    """Walks a tree and writes what it shows; the depth of ``div`` ranks the heads of TEI."""

    def __init__(self, flow: Flow, keeps_lines: bool) -> None:
        self._flow = flow
        self._keeps_lines = keeps_lines
        self._divisions = 0
        self._lists: list[tuple[str, int]] = []

    def walk(self, element: Any, depth: int) -> None:
        tag = _tag(element)
        heads_text = tag == "head" and self._keeps_lines
        if not tag or (tag in _DROPPED and not heads_text) or _is_menu(element):
            return
        if depth > _DEEPEST:
            self._flow.write(_words(element))
            return
        if tag in _HEADINGS or heads_text:
            self._heading(element, _HEADINGS.get(tag, self._divisions))
        elif tag == "table" and not _is_layout(element):
            self._table(element)
        elif tag == "pre":
            self._flow.write_lines("".join(element.itertext()))
            self._flow.end_block()
        elif tag in ("br", "lb"):
            self._flow.end_line()
        else:
            self._element(element, tag, depth)

    def _table(self, element: Any) -> None:
        """A table; the notes in its last rows, which span it, become the lines below it."""
        rows = list(_rows(element))
        width = max((sum(cell.column_span for cell in row) for row in rows), default=0)
        notes: list[GridCell] = []
        while rows and _is_note(rows[-1], width):
            notes.extend(rows.pop())
        self._flow.write_table(rows, _caption(element))
        for note in reversed(notes):
            self._flow.write_lines("\n".join(note.lines))

    def _element(self, element: Any, tag: str, depth: int) -> None:
        block = tag in _BLOCKS
        if block:
            self._flow.end_block() if tag != "tr" else self._flow.end_line()
        self._divisions += tag == "div"
        if tag in ("ol", "ul", "list"):
            self._lists.append((tag if tag == "ol" else "ul", 0))
        if tag in ("li", "item"):
            self._flow.end_line()
            self._item(element)
        self._inside(element, tag, depth)
        if tag in ("ol", "ul", "list"):
            self._lists.pop()
        self._divisions -= tag == "div"
        if block or tag in ("li", "item"):
            self._flow.end_line()

    def _inside(self, element: Any, tag: str, depth: int) -> None:
        if tag == "sup" and _MARK.match("".join(element.itertext())):
            self._flow.write(" ")
        self._text(element.text)
        for child in element:
            if _tag(child) == "head" and not self._keeps_lines:
                continue
            self.walk(child, depth + 1)
            self._text(child.tail)

    def _text(self, text: str | None) -> None:
        if not text:
            return
        if self._keeps_lines and "\n" in text.strip():
            self._flow.write_lines(text.strip("\n"))
        else:
            self._flow.write(text)

    def _heading(self, element: Any, rank: int) -> None:
        words = " ".join(_shown(element))
        if not _is_menu(element):
            self._flow.write_heading(words, max(rank, 1))

    def _item(self, element: Any) -> None:
        """An item of an ordered list is a paragraph, labelled as the browser numbers it."""
        if not self._lists or self._lists[-1][0] != "ol":
            return
        kind, count = self._lists[-1]
        self._lists[-1] = (kind, count + 1)
        parent = element.getparent()
        start = parent.get("start") if parent is not None else None
        first = whole_number(start or "")
        number = count + (1 if first is None else first)
        style = (parent.get("type") if parent is not None else None) or "1"
        depth = sum(kind == "ol" for kind, _ in self._lists)
        heading = label_of_item(self._flow.position, number, style, depth, "".join(element.itertext()))
        if heading:
            self._flow.headings.append(heading)


def _is_menu(element: Any) -> bool:
    """Whether an element is named as navigation and holds little but links."""
    named = " ".join(filter(None, (element.get("id"), element.get("class"), element.get("role"))))
    if not _MENU.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "-", named)):
        return False
    whole = sum(len(text.strip()) for text in element.itertext())
    linked = sum(
        len(text.strip()) for link in element.iter("a", "{*}a", "button") for text in link.itertext()
    )
    return linked * 10 >= whole * 6


def _is_layout(table: Any) -> bool:
    """Whether a table only places things: it holds tables or headings, or has a single column."""
    if any(_tag(inner) in _HEADINGS or _tag(inner) == "table" for inner in table.iterdescendants()):
        return True
    rows = [row for row in table.iter() if _tag(row) in ("tr", "row")]
    return all(sum(_tag(cell) in ("td", "th", "cell") for cell in row) < 2 for row in rows)


def _is_note(row: Sequence[GridCell], width: int) -> bool:
    """Whether a row is one cell as wide as its table that starts with the mark of a note."""
    return len(row) == 1 < width == row[0].column_span and starts_note(" ".join(row[0].lines))


def _caption(table: Any) -> str:
    return next(("".join(e.itertext()) for e in table if _tag(e) in ("caption", "head")), "")


def _rows(table: Any) -> Iterator[list[GridCell]]:
    for row in table.iter():
        if _tag(row) not in ("tr", "row"):
            continue
        headed = _tag(row.getparent()) == "thead" or row.get("role") == "label"
        yield [
            GridCell(
                lines=tuple(_cell_lines(cell)),
                row_span=_span(cell.get("rowspan") or cell.get("rows")),
                column_span=_span(cell.get("colspan") or cell.get("cols")),
                header=headed
                or _tag(cell) == "th"
                or cell.get("role") == "label"
                or "Table-Heading" in (cell.get("class") or ""),
            )
            for cell in row
            if _tag(cell) in ("td", "th", "cell")
        ]


def _span(value: str | None) -> int:
    digits = re.match(r"\d{1,4}", (value or "").strip())
    return min(max(int(digits[0]), 1), _LARGEST_SPAN) if digits else 1


def _cell_lines(cell: Any) -> Iterator[str]:
    flow = Flow()
    _Walker(flow, keeps_lines=False)._inside(cell, "", 0)
    flow.end_line()
    yield from (line for line in flow.text.split("\n") if line.strip())


def _shown(element: Any) -> Iterator[str]:
    flow = Flow()
    _Walker(flow, keeps_lines=False)._inside(element, "", 0)
    yield from canonical(flow.text).split("\n")
