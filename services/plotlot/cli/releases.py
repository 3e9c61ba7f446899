"""``plotlot release``: what releases do, and a person's decision over the judge's."""

import asyncio
import getpass
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from plotlot.cli.output import print_json
from plotlot.cli.problems import ProblemError
from plotlot.cli.release_output import print_explained, print_list, print_status, told_line
from plotlot.cli.session import Session, open_session
from plotlot.domain.errors import PlotLotError, UnavailableError, UnknownRelease
from plotlot.gateway.releases.view import OPEN_STAGES
from plotlot.settings import Settings

PROMOTED, TURNED_DOWN, UNDECIDED = 0, 3, 4
MOST_LISTED, MOST_EXPLAINED = 200, 5
RELEASE = "release-"

Json = dict[str, Any]


async def run_list(settings: Settings, as_json: bool) -> int:
    """Releases, the newest first."""
    async with open_session(settings) as session:
        document = await session.get("/v1/releases")
    print_json(document) if as_json else print_list(document["releases"], datetime.now(UTC))
    return 0


async def run_status(settings: Settings, id: str, as_json: bool) -> int:
    """How a release goes; 3 where it was turned down."""
    async with open_session(settings) as session:
        release = await find(session, id)
    print_json(release) if as_json else print_status(release, datetime.now(UTC))
    return 0 if release["stage"] in OPEN_STAGES else ended(release)


async def run_watch(
    settings: Settings, id: str, as_json: bool, every_seconds: float, limit_seconds: float | None
) -> int:
    """Follow a release until it is decided; one that has not begun, and a gateway that is away, are waited for."""
    until = time.monotonic() + limit_seconds if limit_seconds is not None else None
    async with open_session(settings) as session:
        release = await followed(session, id, every_seconds, until)
    if release is None:
        click.echo(f"plotlot: no release of {id or 'any bundle'} began in the time given", err=True)
        return UNDECIDED
    print_json(release) if as_json else print_status(release, datetime.now(UTC))
    return UNDECIDED if release["stage"] in OPEN_STAGES else ended(release)


async def followed(session: Session, id: str, every_seconds: float, until: float | None) -> Json | None:
    """The release once it is decided, or as it was when time ran out; None where it never began.

    Without an id, one that was decided before is not the one to follow: the next is waited for.
    """
    release: Json | None = None
    before = ""
    while True:
        try:
            found = await find(session, release["id"] if release else id)
            release = found if id or release or found["stage"] in OPEN_STAGES else None
            line = told_line(found) if release else f"waiting for the next; {told_line(found)}"
        except (ProblemError, PlotLotError) as error:
            line = waiting_line(error)
        if line != before:
            click.echo(f"{datetime.now(UTC):%H:%M:%S} {line}", err=True)
            before = line
        if release is not None and release["stage"] not in OPEN_STAGES:
            return release
        if until is not None and time.monotonic() + every_seconds > until:
            return release
        await asyncio.sleep(every_seconds)


def waiting_line(error: ProblemError | PlotLotError) -> str:
    """What is waited for. Raises the error itself where waiting would not help."""
    away = isinstance(error, UnavailableError) or (isinstance(error, ProblemError) and error.status >= 500)
    unknown = isinstance(error, UnknownRelease) or (
        isinstance(error, ProblemError) and error.id == UnknownRelease.id
    )
    if not (away or unknown):
        raise error
    return f"waiting: {error}"


async def run_explain(settings: Settings, id: str, as_json: bool) -> int:
    """Why the verdict is what it is, guardrail by guardrail, with the worst pairs and what would decide it."""
    async with open_session(settings) as session:
        release = await find(session, id)
        path = release_path(release["id"])
        pairs = (await session.get(f"{path}/pairs?limit={MOST_EXPLAINED}"))["pairs"]
        harmed = (await session.get(f"{path}/harmed?limit={MOST_EXPLAINED}"))["harmed"]
    if as_json:
        print_json({**release, "pairs": pairs, "harmed": harmed})
    else:
        print_explained(release, pairs, harmed, datetime.now(UTC))
    return 0


async def run_steer(settings: Settings, id: str, action: str, by: str, why: str, as_json: bool) -> int:
    """Decide over the judge, or stop or start the shadow."""
    async with open_session(settings) as session:
        release = (await find(session, id))["id"]
        body = {"action": action, "by": by or getpass.getuser(), "why": why}
        steered = await session.post(f"{release_path(release)}/steer", body)
    if as_json:
        print_json(steered)
    else:
        click.echo(told_line(steered))
        if action == "promote" and steered["stage"] in OPEN_STAGES:
            click.echo("It takes the next step when the rollout asks for its next verdict.")
    return 0


async def run_gold(settings: Settings, file: Path, as_json: bool) -> int:
    """Bring in questions whose answers are known, all or none."""
    content = await asyncio.to_thread(file.read_bytes)
    async with open_session(settings) as session:
        result = await session.send("/v1/gold", content)
    if as_json:
        print_json(result)
    else:
        click.echo(f"{result['added']} of {result['given']} added, the others were here already")
    return 0


async def find(session: Session, id: str) -> Json:
    """A release by its id, by its candidate or STABLE..CANDIDATE, or the newest. Raises UnknownRelease."""
    if not id.startswith(RELEASE):
        releases = (await session.get(f"/v1/releases?limit={MOST_LISTED if id else 1}"))["releases"]
        id = chosen(releases, id)
    return await session.get(release_path(id))


def chosen(releases: Sequence[Json], bundles: str) -> str:
    """The newest release, or the newest of a candidate, or of both bundles. Raises UnknownRelease."""
    stable, _, candidate = bundles.rpartition("..")
    for each in releases:
        if stable in ("", each["stable"]) and candidate in ("", each["candidate"]):
            return str(each["id"])
    what = f"release of {bundles}" if bundles else "release"
    raise UnknownRelease(f"there is no {what} yet: it begins when the rollout asks for its first verdict")


def release_path(release: str) -> str:
    """The path of a release."""
    return f"/v1/releases/{quote(release, safe='')}"


def ended(release: Json) -> int:
    """The exit code of a release that is decided."""
    return PROMOTED if release["stage"] == "promoted" else TURNED_DOWN
