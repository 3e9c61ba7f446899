"""pg_dump and pg_restore: which of them is taken, and what their words mean."""

from pathlib import Path

import pytest

from plotlot.backups import programs
from plotlot.backups.programs import Programs, explained, programs_for


def test_the_oldest_that_is_new_enough_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    here = [Programs(Path(str(major)), major, f"{major}.1") for major in (18, 15, 17)]
    monkeypatch.setattr(programs, "found", lambda: iter(here))
    assert [programs_for(major, "the server").major for major in (14, 15, 16, 18)] == [15, 15, 17, 18]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("pg_dump: error: could not write to file: No space left on device", "a disk is full"),
        ("ERROR:  could not extend file: No space left on device\nHINT: Check free disk space.", "a disk is full"),
        ("pg_dump: error: query failed: ERROR:  permission denied for table audit", "may not use audit"),
        (
            'ERROR:  query would be affected by row-level security policy for table "chunks"',
            "row-level security hides rows",
        ),
        ("pg_restore: error: something else", "pg_restore failed: pg_restore: error: something else"),
    ],
)  # fmt: skip
def test_words_are_explained(said: str, meant: str) -> None:
    assert explained("pg_restore", said).startswith((meant, "the login " + meant))
