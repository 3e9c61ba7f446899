"""The candidate of a release, asked over REST what a user asked here."""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from plotlot.api.judge.v1 import judge_pb2
from plotlot.gateway.inquiries import Inquiry
from plotlot.gateway.outcomes import DEADLINE, TOO_LARGE, UNREACHABLE, UNREADABLE, Answered

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

MOST_BYTES = 2_000_000  # many times the largest answer; more would keep the users of this process waiting
MOST_CONNECTIONS = 64  # more than is ever asked at once: waiting for one would count as the candidate's time
# A connection for each question. One that was kept would go on to the pod that it found: to the stable bundle,
# where it was opened before the candidate's was ready, and to one of the candidate's pods only.
KEPT_CONNECTIONS = 0


class Candidate:
    """Another gateway, at a URL. Its own client with its own limits: nothing here waits for it."""

    def __init__(
        self, url: str, transport: "httpx.AsyncBaseTransport | None" = None, credentials: str = ""
    ) -> None:
        """``credentials`` are sent with what no user asked, as gold cases are."""
        import httpx  # takes long to import, and most gateways never have a candidate

        self._credentials = credentials
        self._client = httpx.AsyncClient(
            base_url=url,
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=KEPT_CONNECTIONS),
            timeout=None,  # the deadline is the request's
            trust_env=False,
            transport=transport,
        )

    async def ask(
        self,
        inquiry: Inquiry,
        request_id: str,
        bundle: str,
        deadline_seconds: float,
        credentials: str = "",
    ) -> Answered | None:
        """How the candidate answered; none where somebody else did, whose answer says nothing of it.

        Its time holds a way over the network and back, which that of an answer given here does not: a
        comparison leans against the candidate by so much. No answer in time is a failure with status "deadline".
        """
        started, served = time.perf_counter(), None
        headers = {"plotlot-shadow": "1", "x-request-id": request_id, "accept-encoding": "identity"}
        if credentials or self._credentials:
            headers["authorization"] = credentials or self._credentials
        try:
            async with (
                asyncio.timeout(deadline_seconds),
                self._client.stream(
                    inquiry.method, inquiry.path, json=inquiry.body, headers=headers
                ) as response,
            ):
                served = response.headers.get("plotlot-bundle")
                content = await content_of(response)
                answered = answered_by(response.status_code, content, time.perf_counter() - started)
        except Exception as error:  # whatever it is, the candidate did not answer
            answered = Answered(time.perf_counter() - started, status_of(error), failed=True)
        # A failure without the header is told by what stands before the candidate, for it did not answer.
        return answered if served == bundle or (served is None and answered.failed) else None

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()


class TooLarge(Exception):
    """An answer that is larger than any is."""


async def content_of(response: "httpx.Response") -> bytes:
    """The body as it was sent: nobody asked for a compressed one, which might be of any size. Raises TooLarge."""
    content = bytearray()
    async for piece in response.aiter_raw():
        content += piece
        if len(content) > MOST_BYTES:
            raise TooLarge
    return bytes(content)


def status_of(error: Exception) -> str:
    """What kept the candidate from answering, by its name."""
    import httpx

    if isinstance(error, TimeoutError):
        return DEADLINE
    if isinstance(error, TooLarge):
        return TOO_LARGE
    if isinstance(error, httpx.HTTPError):
        return UNREACHABLE
    log.warning("an answer of the candidate cannot be read: %s", type(error).__name__)
    return UNREADABLE


def paired(
    pair_with: Callable[[Answered | None], judge_pb2.Pair], answered: Answered | None
) -> judge_pb2.Pair:
    """A pair with the candidate's answer; with a failure of its own where nothing can be made of that."""
    try:
        return pair_with(answered)
    except Exception as error:  # an answer in whatever form: figures out of all range, lists without end
        if answered is None:
            raise
        return pair_with(Answered(answered.seconds, status_of(error), failed=True))


def answered_by(status: int, content: bytes, seconds: float) -> Answered:
    """A response in the terms of an answer given here: a problem by its id, whatever else by its status."""
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if status < 400:
        if not isinstance(document, dict):
            return Answered(seconds, f"{status} without an answer", failed=True)
        return Answered(seconds, answer=document)
    named = str(document.get("type", "")).partition("#")[2] if isinstance(document, dict) else ""
    return Answered(seconds, named or str(status), failed=status >= 500)
