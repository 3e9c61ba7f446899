"""The door: who is let in, before anything is read, and what is written down of it."""

from typing import Any

import pytest
from fakes.audit import Log

from plotlot.domain.access import OWNER, Identity, Role
from plotlot.domain.errors import NotAllowed, NotAuthenticated
from plotlot.gateway.callers import IDENTITY, current_credentials
from plotlot.gateway.identity.audit import Deed
from plotlot.gateway.identity.authentication import Asked, LocalOwner
from plotlot.gateway.identity.middleware import AccessMiddleware, as_owner
from plotlot.gateway.identity.rules import Rules
from plotlot.http.origins import origins_in
from plotlot.rpc.context import RequestContext, current_request, current_tenant


class Known:
    """Knows everybody who sends anything as one."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def identity(self, asked: Asked) -> Identity:
        if "authorization" not in asked.headers:
            raise NotAuthenticated("nobody")
        return self._identity


async def sent(
    identity: Identity,
    method: str,
    path: str,
    *,
    shadow: bool = False,
    known: bool = True,
    owner: bool = False,
) -> tuple[int, list[Deed], dict[str, Any]]:
    """The status of an answer, what was written down, and what the application saw."""
    seen: dict[str, Any] = {}
    log: Any = Log()
    status = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.update(tenant=current_tenant(), identity=scope[IDENTITY], credentials=current_credentials.get())
        await send({"type": "http.response.start", "status": 201, "headers": []})

    async def receive() -> Any:
        raise AssertionError("nothing of the body is read at the door")

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    door: Any = AccessMiddleware(app, Known(identity), Rules(), log)
    headers = [(b"authorization", b"Bearer key")] if known else []
    current_request.set(RequestContext("q-1", "", shadow=shadow))
    scope = {"type": "http", "method": method, "path": path, "headers": headers, "client": ("192.0.2.1", 1)}
    await (as_owner(door) if owner else door)(scope, receive, send)
    return status, log.deeds, seen


ANALYST = Identity("key:a", "acme", Role.ANALYST)


async def test_who_may_is_let_in_as_their_tenant_and_what_they_did_is_written_down() -> None:
    status, deeds, seen = await sent(ANALYST, "POST", "/v1/analyses")
    assert (status, seen) == (201, {"tenant": "acme", "identity": ANALYST, "credentials": "Bearer key"})
    (deed,) = deeds
    assert (deed.who, deed.tenant, deed.action, deed.status) == ("key:a", "acme", "POST /v1/analyses", 201)
    assert (deed.request_id, deed.address) == ("q-1", "192.0.2.1")


async def test_reading_and_shadows_leave_no_line() -> None:
    assert (await sent(ANALYST, "GET", "/v1/municipalities"))[:2] == (201, [])
    assert (await sent(ANALYST, "POST", "/v1/analyses", shadow=True))[:2] == (201, [])


async def test_what_changes_something_leaves_a_line_whatever_it_calls_itself() -> None:
    operator = Identity("key:o", "acme", Role.OPERATOR)
    for method, path in (
        ("POST", "/v1/documents"),
        ("POST", "/v1/parcels"),
        ("POST", "/v1/analyses:batch"),
        ("POST", "/v1/feedback"),
        ("DELETE", "/v1/jobs/j"),
    ):
        assert [deed.status for deed in (await sent(operator, method, path, shadow=True))[1]] == [201], path


async def test_a_line_holds_no_character_that_the_store_takes_for_none() -> None:
    _, (deed,), _ = await sent(ANALYST, "DELETE", "/v1/jobs/\0")
    assert (deed.target, deed.action) == ("/v1/jobs/\ufffd", "DELETE /v1/jobs/\ufffd")


async def test_who_may_not_is_refused_unread_and_that_is_written_down() -> None:
    status, deeds, seen = await sent(ANALYST, "POST", "/v1/documents")
    assert (status, seen, [deed.status for deed in deeds]) == (403, {}, [403])
    assert "operator" in deeds[0].details["refused"]


async def test_nobody_leaves_no_line() -> None:
    assert await sent(ANALYST, "POST", "/v1/analyses", known=False) == (401, [], {})


async def test_a_caller_whom_only_this_process_can_be_is_its_owner() -> None:
    status, _, seen = await sent(ANALYST, "POST", "/v1/keys", known=False, owner=True)
    assert (status, seen["identity"]) == (201, OWNER)


@pytest.mark.parametrize(
    ("method", "headers", "allowed"),
    [
        ("GET", {"host": "127.0.0.1:8080"}, True),
        ("POST", {"host": "localhost:8080", "origin": "http://localhost:8080"}, True),
        ("POST", {"host": "[::1]:8080", "sec-fetch-site": "same-origin"}, True),
        ("GET", {"host": "evil.example"}, False),
        ("GET", {"host": "127.0.0.1.evil.example"}, False),
        ("GET", {"host": "[::1"}, False),
        ("GET", {}, False),
        ("POST", {"host": "localhost", "origin": "https://evil.example"}, False),
        ("POST", {"host": "localhost", "origin": "null"}, False),
        ("DELETE", {"host": "localhost", "sec-fetch-site": "cross-site"}, False),
        ("GET", {"host": "localhost", "sec-fetch-site": "cross-site"}, True),
    ],
)
async def test_without_login_pages_of_others_are_not_the_owner(
    method: str, headers: dict[str, str], allowed: bool
) -> None:
    asked = Asked(method, headers, "127.0.0.1")
    if allowed:
        assert await LocalOwner().identity(asked) == OWNER
    else:
        with pytest.raises(NotAllowed):
            await LocalOwner().identity(asked)


@pytest.mark.parametrize(
    ("origin", "setting", "allowed"),
    [
        ("https://friend.example", "https://other.example, https://friend.example", True),
        ("https://anybody.example", "*", True),
        ("https://evil.example", "https://friend.example", False),
        ("null", "https://friend.example", False),
    ],
)
async def test_origins_that_are_let_in_by_setting_may_change_things_and_no_others(
    origin: str, setting: str, allowed: bool
) -> None:
    # Forms and uploads are sent without a question before them, whatever CORS would answer to one.
    sent = {"host": "localhost", "origin": origin, "sec-fetch-site": "cross-site"}
    door, asked = LocalOwner(origins_in(setting)), Asked("POST", sent, "127.0.0.1")
    if allowed:
        assert await door.identity(asked) == OWNER
    else:
        with pytest.raises(NotAllowed, match="PLOTLOT_CORS_ORIGINS"):
            await door.identity(asked)
