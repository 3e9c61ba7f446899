"""The page of watches: what the reader asked to be told of, and what changed in it since."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from plotlot.domain.access import OWNER
from plotlot.gateway.callers import IDENTITY, caller_of
from plotlot.gateway.inputs import Text
from plotlot.gateway.watching.asking import Watching
from plotlot.gateway.watching.view import watch_view
from plotlot.gateway.watching.watches import Watches
from plotlot.gateway.web.forms import form_of
from plotlot.gateway.web.rendering import Renderer, page_route
from plotlot.http.paging import Cursor, cursor_at, time_at

WATCHES_SHOWN = 20


def router(watching: Watching, watches: Watches, renderer: Renderer) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(include_in_schema=False, route_class=page_route(renderer))

    @routes.get("/watches")
    async def listed(request: Request, changed: bool = False, cursor: Cursor = "") -> HTMLResponse:
        found = await watches.page(changed, time_at(cursor), WATCHES_SHOWN + 1, watcher_of(request))
        shown, more = found[:WATCHES_SHOWN], len(found) > WATCHES_SHOWN
        return renderer.page(
            "watches.html",
            watches=[watch_view(one) for one in shown],
            changed=changed,
            begins=not cursor,
            following=cursor_at(shown[-1].created_at.isoformat(), shown[-1].id) if more else "",
        )

    @routes.post("/watches")
    async def watch(request: Request) -> RedirectResponse:
        typed, client = await form_of(request), caller_of(request.scope).client
        if analysis := typed.get("analysis", "").strip():
            made = await watching.of_analysis(client, analysis)
        else:
            made = await watching.of_town(client, typed.get("municipality", ""))
        return RedirectResponse(f"/watches#{made.id}", 303)

    @routes.post("/watches/{watch}/end")
    async def end(request: Request, watch: Text) -> RedirectResponse:
        await watches.remove(watch)
        kept = {"changed": "true"} if (await form_of(request)).get("changed") else {}
        return RedirectResponse(f"/watches?{urlencode(kept)}".rstrip("?"), 303)

    return routes


def watcher_of(request: Request) -> str:
    """The client whose watches are shown; empty, which means the tenant's all, where nobody is asked who they are."""
    known = request.scope.get(IDENTITY)
    return "" if known in (None, OWNER) else caller_of(request.scope).client
