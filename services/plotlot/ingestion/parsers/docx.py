"""DOCX: paragraphs, headings by style, numbering as printed, tables with merged cells."""

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.table import Table as WordTable
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from plotlot.domain.errors import DocumentTooLarge, UnreadableDocument

from .dates import effective_date
from .docx_hidden import drop_hidden_runs
from .draft import Draft
from .flow import Flow, GridCell, structure_of_flow
from .lines import split_lines
from .titles import first_title

_LARGEST_UNPACKED = 400 * 1024 * 1024
_LARGEST_MARKUP = 100 * 1024 * 1024
_BROKEN = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, KeyError, ValueError, EOFError, OSError, SyntaxError, TypeError,
    AttributeError,
)  # fmt: skip
"""What zipfile, lxml and python-docx raise where a package is not what they expect."""
_STYLE_LEVEL = re.compile(r"heading\s*(?P<level>\d)", re.I)
_STYLE_RANKS = {"title": 1, "chapter": 2, "article": 3, "division": 4, "section": 5, "subsection": 6}


def parse_docx(name: str, content: bytes) -> Draft:
    """A draft of a Word document.

    Raises UnreadableDocument where the package is broken, DocumentTooLarge where it unpacks to too much.
    """
    document = _open(name, content)
    drop_hidden_runs(document)
    flow = Flow()
    styles = _style_names(document)
    for block in document.iter_inner_content():
        if isinstance(block, Paragraph):
            _write_paragraph(flow, block, styles)
        else:
            _write_table(flow, block)
    flow.end_line()
    text = flow.text
    if not text.strip():
        raise UnreadableDocument(
            f"{name}: the document holds no text; if it holds scans, run OCR on them", field="content"
        )
    headings, tables = structure_of_flow(flow, text)
    title = (document.core_properties.title or "").strip()
    first = flow.headings[0] if flow.headings else None
    found = f"{first.label} {first.text}".strip() if first else first_title(split_lines(text))
    return Draft(
        text=text,
        title=title or found,
        media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        headings=headings,
        tables=tables,
        effective_date=effective_date(name, text),
    )


def _open(name: str, content: bytes) -> WordDocument:
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            sizes = {item.filename: item.file_size for item in package.infolist()}
            _refuse_large(name, sum(sizes.values()), _LARGEST_UNPACKED)
            markup = (size for part, size in sizes.items() if part.endswith((".xml", ".rels")))
            _refuse_large(name, sum(markup), _LARGEST_MARKUP)
            if "word/document.xml" not in package.namelist():
                raise UnreadableDocument(
                    f"{name}: a ZIP archive that is no Word document; send the documents inside it",
                    field="content",
                )
        return docx.Document(BytesIO(content))
    except _BROKEN as error:
        raise UnreadableDocument(
            f"{name}: the DOCX is cut short or corrupt; download it again or save it anew",
            field="content",
        ) from error


def _refuse_large(name: str, unpacked: int, limit: int) -> None:
    if unpacked > limit:
        raise DocumentTooLarge(
            f"{name}: unpacks to {unpacked // 2**20} MB, more than the limit of {limit // 2**20} MB;"
            " split the document",
            field="content",
        )


def _style_names(document: WordDocument) -> dict[str | None, str]:
    """The names of paragraph styles by their ids; that of None is the default's. python-docx seeks each anew."""
    styles = [one for one in document.styles if one.type == WD_STYLE_TYPE.PARAGRAPH]
    names: dict[str | None, str] = {one.style_id: one.name or "" for one in styles}
    default = document.styles.default(WD_STYLE_TYPE.PARAGRAPH)
    names[None] = (default.name or "") if default is not None else ""
    return names


def _write_paragraph(flow: Flow, paragraph: Paragraph, styles: Mapping[str | None, str]) -> None:
    text = paragraph.text
    if not text.strip():
        flow.end_block()
        return
    rank = _rank(styles.get(paragraph._p.style, styles[None]))
    if rank and len(text) <= 300:
        flow.write_heading(text, rank)
    else:
        flow.end_line()
        for line in text.split("\n"):
            flow.write(line)
            flow.end_line()


def _rank(style: str) -> int:
    level = _STYLE_LEVEL.match(style)
    if level:
        return max(1, int(level["level"]))
    return _STYLE_RANKS.get(style.strip().lower(), 0)


def _write_table(flow: Flow, table: WordTable) -> None:
    flow.write_table(list(_grid_rows(table)))


def _grid_rows(table: WordTable) -> Iterator[list[GridCell]]:
    """Rows of the cells that start in them; a cell merged downwards covers the rows below it."""
    rows = [list(_raw_cells(row)) for row in table._tbl.tr_lst]
    repeated = [_repeats(row) for row in table._tbl.tr_lst]
    for number, row in enumerate(rows):
        cells = []
        for column, width, merge, element in row:
            if merge == "continue":
                continue
            height = 1
            if merge == "restart":
                while number + height < len(rows) and _continues(rows[number + height], column):
                    height += 1
            lines = tuple(p.text for p in _Cell(element, table).paragraphs if p.text.strip())
            cells.append(GridCell(lines, height, width, header=repeated[number] or number == 0))
        yield cells


def _raw_cells(row: Any) -> Iterator[tuple[int, int, str, Any]]:
    column = row.grid_before if hasattr(row, "grid_before") else 0
    for cell in row.tc_lst:
        width = max(1, cell.grid_span)
        properties = cell.tcPr
        merge = properties.find(qn("w:vMerge")) if properties is not None else None
        kind = "" if merge is None else (merge.get(qn("w:val")) or "continue")
        yield column, width, kind, cell
        column += width


def _continues(row: list[tuple[int, int, str, Any]], column: int) -> bool:
    return any(at == column and merge == "continue" for at, _, merge, _ in row)


def _repeats(row: Any) -> bool:
    properties = row.trPr
    return properties is not None and properties.find(qn("w:tblHeader")) is not None
