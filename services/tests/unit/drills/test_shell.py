"""Scripts run as pasted; what takes too long, or goes on in the background, is ended as a whole."""

import asyncio
from pathlib import Path

from plotlot.drills.shell import TIMED_OUT, going_on, run_script


async def test_a_script_stops_at_the_first_failure() -> None:
    done = await run_script("echo $GREETING; false; echo more", {"GREETING": "it's me"}, 10)
    assert (done.status, done.output) == (1, "it's me\n")


async def test_a_reader_who_has_enough_is_no_failure() -> None:
    assert (await run_script("yes | head -1", {}, 10)).status == 0


async def test_a_diagnosis_goes_on_after_a_failure() -> None:
    done = await run_script("ls /nowhere; echo more", {}, 10, stops=False)
    assert done.status == 0
    assert "No such file" in done.output
    assert done.output.endswith("more\n")


async def test_what_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    done = await run_script(f"(sleep 1; touch {tmp_path}/late) & sleep 30", {}, 0.1)
    assert done.status == TIMED_OUT
    await asyncio.sleep(1.2)
    assert not (tmp_path / "late").exists()


async def test_what_goes_on_in_the_background_holds_nothing_up() -> None:
    done = await run_script("sleep 30 & echo done", {}, 10)
    assert (done.status, done.output) == (0, "done\n")


async def test_what_goes_on_beside_ends_with_the_block(tmp_path: Path) -> None:
    async with going_on(f"while true; do date >> {tmp_path}/ticks; sleep 0.02; done", {}):
        while not (tmp_path / "ticks").exists():
            await asyncio.sleep(0.01)
    size = (tmp_path / "ticks").stat().st_size
    await asyncio.sleep(0.1)
    assert (tmp_path / "ticks").stat().st_size == size
