"""Broken files in a process of its own: each is read or refused, within its memory, and nothing dies.

PLOTLOT_FUZZ_FILES says how many are tried; `make fuzz-uploads` tries 20,000, real codes among them where they are here.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_files import files, read, seeds

COUNT = int(os.environ.get("PLOTLOT_FUZZ_FILES", "250"))
AT_ONCE = 2_000
SEED = 20261122
TESTS = Path(__file__).resolve().parents[3]
CODES = Path(os.environ.get("PLOTLOT_DATA") or TESTS.parents[1] / ".." / "shared" / "data") / "ordinances"


@pytest.mark.parametrize("first", range(0, COUNT, AT_ONCE))
def test_a_broken_file_is_read_or_refused(first: int) -> None:
    folder = [str(CODES)] if COUNT > AT_ONCE and CODES.is_dir() else []
    numbers = [str(one) for one in (SEED, first, min(AT_ONCE, COUNT - first))]
    child = subprocess.run(
        [sys.executable, "-m", "hostile_files", *numbers, *folder],
        cwd=TESTS, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    lines = child.stdout.splitlines()
    assert child.returncode == 0, f"ended with {child.returncode} at {lines[-1:]}\n{child.stderr[-2000:]}"
    assert len(lines) == int(numbers[2])


def test_the_files_are_the_same_each_time_and_some_of_each_kind_are_still_read() -> None:
    good = seeds()
    assert {name for name, _ in good} >= {"code.pdf", "code.docx", "parcels.csv"}
    assert list(files(SEED, 3, 5, good)) == list(files(SEED, 0, 8, good))[3:]
    assert all(read(name, content) == "read" for name, content in good)
