"""What ``plotlot discover``, ``plotlot refresh`` and ``plotlot coverage`` do."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from plotlot.cli.command import ANSWERED, FAILED, IN_PART
from plotlot.cli.coverage_session import Refreshes, open_refreshes, own_ingestion
from plotlot.cli.output import echo, print_json, print_rows
from plotlot.cli.problems import ProblemError
from plotlot.domain.coverage import ENDS, TAKEN
from plotlot.domain.errors import InvalidRequest, ServiceUnavailable, SourceUnavailable, UnavailableError
from plotlot.gateway.refreshing.refresh_client import Wanted
from plotlot.gateway.refreshing.wording import changes_words, outcome_words, stage_words
from plotlot.ingestion.publishers.configuration import publishers_of, states_of
from plotlot.settings import Settings

Json = dict[str, Any]
PAGE = 500
RUNS_SHOWN = 20
MOST_BREAKS, PAUSE_SECONDS = 10, 1.0  # of what is told of a refresh, in a row


async def run_discover(settings: Settings, state: str, county: str, anew: bool, as_json: bool) -> int:
    """The towns whose codes somebody publishes."""
    async with open_refreshes(settings) as refreshes:
        found = await refreshes.discover(state, county, anew)
    if as_json:
        print_json(found)
    else:
        _print_discovery(found)
    return IN_PART if any(listing["problem"] for listing in found["publishers"]) else ANSWERED


def _print_discovery(found: Json) -> None:
    columns = ("municipality", "county", "publisher", "product", "supplement", "dated")
    rows = [tuple(town[name] for name in columns) for town in found["towns"]]
    headings = ("Town", "County", "Publisher", "Code", "Supplement", "Dated")
    print_rows(headings, rows, "no publisher lists a town there")
    if unlisted := found["unlisted"]:
        echo(f"\nNo publisher lists {len(unlisted)} municipalities: {', '.join(unlisted)}")
    if found["ambiguous"]:
        echo(f"Listed twice by one publisher, and so not refreshed: {', '.join(found['ambiguous'])}")
    for listing in found["publishers"]:
        echo(_age_of(listing), err=bool(listing["problem"]))


def _age_of(listing: Json) -> str:
    if listing["listed_at"] is None:
        return f"{listing['publisher']}: {listing['problem']}; it was never listed before"
    day = listing["listed_at"][:10]
    if listing["problem"]:
        return f"{listing['publisher']}: {listing['problem']}; shown is what it listed on {day}"
    return f"{listing['publisher']}: as listed on {day}"


async def run_refresh(settings: Settings, wanted: Wanted, as_json: bool) -> int:
    """Bring towns' codes up to date, and tell of each when it is done. A run that was cut short goes on."""
    async with open_refreshes(settings, works=True) as refreshes:
        begun = await _begun(settings, refreshes, wanted)
        await followed(refreshes, begun, silent=as_json)
        towns = await _every(refreshes, begun["id"])
    if as_json:
        print_json({"id": begun["id"], "scope": begun["scope"], "towns": towns})
    else:
        _print_summary(towns)
    return exit_code_of(towns)


async def run_refresh_all(settings: Settings, accept: bool, as_json: bool) -> int:
    """Bring every code that is known up to date, in a run for each state, all of them at a time."""
    async with open_refreshes(settings, works=True) as refreshes:
        states = known_states(settings, await _every(refreshes, ""))
        begun, problems = await begun_by_state(settings, refreshes, states, accept)
        runs = []
        for run in begun:
            if not as_json:
                echo(f"{run['scope']}:")
            await followed(refreshes, run, silent=as_json)
            towns = await _every(refreshes, run["id"])
            runs.append({"id": run["id"], "scope": run["scope"], "towns": towns})
    every = [town for run in runs for town in run["towns"]]
    if as_json:
        print_json({"refreshes": runs, "problems": problems})
    else:
        _print_summary(every)
    if problems:
        return IN_PART if runs else FAILED
    return exit_code_of(every)


def known_states(settings: Settings, towns: Sequence[Json]) -> list[str]:
    """The states of the towns that are known, and of those that publishers have without being asked.

    Raises InvalidRequest where there are none.
    """
    configured = frozenset() if settings.url else publishers_of(settings.publishers).states
    known = states_of(town["municipality"] for town in towns) | configured
    if not known:
        raise InvalidRequest(
            "no town is known yet: plotlot discover --state FL looks through a state, and --state FL refreshes all of it",
            field="all",
        )
    return sorted(known)


async def begun_by_state(
    settings: Settings, refreshes: Refreshes, states: Sequence[str], accept: bool
) -> tuple[list[Json], list[Json]]:
    """A run for each state, and the states whose towns nobody lists now, with why."""
    begun, problems = [], []
    for state in states:
        try:
            begun.append(await _begun(settings, refreshes, Wanted(state=state, accept=accept)))
        except SourceUnavailable as error:
            problems.append({"state": state, "problem": error.message})
        except ProblemError as error:
            if error.id != SourceUnavailable.id:
                raise
            problems.append({"state": state, "problem": str(error)})
    for each in problems:
        echo(f"{each['state']}: {each['problem']}", err=True)
    return begun, problems


async def _begun(settings: Settings, refreshes: Refreshes, wanted: Wanted) -> Json:
    """A run of the towns that are wanted, the one that goes on or a new one."""
    begun = await refreshes.start(wanted)
    if not begun["new"]:
        echo(f"going on with the run {begun['id']}", err=True)
    if settings.url and not begun["workers"]:
        echo("nothing works on refreshes there now: it begins when something does", err=True)
    return begun


async def followed(
    refreshes: Refreshes,
    begun: Json,
    silent: bool,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Tell of each town when it has ended, until the run has; goes on where what is told breaks off.

    Raises ServiceUnavailable where nothing is told any more.
    """
    after, told, breaks = 0, 0, 0
    while breaks < MOST_BREAKS:
        with suppress(UnavailableError):
            async for name, data in refreshes.watch(begun["id"], after):
                breaks = 0
                if name == "refresh":
                    return
                if name == "town":
                    after, told = data["step"], told + (data["stage"] in ENDS)
                if name == "town" and data["stage"] in ENDS and not silent:
                    echo(f"[{told}/{begun['total']}] {town_line(data)}")
        breaks += 1
        await sleep(PAUSE_SECONDS)
    raise ServiceUnavailable(
        f"nothing more is told of the run {begun['id']}; it goes on when its workers do, and the same command then follows"
        " it again"
    )


async def _every(refreshes: Refreshes, run: str) -> list[Json]:
    """All towns of a run, or all that are known."""
    found: list[Json] = []
    while True:
        page = await refreshes.towns(run, found[-1]["municipality"] if found else "", PAGE)
        found += page
        if len(page) < PAGE:
            return found


async def run_worker(settings: Settings, asked: asyncio.Event) -> int:
    """Work on what others ask for, until ``asked`` to stop."""
    async with own_ingestion(settings, works=True):
        echo("works on refreshes; stop it with Ctrl-C", err=True)
        await asked.wait()
    return ANSWERED


def town_line(town: Json) -> str:
    """What became of a town, in a line."""
    return f"{town['municipality']}: {stage_words(town['stage'])}; {outcome_words(town)}".removesuffix("; ")


def _print_summary(towns: Sequence[Json]) -> None:
    counted = Counter(town["stage"] for town in towns)
    echo(
        ", ".join(f"{number} {stage_words(stage)}" for stage, number in sorted(counted.items())) or "no towns"
    )
    if any(town["stage"] not in TAKEN for town in towns):
        echo(
            "To try those again: plotlot refresh --failed; to take a code that was held back: --town NAME --accept"
        )


def exit_code_of(towns: Sequence[Json]) -> int:
    """Whether all towns were taken, some, or none."""
    taken = sum(1 for town in towns if town["stage"] in TAKEN)
    if taken == len(towns):
        return ANSWERED
    return IN_PART if taken else FAILED


async def run_towns(settings: Settings, as_json: bool) -> int:
    """Every town that is known, as its last refresh left it."""
    async with open_refreshes(settings) as refreshes:
        towns = await _every(refreshes, "")
    if as_json:
        print_json({"towns": towns})
        return ANSWERED
    rows = [
        (
            town["municipality"],
            town["publisher"],
            stage_words(town["stage"]),
            (town["changed_at"] or "")[:10],
            town["supplement"],
            changes_words(town["counts"]),
            str(town["counts"].get("warnings", "")),
            town["reason"],
        )
        for town in towns
    ]
    headings = ("Town", "Publisher", "Last refresh", "On", "Supplement", "Sections", "Warnings", "Why")
    print_rows(headings, rows, "no town was listed or refreshed yet: plotlot discover, plotlot refresh")
    return ANSWERED


async def run_runs(settings: Settings, as_json: bool) -> int:
    """The newest runs."""
    async with open_refreshes(settings) as refreshes:
        runs = await refreshes.page(RUNS_SHOWN)
    if as_json:
        print_json({"refreshes": runs})
        return ANSWERED
    rows = [
        (
            run["id"],
            run["scope"],
            run["begun_at"][:16].replace("T", " "),
            run["ended_at"][:16].replace("T", " ") if run["ended_at"] else "goes on",
            f"{run['done']} of {run['total']}",
        )
        for run in runs
    ]
    print_rows(("Run", "Of", "Begun", "Ended", "Towns done"), rows, "nothing was refreshed yet")
    return ANSWERED


async def run_cancel(settings: Settings, run: str, as_json: bool) -> int:
    """End a run."""
    async with open_refreshes(settings) as refreshes:
        ended = await refreshes.cancel(run)
    if as_json:
        print_json(ended)
    else:
        echo(f"the run has ended; {ended['left']} towns stay as they were")
    return ANSWERED
