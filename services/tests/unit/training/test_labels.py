"""Coded rows as evidence, and what candidates they label."""

from pathlib import Path

import numpy as np
import pytest
from coded_towns import rows_of, text_of, write_archive

from plotlot.domain.errors import InvalidRequest
from plotlot.domain.standards import District
from plotlot.extraction.learned.candidates import candidates, find
from plotlot.extraction.reader.district_index import DistrictIndex
from plotlot.ingestion.parsers import parse_document
from plotlot.training import archive as archives
from plotlot.training.archive import Row, load_archive
from plotlot.training.labels import Labels, label, matched, rows_by_case, settled
from plotlot.training.towns import folds, group_of, held_out

DISTRICTS = [District("R-1", "Rural"), District("Village Center", "Village Center"), District("R-II", "")]


def row(**changed: object) -> Row:
    given = {"district": "R-1", "district_name": "", "field": "front_setback", "use": "1_family"}
    return Row(**{**given, "values": (40.0,), "acres": None, "sure": True, **changed})  # type: ignore[arg-type]


def test_rounded_acres_accept_the_printed_number_and_no_other() -> None:
    lot = row(values=(20_000.0, 20_037.6), acres=0.46)
    assert lot.accepts(20_000)
    assert lot.accepts(20_037.6)
    assert not lot.accepts(21_780)


def test_rows_that_are_no_evidence_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = rows_of(0)
    doubtful = [
        {**rows[1], "suspect": "setback out of range"},
        {**rows[2], "overlay": True},
        {**rows[3], "field": "max_density"},
    ]
    monkeypatch.setattr("coded_towns.rows_of", lambda town: [rows[0], *doubtful])
    (town,) = load_archive(write_archive(tmp_path / "towns.tar.xz", [0])).towns
    assert [one.field for one in town.rows] == ["min_lot_area"]


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "towns.tar.xz"
    path.write_bytes(b"nothing")
    with pytest.raises(InvalidRequest, match="no archive of coded towns"):
        load_archive(path)


def test_coded_districts_are_matched_by_code_numeral_or_name() -> None:
    rows = [
        row(district="R1"),
        row(district="VC", district_name="Village Center District"),
        row(district="R-2"),
        row(district="XX", district_name="Elsewhere"),
    ]
    assert matched(DISTRICTS, rows) == {"R1": "R-1", "VC": "Village Center", "R-2": "R-II"}


def test_coverages_share_their_rows() -> None:
    found = rows_by_case([row(field="max_lot_coverage")], {"R-1": "R-1"})
    assert set(found) == {
        ("R-1", "max_lot_coverage", "1_family"),
        ("R-1", "max_impervious", "1_family"),
    }


def labelled(*rows: Row):  # type: ignore[no-untyped-def]
    document = parse_document("code.txt", text_of(0).encode())
    index = DistrictIndex(
        [District("R-1", "Rural"), District("V-2", "Village"), District("HC-3", "Highway Commercial")]
    )
    every = list(candidates(find([document], index)))
    return every, label(every, rows_by_case(rows, {"R-1": "R-1"}))


def test_only_candidates_of_a_coded_field_and_district_are_known() -> None:
    every, labels = labelled(row(values=(30.0,)))
    known = {
        (one.district, one.field) for one, weight in zip(every, labels.weight, strict=True) if weight > 0
    }
    assert known == {("R-1", "front_setback")}
    right = [one.value for one, hit in zip(every, labels.right, strict=True) if hit]
    assert set(right) == {30.0}


def test_a_doubtful_row_that_no_number_bears_out_teaches_nothing() -> None:
    _, labels = labelled(row(values=(999.0,), sure=False))
    assert not labels.weight.any()


def test_places_that_hold_a_coded_value_by_chance_are_not_known() -> None:
    every, labels = labelled(row(values=(30.0,)))
    twice = Labels(labels.right, labels.weight)
    scores = np.where(labels.right == 1, 0.9, 0.1).astype(np.float32)
    first = int(np.flatnonzero(labels.right)[0])
    assert (settled(every, twice, scores).weight == labels.weight).all()
    if labels.right.sum() > 1:
        scores[first] = 0.1
        assert settled(every, twice, scores).weight[first] == 0


def test_a_town_and_its_village_are_never_parted() -> None:
    names = ["Stowe_Town", "Stowe_Village", *(f"Town{number}" for number in range(30))]
    groups = [group_of(name) for name in names]
    assert groups[0] == groups[1]
    of = folds(groups, 5, seed=3)
    assert set(of.values()) == set(range(5))
    assert of == folds(list(reversed(groups)), 5, seed=3)
    assert of != folds(groups, 5, seed=4)
    assert len(held_out(groups, 0.25, 3)) == 8


def test_every_use_of_a_condition_has_its_rows() -> None:
    assert set(archives.USES[""]) == {"1_family"}
    assert set(archives.USES["one_or_two_family"]) == {"1_family", "2_family"}
