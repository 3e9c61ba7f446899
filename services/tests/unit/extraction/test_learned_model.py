"""Models that cannot be had or used, and values that become standards."""

from pathlib import Path

import numpy as np
import pytest

from plotlot.domain.errors import ServiceUnavailable
from plotlot.domain.quotes import quote_stands, verify
from plotlot.domain.standards import District, Status
from plotlot.extraction.learned.candidates import candidates, find
from plotlot.extraction.learned.decode import choices, read
from plotlot.extraction.learned.finding import alias_of, model_of
from plotlot.extraction.learned.model import Properties
from plotlot.extraction.reader.district_index import DistrictIndex
from plotlot.ingestion.parsers import parse_document

TEXT = """\
Section 3.1 Rural District (R-1)
   Minimum front yard: 40 feet
   Maximum building height: 35 feet
   A barn shall keep a front yard of 80 feet.
"""
INDEX = DistrictIndex([District("R-1", "Rural"), District("V-2", "Village")])


class Scorer:
    """What reading needs of a model, with scores of the test's own."""

    def __init__(self, least: float) -> None:
        self.engine = "learned/test"
        self.properties = Properties((), {"front_setback": least}, {}, {"score": 1.0})


def scored(barn: float, least: float = 0.5):  # type: ignore[no-untyped-def]
    document = parse_document("code.txt", TEXT.encode())
    every = list(candidates(find([document], INDEX)))
    scores = np.array(
        [
            {40.0: 0.8, 80.0: barn}.get(one.value, 0.1) if one.field == "front_setback" else 0.9
            for one in every
        ],
        dtype=np.float32,
    )
    return document, read(
        Scorer(least), choices(every, scores), [document], INDEX.districts, {"code.txt": "7"}
    )  # type: ignore[arg-type]


def fronts(reading):  # type: ignore[no-untyped-def]
    return [one for one in reading.standards["R-1"] if one.field == "front_setback"]


def test_the_best_value_is_shown_with_a_citation_that_holds() -> None:
    document, reading = scored(barn=0.6)
    (front,) = fronts(reading)
    assert (front.value, front.unit, front.engine) == (40.0, "ft", "learned/test")
    assert front.citation is not None
    assert front.citation.document == "7"
    assert quote_stands(front.citation, document.text)
    assert verify(front, document.text).holds


def test_a_value_below_its_threshold_is_not_stated() -> None:
    _, reading = scored(barn=0.1, least=0.9)
    assert [one.status for one in fronts(reading)] == [Status.NOT_STATED]


def test_a_field_without_a_threshold_is_never_shown() -> None:
    _, reading = scored(barn=0.1)
    heights = [one for one in reading.standards["R-1"] if one.field == "max_height"]
    assert [one.status for one in heights] == [Status.NOT_STATED]


def test_every_district_is_there_with_every_field() -> None:
    _, reading = scored(barn=0.1)
    assert set(reading.standards) == {"R-1", "V-2"}
    assert all(one.status is Status.NOT_STATED for one in reading.standards["V-2"])


def test_no_model_is_told_with_what_to_do() -> None:
    with pytest.raises(ServiceUnavailable, match="plotlot train reader"):
        model_of(None)


def test_a_missing_file_is_told_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailable, match="PLOTLOT_READER_MODEL"):
        model_of(str(tmp_path / "absent.onnx"))


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "reader.onnx"
    path.write_bytes(b"not a graph")
    with pytest.raises(ServiceUnavailable, match=r"reader\.onnx is no model"):
        model_of(str(path))


def test_a_registered_model_is_known_by_its_alias() -> None:
    assert alias_of("models:/plotlot-reader@champion") == "champion"
    assert alias_of("models:/plotlot-reader/3") == ""
    assert alias_of("folder/reader@home.onnx") == ""
