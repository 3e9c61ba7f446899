"""Who may do what: roles, the rights that each has, and tenants.

A tenant is somebody whose documents, parcels, analyses and feedback no other sees. ``local`` is the installation's
own: what it keeps of codes and parcels all tenants read, and only its operators run what all share.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from plotlot.domain.errors import InvalidRequest, NotAllowed

LOCAL = "local"
EVERY_TENANT = "*"  # upkeep, which is nobody's: no caller can have that name
_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class Role(StrEnum):
    """What somebody is; each has the rights of those before it, and one of its own or two."""

    READER = "reader"
    ANALYST = "analyst"
    OPERATOR = "operator"
    ADMIN = "admin"


class Right(StrEnum):
    """What a route asks of its caller."""

    READ = "read"  # codes, standards, search, questions, the tenant's own analyses
    ANALYZE = "analyze"  # make analyses, jobs, feedback, links to reports and watches
    INGEST = "ingest"  # documents and parcels of the tenant
    OPERATE = "operate"  # the index, refreshes, releases, gold cases, metrics: what all tenants share
    ADMINISTER = "administer"  # keys, sign-ins and the audit log


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.READER: frozenset({Right.READ}),
    Role.ANALYST: frozenset({Right.READ, Right.ANALYZE}),
    Role.OPERATOR: frozenset({Right.READ, Right.ANALYZE, Right.INGEST, Right.OPERATE}),
    Role.ADMIN: frozenset(Right),
}
SHARED = frozenset({Right.OPERATE})
"""Rights that count in the tenant ``local`` alone: what they change, all tenants use."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller: ``who`` is ``key:<id>``, ``token:<subject>`` or ``owner``; ``scopes`` hold the role to some rights.

    ``name`` is for people to read, and says nothing of what they may do.
    """

    who: str
    tenant: str = LOCAL
    role: Role = Role.READER
    scopes: frozenset[Right] | None = None
    name: str = field(default="", compare=False)

    @property
    def rights(self) -> frozenset[Right]:
        """What this caller may do."""
        return rights_of(self.tenant, self.role, self.scopes)

    def check(self, right: Right) -> None:
        """Raise NotAllowed, which says what is missing, where the caller lacks a right."""
        if right in self.rights:
            return
        if right in SHARED and self.tenant != LOCAL:
            reason = (
                f"only the installation's own tenant may {right}; this caller is of the tenant {self.tenant}"
            )
        elif right in RIGHTS[self.role]:
            reason = f"the scopes of this key leave out {right!r}: {', '.join(sorted(self.rights)) or 'none'}"
        else:
            able = next(role for role in Role if right in RIGHTS[role])
            reason = f"this needs the role {able} or above, and the caller is {self.role}"
        raise NotAllowed(reason)


OWNER = Identity("owner", LOCAL, Role.ADMIN)
"""Whoever sits at the machine, where nobody logs in."""


def rights_of(tenant: str, role: Role, scopes: Collection[Right] | None) -> frozenset[Right]:
    """The rights of a role in a tenant, held to scopes where there are some."""
    rights = RIGHTS[role] if tenant == LOCAL else RIGHTS[role] - SHARED
    return rights if scopes is None else rights & frozenset(scopes)


def checked_tenant(name: str, field: str = "tenant") -> str:
    """The name of a tenant. Raises InvalidRequest."""
    if _TENANT.fullmatch(name) is None:
        raise InvalidRequest(
            f"{name!r} is no tenant: small letters, digits and hyphens, at most 63",
            field=field,
            expected="small letters, digits and hyphens, e.g. acme",
        )
    return name


def checked_role(name: str, field: str = "role") -> Role:
    """The role of a name. Raises InvalidRequest with those that there are."""
    if name not in tuple(Role):
        raise InvalidRequest(f"there is no role {name!r}", field=field, suggestions=list(Role))
    return Role(name)


def checked_scopes(names: Collection[str], field: str = "scopes") -> frozenset[Right]:
    """The rights of their names. Raises InvalidRequest with those that there are."""
    for name in names:
        if name not in tuple(Right):
            raise InvalidRequest(f"there is no scope {name!r}", field=field, suggestions=list(Right))
    return frozenset(Right(name) for name in names)
