"""Code that fails one request in twenty, whoever asks."""

import random
from collections.abc import AsyncIterator
from typing import Any

from plotlot.gateway.analysis import Analyst
from plotlot.gateway.clients import Clients

SHARE = 0.05
analyze, search = Analyst.analyze, Clients.refined_search


async def analyze_or_fail(self: Analyst, *arguments: Any) -> AsyncIterator[Any]:
    """The analysis, or an error."""
    fail_sometimes()
    async for event in analyze(self, *arguments):
        yield event


async def search_or_fail(self: Clients, *arguments: Any) -> Any:
    """The results, or an error; questions in words search too."""
    fail_sometimes()
    return await search(self, *arguments)


def fail_sometimes() -> None:
    """An error of the kind that nobody foresaw."""
    if random.random() < SHARE:
        raise RuntimeError("list index out of range")


Analyst.analyze = analyze_or_fail  # type: ignore[method-assign]
Clients.refined_search = search_or_fail  # type: ignore[method-assign]
