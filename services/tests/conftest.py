"""Shared fixtures: where the real ordinances lie, if they are here."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keeps tests together that share what they start; asked only where several processes run them."""
    from sharing import SharedByWhatTheyStart

    return SharedByWhatTheyStart(config, log)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real codes and checked values: PLOTLOT_DATA, or shared/data beside the checkout."""
    folder = Path(os.environ.get("PLOTLOT_DATA") or REPOSITORY.parent / "shared" / "data")
    if not (folder / "ordinances" / "manifest.json").is_file():
        pytest.skip(f"no real ordinances at {folder}; set PLOTLOT_DATA to the folder that holds them")
    return folder


@pytest.fixture(scope="session")
def ordinances(data: Path) -> Path:
    """The folder of real municipal codes."""
    return data / "ordinances"
