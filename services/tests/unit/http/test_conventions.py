"""What all operations share: tags, deprecation, other origins, and the caller's trace."""

from datetime import UTC, datetime

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI

from plotlot.http.conditional import ConditionalRoute
from plotlot.http.deprecation import Deprecated
from plotlot.http.origins import add_cors
from plotlot.http.paging import cursor_at, place_at, time_at
from plotlot.rpc.tracing import trace_in

LEAVING = Deprecated(datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC), "/v2/towns")
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def client_of() -> httpx.AsyncClient:
    app = FastAPI()
    routes = APIRouter(route_class=ConditionalRoute)

    @routes.get("/v1/towns", dependencies=[Depends(LEAVING)])
    async def towns() -> list[str]:
        return ["Larkfield, OH"]

    app.include_router(routes)
    add_cors(app, "https://app.example, https://other.example")
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")


async def test_an_answer_has_a_tag_by_which_it_is_not_sent_twice() -> None:
    async with client_of() as client:
        first = await client.get("/v1/towns")
        again = await client.get("/v1/towns", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_what_goes_away_says_when_and_what_takes_its_place() -> None:
    async with client_of() as client:
        headers = (await client.get("/v1/towns")).headers
    assert headers["deprecation"] == "@1793491200"
    assert headers["sunset"] == "Sat, 01 May 2027 00:00:00 GMT"
    assert headers["link"] == '</v2/towns>; rel="successor-version"'


@pytest.mark.parametrize(
    ("origin", "allowed"), [("https://app.example", True), ("https://evil.example", False)]
)
async def test_pages_of_named_origins_may_call(origin: str, allowed: bool) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    async with client_of() as client:
        answer = await client.options("/v1/towns", headers=asked)
    assert (answer.headers.get("access-control-allow-origin") == origin) == allowed
    assert "access-control-allow-credentials" not in answer.headers


def test_a_cursor_leads_back_to_its_place() -> None:
    assert place_at(cursor_at("Ærø", "b"), 2) == ("Ærø", "b")
    assert place_at("", 2) is None
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    assert time_at(cursor_at(moment.isoformat(), "job-1")) == (moment, "job-1")


@pytest.mark.parametrize(
    ("sent", "trace"),
    [
        ({"traceparent": PARENT}, (("traceparent", PARENT),)),
        (
            {"traceparent": PARENT, "tracestate": "a=b"},
            (("traceparent", PARENT), ("tracestate", "a=b")),
        ),
        ({"traceparent": PARENT, "tracestate": "ü"}, (("traceparent", PARENT),)),
        ({"traceparent": PARENT.upper()}, ()),
        ({"traceparent": "00-" + "0" * 32 + "-b7ad6b7169203331-01"}, ()),
        ({"tracestate": "a=b"}, ()),
    ],
)
def test_a_trace_is_taken_over_where_it_is_one(sent: dict[str, str], trace: tuple) -> None:
    assert trace_in(sent) == trace
