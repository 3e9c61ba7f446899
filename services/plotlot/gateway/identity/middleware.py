"""Lets a request in, before anything of its body is read: who asks, whether they may, and a line of what they did."""

from collections.abc import Callable
from datetime import UTC, datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plotlot.domain.access import OWNER, Identity, Right
from plotlot.domain.errors import NotAllowed, PlotLotError
from plotlot.gateway.callers import IDENTITY, address_of, current_credentials, current_visitor, sent_by
from plotlot.gateway.identity.audit import AuditLog, Deed
from plotlot.gateway.identity.authentication import Asked, Authentication, sign_in_cookie
from plotlot.gateway.identity.rules import Rules
from plotlot.http.problems import problem_response
from plotlot.http.requests import headers_of, told_path
from plotlot.rpc.context import current_request, is_shadow

AUDITED = frozenset({Right.ANALYZE, Right.INGEST, Right.OPERATE})
"""Rights whose use is written down where it changes something; that of keys is written with the keys."""
UNKEPT = "/v1/analyses"
"""What leaves nothing behind as a shadow. Whatever else is sent as one changes what it would change."""


class AccessMiddleware:
    """Sets whom a request comes from, and answers itself those who may not ask, by ``refuse``."""

    def __init__(
        self,
        app: ASGIApp,
        authentication: Authentication,
        rules: Rules,
        audit: AuditLog,
        refuse: Callable[[Scope, PlotLotError], ASGIApp] = lambda scope, error: problem_response(error),
    ) -> None:
        self._app = app
        self._authentication = authentication
        self._rules = rules
        self._audit = audit
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        right = self._rules.right(scope["method"], scope["path"])
        if right is None:
            await self._app(scope, receive, send)
            return
        identity: Identity | None = scope.get(IDENTITY)
        try:
            if identity is None:
                asked = Asked(scope["method"], headers_of(scope), address_of(scope))
                identity = await self._authentication.identity(asked)
                current_credentials.set(asked.credentials)
                current_visitor.set(identity if sign_in_cookie(asked.headers) else None)
                scope[IDENTITY] = identity
            identity.check(right)
        except PlotLotError as error:
            if isinstance(error, NotAllowed) and identity is not None:
                self._audit.note(deed_of(scope, identity, 403, {"refused": error.message}))
            await self._refuse(scope, error)(scope, receive, send)
            return
        if (request := current_request.get()) is not None:
            current_request.set(sent_by(request, identity, address_of(scope)))
        unkept = is_shadow() and scope["path"] == UNKEPT
        if right in AUDITED and scope["method"] not in ("GET", "HEAD") and not unkept:
            await self._watched(scope, receive, send, identity)
        else:
            await self._app(scope, receive, send)

    async def _watched(self, scope: Scope, receive: Receive, send: Send, identity: Identity) -> None:
        """Serve the request and write down how it was answered."""
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            self._audit.note(deed_of(scope, identity, status, {}))


def deed_of(scope: Scope, identity: Identity, status: int, details: dict[str, str]) -> Deed:
    """What a request did, by its method, its path, and the template that the path is of."""
    request = current_request.get()
    path = told_path(scope["path"]).replace("\0", "\ufffd")  # which no text of the store holds, and %00 is
    route = getattr(scope.get("route"), "path", path)
    return Deed(
        at=datetime.now(UTC),
        tenant=identity.tenant,
        who=identity.who,
        action=f"{scope['method']} {route}"[:200],
        target=path[:500],
        status=status,
        request_id=request.request_id if request is not None else "",
        address=address_of(scope),
        details=details,
    )


def as_owner(app: ASGIApp) -> ASGIApp:
    """The application for callers whom nothing but this process can reach: they are its owner."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope[IDENTITY] = OWNER
        await app(scope, receive, send)

    return serve
