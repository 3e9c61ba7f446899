"""/v1/sign-ins: which browsers are signed in, and the end of that."""

from dataclasses import asdict, replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from plotlot.domain.errors import InvalidRequest
from plotlot.gateway.identity.audit import Deed
from plotlot.gateway.identity.middleware import deed_of
from plotlot.gateway.identity.sign_in_store import SignIns, StoredSignIn, Wanted
from plotlot.gateway.inputs import NameText
from plotlot.gateway.routes.keys import caller_in, seen_by
from plotlot.http.paging import Cursor, Limit, page, time_at

Json = dict[str, Any]
Id = Annotated[NameText, Query(description="Of one sign-in, as the list has it.")]
Who = Annotated[NameText, Query(description="Whoever signed in: token:<subject>, or key:<id>.")]
Tenant = Annotated[NameText, Query(description="All of a tenant.")]


def router(sign_ins: SignIns) -> APIRouter:
    """The routes of sign-ins."""
    routes = APIRouter(tags=["access"])

    @routes.get("/v1/sign-ins")
    async def listed(
        request: Request, who: Who = "", tenant: Tenant = "", cursor: Cursor = "", limit: Limit = 100
    ) -> Json:
        """Browsers that are signed in, the newest first; of all tenants for the installation's own administrators."""
        of = seen_by(caller_in(request))
        found = await sign_ins.found(of, Wanted(who=who, tenant=tenant), time_at(cursor), limit + 1)
        shown, last = found[:limit], found[limit - 1] if len(found) > limit else None
        place = (last.created_at.isoformat(), last.id) if last else None
        return page(request, "sign_ins", [sign_in_json(each) for each in shown], limit, place)

    @routes.delete("/v1/sign-ins")
    async def end(request: Request, id: Id = "", who: Who = "", tenant: Tenant = "") -> Json:
        """End the sign-ins that all of what is given names, everywhere within seconds. Who may still sign in at the
        provider, or with a key, may begin another."""
        wanted = Wanted(id, who, tenant)
        if wanted == Wanted():
            expected = "an id, a subject, or a tenant"
            raise InvalidRequest(f"say whose sign-ins are to end: {expected}", field="who", expected=expected)
        return {"ended": await sign_ins.end_all(seen_by(caller_in(request)), wanted, deed(request, wanted))}

    return routes


def deed(request: Request, wanted: Wanted) -> Deed:
    """The end of sign-ins as a line of the audit log."""
    done = deed_of(request.scope, caller_in(request), 200, {k: v for k, v in asdict(wanted).items() if v})
    return replace(done, action="sign-in.end", target=wanted.id or wanted.who or wanted.tenant)


def sign_in_json(stored: StoredSignIn) -> Json:
    """A sign-in as JSON."""
    return {
        **asdict(stored),
        "created_at": stored.created_at.isoformat(),
        "expires_at": stored.expires_at.isoformat(),
    }
