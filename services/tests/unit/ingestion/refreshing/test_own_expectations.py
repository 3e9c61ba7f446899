"""What an operator expects of codes besides, as a schema of pandera."""

from pathlib import Path

import pytest

from plotlot.domain.documents import Document, Section
from plotlot.domain.errors import InvalidRequest
from plotlot.ingestion.refreshing.own_expectations import own_expectations

SCHEMA = """
schema_type: dataframe
columns:
  section: {dtype: str, checks: [{value: "^Sec", options: {check_name: str_matches}}]}
  words: {dtype: int64, checks: [{value: 2, options: {check_name: greater_than}}]}
unique: [document, section]
"""


def code(*sections: str) -> Document:
    text = "\n".join(sections)
    root = Section(0, None, "document", "", "", 0, len(text), 0)
    parts, at = [root], 0
    for number, own in enumerate(sections, 1):
        label = own.split(" says", 1)[0]
        parts.append(Section(number, 0, "section", label, "", at, at + len(own), at))
        at += len(own) + 1
    return Document("code.txt", "", "text/plain", "0", text, tuple(parts))


@pytest.fixture
def schema(tmp_path: Path) -> str:
    pytest.importorskip("pandera", reason="the extra quality is not installed")
    file = tmp_path / "expectations.yaml"
    file.write_text(SCHEMA)
    return str(file)


def test_a_code_that_meets_them_has_none_against_it(schema: str) -> None:
    expected = own_expectations(schema)
    assert expected is not None
    assert expected.misgivings([code("Sec. 1 says what it says.", "Sec. 2 says more than that.")]) == []


def test_sections_that_do_not_meet_them_are_named_by_check(schema: str) -> None:
    expected = own_expectations(schema)
    assert expected is not None
    found = expected.misgivings([code("Sec. 1 says what it says.", "Part 2 says it", "Part 3 says it")])
    assert {one.kind for one in found} == {"own"}
    (reason,) = [one.reason for one in found]
    assert (
        reason == "the expectation str_matches('^Sec') of section is not met in 2 sections, as Part 2; Part 3"
    )


def test_what_stands_twice_is_told(schema: str) -> None:
    expected = own_expectations(schema)
    assert expected is not None
    (found,) = expected.misgivings([code("Sec. 1 says what it says.", "Sec. 1 says more than that.")])
    assert "is not met in 2 sections, as Sec. 1; Sec. 1" in found.reason


def test_no_file_expects_nothing_besides() -> None:
    assert own_expectations(" ") is None


def test_a_file_that_is_no_schema_is_refused_by_its_name(tmp_path: Path) -> None:
    pytest.importorskip("pandera", reason="the extra quality is not installed")
    with pytest.raises(InvalidRequest, match=r"missing\.yaml is no schema"):
        own_expectations(str(tmp_path / "missing.yaml"))
    (tmp_path / "list.yaml").write_text("- a\n- b\n")
    with pytest.raises(InvalidRequest, match=r"list\.yaml is no schema"):
        own_expectations(str(tmp_path / "list.yaml"))
