"""What every answer tells browsers, whatever answered it."""

import httpx
import pytest
from fake_gateway import fake_app
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse

from plotlot.http.security import HEADERS, SecurityMiddleware


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/v1/municipalities"),
        ("GET", "/v1/no-such"),
        ("GET", "/openapi.json"),
        ("GET", "/docs"),
        ("GET", "/healthz"),
        ("POST", "/v1/analyses"),
        ("DELETE", "/"),
        ("GET", "/no/such/page"),
    ],
)
async def test_every_answer_says_all_of_them(method: str, path: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(fake_app()), base_url="http://test") as client:
        answer = await client.request(method, path)
    assert set(HEADERS) <= {name.title() for name in answer.headers}
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    html = answer.headers.get("content-type", "").startswith("text/html")
    assert ("script-src" in policy) == html


async def test_an_answers_own_policy_stands() -> None:
    app = Starlette()
    app.add_route("/", lambda request: PlainTextResponse("", headers={"content-security-policy": "own"}))
    served = SecurityMiddleware(app, https_only=True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url="http://test") as client:
        answer = await client.get("/")
    assert answer.headers.get_list("content-security-policy") == ["own"]
    assert answer.headers["strict-transport-security"].startswith("max-age=")
