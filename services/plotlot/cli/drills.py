"""``plotlot drill``: which drills are held, on whose word, and what is written of them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import httpx

from plotlot.cli.command import ANSWERED, FAILED
from plotlot.cli.output import echo, print_json, print_rows
from plotlot.domain.errors import InvalidRequest
from plotlot.drills.alerts import Alerts, prometheus_url
from plotlot.drills.catalogue import DRILLS
from plotlot.drills.conduct import Conductor, restored
from plotlot.drills.drill import Drill, chosen, turn
from plotlot.drills.page import page as page_of
from plotlot.drills.picture import svg
from plotlot.drills.place import Place, api_server, door, find_place, has
from plotlot.drills.probes import PATIENCE_SECONDS, Probing
from plotlot.drills.runbook import Runbook, read_runbook
from plotlot.drills.timeline import Timeline, as_markdown


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: drills by name, or the day's number and how many have their turn; and where."""

    names: tuple[str, ...]
    turn: tuple[int, int] | None
    namespace: str
    release: str
    context: str
    yes: bool
    url: str
    rate: float

    def drills(self) -> list[Drill]:
        """The drills. Raises InvalidRequest."""
        return turn(DRILLS, *self.turn) if self.turn else chosen(DRILLS, self.names)


def run_list(as_json: bool) -> int:
    """Print the drills."""
    if as_json:
        fields = ("name", "alert", "summary", "loses")
        print_json({"drills": [{name: getattr(drill, name) for name in fields} for drill in DRILLS]})
    else:
        rows = [(drill.name, drill.alert, drill.summary, drill.loses) for drill in DRILLS]
        print_rows(("Drill", "Alert", "What is broken", "Lost for good"), rows, "none")
    return ANSWERED


async def run_drills(
    wanted: Wanted, prometheus: str, runbooks: Path, out: Path, page: Path | None, as_json: bool, key: str
) -> int:
    """Hold the drills in turn, and write their timelines; fails where one did not pass."""
    drills = wanted.drills()
    books = {drill.alert: runbook_of(drill.alert, runbooks) for drill in drills}
    place = await find_place(wanted.namespace, wanted.release, wanted.context)
    documents: dict[str, dict[str, Any]] = {}
    async with _reached(wanted, place, prometheus, key) as (alerts, client):
        for drill in drills:
            if not await has(place, drill.needs):
                echo(f"{drill.name}: not held, {drill.lacking}", err=True)
                continue
            agreed(drill, place, wanted.yes)
            echo(f"{drill.name}: {drill.summary}", err=True)
            conductor = Conductor(place, alerts, Probing(client, wanted.rate), out / drill.name, tell)
            timeline = await conductor.hold(drill, books[drill.alert])
            documents[drill.name] = written(timeline, out / drill.name)
            write_page(documents, page)
    print_json({"drills": list(documents.values())}) if as_json else print_held(documents)
    return ANSWERED if all(document["passed"] for document in documents.values()) else FAILED


@asynccontextmanager
async def _reached(
    wanted: Wanted, place: Place, prometheus: str, key: str
) -> AsyncIterator[tuple[Alerts, httpx.AsyncClient]]:
    """Prometheus, and a client of the door."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    limits = httpx.Limits(max_connections=100)
    async with api_server() as server, httpx.AsyncClient(timeout=10, trust_env=False) as asking:
        url = wanted.url or await door(place, server, asking)
        async with httpx.AsyncClient(
            base_url=url, headers=headers, timeout=PATIENCE_SECONDS, limits=limits, trust_env=False
        ) as client:
            yield Alerts(asking, prometheus_url(prometheus, server), place.namespace), client


def runbook_of(alert: str, folder: Path) -> Runbook:
    """The runbook of an alert. Raises InvalidRequest."""
    path = folder / f"{alert}.md"
    if not path.is_file():
        raise InvalidRequest(
            f"{path} is not there: a drill follows the runbook of its alert; --runbooks FOLDER"
        )
    return read_runbook(alert, path.read_text(encoding="utf-8"))


def agreed(drill: Drill, place: Place, yes: bool) -> None:
    """Ask before what cannot be undone. Raises InvalidRequest where nobody agrees."""
    if not drill.loses or yes:
        return
    question = f"{drill.name} loses {drill.loses}, in {place.namespace} of {place.context}. Go on?"
    try:
        went_on = click.confirm(question, err=True)
    except click.Abort:
        went_on = False
    if not went_on:
        raise InvalidRequest(f"{drill.name} was not held: it loses {drill.loses}; --yes agrees")


def tell(line: str) -> None:
    """Say on standard error what happens."""
    echo(f"  {line}", err=True)


def written(timeline: Timeline, folder: Path) -> dict[str, Any]:
    """Write a timeline as JSON, Markdown and a picture; gives the JSON."""
    document = timeline.document()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "timeline.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    (folder / "timeline.md").write_text(as_markdown(timeline), encoding="utf-8")
    (folder / "timeline.svg").write_text(svg(timeline), encoding="utf-8")
    return document


def write_page(documents: dict[str, dict[str, Any]], page: Path | None) -> None:
    """Write the rows of the drills into a page, where one is named."""
    if page is not None:
        page.write_text(page_of(documents, page.read_text(encoding="utf-8")), encoding="utf-8")


def print_held(documents: dict[str, dict[str, Any]]) -> None:
    """A row for each drill that was held."""
    rows = [
        (
            name,
            *(
                f"{document['moments'].get(moment, '-')}"
                for moment in ("detected", "mitigated", "recovered", "resolved")
            ),
            f"{document['harmed']} of {document['requests']}",
            "passed" if document["passed"] else document["failure"] or "too late",
        )
        for name, document in documents.items()
    ]
    headings = ("Drill", "Detected s", "Mitigated s", "Recovered s", "Resolved s", "Harmed", "")
    print_rows(headings, rows, "no drill was held", numbers=headings[1:5])


async def run_restore(folder: Path, context: str) -> int:
    """Put back what stands in a folder's ``before.json``, by the drill's script and by its objects."""
    path = folder / "before.json"
    if not path.is_file():
        raise InvalidRequest(f"{path} is not there: no drill was begun in {folder}")
    kept = json.loads(path.read_text(encoding="utf-8"))
    (drill,) = chosen(DRILLS, [kept["drill"]])
    names = kept["place"]
    place = await find_place(names["NAMESPACE"], names["RELEASE"], context)
    changed = await restored(place, drill, kept["objects"])
    echo(f"put back: {', '.join(changed) or 'nothing was left to put back'}")
    return ANSWERED
