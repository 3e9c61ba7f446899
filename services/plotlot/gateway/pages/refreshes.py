"""The pages of refreshes: those that there were, the towns whose last one was in vain, and one as it goes on."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from plotlot.domain.access import Identity, Right
from plotlot.domain.coverage import LEFT, LISTED, TAKEN
from plotlot.domain.errors import InvalidRequest
from plotlot.gateway.callers import IDENTITY
from plotlot.gateway.inputs import Text
from plotlot.gateway.refreshing.refresh_client import RefreshClient, Wanted
from plotlot.gateway.refreshing.wording import outcome_words, stage_words, stages_words
from plotlot.gateway.web.forms import form_of
from plotlot.gateway.web.rendering import Renderer, page_route
from plotlot.http.paging import Cursor, cursor_at, place_at

Json = Mapping[str, Any]
FOLLOW_SECONDS = 2
RUNS_SHOWN, TOWNS_SHOWN = 20, 100


def router(refreshes: RefreshClient, renderer: Renderer) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(include_in_schema=False, route_class=page_route(renderer))

    @routes.get("/refreshes")
    async def listed(request: Request, cursor: Cursor = "") -> HTMLResponse:
        place = place_at(cursor, 1)
        runs = await refreshes.page(RUNS_SHOWN)
        listed = await refreshes.towns("", "", TOWNS_SHOWN + 1, [LISTED])
        left = await refreshes.towns("", place[0] if place else "", TOWNS_SHOWN + 1, LEFT)
        return renderer.page(
            "refreshes.html",
            runs=[run_view(run) for run in runs],
            left=[town_view(town) for town in left[:TOWNS_SHOWN]],
            following=cursor_at(left[TOWNS_SHOWN - 1]["municipality"]) if len(left) > TOWNS_SHOWN else "",
            listed=[town["municipality"] for town in listed[:TOWNS_SHOWN]],
            listed_more=len(listed) > TOWNS_SHOWN,
            operates=operates(request),
        )

    @routes.post("/refreshes")
    async def start(request: Request) -> RedirectResponse:
        begun = await refreshes.start(wanted_in(await form_of(request)))
        return RedirectResponse(path_of(begun["id"]), 303)

    @routes.get("/refreshes/{refresh}")
    async def one(request: Request, refresh: Text, cursor: Cursor = "") -> HTMLResponse:
        place = place_at(cursor, 1)
        found = await refreshes.one(refresh)
        towns = await refreshes.towns(refresh, place[0] if place else "", TOWNS_SHOWN + 1)
        return renderer.page(
            "refresh.html",
            run=run_view(found),
            towns=[town_view(town) for town in towns[:TOWNS_SHOWN]],
            following=cursor_at(towns[TOWNS_SHOWN - 1]["municipality"]) if len(towns) > TOWNS_SHOWN else "",
            refresh=FOLLOW_SECONDS if found["status"] == "running" else 0,
            operates=operates(request),
        )

    @routes.post("/refreshes/{refresh}/cancel")
    async def cancel(refresh: Text) -> RedirectResponse:
        return RedirectResponse(path_of((await refreshes.cancel(refresh))["id"]), 303)

    return routes


def operates(request: Request) -> bool:
    """Whether the reader may begin refreshes, and end them."""
    known: Identity | None = request.scope.get(IDENTITY)
    return known is not None and Right.OPERATE in known.rights


def wanted_in(typed: Mapping[str, str]) -> Wanted:
    """What a form asks for. Raises InvalidRequest."""
    town, state = typed.get("town", "").strip(), typed.get("state", "").strip()
    if len(state) not in (0, 2):
        raise InvalidRequest(f"{state!r} is no state: say its two letters, as in FL", field="state")
    return Wanted(
        state="" if town else state,
        county="" if town else typed.get("county", "").strip(),
        towns=(town,) if town else (),
        failed=bool(typed.get("failed")),
        accept=bool(typed.get("accept")),
    )


def path_of(refresh: str) -> str:
    """Where the page of a refresh is."""
    return f"/refreshes/{quote(refresh, safe='')}"


def run_view(run: Json) -> Json:
    """A refresh with the words of its page."""
    if run["status"] == "running" and not run["workers"]:
        headline = "Waits: nothing works on refreshes now"
    elif run["status"] == "running":
        headline = f"{run['done']} of {run['total']} towns done"
    else:
        headline = stages_words(run["stages"]) or "No towns"
    taken = sum(run["stages"].get(stage, 0) for stage in TAKEN)
    return {**run, "headline": headline, "mood": mood_of(run["status"], taken == run["total"])}


def mood_of(status: str, all_taken: bool) -> str:
    """How the page says how it stands."""
    if status == "running":
        return "quiet"
    return "good" if all_taken else "watch"


def town_view(town: Json) -> Json:
    """A town with the words of its row."""
    stage = town["stage"]
    return {
        **town,
        "taken": stage in TAKEN,
        "stage_words": stage_words(stage),
        "outcome": outcome_words(town),
    }
