"""Who may do what with refreshes."""

import pytest

from plotlot.domain.access import RIGHTS, Right, Role, rights_of
from plotlot.gateway.identity.rules import Rules

LOOKS = (
    ("GET", "/v1/refreshes"),
    ("GET", "/v1/refreshes/refresh-1"),
    ("GET", "/v1/refreshes/refresh-1/towns"),
    ("GET", "/v1/refreshes/refresh-1/events"),
    ("GET", "/v1/coverage"),
    ("GET", "/refreshes"),
    ("GET", "/refreshes/refresh-1"),
)
DOES = (
    ("POST", "/v1/refreshes"),
    ("DELETE", "/v1/refreshes/refresh-1"),
    ("POST", "/v1/coverage:discover"),
    ("POST", "/refreshes"),
    ("POST", "/refreshes/refresh-1/cancel"),
)


@pytest.mark.parametrize(("method", "path"), LOOKS)
def test_readers_look(method: str, path: str) -> None:
    assert Rules().right(method, path) is Right.READ


@pytest.mark.parametrize(("method", "path"), DOES)
def test_only_operators_of_the_installation_have_publishers_asked(method: str, path: str) -> None:
    right = Rules().right(method, path)
    assert right is not None
    assert right not in RIGHTS[Role.ANALYST]
    assert right in RIGHTS[Role.OPERATOR]
    assert right not in rights_of("acme", Role.ADMIN, None)
