"""The pages of releases: the list, and one release with its evidence, pairs, harm and verdicts."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from plotlot.domain.errors import NotFoundError
from plotlot.gateway.inputs import Text
from plotlot.gateway.releases.answer_marks import differing, marked
from plotlot.gateway.releases.charts import charts_of
from plotlot.gateway.releases.judge_client import JudgeClient
from plotlot.gateway.releases.view import OPEN_STAGES, view_of
from plotlot.gateway.releases.wording import (
    ago,
    change_parts,
    guardrail_title,
    operation_words,
    reason_words,
    release_title,
    stage_words,
)
from plotlot.gateway.web.rendering import Renderer, page_route

REFRESH_SECONDS = 5
MOST_RELEASES, MOST_PAIRS, MOST_HARMED = 50, 20, 50

Json = dict[str, Any]


def router(judge: JudgeClient, renderer: Renderer) -> APIRouter:
    """The routes of the pages of releases."""
    routes = APIRouter(include_in_schema=False, route_class=page_route(renderer))

    @routes.get("/releases")
    async def releases() -> HTMLResponse:
        found = await judge.releases(MOST_RELEASES)
        now = datetime.now(UTC)
        return renderer.page("releases.html", releases=[listed(release, now) for release in found])

    @routes.get("/releases/{release}")
    async def release(release: Text, refresh: Annotated[bool, Query()] = True) -> HTMLResponse:
        found, pairs, harmed, manifests = await known(judge, release)
        now = datetime.now(UTC)
        view = view_of(found, now)
        return renderer.page(
            "release.html",
            release=found,
            view=view,
            now=now,
            refresh=REFRESH_SECONDS if refresh and view.open else 0,
            charts={name: Markup(svg) for name, svg in charts_of(found).items()},
            pairs=[with_marks(pair) for pair in pairs],
            harmed=harmed,
            changes=[change_parts(change) for change in found["changes"]],
            manifests=manifests,
            guardrail_title=guardrail_title,
            operation_words=operation_words,
        )

    return routes


async def known(judge: JudgeClient, release: str) -> tuple[Json, list[Json], list[Json], list[Json]]:
    """A release, its pairs that differ, the requests it harmed, and the manifests of both bundles."""
    found = await judge.release(release)
    pairs, harmed, *bundles = await asyncio.gather(
        judge.pairs(found["id"], MOST_PAIRS),
        judge.harmed(found["id"], MOST_HARMED),
        manifest(judge, found["candidate"]),
        manifest(judge, found["stable"]),
    )
    return found, pairs, harmed, bundles


async def manifest(judge: JudgeClient, bundle: str) -> Json:
    """A bundle's id and its manifest as text; empty where it was not registered or gave none."""
    try:
        found = (await judge.bundle(bundle))["manifest"]
    except NotFoundError:
        found = None
    text = json.dumps(found, indent=2, ensure_ascii=False, sort_keys=True) if found else ""
    return {"id": bundle, "text": text}


def listed(release: Json, now: datetime) -> Json:
    """A release as a line of the list."""
    moment = datetime.fromisoformat(release["closed_at"] or release["opened_at"] or now.isoformat())
    return {
        **release,
        "title": release_title(release),
        "reason": reason_words(release),
        "stage_words": stage_words(release),
        "open": release["stage"] in OPEN_STAGES,
        "since": ago(moment, now),
    }


def with_marks(pair: Json) -> Json:
    """A pair with what each answer has that the other lacks, and the figures that differ."""
    stable, candidate = pair["stable"], pair["candidate"]
    before, after = marked(stable["summary"], candidate["summary"] if candidate else "")
    notable = differing(stable, candidate) if candidate else frozenset()
    return {**pair, "stable_marked": before, "candidate_marked": after, "notable": notable}
