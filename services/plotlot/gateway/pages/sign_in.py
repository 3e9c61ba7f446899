"""/sign-in: a browser shows a key once, or goes to the OpenID provider, and gets a cookie for what follows."""

from typing import Annotated
from urllib.parse import quote, urlencode, urlsplit

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Scope

from plotlot.domain.access import Identity
from plotlot.domain.errors import (
    InvalidCredentials,
    NotAuthenticated,
    NotFoundError,
    PlotLotError,
)
from plotlot.gateway.callers import address_of
from plotlot.gateway.identity.audit import Deed
from plotlot.gateway.identity.authentication import COOKIE, Asked, refuse_other_sites, sign_in_cookie
from plotlot.gateway.identity.middleware import deed_of
from plotlot.gateway.identity.seals import SECONDS
from plotlot.gateway.identity.sign_in import AtProvider, SignIn, is_of_provider
from plotlot.gateway.web.rendering import Renderer, is_page_request, page_route
from plotlot.http.problems import problem_response
from plotlot.http.requests import headers_of

BEGUN = "__Host-plotlot-signing-in"
LONGEST_PATH = 2000
LONGEST_KEY = 200
PATHS = ("/sign-in", "/sign-out")

PathText = Annotated[str, Query(max_length=4 * LONGEST_PATH)]


def router(sign_in: SignIn | None, renderer: Renderer) -> APIRouter:
    """The routes of sign-in; where nobody signs in, nothing is there."""
    routes = APIRouter(include_in_schema=False, route_class=page_route(renderer))
    add_key(routes, renderer, sign_in)
    add_provider(routes, sign_in)
    return routes


def add_key(routes: APIRouter, renderer: Renderer, sign_in: SignIn | None) -> None:
    """Sign in by a key, and out again."""

    @routes.get("/sign-in")
    async def ask(
        request: Request, leads_to: PathText = "/", kept: bool = False, left: bool = False
    ) -> Response:
        doors = known(sign_in)
        if await doors.by_cookie(sign_in_cookie(request.headers), address_of(request.scope)) is not None:
            return leading(within(leads_to))
        error = "Your browser did not keep the cookie of the sign-in: it does by HTTPS alone." if kept else ""
        return shown(renderer, doors, within(leads_to), error, left=left)

    @routes.post("/sign-in")
    async def show_key(
        request: Request,
        key: Annotated[str, Form(max_length=LONGEST_KEY)] = "",
        leads_to: Annotated[str, Form(max_length=4 * LONGEST_PATH)] = "/",
    ) -> Response:
        doors = known(sign_in)
        refuse_other_sites(asked_in(request))
        try:
            identity = await doors.by_key(key, address_of(request.scope))
        except InvalidCredentials as error:
            return shown(renderer, doors, within(leads_to), error.message, 401)
        return await signed_in(request, doors, identity, within(leads_to))

    @routes.post("/sign-out")
    async def leave(request: Request) -> Response:
        doors = known(sign_in)
        refuse_other_sites(asked_in(request))
        cookie = sign_in_cookie(request.headers)
        identity = await doors.by_cookie(cookie, address_of(request.scope))
        if identity is not None:
            await doors.end(cookie, deed(request, identity, "sign-out"))
        left = identity is not None and is_of_provider(identity)
        response = leading("/sign-in?left=true" if left else "/sign-in")
        forget(response, COOKIE)
        return response


def add_provider(routes: APIRouter, sign_in: SignIn | None) -> None:
    """Sign in at the OpenID provider."""

    @routes.get("/sign-in/provider")
    async def begin(leads_to: PathText = "/") -> Response:
        address, begun = await provider(known(sign_in)).begin(within(leads_to))
        response = leading(address)
        keep(response, BEGUN, begun, SECONDS)
        return response

    @routes.get("/sign-in/callback")
    async def come_back(request: Request) -> Response:
        doors = known(sign_in)
        answer, address = dict(request.query_params), address_of(request.scope)
        cookie = request.cookies.get(BEGUN, "")
        identity, leads_to = await provider(doors).finish(cookie, answer, address)
        response = await signed_in(request, doors, identity, within(leads_to))
        forget(response, BEGUN)
        return response

    @routes.get("/sign-in/provider/leave")
    async def leave() -> Response:
        return leading(await provider(known(sign_in)).end() or "/sign-in")


def known(sign_in: SignIn | None) -> SignIn:
    """The sign-in. Raises NotFoundError where nobody signs in."""
    if sign_in is None:
        raise NotFoundError("nobody signs in here: PLOTLOT_AUTH asks for no credentials")
    return sign_in


def provider(sign_in: SignIn) -> AtProvider:
    """The provider that browsers sign in at. Raises NotFoundError without one."""
    if sign_in.provider is None:
        raise NotFoundError(
            "browsers sign in by a key here: PLOTLOT_OIDC_CLIENT_ID names no client of a provider"
        )
    return sign_in.provider


def shown(
    renderer: Renderer, sign_in: SignIn, leads_to: str, error: str, status: int = 200, left: bool = False
) -> HTMLResponse:
    """The page that asks who somebody is; who just ``left`` is still known at the provider."""
    name = sign_in.provider.name if sign_in.provider else ""
    asked = urlencode({"leads_to": leads_to})
    return renderer.page(
        "sign_in.html", status, leads_to=leads_to, provider=name, asked=asked, error=error, left=left
    )


async def signed_in(request: Request, sign_in: SignIn, identity: Identity, leads_to: str) -> Response:
    """The answer to somebody who is known now; on the way to what they asked for it is seen that the cookie is kept."""
    cookie = await sign_in.begin(identity, deed(request, identity, "sign-in"))
    response = leading(f"/sign-in?{urlencode({'kept': 'true', 'leads_to': leads_to})}")
    keep(response, COOKIE, cookie, int(sign_in.lasts(identity).total_seconds()))
    return response


def refusal(sign_in: SignIn | None, renderer: Renderer, scope: Scope, error: PlotLotError) -> ASGIApp:
    """The answer to a request that was not let in: people are led to the sign-in, or told in words."""
    if not is_page_request(scope):
        return problem_response(error)
    if sign_in is not None and isinstance(error, NotAuthenticated) and scope["method"] in ("GET", "HEAD"):
        query = scope["query_string"].decode("latin-1")
        asked = f"{quote(scope['path'])}{'?' if query else ''}{query}"
        return leading(f"/sign-in?{urlencode({'leads_to': within(asked)})}")
    return renderer.problem(error, Request(scope))


def within(path: str) -> str:
    """A path of this site that may be led to; the first page in the place of any other address."""
    try:
        parts = urlsplit(path)
    except ValueError:  # as of "//["
        return "/"
    odd = any(ord(character) <= 32 or character in "\\\x7f" for character in path)
    if (
        odd
        or len(path) > LONGEST_PATH
        or parts.scheme
        or parts.netloc
        or not path.startswith("/")
        or path[:2] == "//"
    ):
        return "/"
    return "/" if parts.path.startswith(PATHS) else path


def leading(address: str) -> Response:
    """The answer that leads elsewhere, and is not kept."""
    return RedirectResponse(address, 303, {"Cache-Control": "no-store"})


def keep(response: Response, name: str, value: str, seconds: int) -> None:
    """Have a browser keep a cookie: no script reads it, and no other site's form sends it."""
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")


def forget(response: Response, name: str) -> None:
    """Have a browser forget a cookie."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")


def asked_in(request: Request) -> Asked:
    """What a request says of its sender."""
    return Asked(request.method, headers_of(request.scope), address_of(request.scope))


def deed(request: Request, identity: Identity, action: str) -> Deed:
    """Somebody's sign-in or sign-out as a line of the audit log."""
    done = deed_of(request.scope, identity, 303, {})
    return Deed(done.at, done.tenant, done.who, action, 303, "", done.request_id, done.address, {})
