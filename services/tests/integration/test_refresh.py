"""Refreshes of a made-up state by real workflows on a real Postgres, killed and gone on with."""

import asyncio
import json
import os
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes.state import made_state, published
from refreshing_stand import CHECKSUM, Databases, Stand, databases_below, stages
from refreshing_worker import ended, refreshed, working
from unit.ingestion.parsers.files import pdf

from plotlot.ingestion.publishers.folder import municipality_of
from plotlot.ingestion.refreshing.refreshes import Scope
from plotlot.ingestion.refreshing.workflows import KEPT, forget_workflows

SECONDS = 120
SMALL_BYTES = 100_000


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    with databases_below(tmp_path_factory.mktemp("refresh")) as made:
        yield made


async def test_a_state_is_refreshed_whatever_goes_wrong_and_then_only_what_changed(
    databases: Databases,
) -> None:
    state = made_state(towns=4, sections=12, chapters=3, fault_share=0.3)
    with published(state) as server:
        stand = Stand(databases(), server, state)
        first = await stand.refresh()
        assert stages(first) == {"current"}, first
        assert len(state.faults) > 2
        assert stand.one("SELECT count(*) FROM documents WHERE superseded_at IS NULL") == 4 * 3
        embedded = stand.one("SELECT count(*) FROM kept_vectors")

        state.answered.clear()
        again = await stand.refresh()
        assert stages(again) == {"unchanged"}

        state.revise(
            state.towns[1], 1, 2, "The minimum lot area shall be 7,500 square feet in every district."
        )
        third = await stand.refresh()
        name = f"{state.towns[1].name}, QX"
        assert Counter(each.stage for each in third.values()) == {"unchanged": 3, "current": 1}
        counts = third[name].counts
        assert (counts["added"], counts["changed"], counts["removed"]) == (0, 1, 0)
        # Of the chapter's chunks that of the section was written; the others went over as they were, with their vectors.
        assert (counts["chunks"], counts["moved"], counts["embedded"]) == (1, 4, 1)
        assert stand.one("SELECT count(*) FROM kept_vectors") == embedded + 1, "the old one stays for a week"
        assert stand.one("SELECT count(*) FROM chunks WHERE text LIKE '%7,500 square feet%'") == 1
        assert stand.one("SELECT count(*) FROM documents WHERE superseded_at IS NULL") == 4 * 3
        assert stand.one("SELECT count(*) FROM chunks c JOIN documents d ON d.id = document_id"
                         " WHERE superseded_at IS NOT NULL") == 0  # fmt: skip


async def test_what_looks_wrong_is_held_back_and_the_old_code_serves(databases: Databases) -> None:
    state = made_state(towns=4, sections=12, chapters=3)
    with published(state) as server:
        stand = Stand(databases(), server, state)
        assert stages(await stand.refresh()) == {"current"}
        before = stand.one(CHECKSUM)
        shrunk, vanished, away, fine = state.towns
        shrunk.chapters = shrunk.chapters[:1]
        shrunk.revision = vanished.revision = 2
        vanished.chapters = []
        away.product_gone = True
        found = await stand.refresh()
        assert found[f"{shrunk.name}, QX"].stage == "quarantined"
        assert "shrank" in found[f"{shrunk.name}, QX"].reason
        assert "shrunken" in stand.one(
            f"SELECT kinds FROM covered_towns WHERE municipality = '{shrunk.name}, QX'"
        )
        assert found[f"{vanished.name}, QX"].stage == "quarantined"
        assert found[f"{away.name}, QX"].stage == "failed"
        assert "is not there" in found[f"{away.name}, QX"].reason
        assert found[f"{fine.name}, QX"].stage == "unchanged"
        assert stand.one(CHECKSUM) == before


async def test_chapters_are_asked_for_only_where_the_edition_is_another_or_was_believed_for_long(
    databases: Databases,
) -> None:
    state = made_state(towns=2, sections=6, chapters=2)
    with published(state) as server:
        stand = Stand(databases(), server, state)
        first = await stand.refresh()

        async def asked_of() -> set[str]:
            """The towns whose chapters a refresh asks for; each of them has the code that it had."""
            state.asked.clear()
            again = await stand.refresh()
            assert stages(again) == {"unchanged"}
            for name, town in again.items():
                assert {**first[name].counts, **town.counts} == first[name].counts
            contents = [at for at in state.asked if "CodesContent" in at]
            return {
                town.name for town in state.towns if any(f"productId={town.product}" in at for at in contents)
            }

        everywhere = {town.name for town in state.towns}
        assert await asked_of() == set()
        for then in (
            "now() - interval '2 days'",
            "now() + interval '1 hour'",
        ):  # long ago, and by a clock that jumped
            stand.write(f"UPDATE refreshed_towns SET fetched_at = {then}")
            assert await asked_of() == everywhere
            assert await asked_of() == set()
        one, other = state.towns
        one.revision += 1  # the same texts, as another job
        assert await asked_of() == {one.name}
        assert await asked_of() == set()
        stand.write(f"UPDATE refreshed_towns SET edition = '' WHERE municipality = '{other.name}, QX'")
        assert await asked_of() == {other.name}


async def test_workflows_of_runs_that_are_long_over_are_forgotten_and_none_of_one_that_goes_on(
    databases: Databases,
) -> None:
    state = made_state(towns=2, sections=4, chapters=1)
    with published(state) as server:
        stand = Stand(databases(), server, state)
        kept = "SELECT count(*) FROM plotlot_workflows.workflow_status"
        await stand.refresh()
        async with working(*stand.arguments[:3]) as (refreshes, towns, _):
            run, _ = await refreshes.start("one-more", Scope(state=state.abbreviation))
            await ended(refreshes, towns, run.id)
            while stand.one(f"{kept} WHERE status <> 'SUCCESS'"):
                await asyncio.sleep(0.05)
            before, later = stand.one(kept), datetime.now(UTC) + KEPT + timedelta(minutes=1)
            assert await forget_workflows(towns, datetime.now(UTC)) == 0
            stand.write("UPDATE refreshes SET ended_at = NULL WHERE id = 'one-more'")
            first = await forget_workflows(towns, later)
            assert 0 < first < before
            assert stand.one(kept) == before - first
        assert stages(await stand.refresh()) == {"unchanged"}


async def test_two_towns_of_one_name_are_left_alone(databases: Databases) -> None:
    state = made_state(towns=3)
    state.towns[1].name = state.towns[0].name
    with published(state) as server:
        assert list(await Stand(databases(), server, state).refresh()) == [f"{state.towns[2].name}, QX"]


async def test_killed_at_any_moment_a_run_goes_on_and_ends_as_if_it_never_was(databases: Databases) -> None:
    size = {"towns": 8, "sections": 12, "chapters": 3, "fault_share": 0.05}
    undisturbed = made_state(**size)  # type: ignore[arg-type]
    with published(undisturbed) as server:
        stand = Stand(databases(), server, undisturbed)
        await stand.refresh()
        wanted, whole = stand.one(CHECKSUM), stand.progress()

    state, drawn, kills = made_state(**size), random.Random(20), 0  # type: ignore[arg-type]
    moments = sorted(drawn.sample(range(1, whole - 1), 4))
    with published(state) as server:
        stand = Stand(databases(), server, state)
        for moment in moments:
            process = stand.start()
            killed = _killed_at(process, stand, moment)
            kills += killed
            if not killed:
                break
        found = await stand.refresh()
        assert stages(found) == {"current"}, [(each.stage, each.reason) for each in found.values()]
        assert kills >= 3
        assert stand.one(CHECKSUM) == wanted
        assert stand.one("SELECT count(*) FROM refreshes") == 1
        twice = {at: times - 1 for at, times in state.answered.items() if "CodesContent" in at and times > 1}
        # What was on its way when the process was killed had not been kept: at most one address of each town at work.
        assert sum(twice.values()) <= 4 * kills, twice
        distinct = {at for at in state.answered if "CodesContent" in at}
        assert len(distinct) == 8 * 4


def _killed_at(process: "subprocess.Popen[str]", stand: Stand, moment: int) -> bool:
    """Kill a worker once so much is done; whether it was still at work."""
    ends = time.monotonic() + SECONDS
    while process.poll() is None and stand.progress() < moment:
        assert time.monotonic() < ends, "nothing goes on"
        time.sleep(0.002)
    process.kill()
    process.communicate()
    return process.returncode == -9


async def test_real_codes_come_through_the_same_workflow_from_their_folder(
    databases: Databases, small_towns: Path
) -> None:
    publishers = json.dumps({"publishers": [{"kind": "folder", "name": "real", "path": str(small_towns)}]})
    conninfo = databases()
    for state in sorted({municipality_of(name)[-2:] for name in os.listdir(small_towns)}):
        found = await refreshed(conninfo, publishers, "", state)
        assert {(each.stage, each.reason) for each in found} == {("current", "")}, found
        assert all(each.counts["chunks"] > 5 for each in found)


async def test_a_code_of_scanned_pages_alone_says_that_it_is_one(
    databases: Databases, tmp_path: Path
) -> None:
    town = tmp_path / "towns" / "amber_qx"
    town.mkdir(parents=True)
    (town / "code.pdf").write_bytes(pdf([[], []]))
    publishers = json.dumps({"publishers": [{"kind": "folder", "name": "real", "path": str(town.parent)}]})
    (found,) = await refreshed(databases(), publishers, "", "QX")
    assert found.stage == "quarantined"
    assert "none of its 2 pages has a text layer" in found.reason
    assert "PLOTLOT_OCR=true" in found.reason


@pytest.fixture
def small_towns(ordinances: Path, tmp_path: Path) -> Path:
    """Codes that are read in a second or so; ``plotlot refresh`` takes all of them."""
    for folder in ordinances.iterdir():
        if folder.is_dir() and _bytes_in(folder) < SMALL_BYTES:
            shutil.copytree(folder, tmp_path / "towns" / folder.name)
    return tmp_path / "towns"


def _bytes_in(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
