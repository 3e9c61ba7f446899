"""Roles, the rights of each, and tenants."""

import itertools

import pytest

from plotlot.domain.access import (
    LOCAL,
    OWNER,
    RIGHTS,
    Identity,
    Right,
    Role,
    checked_role,
    checked_scopes,
    checked_tenant,
    rights_of,
)
from plotlot.domain.errors import InvalidRequest, NotAllowed


def test_each_role_has_the_rights_of_those_before_it() -> None:
    rights = [RIGHTS[role] for role in Role]
    assert all(before < after for before, after in itertools.pairwise(rights))
    assert RIGHTS[Role.ADMIN] == frozenset(Right)


@pytest.mark.parametrize(
    ("identity", "right", "reason"),
    [
        (Identity("key:a", LOCAL, Role.READER), Right.ANALYZE, "needs the role analyst or above"),
        (Identity("key:a", "acme", Role.ADMIN), Right.OPERATE, "only the installation's own tenant"),
        (Identity("key:a", LOCAL, Role.ADMIN, frozenset({Right.READ})), Right.INGEST, "scopes of this key"),
        (Identity("token:a", "acme", Role.READER, frozenset()), Right.READ, "none"),
    ],
)
def test_what_is_missing_is_said(identity: Identity, right: Right, reason: str) -> None:
    with pytest.raises(NotAllowed, match=reason):
        identity.check(right)


def test_the_owner_may_do_everything() -> None:
    for right in Right:
        OWNER.check(right)


def test_scopes_only_take_away() -> None:
    assert rights_of(LOCAL, Role.READER, {Right.ADMINISTER}) == frozenset()


@pytest.mark.parametrize("name", ["*", "", "Acme", "a b", "a'b", "-a", "a" * 64, "a\nb", "acme\n"])
def test_what_is_no_tenant_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest):
        checked_tenant(name)


def test_names_are_checked_and_those_that_there_are_said() -> None:
    assert (checked_tenant("acme-2"), checked_role("admin")) == ("acme-2", Role.ADMIN)
    with pytest.raises(InvalidRequest) as refused:
        checked_role("root")
    assert "operator" in refused.value.suggestions
    with pytest.raises(InvalidRequest):
        checked_scopes(["read", "everything"])
