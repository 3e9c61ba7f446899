"""Problem documents, whoever makes them."""

import httpx
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from plotlot.http.problems import install_problems
from plotlot.rpc.context import RequestContext, current_request


class WithContext:
    """Sets the request's context, as the middleware of both applications does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        current_request.set(RequestContext("request-7", "bundle-1"))
        await self._app(scope, receive, send)


async def test_an_error_that_nobody_foresaw_names_the_request_and_the_bundle() -> None:
    app = FastAPI()
    install_problems(app)
    app.add_middleware(WithContext)

    @app.get("/")
    async def broken() -> None:
        raise RuntimeError("the password is swordfish")

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        answer = await client.get("/")
    assert answer.status_code == 500
    assert answer.headers["plotlot-bundle"] == "bundle-1"
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "request-7"
    assert "swordfish" not in answer.text
