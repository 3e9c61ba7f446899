"""The candidate of a release, asked over REST what a user asked here."""

import asyncio
import json
import time
from typing import TYPE_CHECKING

from plotlot.gateway.inquiries import Inquiry
from plotlot.gateway.outcomes import DEADLINE, UNREACHABLE, Answered

if TYPE_CHECKING:
    import httpx

MOST_CONNECTIONS = 64  # more than is ever asked at once: waiting for one would count as the candidate's time
# A connection for each question. One that was kept would go on to the pod that it found: to the stable bundle,
# where it was opened before the candidate's was ready, and to one of the candidate's pods only.
KEPT_CONNECTIONS = 0


class Candidate:
    """Another gateway, at a URL. Its own client with its own limits: nothing here waits for it."""

    def __init__(self, url: str, transport: "httpx.AsyncBaseTransport | None" = None) -> None:
        import httpx  # takes long to import, and most gateways never have a candidate

        self._client = httpx.AsyncClient(
            base_url=url,
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=KEPT_CONNECTIONS),
            timeout=None,  # the deadline is the request's
            trust_env=False,
            transport=transport,
        )

    async def ask(
        self, inquiry: Inquiry, request_id: str, bundle: str, deadline_seconds: float
    ) -> Answered | None:
        """How the candidate answered; none where somebody else did, whose answer says nothing of it.

        Its time holds a way over the network and back, which that of an answer given here does not: a
        comparison leans against the candidate by so much. No answer in time is a failure with status "deadline".
        """
        import httpx

        started = time.perf_counter()
        headers = {"plotlot-shadow": "1", "x-request-id": request_id}
        try:
            async with asyncio.timeout(deadline_seconds):
                response = await self._client.request(
                    inquiry.method, inquiry.path, json=inquiry.body, headers=headers
                )
        except TimeoutError:
            return Answered(time.perf_counter() - started, DEADLINE, failed=True)
        except httpx.HTTPError:
            return Answered(time.perf_counter() - started, UNREACHABLE, failed=True)
        answered = answered_by(response, time.perf_counter() - started)
        served = response.headers.get("plotlot-bundle")
        # A failure without the header is told by what stands before the candidate, for it did not answer.
        return answered if served == bundle or (served is None and answered.failed) else None

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()


def answered_by(response: "httpx.Response", seconds: float) -> Answered:
    """A response in the terms of an answer given here: a problem by its id, whatever else by its status."""
    try:
        document = json.loads(response.content)
    except ValueError:
        document = None
    if response.status_code < 400:
        if not isinstance(document, dict):
            return Answered(seconds, f"{response.status_code} without an answer", failed=True)
        return Answered(seconds, answer=document)
    named = str(document.get("type", "")).partition("#")[2] if isinstance(document, dict) else ""
    return Answered(seconds, named or str(response.status_code), failed=response.status_code >= 500)
