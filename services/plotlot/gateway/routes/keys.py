"""/v1/keys: make, list, rotate and revoke API keys; GET /v1/me: who the caller is."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from plotlot.domain.access import (
    EVERY_TENANT,
    LOCAL,
    Identity,
    Right,
    Role,
    checked_role,
    checked_scopes,
    checked_tenant,
    rights_of,
)
from plotlot.domain.api_keys import ID_BYTES, SECRET_BYTES, ApiKey, api_key_of
from plotlot.domain.errors import NotAllowed
from plotlot.gateway.callers import IDENTITY
from plotlot.gateway.identity.audit import Deed
from plotlot.gateway.identity.key_store import Keys, NewKey, StoredKey
from plotlot.gateway.identity.middleware import deed_of
from plotlot.gateway.inputs import NameText, Text

Json = dict[str, Any]
LONGEST_DAYS = 3650


class KeyRequest(BaseModel):
    """What a key is to be."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"name": "nightly batch", "role": "analyst", "tenant": "acme", "expires_in_days": 90}
            ]
        },
    )

    name: NameText = Field(min_length=1, pattern=r"\S")
    role: str = Field(default=Role.ANALYST.value, description="reader, analyst, operator or admin.")
    tenant: str = Field(default="", description="Whose key it is; empty for the caller's own tenant.")
    scopes: list[str] | None = Field(
        default=None,
        max_length=len(Right),
        description="Rights of the role that it is held to; none for all.",
    )
    expires_in_days: float | None = Field(default=None, gt=0, le=LONGEST_DAYS)


class RotateRequest(BaseModel):
    """For how long the old key stays valid beside the new one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"overlap_hours": 24}]})

    overlap_hours: float = Field(default=24.0, ge=0, le=24 * 90)
    expires_in_days: float | None = Field(
        default=None, gt=0, le=LONGEST_DAYS, description="None: as many as the old key was made for."
    )


def router(keys: Keys) -> APIRouter:
    """The routes of keys. A key is shown once, where it is made."""
    routes = APIRouter(tags=["access"])

    @routes.get("/v1/me")
    async def me(request: Request) -> Json:
        """Who the caller is, and what they may do."""
        caller = caller_in(request)
        return {
            "who": caller.who,
            "tenant": caller.tenant,
            "role": caller.role.value,
            "rights": sorted(caller.rights),
        }

    @routes.get("/v1/keys")
    async def listed(request: Request) -> Json:
        """Every key of the tenant, the newest first; of all tenants for the installation's own administrators."""
        now = datetime.now(UTC)
        return {"keys": [key_json(key, now) for key in await keys.all(seen_by(caller_in(request)))]}

    @routes.post("/v1/keys", status_code=201)
    async def create(request: Request, response: Response, body: KeyRequest) -> Json:
        """Make a key. It is in this answer and nowhere else."""
        caller, now = caller_in(request), datetime.now(UTC)
        new = wanted_key(body, caller, fresh_key(), now)
        stored = await keys.add(seen_by(caller), new, deed(request, "key.create", new.key.id, new))
        response.headers["Cache-Control"] = "no-store"
        return {**key_json(stored, now), "key": new.key.text}

    @routes.post("/v1/keys/{key}/rotate", status_code=201)
    async def rotate(request: Request, response: Response, key: Text, body: RotateRequest) -> Json:
        """Make a key in another's place, for as long as that was made for; both are valid for a time."""
        caller, now = caller_in(request), datetime.now(UTC)
        old = await keys.get(seen_by(caller), key)
        span = await keys.span(seen_by(caller), old.id)
        expires_at = expiry(body.expires_in_days, now) or (now + span if span else None)
        new = successor(old, caller, fresh_key(), expires_at)
        until = now + timedelta(hours=body.overlap_hours)
        stored = await keys.replace(
            seen_by(caller), old.id, new, until, deed(request, "key.rotate", old.id, new)
        )
        response.headers["Cache-Control"] = "no-store"
        return {**key_json(stored, now), "key": new.key.text, "replaced_valid_until": until.isoformat()}

    @routes.delete("/v1/keys/{key}")
    async def revoke(request: Request, key: Text) -> Json:
        """Take a key back, everywhere within seconds; again changes nothing."""
        caller = caller_in(request)
        stored = await keys.revoke(seen_by(caller), key, deed(request, "key.revoke", key))
        return key_json(stored, datetime.now(UTC))

    return routes


def caller_in(request: Request) -> Identity:
    """Who sent a request."""
    caller: Identity = request.scope[IDENTITY]
    return caller


def seen_by(caller: Identity) -> str:
    """The tenant whose keys and audit log a caller sees, or all for the installation's own."""
    return EVERY_TENANT if caller.tenant == LOCAL else caller.tenant


def fresh_key() -> ApiKey:
    """A key that nobody had before."""
    return api_key_of(secrets.token_bytes(ID_BYTES + SECRET_BYTES))


def expiry(days: float | None, now: datetime) -> datetime | None:
    """When something of so many days ends."""
    return None if days is None else now + timedelta(days=days)


def wanted_key(body: KeyRequest, caller: Identity, key: ApiKey, now: datetime) -> NewKey:
    """The key that is asked for. Raises InvalidRequest, or NotAllowed for one that may do more than the caller."""
    tenant = checked_tenant(body.tenant.strip() or caller.tenant)
    role = checked_role(body.role)
    scopes = None if body.scopes is None else checked_scopes(body.scopes)
    if tenant != caller.tenant and caller.tenant != LOCAL:
        raise NotAllowed(f"this caller is of the tenant {caller.tenant}, and makes keys of no other")
    check_granted(caller, rights_of(tenant, role, scopes))
    return NewKey(key, tenant, body.name.strip(), role, scopes, caller.who, expiry(body.expires_in_days, now))


def successor(old: StoredKey, caller: Identity, key: ApiKey, expires_at: datetime | None) -> NewKey:
    """The key that takes another's place: the same in all but its secret. Raises NotAllowed."""
    holder = old.identity
    check_granted(caller, holder.rights)
    return NewKey(
        key, old.tenant, old.name, holder.role, holder.scopes, caller.who, expires_at, replaces=old.id
    )


def check_granted(caller: Identity, rights: frozenset[Right]) -> None:
    """Raise NotAllowed where a key would have rights that the caller has not."""
    if missing := sorted(rights - caller.rights):
        raise NotAllowed(f"the key would have rights that the caller has not: {', '.join(missing)}")


def deed(request: Request, action: str, target: str, new: NewKey | None = None) -> Deed:
    """A change of a key as a line of the audit log; never its secret."""
    status = 200 if new is None else 201
    details = {}
    if new is not None:
        details = {"key": new.key.id, "tenant": new.tenant, "role": new.role.value, "name": new.name}
    done = deed_of(request.scope, caller_in(request), status, details)
    return Deed(
        done.at, done.tenant, done.who, action, status, target, done.request_id, done.address, details
    )


def key_json(key: StoredKey, now: datetime) -> Json:
    """A key without its secret."""
    return {
        "id": key.id,
        "tenant": key.tenant,
        "name": key.name,
        "role": key.role,
        "scopes": key.scopes,
        "state": key.state(now),
        "created_by": key.created_by,
        "created_at": key.created_at.isoformat(),
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
        "replaces": key.replaces,
    }
