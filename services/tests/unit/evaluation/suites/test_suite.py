"""What one suite of a run asks leaves nothing with the next."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from plotlot.evaluation.runs import Case
from plotlot.evaluation.sources import Sources
from plotlot.evaluation.suites import suite
from plotlot.rpc.context import RequestContext, current_request
from plotlot.settings import Settings


async def test_a_request_in_this_process_leaves_no_deadline_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    class InjectionBegan(Exception):
        pass

    @asynccontextmanager
    async def open_stack(settings: Settings) -> AsyncIterator[Any]:
        yield SimpleNamespace(bundle="b-1")

    async def on_stack(*given: Any) -> list[Case]:
        current_request.set(RequestContext("request-1", "b-1", 0.0))
        return []

    async def injection_cases(*given: Any) -> list[Case]:
        assert current_request.get() is None
        raise InjectionBegan

    for name, stand_in in (
        ("open_stack", open_stack), ("on_stack", on_stack), ("injection_cases", injection_cases),
        ("load_cases", lambda root: []), ("read", lambda sources: []),
    ):  # fmt: skip
        monkeypatch.setattr(suite, name, stand_in)
    with pytest.raises(InjectionBegan):
        await suite.run_suite("all", Sources(Path("none")), Settings(), lambda event, data: None)
