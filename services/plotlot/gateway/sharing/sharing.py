"""What happens when a report is shared: a link is made, and written down when it is opened."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request

from plotlot.domain.errors import InvalidCredentials, UnknownShare
from plotlot.gateway.answers import Answers
from plotlot.gateway.callers import IDENTITY
from plotlot.gateway.identity.audit import AuditLog, Deed
from plotlot.gateway.identity.keyring import Keyring
from plotlot.gateway.identity.middleware import address_of
from plotlot.gateway.ids import new_id
from plotlot.gateway.sharing.shares import TOKEN_BYTES, Share, Shares
from plotlot.rpc.context import current_request

Json = dict[str, Any]
LONGEST_DAYS = 3650


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class Sharing:
    """Makes links to reports, and opens them."""

    def __init__(
        self,
        answers: Answers,
        shares: Shares,
        opening: Keyring[Share],
        audit: AuditLog,
        public_url: str = "",
        clock: Callable[[], datetime] = now,
        random_token: Callable[[], str] = lambda: secrets.token_urlsafe(TOKEN_BYTES),
    ) -> None:
        self._answers = answers
        self._shares = shares
        self._opening = opening
        self._audit = audit
        self._public_url = public_url.rstrip("/")
        self._clock = clock
        self._random_token = random_token

    async def share(self, request: Request, analysis: str, days: float | None) -> Json:
        """A new link to a report, with its ``url``, which is shown this once. Raises UnknownAnalysis."""
        report, _ = await self._answers.report(analysis)
        token, at = self._random_token(), self._clock()
        ends = at + timedelta(days=days) if days is not None else None
        made = await self._shares.add(new_id("shr"), report["id"], token, request.scope[IDENTITY].who, ends)
        return {**made.as_json(at), "url": self.address(request, f"/shared/{token}")}

    def address(self, request: Request, path: str) -> str:
        """Where a path of this gateway is reached: as its operator says, and else as whoever asks named it."""
        return f"{self._public_url or str(request.base_url).rstrip('/')}{path}"

    async def links(self, analysis: str) -> list[Json]:
        """The links to a report, the newest first. Raises UnknownAnalysis."""
        report, _ = await self._answers.report(analysis)
        at = self._clock()
        return [share.as_json(at) for share in await self._shares.of(report["id"])]

    async def revoke(self, analysis: str, share: str) -> Json:
        """Take a link back. Raises UnknownShare."""
        return (await self._shares.revoke(analysis, share)).as_json(self._clock())

    async def opened(self, request: Request, token: str) -> tuple[Share, Json, str]:
        """The link of a token, with the report and the drawing that it shows. Raises UnknownShare, which does not tell
        which of its reasons it is, or TooManyAttempts."""
        try:
            share = await self._opening.found(token, address_of(request.scope))
        except InvalidCredentials as error:
            raise UnknownShare(error.message) from None
        context = current_request.get()
        assert context is not None, "every request has a context"
        current_request.set(replace(context, tenant=share.tenant))
        report, drawing = await self._answers.report(share.analysis_id)
        self._audit.note(
            Deed(
                at=self._clock(),
                tenant=share.tenant,
                who=f"share:{share.id}",
                action="GET /shared/{token}",
                target=share.analysis_id,
                status=200,
                request_id=context.request_id,
                address=address_of(request.scope),
            )
        )
        return share, report, drawing
