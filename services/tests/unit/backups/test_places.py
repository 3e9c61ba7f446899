"""Where backups are: names, locations, and which of them go."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from unit.backups.test_manifest import MANIFEST

from plotlot.backups.locations import found, place_at
from plotlot.backups.manifest import as_json
from plotlot.backups.places import MANIFEST as FILE
from plotlot.backups.places import Kept, began, superseded
from plotlot.domain.errors import BackupFailed, InvalidBackup, InvalidRequest, UnknownBackup

DAYS = [f"plotlot-202603{day:02}T030000Z" for day in range(1, 6)]
NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)


def kept(name: str, complete: bool = True) -> Kept:
    return Kept(name, replace(MANIFEST, name=name) if complete else None, "" if complete else "unfinished")


def test_the_newest_complete_ones_stay() -> None:
    every = [
        kept(DAYS[0]),
        kept(DAYS[1], complete=False),
        *map(kept, DAYS[2:4]),
        kept(DAYS[4], complete=False),
    ]
    assert superseded(every, 1, NOW) == [DAYS[0], DAYS[2], DAYS[1]]
    assert superseded(every, 2, NOW) == [DAYS[0], DAYS[1]]
    assert superseded(every, 9, NOW) == [DAYS[1]], "what is unfinished for an hour may yet be finished"


def test_a_name_says_when() -> None:
    assert began(DAYS[0]) == datetime(2026, 3, 1, 3)
    assert [began(name) for name in ("", "plotlot", "lost+found", f"{DAYS[0]}.partial")] == [None] * 4


def written(folder: Path, name: str) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / FILE).write_text(as_json(replace(MANIFEST, name=name)))


def test_a_location_is_a_backup_or_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in DAYS[:3]:
        written(tmp_path / "kept", name)
    (tmp_path / "kept" / DAYS[2] / FILE).unlink()
    (tmp_path / "kept" / "lost+found").mkdir()
    monkeypatch.chdir(tmp_path / "kept")
    for location in (f"{tmp_path}/kept", f"{tmp_path}/kept/", ".", DAYS[1], f"{tmp_path}/kept/{DAYS[1]}"):
        assert found(location)[1] == DAYS[1], location
    with pytest.raises(InvalidBackup, match="has no manifest"):
        found(f"{tmp_path}/kept/{DAYS[2]}")
    with pytest.raises(UnknownBackup, match="there is no backup"):
        found(f"{tmp_path}/kept/{DAYS[4]}")
    with pytest.raises(UnknownBackup, match="no complete backup"):
        found(f"{tmp_path}/absent")


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("")
    with pytest.raises(BackupFailed, match="kept: "):
        place_at(f"{tmp_path}/kept").kept()


def test_a_bucket_has_a_name() -> None:
    with pytest.raises(InvalidRequest, match="names no bucket"):
        place_at("s3:///prefix")
