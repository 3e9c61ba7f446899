"""Sign-in without a database: where it may lead, who is led to it, and what another site's page cannot do."""

from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from fake_gateway import fake_app

from plotlot.domain.access import Identity, Right
from plotlot.domain.errors import InvalidCredentials, NotAllowed, NotAuthenticated, ServiceUnavailable
from plotlot.gateway.identity.authentication import COOKIE, Asked, Credentials
from plotlot.gateway.identity.code_flow import Client, CodeFlow
from plotlot.gateway.identity.rules import RULES
from plotlot.gateway.identity.tokens import Provider
from plotlot.gateway.pages.sign_in import refusal, within
from plotlot.gateway.web.rendering import Renderer
from plotlot.http.origins import from_another_site

BROWSER = {"Accept": "text/html,*/*;q=0.8"}


def client_of() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(fake_app()), base_url="http://test")


@pytest.mark.parametrize(
    "path",
    ["/", "/ask?question=how%20tall", "/towns/Larkfield%2C%20OH/R-1", "/analyze?address=https%3A%2F%2Fx"],
)
def test_a_sign_in_leads_back_to_what_was_asked(path: str) -> None:
    assert within(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "towns",
        "",
        "/sign-in?leads_to=/sign-in",
        "//[",
        "/sign-out",
        f"/{'x' * 3000}",
    ],
)
def test_a_sign_in_leads_nowhere_else(path: str) -> None:
    assert within(path) == "/"


async def test_where_nobody_signs_in_nothing_of_it_is_there() -> None:
    async with client_of() as client:
        home = await client.get("/", headers=BROWSER)
        assert "sign" not in home.text.lower().replace("design", "")
        for path in ("/sign-in", "/sign-in/provider", "/sign-in/callback?state=x"):
            assert (await client.get(path, headers=BROWSER)).status_code == 404
        for path in ("/sign-in", "/sign-out"):
            assert (await client.post(path, data={"key": "plk_x"})).status_code == 404


async def refused(path: str, error: Any, method: str = "GET", **headers: str) -> httpx.Response:
    """What a request that was not let in is answered."""
    sign_in: Any = SimpleNamespace(provider=None)
    renderer = Renderer()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await refusal(sign_in, renderer, scope, error)(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return await client.request(method, path, headers=headers)


async def test_people_are_led_to_the_sign_in_and_programs_get_a_problem() -> None:
    error = NotAuthenticated("this needs an API key or a token, and none was sent")
    page = await refused("/analyze?address=7%20Elm&municipality=", error, **BROWSER)
    assert page.status_code == 303
    asked = "%2Fanalyze%3Faddress%3D7%2520Elm%26municipality%3D"
    assert page.headers["location"] == f"/sign-in?leads_to={asked}"
    for path, headers in (("/analyze", {}), ("/v1/me", BROWSER)):
        program = await refused(path, error, **headers)
        assert (program.status_code, program.headers["content-type"]) == (401, "application/problem+json")
        assert program.headers["www-authenticate"].startswith("Bearer")


async def test_who_may_not_is_told_so_in_words() -> None:
    page = await refused("/releases", NotAllowed("this needs the role operator"), **BROWSER)
    assert page.status_code == 403
    assert "This needs" in page.text or "this needs the role operator" in page.text
    sent = await refused("/sign-out", NotAuthenticated("nobody"), "POST", **BROWSER)
    assert sent.status_code == 401
    assert 'href="/sign-in"' in sent.text


@pytest.mark.parametrize(
    ("headers", "crossed"),
    [
        ({}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "same-origin", "origin": "null", "host": "a"}, False),
        ({"sec-fetch-site": "same-site"}, True),
        ({"origin": "https://a", "host": "a"}, False),
        ({"origin": "https://a:8443", "host": "a"}, True),
        ({"origin": "null", "host": "a"}, True),
    ],
)
def test_what_a_browser_says_of_who_asks(headers: dict[str, str], crossed: bool) -> None:
    assert from_another_site(headers) == crossed


def written_by_forms() -> list[str]:
    """Every path that a form may be sent to, its parameters filled in."""

    def routes(router: Any) -> list[Any]:
        found = []
        for route in router.routes:
            inner = getattr(route, "original_router", None)
            found += [route] if inner is None else routes(inner)
        return found

    return sorted(
        route.path.replace("{", "").replace("}", "")
        for route in routes(fake_app())
        if "POST" in (getattr(route, "methods", None) or ()) and not route.path.startswith("/sign-")
    )


@pytest.mark.parametrize("path", written_by_forms())
async def test_no_form_of_another_site_is_taken(path: str) -> None:
    async with client_of() as client:
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            answer = await client.post(path, data={"a": "b"}, headers={**BROWSER, **headers})
            assert answer.status_code == 403, answer.text
            assert "another site" in answer.text


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        ("/analyze?address=7%20Elm&municipality=X", "/?address=7%20Elm&municipality=X"),
        ("/compare/add?id=an-1&address=7%20Elm", "/compare?id=an-1"),
    ],
)
async def test_a_link_of_another_site_analyses_nothing(link: str, leads_to: str) -> None:
    async with client_of() as client:
        crossed = await client.get(link, headers={"Sec-Fetch-Site": "cross-site"})
    assert (crossed.status_code, crossed.headers["location"]) == (303, leads_to)


async def test_a_link_of_another_site_asks_nothing_and_fills_the_question_in() -> None:
    crossed = {"Sec-Fetch-Site": "cross-site", "Accept": "text/event-stream"}
    async with client_of() as client:
        page = await client.get("/ask?question=How%20tall%3F", headers=crossed)
    assert page.headers["content-type"].startswith("text/html")
    assert 'value="How tall?"' in page.text
    assert 'class="reply' not in page.text


def test_every_page_that_analyses_where_it_is_led_to_is_held_to_that() -> None:
    led_to = {path for method, path, right in RULES if method == "GET" and right is Right.ANALYZE}
    assert led_to == {"/analyze", "/compare/add"}


class Cookies:
    """Knows one cookie."""

    async def found(self, text: str, address: str) -> Identity:
        if text != "pls_good":
            raise InvalidCredentials("the sign-in has ended")
        return Identity("key:k1", "acme")


def asked(method: str, cookie: str, **headers: str) -> Asked:
    sent = {"host": "plotlot.example", "cookie": f"{COOKIE}={cookie}; other=1", **headers}
    return Asked(method, sent, "192.0.2.1")


async def test_a_cookie_is_believed_and_changes_nothing_for_others() -> None:
    nobody = cast(Any, None)
    door = Credentials(nobody, cast(Any, Cookies()), nobody, nobody)
    assert (await door.identity(asked("POST", "pls_good"))).who == "key:k1"
    assert asked("GET", "pls_good").credentials == "Bearer pls_good"
    with pytest.raises(InvalidCredentials):
        await door.identity(asked("GET", "pls_bad"))
    with pytest.raises(NotAllowed):
        await door.identity(asked("POST", "pls_good", origin="https://evil.example"))
    with pytest.raises(NotAuthenticated):
        await door.identity(Asked("GET", {}, "192.0.2.1"))


@pytest.mark.parametrize("empty", ["", " "])
async def test_an_empty_header_lets_no_other_site_use_the_cookie(empty: str) -> None:
    nobody = cast(Any, None)
    door = Credentials(nobody, cast(Any, Cookies()), nobody, nobody)
    with pytest.raises(NotAllowed):
        await door.identity(asked("POST", "pls_good", authorization=empty, origin="https://evil.example"))
    assert (await door.identity(asked("POST", "pls_good", authorization=empty))).who == "key:k1"


PROVIDER = Provider("https://id.example", "web")
HERE = "https://plotlot.example"


class Away:
    """A provider whose documents are not what they should be."""

    def __init__(self, **configuration: str) -> None:
        self._configuration = configuration

    async def __call__(self, url: str) -> dict[str, Any]:
        if not self._configuration:
            raise OSError("away")
        return dict(self._configuration)

    async def sent(self, url: str, fields: Any, headers: Any) -> dict[str, Any]:
        raise OSError("away")


def flow(documents: Away) -> CodeFlow:
    client = Client("web", "", f"{HERE}/sign-in/callback", f"{HERE}/sign-in", "openid")
    return CodeFlow(client, PROVIDER, cast(Any, SimpleNamespace(claims=None)), documents, lambda: 0.0)


@pytest.mark.parametrize(
    "documents",
    [Away(), Away(issuer="https://other.example", authorization_endpoint="a", token_endpoint="t"),
     Away(issuer=PROVIDER.issuer)],
)  # fmt: skip
async def test_a_provider_that_is_away_or_another_is_said_so(documents: Away) -> None:
    with pytest.raises(ServiceUnavailable, match=r"id\.example"):
        await flow(documents).begin("/")


async def test_a_public_client_sends_no_secret_and_others_answers_are_refused() -> None:
    documents = Away(
        issuer=PROVIDER.issuer, authorization_endpoint="https://id.example/a?x=1", token_endpoint="t"
    )
    begins = flow(documents)
    address, begun = await begins.begin("/towns")
    assert address.startswith("https://id.example/a?x=1&response_type=code")
    assert begun.verifier not in address
    for answer in (
        {"state": "another", "code": "c"},
        {"state": begun.state, "code": "c", "iss": "https://evil.example"},
        {"state": begun.state, "error": "access_denied"},
    ):
        with pytest.raises(InvalidCredentials):
            await begins.finish(begun, answer)
    with pytest.raises(ServiceUnavailable):
        await begins.finish(begun, {"state": begun.state, "code": "c"})


async def test_who_signs_out_is_led_to_the_providers_sign_out_where_it_has_one() -> None:
    endpoints = {"issuer": PROVIDER.issuer, "authorization_endpoint": "a", "token_endpoint": "t"}
    assert await flow(Away(**endpoints)).end() == ""
    address = await flow(Away(**endpoints, end_session_endpoint="https://id.example/out")).end()
    assert address == (
        "https://id.example/out?client_id=web&post_logout_redirect_uri=https%3A%2F%2Fplotlot.example%2Fsign-in"
    )


async def test_a_provider_that_does_not_answer_is_not_asked_by_everybody() -> None:
    class Counting(Away):
        looks = 0

        async def __call__(self, url: str) -> dict[str, Any]:
            self.looks += 1
            return await super().__call__(url)

    documents = Counting()
    begins = flow(documents)
    for _ in range(3):
        with pytest.raises(ServiceUnavailable):
            await begins.begin("/")
    assert documents.looks == 1
