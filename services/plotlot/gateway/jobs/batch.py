"""Many lots at once: rows of CSV or JSON in, one question each, and what becomes of each."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from plotlot.domain.errors import InvalidRequest, UnsupportedMedia
from plotlot.domain.texts import LONGEST_ADDRESS, LONGEST_NAME
from plotlot.gateway.analysis import Analyst
from plotlot.gateway.inputs import storable
from plotlot.gateway.inquiries import Question
from plotlot.gateway.jobs.worker import Tell
from plotlot.gateway.web.events import last

Json = dict[str, Any]
KIND = "analyses"
MOST_ROWS = 50_000
MOST_BYTES = 20_000_000
MOST_PARTS = (
    20 * MOST_ROWS
)  # of JSON, several times what so many rows have; each takes some 100 bytes of memory
LONGEST = {
    "ref": LONGEST_NAME,
    "address": LONGEST_ADDRESS,
    "parcel_id": LONGEST_NAME,
    "municipality": LONGEST_NAME,
}
CSV, NDJSON, JSON = "text/csv", "application/x-ndjson", "application/json"


def questions_in(content: bytes, media_type: str) -> list[Json]:
    """The rows of a body. Raises InvalidRequest or UnsupportedMedia; a row that asks badly is answered so later."""
    reader = READERS.get(media_type.partition(";")[0].strip().lower())
    if reader is None:
        kinds = ", ".join(READERS)
        raise UnsupportedMedia(f"a batch is one of {kinds}, not {media_type!r}", field="body", expected=kinds)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidRequest("the batch is not text in UTF-8", field="body", expected="UTF-8") from None
    rows = []
    for number, row in enumerate(reader(text), start=1):
        if number > MOST_ROWS:
            raise InvalidRequest(
                f"more than {MOST_ROWS:,} rows: send the batch in parts",
                field="body",
                expected=f"at most {MOST_ROWS:,} rows",
            )
        rows.append(question_in(row, number))
    if not rows:
        raise InvalidRequest("the batch has no rows", field="body", expected="at least one row")
    return rows


def rows_of_csv(text: str) -> Iterator[Mapping[str, Any]]:
    """Rows by the names in the first line."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        names = {(name or "").strip().lower() for name in reader.fieldnames or ()}
        if unknown := sorted(names - set(LONGEST)):
            raise InvalidRequest(
                f"the first line names {unknown[0]!r}, which no row has; the columns are {', '.join(LONGEST)}",
                field="body",
                expected=f"columns among {', '.join(LONGEST)}",
            )
        for row in reader:
            if None in row:
                raise InvalidRequest(f"line {reader.line_num} has more fields than the first", field="body")
            yield {(name or "").strip().lower(): value or "" for name, value in row.items()}
    except csv.Error as error:
        raise InvalidRequest(f"line {reader.line_num} is not CSV: {error}", field="body") from None


def rows_of_lines(text: str) -> Iterator[Any]:
    """A JSON value of each line that is not empty."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield parsed(line, f"line {number}")


def rows_of_json(text: str) -> Iterator[Any]:
    """The items of a list, or of ``{"analyses": [...]}``."""
    found = parsed(text, "the body")
    listed = found.get("analyses") if isinstance(found, dict) else found
    if not isinstance(listed, list):
        expected = 'a list, or {"analyses": [...]}'
        raise InvalidRequest(f"the batch is no list: send {expected}", field="body", expected=expected)
    yield from listed


READERS = {CSV: rows_of_csv, NDJSON: rows_of_lines, JSON: rows_of_json}


def parsed(text: str, where: str) -> Any:
    """A JSON text. Raises InvalidRequest that says where, and before it fills the memory where it has parts without end."""
    if sum(text.count(mark) for mark in ",[{") > MOST_PARTS:
        raise InvalidRequest(
            f"{where} has more parts than {MOST_ROWS:,} rows have: send the batch in parts",
            field="body",
            expected=f"at most {MOST_ROWS:,} rows",
        )
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"{where} is not JSON: {error}", field="body", expected="JSON") from None


def question_in(row: Any, number: int) -> Json:
    """What a row asks. Raises InvalidRequest where it is no row at all, or cannot be stored."""
    if not isinstance(row, Mapping):
        raise InvalidRequest(f"row {number} is no object", field="body", expected="an object in each row")
    if unknown := sorted(set(row) - set(LONGEST)):
        raise InvalidRequest(
            f"row {number} has a field {unknown[0]!r}; rows have {', '.join(LONGEST)}", field="body"
        )
    for name, value in row.items():
        if not isinstance(value, str | int) or isinstance(value, bool) or len(str(value)) > LONGEST[name]:
            raise InvalidRequest(
                f"row {number}: {name} is no text of at most {LONGEST[name]} characters", field="body"
            )
        try:
            storable(str(value))
        except ValueError as error:
            raise InvalidRequest(f"row {number}: {name}: {error}", field="body") from None
    return {name: str(value) for name, value in row.items() if str(value).strip()}


class BatchAnalysis:
    """Answers the rows of a batch: an analysis is kept of each, and its figures stand in the row."""

    def __init__(self, analyst: Analyst) -> None:
        self._analyst = analyst

    async def answer(self, asked: Json, tell: Tell) -> Json:
        """A row's figures. Raises what the analysis does."""
        question = Question(
            asked.get("address", ""), asked.get("parcel_id", ""), asked.get("municipality", "")
        )
        report = await last(self._analyst.analyze(question))
        units = report["yield"]
        return {
            "analysis": report["id"],
            "bundle": report["bundle"],
            "parcel_id": report["parcel"]["id"],
            "address": report["parcel"]["address"],
            "municipality": report["municipality"],
            "district": report["district"],
            "units_low": units["units_low"],
            "units_high": units["units_high"],
            "binding_constraint": units["binding_constraint"],
            "verdict": report["verdict"],
            "warnings": report["warnings"],
        }
