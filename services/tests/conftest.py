"""Shared fixtures: where the real ordinances lie, if they are here."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where tests are shared out to several processes, those of one module stay together, for what it starts is
    started once; so do those that ask the running PlotLot of one topology, whichever module they are of."""
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        item.add_marker(pytest.mark.xdist_group(parameters.get("stack", item.location[0])))


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
