"""A refresh as the command line follows it."""

from typing import Any

import pytest
from click.testing import CliRunner
from fakes.refreshing import Watched

from plotlot.cli import main
from plotlot.cli.coverage import MOST_BREAKS, followed
from plotlot.domain.errors import PlotLotError, ServiceUnavailable, StoreUnavailable, UnknownRefresh

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
