"""Signing in with a real Chromium on a gateway that asks who asks: by a key, and at an OpenID provider."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from browser import Page
from e2e.conftest import serving
from integration.conftest import EXAMPLE, TOWN, plotlot
from openid_provider import CLIENT, SECRET, OpenIdProvider, openid_provider
from page_checks import faults, faults_on_every_screen, moved

from plotlot.gateway.identity.authentication import COOKIE
from plotlot.gateway.identity.keyring import FRESH_SECONDS


@dataclass(frozen=True)
class Door:
    """A gateway that asks who asks, its provider, and the key of its administrator."""

    url: str
    provider: OpenIdProvider
    admin: str

    def ask(self, method: str, path: str, **sent: object) -> httpx.Response:
        """An answer to the administrator."""
        headers = {"Authorization": f"Bearer {self.admin}"}
        return httpx.request(method, self.url + path, headers=headers, timeout=60, **sent)  # type: ignore[arg-type]

    def key(self, role: str) -> dict[str, str]:
        """A new key."""
        made: dict[str, str] = self.ask("POST", "/v1/keys", json={"name": f"the {role}", "role": role}).json()
        return made


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    data = tmp_path_factory.mktemp("signing-in")
    with (
        openid_provider() as provider,
        serving(
            data,
            auth="required",
            oidc_issuer=provider.url,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
        ) as url,
    ):
        made, _ = plotlot("key", "create", "me", "--role", "admin", "--data", str(data)).communicate()
        door = Door(url, provider, made.strip())
        for name, path in (("ordinance.md", "/v1/documents"), ("parcels.geojson", "/v1/parcels")):
            files = {"file": (name, (EXAMPLE / name).read_bytes())}
            assert door.ask("POST", path, files=files, data={"municipality": TOWN}).status_code == 200
        yield door


def cookies(page: Page) -> dict[str, dict[str, object]]:
    return {cookie["name"]: cookie for cookie in page.send("Network.getCookies")["cookies"]}


def forget(page: Page) -> None:
    page.send("Network.clearBrowserCookies")


def test_a_page_asks_for_a_key_and_leads_back_to_what_was_asked(page: Page, door: Door) -> None:
    page.open(f"{door.url}/analyze?address=100%20S%20Main%20Street")
    assert page.path() == "/sign-in"
    assert moved(page) == []
    assert faults_on_every_screen(page) == []
    page.media(prefers_color_scheme="dark")
    assert faults(page) == []
    page.fill("#key", door.key("analyst")["key"])
    page.press("Enter", 13)
    page.wait(lambda: page.path().startswith("/analyses/") and page.text(".units"))
    assert "11 units" in page.text(".units")
    assert "the analyst" in page.text(".visitor")
    kept = cookies(page)[COOKIE]
    assert (kept["httpOnly"], kept["secure"], kept["sameSite"]) == (True, True, "Lax")
    assert str(kept["value"]).startswith("pls_")
    assert page.complaints == []


def test_a_key_that_is_none_is_told_in_words(page: Page, door: Door) -> None:
    page.open(f"{door.url}/towns")
    page.fill("#key", "plk_nobody")
    page.press("Enter", 13)
    page.wait(lambda: "mistyped" in page.text("#sign-in-problem"))
    page.fill("#key", door.key("reader")["key"])
    page.press("Enter", 13)
    page.wait(lambda: page.path() == "/towns")


def test_a_revoked_key_ends_its_sign_ins_within_seconds(page: Page, door: Door) -> None:
    key = door.key("reader")
    page.open(f"{door.url}/towns")
    page.fill("#key", key["key"])
    page.press("Enter", 13)
    page.wait(lambda: page.path() == "/towns")
    assert door.ask("DELETE", f"/v1/keys/{key['id']}").status_code == 200
    page.run(f"new Promise((done) => setTimeout(done, {1000 * FRESH_SECONDS + 200}))")
    page.open(f"{door.url}/towns")
    assert page.path() == "/sign-in"


def test_a_sign_in_that_ended_meanwhile_leads_on_to_the_report(page: Page, door: Door) -> None:
    key = door.key("analyst")["key"]
    page.open(door.url)
    page.fill("#key", key)
    page.press("Enter", 13)
    page.wait(lambda: page.path() == "/")
    forget(page)
    page.fill("#address", "100 S Main Street")
    page.press("Enter", 13)
    page.wait(lambda: page.path() == "/sign-in" and page.run("document.getElementById('key') !== null"))
    page.fill("#key", key)
    page.press("Enter", 13)
    page.wait(lambda: page.path().startswith("/analyses/") and page.text(".units"))


def test_signing_out_ends_it_at_once_and_everywhere(page: Page, door: Door) -> None:
    page.open(f"{door.url}/ask")
    page.fill("#key", door.key("reader")["key"])
    page.press("Enter", 13)
    page.wait(lambda: page.path() == "/ask")
    cookie = str(cookies(page)[COOKIE]["value"])
    page.click(".visitor button")
    page.wait(lambda: page.path() == "/sign-in")
    assert COOKIE not in cookies(page)
    kept = httpx.get(f"{door.url}/v1/me", headers={"Cookie": f"{COOKIE}={cookie}"})
    assert kept.status_code == 401


def test_a_provider_signs_in_and_roles_hold(page: Page, door: Door) -> None:
    page.open(f"{door.url}/towns")
    page.click("a.button")
    page.wait(lambda: page.path() == "/towns")
    assert "Ada Planner" in page.text(".visitor")
    asked = door.provider.asked
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    me = page.run("fetch('/v1/me').then((answer) => answer.json())")
    assert (me["who"], me["tenant"], me["role"]) == ("token:ada", "acme", "analyst")
    page.open(f"{door.url}/releases")
    assert "Not allowed" in page.text("h1")
    assert "tenant acme" in page.text(".lead")
    audit = door.ask("GET", "/v1/audit", params={"who": "token:ada"}).json()
    assert "sign-in" in [line["action"] for line in audit["entries"]]


@pytest.mark.parametrize(
    ("changes", "refuses", "words"),
    [
        ({"nonce": "another"}, "", "another sign-in"),
        ({"aud": "another-client"}, "", "not valid"),
        ({"exp": 1}, "", "not valid"),
        ({"roles": ["gardener"]}, "", "no role here"),
        ({}, "access_denied", "access_denied"),
    ],
)
def test_what_is_not_right_signs_nobody_in(
    page: Page, door: Door, changes: dict[str, object], refuses: str, words: str
) -> None:
    door.provider.changes, door.provider.refuses = changes, refuses
    try:
        page.open(f"{door.url}/towns")
        page.click("a.button")
        page.wait(lambda: page.path() == "/sign-in/callback" and words in page.text())
        assert COOKIE not in cookies(page)
    finally:
        door.provider.changes, door.provider.refuses = {}, ""


def test_an_answer_to_nobodys_question_signs_nobody_in(page: Page, door: Door) -> None:
    page.open(f"{door.url}/sign-in/callback?code=code-0&state=stolen")
    assert "begin again" in page.text()
    assert COOKIE not in cookies(page)


def test_another_sites_form_signs_nobody_in_and_out(door: Door) -> None:
    key = door.key("reader")["key"]
    for path, sent in (("/sign-in", {"key": key}), ("/sign-out", {})):
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            answer = httpx.post(f"{door.url}{path}", data=sent, headers=headers)
            assert (answer.status_code, "set-cookie" in answer.headers) == (403, False), path


def test_a_cookie_changes_nothing_for_another_sites_page(page: Page, door: Door) -> None:
    page.open(f"{door.url}/towns")
    page.fill("#key", door.key("analyst")["key"])
    page.press("Enter", 13)
    page.wait(lambda: page.path() == "/towns")
    sent = {"Cookie": f"{COOKIE}={cookies(page)[COOKIE]['value']}"}
    asked = {"address": "100 S Main Street"}
    for headers, status in (
        ({}, 201),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
    ):
        answer = httpx.post(f"{door.url}/v1/analyses", json=asked, headers={**sent, **headers})
        assert answer.status_code == status, headers
    link = httpx.get(f"{door.url}/analyze", params=asked, headers={**sent, "Sec-Fetch-Site": "cross-site"})
    assert (link.status_code, link.headers["location"]) == (303, "/?address=100+S+Main+Street")
