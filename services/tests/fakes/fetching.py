"""Publishers asked without a network: each answer is the fake's own, at once."""

from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

from fakes.serving import Asked, Reply
from plotlot.domain.errors import SourceUnavailable
from plotlot.ingestion.publishers.publisher import Fetch, PageGone, Question

T = TypeVar("T")


class DirectFetch(Fetch):
    """What publishers are handed, over a function that answers."""

    def __init__(self, answer: Callable[[Asked], Reply]) -> None:
        self._answer = answer
        self.asked: list[str] = []

    async def answer(self, asked: Question, check: Callable[[bytes], T]) -> T:
        """What ``check`` makes of the answer."""
        parts = urlsplit(asked.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        self.asked.append(target)
        reply = self._answer(Asked(target, parts.path, dict(parse_qsl(parts.query)), dict(asked.headers)))
        if reply.status in (404, 410):
            raise PageGone(f"{asked.url} is not there")
        if reply.status != 200:
            raise SourceUnavailable(f"{asked.url} answers {reply.status}")
        return check(reply.body)


def pages(site: Mapping[str, str]) -> Callable[[Asked], Reply]:
    """A site by the paths of its pages."""
    return lambda asked: Reply(200, site[asked.path].encode()) if asked.path in site else Reply(404)
