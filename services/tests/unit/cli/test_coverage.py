"""Refreshes as the command line begins and follows them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fakes.refreshing import Watched

from plotlot.cli import main
from plotlot.cli.coverage import MOST_BREAKS, begun_by_state, followed, known_states
from plotlot.cli.problems import ProblemError
from plotlot.domain.errors import (
    InvalidRequest,
    PlotLotError,
    ServiceUnavailable,
    SourceUnavailable,
    StoreUnavailable,
    UnknownRefresh,
)
from plotlot.gateway.refreshing.refresh_client import Wanted
from plotlot.settings import Settings

Json = dict[str, Any]
BEGUN = {"id": "refresh-1", "total": 2}
END = ("refresh", {"status": "ended"})


async def follow(watched: Watched) -> None:
    await followed(watched, BEGUN, silent=False, sleep=watched.sleep)  # type: ignore[arg-type]


def town(step: int) -> tuple[str, Json]:
    return "town", {
        "municipality": f"Town {step}, FL",
        "step": step,
        "stage": "failed",
        "reason": "it is away",
        "counts": {},
    }


@pytest.mark.parametrize("error", [ServiceUnavailable("away"), StoreUnavailable("the database is away")])
async def test_what_is_away_for_a_while_is_followed_on(
    error: PlotLotError, capsys: pytest.CaptureFixture[str]
) -> None:
    watched = Watched([town(3), error], [error], [], [town(4), END])
    await follow(watched)
    assert (watched.after, watched.slept) == ([0, 3, 3, 3], 3)
    told = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in told] == ["[1/2] Town 3, FL", "[2/2] Town 4, FL"]


async def test_what_stays_away_is_said_at_last() -> None:
    watched = Watched([StoreUnavailable("the database is away")])
    with pytest.raises(ServiceUnavailable, match="nothing more is told of the run refresh-1"):
        await follow(watched)
    assert len(watched.after) == MOST_BREAKS


async def test_what_is_not_there_is_not_followed() -> None:
    watched = Watched([UnknownRefresh("there is no refresh 'refresh-1'")])
    with pytest.raises(UnknownRefresh):
        await follow(watched)
    assert watched.slept == 0


@pytest.mark.parametrize(
    ("url", "given", "said"),
    [
        ("", ["--state", "FL"], "say no towns with it"),
        ("", ["--town", "Miami, FL"], "say no towns with it"),
        ("", ["--failed"], "say no towns with it"),
        ("", ["--all"], "say no towns with it"),
        ("", ["--accept"], "say no towns with it"),
        ("http://127.0.0.1:9", [], "unset PLOTLOT_URL"),
    ],
)
def test_a_worker_is_given_nothing_that_it_would_ignore(
    url: str, given: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(*arguments: object) -> int:
        raise AssertionError("it works")

    monkeypatch.setattr("plotlot.cli.coverage.run_worker", work)
    monkeypatch.setenv("PLOTLOT_URL", url)
    result = CliRunner().invoke(main, ["refresh", "--worker", *given])
    assert (result.exit_code, said in result.output) == (2, True), result.output


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "say which towns"),
        (["--accept"], "say which towns"),
        (["--all", "--state", "FL"], "say no others with it"),
        (["--all", "--failed"], "say no others with it"),
    ],
)
def test_which_towns_are_meant_is_said_once(given: list[str], said: str) -> None:
    result = CliRunner().invoke(main, ["refresh", *given])
    assert (result.exit_code, said in result.output) == (2, True), result.output


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "towns" / "essex_junction_vt").mkdir(parents=True)
    (tmp_path / "towns" / "drafts").mkdir()
    entries = [
        {"kind": "folder", "name": "ours", "path": str(tmp_path / "towns")},
        {"kind": "folder", "name": "away", "path": str(tmp_path / "no folder")},
        {"kind": "pages", "name": "sites", "towns": {"Amberton, OH": "https://amberton.example/zoning"}},
    ]
    return Settings(publishers=json.dumps({"publishers": entries}))


def test_all_towns_are_those_of_states_looked_through_of_folders_and_of_sites_that_are_named(
    settings: Settings,
) -> None:
    towns = [{"municipality": name} for name in ("Miami, FL", "Tampa, FL")]
    assert known_states(settings, towns) == ["FL", "OH", "VT"]
    assert known_states(settings, []) == ["OH", "VT"]


def test_at_a_gateway_what_is_set_up_here_says_nothing(settings: Settings) -> None:
    settings.url = "http://gateway.test"
    assert known_states(settings, [{"municipality": "Miami, FL"}]) == ["FL"]
    with pytest.raises(InvalidRequest, match="plotlot discover --state FL looks through a state"):
        known_states(settings, [])


class StatesOf:
    """Refreshes of states, one of which nobody lists now."""

    def __init__(self, away: Exception) -> None:
        self.away, self.accepted = away, set[bool]()

    async def start(self, wanted: Wanted) -> Json:
        self.accepted.add(wanted.accept)
        if wanted.state == "OH":
            raise self.away
        return {"id": f"refresh-{wanted.state}", "new": True, "workers": 1}


@pytest.mark.parametrize(
    "away",
    [
        SourceUnavailable("it does not answer"),
        ProblemError({"type": "/errors#source-unavailable", "detail": "it does not answer"}),
    ],
)
async def test_a_state_that_nobody_lists_now_keeps_no_other_waiting(
    away: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    states: Any = StatesOf(away)
    begun, problems = await begun_by_state(Settings(), states, ["FL", "OH", "VT"], accept=True)
    assert [run["id"] for run in begun] == ["refresh-FL", "refresh-VT"]
    assert problems == [{"state": "OH", "problem": "it does not answer"}]
    assert states.accepted == {True}
    assert "OH: it does not answer" in capsys.readouterr().err


async def test_what_is_wrong_everywhere_is_no_matter_of_one_state() -> None:
    states: Any = StatesOf(InvalidRequest("no publisher is set up here"))
    with pytest.raises(InvalidRequest):
        await begun_by_state(Settings(), states, ["FL", "OH"], accept=False)
