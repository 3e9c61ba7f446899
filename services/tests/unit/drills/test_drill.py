"""Which drills there are, and whose turn it is."""

import re
import subprocess

import pytest

from plotlot.domain.errors import InvalidRequest
from plotlot.drills.catalogue import DRILLS
from plotlot.drills.drill import Drill, chosen, turn


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name)
def test_a_drill_is_whole(drill: Drill) -> None:
    for script in (drill.breaks, drill.restores, drill.needs, drill.during):
        done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
        assert not done.returncode, done.stderr
    assert drill.touches or drill.restores, "nothing would put it back"
    assert all(re.fullmatch(r"[a-z]+/\$RELEASE(-[a-z]+)*|[a-z]+/[a-z-]+", each) for each in drill.touches)
    assert bool(drill.needs) == bool(drill.lacking)
    assert drill.summary.endswith(".")


def test_names_are_told_apart() -> None:
    names = [drill.name for drill in DRILLS]
    assert len(set(names)) == len(names) >= 10


def test_drills_are_chosen_by_name() -> None:
    assert [drill.name for drill in chosen(DRILLS, ["judge-down", "database-down"])] == [
        "database-down",
        "judge-down",
    ]
    assert chosen(DRILLS, ["all"]) == list(DRILLS)
    with pytest.raises(InvalidRequest, match="'judge'") as error:
        chosen(DRILLS, ["judge-down", "judge"])
    assert "judge-down" in error.value.suggestions


@pytest.mark.parametrize("count", [1, 2, 3])
def test_everyone_has_a_turn(count: int) -> None:
    days = -(-len(DRILLS) // count)
    held = [drill.name for day in range(738_000, 738_000 + days) for drill in turn(DRILLS, day, count)]
    assert set(held) == {drill.name for drill in DRILLS}
    assert len(turn(DRILLS, 5, len(DRILLS) + 3)) == len(DRILLS)
