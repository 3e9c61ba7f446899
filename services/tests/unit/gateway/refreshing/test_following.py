"""A refresh as events: resumed where ingestion breaks off, ended where it is not there."""

from typing import Any

from fakes.refreshing import Watched

from plotlot.domain.errors import ServiceUnavailable, UnknownRefresh
from plotlot.gateway.refreshing.following import MOST_FAILURES, followed

Json = dict[str, Any]
AWAY = ServiceUnavailable("ingestion cannot be reached")


async def events(watched: Watched, after: int = 0) -> list[str]:
    return [event async for event in followed(watched, "refresh-1", after, watched.sleep)]  # type: ignore[arg-type]


def town(step: int) -> tuple[str, Json]:
    return "town", {"municipality": f"Town {step}, FL", "step": step}


END = ("refresh", {"status": "ended", "steps": 4})


async def test_what_breaks_off_goes_on_after_the_last_step() -> None:
    watched = Watched([town(3), AWAY], [AWAY], [("silent", {}), town(4), END])
    told = await events(watched, 2)
    assert watched.after == [2, 3, 3]
    assert [line.split("\n")[0] for line in told] == ["id: 3", ": still working", "id: 4", "id: 5"]
    assert "event: refresh" in told[-1]


async def test_a_watch_that_ends_before_the_refresh_is_asked_for_again() -> None:
    watched = Watched([town(3)], [END])
    assert [line.split("\n")[0] for line in await events(watched)] == ["id: 3", "id: 5"]
    assert watched.after == [0, 3]


async def test_an_ingestion_that_stays_away_is_told_of_at_last() -> None:
    watched = Watched([AWAY])
    (told,) = await events(watched, 2)
    assert len(watched.after) == MOST_FAILURES
    assert "event: problem" in told
    assert "id: 2" in told


async def test_what_is_not_there_is_not_asked_for_again() -> None:
    watched = Watched([UnknownRefresh("there is no refresh 'refresh-1'")])
    (told,) = await events(watched)
    assert "unknown-refresh" in told
    assert watched.after == [0]
