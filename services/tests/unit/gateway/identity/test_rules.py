"""Every route says what it asks of its caller."""

from typing import Any

import pytest
from fake_gateway import fake_app

from plotlot.domain.access import RIGHTS, Right, Role
from plotlot.gateway.identity.rules import RULES, Rules


def served(router: Any) -> set[tuple[str, str]]:
    """Methods and templates of an application, its routers' among them; of what serves files, its folder's."""
    found = set()
    for route in router.routes:
        if (included := getattr(route, "original_router", None)) is not None:
            found |= served(included)
        elif (methods := getattr(route, "methods", None)) is not None:
            found |= {(method, route.path) for method in methods if method != "HEAD"}
        else:
            found.add(("GET", f"{route.path}/{{file:path}}"))
    return found


def test_every_route_is_in_the_table_and_the_table_has_no_other() -> None:
    named = {(method, path) for method, path, _ in RULES}
    missing = served(fake_app()) - named
    assert not missing, "say in gateway/identity/rules.py what these ask of their caller"
    assert named <= served(fake_app()), "these routes are gone"


@pytest.mark.parametrize(
    ("method", "path", "right"),
    [
        ("GET", "/healthz", None),
        ("HEAD", "/healthz", None),
        ("GET", "/static/1/plotlot.css", None),
        ("POST", "/v1/documents", Right.INGEST),
        ("GET", "/v1/analyses/an-1", Right.READ),
        ("GET", "/v1/municipalities/Larkfield, OH/districts/R/1/standards", Right.READ),
        ("POST", "/v1/releases/x/steer", Right.OPERATE),
        ("PUT", "/healthz", Right.ADMINISTER),
        ("GET", "/healthz/", Right.ADMINISTER),
        ("GET", "//v1/municipalities", Right.ADMINISTER),
        ("GET", "/v1/audit/../municipalities", Right.ADMINISTER),
        ("GET", "/v1/keys\n", Right.ADMINISTER),
        ("GET", "/what/is/not/here", Right.ADMINISTER),
    ],
)
def test_what_a_request_asks(method: str, path: str, right: Right | None) -> None:
    assert Rules().right(method, path) == right


def test_readers_change_nothing() -> None:
    reads = {"/v1/ask", "/v1/search"}
    for method, path, right in RULES:
        if right in RIGHTS[Role.READER]:
            assert method == "GET" or path in reads, f"{method} {path} is open to readers"
