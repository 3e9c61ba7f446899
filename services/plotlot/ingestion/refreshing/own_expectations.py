"""What an operator expects of codes besides: a schema of pandera over the sections of a code, each a row of a table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from plotlot.domain.coverage import Misgiving
from plotlot.domain.documents import Document
from plotlot.domain.errors import InvalidRequest

COLUMNS = ("document", "section", "kind", "heading", "characters", "words", "figures")
"""Of a section: its document's name, its path, chapter or section and the like, its heading, and what its own text has."""
SHOWN = 3


def own_expectations(path: str) -> "SectionSchema | None":
    """The schema of a YAML file as pandera writes it; None where no file is named. Raises InvalidRequest."""
    if not path.strip():
        return None
    try:
        import pandera.pandas as pandera
    except ImportError:
        raise InvalidRequest("expectations of your own need pandera: install plotlot[quality]") from None
    faults = (OSError, ValueError, LookupError, TypeError, AttributeError, yaml.YAMLError)
    of_pandera = (pandera.errors.SchemaDefinitionError, pandera.errors.SchemaInitError)
    try:
        schema = pandera.DataFrameSchema.from_yaml(Path(path).read_text("utf-8"))
    except (*faults, *of_pandera) as error:
        raise InvalidRequest(f"{path} is no schema of pandera: {error}", field="expectations") from None
    return SectionSchema(schema)


class SectionSchema:
    """A schema, and what does not meet it."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema

    def misgivings(self, documents: Sequence[Document]) -> list[Misgiving]:
        """What is not so of all documents of a code: each check with the sections that fail it."""
        from pandas import DataFrame
        from pandera.errors import SchemaErrors

        rows = [row for document in documents for row in rows_of(document)]
        try:
            self._schema.validate(DataFrame(rows, columns=list(COLUMNS)), lazy=True)
        except SchemaErrors as error:
            return [Misgiving("own", words) for words in failed(error.failure_cases, rows)]
        return []


def rows_of(document: Document) -> list[tuple[str, str, str, str, int, int, int]]:
    """A row for each section of a document."""
    found = []
    for section in document.sections[1:]:
        own = document.own_text(section.ordinal)
        figures = sum(1 for character in own if character.isdigit())
        path = document.section_path(section.ordinal)
        found.append(
            (document.name, path, section.kind, section.heading, len(own), len(own.split()), figures)
        )
    return found


def failed(cases: Any, rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """The checks that failed, in words: ``cases`` is pandera's table of failures."""
    found = []
    for check, group in cases.groupby("check", sort=True):
        columns = sorted({column for column in group["column"] if isinstance(column, str)})
        places = [rows[int(index)][1] for index in sorted(set(group["index"].dropna()))]
        of = f" of {' and '.join(columns)}" if columns else ""
        named = f" in {len(places)} sections, as {'; '.join(places[:SHOWN])}" if places else ""
        found.append(f"the expectation {check}{of} is not met{named}")
    return found
