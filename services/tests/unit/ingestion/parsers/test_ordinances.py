"""Every real code here is read into a document that holds together."""

import json
from pathlib import Path

import pytest

from plotlot.domain.documents import check_document
from plotlot.ingestion.parsers import parse_document


@pytest.fixture(scope="module")
def files(ordinances: Path) -> list[Path]:
    rows = json.loads((ordinances / "manifest.json").read_text())
    return [ordinances / row["file"] for row in rows]


def test_every_ordinance_is_read(files: list[Path]) -> None:
    for path in files:
        document = parse_document(path.name, path.read_bytes())
        check_document(document)
        assert document.name == path.name
        if document.warnings and "none of its" in document.warnings[0]:
            continue
        assert len(document.text) > 1000, path.name
        assert len(document.sections) > 3, path.name
        for section in document.sections[1:]:
            assert document.text[section.start : section.end].strip(), (path.name, section)
            first_word = section.label.split()[0] if section.label else ""
            assert first_word in document.text[section.start : section.body_start + 40], (path.name, section)


def test_quotes_of_the_source_are_found_in_the_text(data: Path, ordinances: Path) -> None:
    rows = [json.loads(line) for line in (data / "gold" / "dev.jsonl").read_text().splitlines()]
    texts: dict[str, str] = {}
    for row in rows:
        path = ordinances / row["file"]
        if row["file"] not in texts:
            texts[row["file"]] = parse_document(path.name, path.read_bytes()).text
        assert (row.get("quote") or "").replace("\r\n", "\n") in texts[row["file"]], row["quote"]
