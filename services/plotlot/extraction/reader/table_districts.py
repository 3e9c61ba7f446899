"""The districts that head the rows or columns of dimensional tables, or sections of dimensions."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from plotlot.domain.districts import CODE, district_key
from plotlot.domain.documents import Document, Section
from plotlot.domain.standards import District
from plotlot.extraction.reader.district_codes import is_code
from plotlot.extraction.reader.district_index import DistrictIndex
from plotlot.extraction.reader.district_words import NOT_A_DISTRICT, name_key, tidy
from plotlot.extraction.reader.table_grid import TableGrid, is_numeric
from plotlot.extraction.reader.table_labels import read_label
from plotlot.extraction.reader.table_split import split_table

_QUICK = re.compile(r"district|\bzones?\b|zoning", re.IGNORECASE)
_FIELDS = re.compile(
    r"yard|set\s?back|height|coverage|lot\s+(?:area|size|width|depth)|frontage", re.IGNORECASE
)
_ZONE = re.compile(r"\b(?:districts?|zones?|zoning)\b", re.IGNORECASE)
_SPEAKS_OF_CASES = re.compile(
    r"\b(?:uses?|dwellings?|buildings?|structures?|lots?|units?|sewer\w*|septic|with|without|other|all|any|each|"
    r"per|if|when|where|minimum|maximum|principal|accessory|permitted|conditional|total|notes?|table|from|to|"
    r"abutting|adjacent|corner|interior|feet|parking|signs?|overlay|pud|prd|planned\s+\w+\s+developments?|"
    r"requirements?|standards?|setbacks?|yards?|area|see|section|not|none|families|existing|hotels?|motels?|lodging|du|density)\b",
    re.IGNORECASE,
)
_MARK = re.compile(r"\s*(?:\*+|\(\d{1,2}\)|\[\^?\w{1,3}\]|[¹²³⁴⁵⁶⁷⁸⁹†‡]+)\s*$")
_DENSITY = re.compile(r"\b(?:low|medium|moderate|high)(?:er)?[\s-]+density\b", re.IGNORECASE)
_ASIDE = re.compile(r"\s*[(\[].*$")
_NAME_AND_CODE = re.compile(rf"(?P<name>[A-Z][^()\[\]]{{2,60}}?)\s*[(\[][\"“]?(?P<code>{CODE})[\"”]?[)\]]")
_CODE_AND_NAME = re.compile(
    rf"(?P<code>{CODE})(?P<between>\s*[-–—:=]\s+|\s[-–—:=]\s*|\s)(?P<name>[A-Z][A-Za-z][^()\[\]]{{2,60}})"
)
_DIMENSION = re.compile(
    r"^[^\n]{0,40}\b(front|side|rear|height|coverage|lot\s+(?:area|size)|width|frontage|depth)\b[^\n]{0,120}?\d",
    re.IGNORECASE | re.MULTILINE,
)
_TAIL = re.compile(r"\s+[-–—:]\s*[\d,.]+\s*(?:acres?|sq\w*\.?\s*f\w*\.?).*$", re.IGNORECASE)
_AREA = re.compile(r"\s+areas?$", re.IGNORECASE)
_NUMERAL = re.compile(r"^[IVXL]+\s*[-–—.:]\s+")
_HEADED = ("section", "article", "chapter", "division")
_FEWEST_SIBLINGS = 3
_FEWEST_DIMENSIONS = 4
_FEWEST_FIELDS = 2
_FEWEST_DISTRICTS = 2
_MOST_WORDS = 7
_LONGEST = 70
_NUMBERED = re.compile(r"\d|-\w")


def tabled_districts(documents: Sequence[Document], known: DistrictIndex) -> list[District]:
    """Districts of dimensional tables that no other part of the code made known."""
    found: dict[str, District] = {}
    taken = {name_key(d.name) for d in known.districts if d.name} | {name_key(c) for c in known.codes}
    for document in documents:
        for start, label in [*_headings(document), *_labels(document)]:
            district = _district(label, document.name, start)
            if district is None or known.resolve(district.code) or _is_coded(label, known):
                continue
            key = name_key(district.name or district.code)
            if key not in taken:
                taken.add(key)
                found.setdefault(district_key(district.code), district)
    return list(found.values())


def _is_coded(label: str, known: DistrictIndex) -> bool:
    """Whether a label is a known code with other words: ``Town R-C 1``."""
    named = known.find(label)
    return len(named) == 1 and _NUMBERED.search(named[0]) is not None


def _labels(document: Document) -> Iterator[tuple[int, str]]:
    """The labels of rows or columns that hold districts, with the offset of their table."""
    for start, labels in _axes(document, says_so=True):
        usable = [label for label in labels if _may_be_district(label)]
        if len(usable) >= _FEWEST_DISTRICTS and 2 * len(usable) >= len([one for one in labels if one]):
            yield from ((start, label) for label in usable)


def axis_labels(document: Document) -> Iterator[list[str]]:
    """For each dimensional table, the words that head what stands across from its fields."""
    for _, labels in _axes(document, says_so=False):
        yield [label for label in labels if label]


def _axes(document: Document, says_so: bool) -> Iterator[tuple[int, list[str]]]:
    """The axes across from the fields; with ``says_so`` only those that say that they hold districts."""
    for table in document.tables:
        around = document.text[max(0, table.start - 300) : table.end]
        if table.columns < 2 or not (_QUICK if says_so else _FIELDS).search(around):
            continue
        for part in split_table(document, table):
            axis = _axis(TableGrid(document, part), says_so)
            yield part.start, [_MARK.sub("", label).strip() for label in axis]


def _headings(document: Document) -> list[tuple[int, str]]:
    """The headings of sections beside one another that each give their own dimensions."""
    siblings: dict[int | None, list[tuple[int, str]]] = defaultdict(list)
    for section in document.sections:
        if section.kind not in _HEADED or not _is_about_districts(document, section):
            continue
        label = _AREA.sub("", _NUMERAL.sub("", _TAIL.sub("", section.heading))).strip()
        if not _may_be_district(label) or label.endswith((".", ",", ";")):
            continue
        named = {
            m[1].lower()[:5] for m in _DIMENSION.finditer(document.text, section.body_start, section.end)
        }
        if len(named) >= _FEWEST_DIMENSIONS:
            siblings[section.parent].append((section.start, label))
    return [one for group in siblings.values() if len(group) >= _FEWEST_SIBLINGS for one in group]


def _is_about_districts(document: Document, section: Section) -> bool:
    above = [document.sections[section.parent]] if section.parent is not None else []
    return any(_ZONE.search(one.title) for one in above)


def _axis(grid: TableGrid, says_so: bool) -> list[str]:
    """The words along the axis of districts; none where none says that it holds them, if it has to."""
    if grid.table.rows < 2 or not grid.label_columns:
        return []
    values = range(grid.label_columns, grid.table.columns)
    headers = [grid.header(column) for column in values]
    labels = [grid.label(row).text for row in grid.body_rows]
    corner = " ".join(grid.header(column) for column in range(grid.label_columns))
    by_columns, by_rows = _fields_among(headers), _fields_among(labels)
    if by_columns >= _FEWEST_FIELDS and by_columns > by_rows and (_ZONE.search(corner) or not says_so):
        return [label for row, label in zip(grid.body_rows, labels, strict=True) if _has_values(grid, row)]
    said = _ZONE.search(corner) or sum(bool(_ZONE.search(header)) for header in headers) > 1
    if by_rows >= _FEWEST_FIELDS and by_rows > by_columns and (said or not says_so):
        return [_ZONE.sub("", header).strip() for header in headers]
    return []


def _fields_among(labels: Sequence[str]) -> int:
    return len({name for label in labels for name in read_label(label, bare=True).fields})


def _has_values(grid: TableGrid, row: int) -> bool:
    values = range(grid.label_columns, grid.table.columns)
    return any(is_numeric(grid.text(row, column)) for column in values)


def _may_be_district(label: str) -> bool:
    words = re.findall(r"[A-Za-z]+", label)
    # "Low Density Residential" is a name, "Density" a standard.
    label = _DENSITY.sub("", label).strip() or label
    return (
        1 <= len(words) <= _MOST_WORDS
        and 1 < len(label) <= _LONGEST
        and label[0].isupper()
        and not _ZONE.fullmatch(label)
        and not is_numeric(label)
        and ("(" not in label or _NAME_AND_CODE.fullmatch(label) is not None)
        and not _SPEAKS_OF_CASES.search(label)
        and not NOT_A_DISTRICT.search(label)
        and not read_label(label).fields
    )


def _district(label: str, document: str, start: int) -> District | None:
    """The district that a label names: by code and name, by one of them, or none."""
    both = _NAME_AND_CODE.fullmatch(label) or _coded_first(label)
    if both and is_code(both["code"]):
        return District(both["code"], tidy(both["name"]), document, start)
    if re.fullmatch(CODE, label):
        return District(label, "", document, start) if is_code(label) else None
    name = re.sub(r"\s*/\s*", "/", tidy(_ASIDE.sub("", label)))
    name = re.sub(r"-\s+(?=\w)", "-", name)
    if _NUMBERED.search(label) and len(re.findall(r"[A-Za-z]{2,}", label)) == 0:
        return None
    return District(name, name, document, start) if len(name) > 2 else None


def _coded_first(label: str) -> re.Match[str] | None:
    """A label that begins with a code: letters alone must be the initials of the name."""
    found = _CODE_AND_NAME.fullmatch(label)
    if found is None or not found["code"].isalpha() or not found["between"].isspace():
        return found
    initials = "".join(word[0] for word in re.findall(r"[A-Za-z]+", found["name"])).upper()
    code = found["code"].upper()
    return found if initials.startswith(code) or found["name"].upper().startswith(code) else None
