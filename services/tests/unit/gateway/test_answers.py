"""The one place that answers: each question is measured and observed once, whatever carries it."""

import asyncio
from typing import Any

import pytest
from fake_gateway import ADDRESS, TOWN, KeptAnalyses, TownClients

from plotlot.domain.errors import DeadlineExceeded, ServiceUnavailable, UnknownAddress
from plotlot.domain.outcomes import LEFT
from plotlot.gateway.answers import Answers
from plotlot.gateway.inquiries import Inquiry, Question
from plotlot.gateway.outcomes import DEADLINE, Answered
from plotlot.rpc.context import RequestContext, current_request
from plotlot.telemetry import Metrics


class Clock:
    """Each look takes a second."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        self.seconds += 1.0
        return self.seconds


class Asked:
    """Answers over the town in memory, and what was observed of them."""

    def __init__(self, clients: Any = None) -> None:
        self.observed: list[tuple[Inquiry, Answered]] = []
        kept: Any = KeptAnalyses()
        self.answers = Answers(
            clients or TownClients(), kept, "bundle-test", Metrics(), self._observe, Clock()
        )

    def _observe(self, inquiry: Inquiry, answered: Answered) -> None:
        self.observed.append((inquiry, answered))


async def test_every_operation_is_observed_once_with_the_answer_that_was_given() -> None:
    asked = Asked()
    given = [
        await asked.answers.ask("How much may buildings cover?", TOWN),
        await asked.answers.search("rear yard", TOWN, 5, "fused"),
        await asked.answers.districts(TOWN),
        await asked.answers.standards(TOWN, "R-2"),
        {"municipalities": await asked.answers.municipalities()},
    ]
    assert [answered.answer for _, answered in asked.observed] == given
    names = [inquiry.operation for inquiry, _ in asked.observed]
    assert names == ["ask", "search", "districts", "standards", "municipalities"]
    assert all(answered.seconds == 1.0 and not answered.failed for _, answered in asked.observed)


async def test_an_analysis_is_observed_with_its_report_before_its_reader_gets_it() -> None:
    asked = Asked()
    async for name, data in asked.answers.analyze(Question(address=ADDRESS)):
        assert len(asked.observed) == (name == "result")
        if name == "result":
            assert asked.observed[0][1].answer == data
    ((inquiry, answered),) = asked.observed
    assert (inquiry.operation, inquiry.words) == ("analyze", ADDRESS)
    assert answered.seconds == 5.0  # one for each event, none for the reader's time between them


async def test_what_was_kept_is_observed_but_not_to_be_asked_again() -> None:
    asked = Asked()
    async for name, data in asked.answers.analyze(Question(address=ADDRESS)):
        report = data if name == "result" else {}
    found, drawing = await asked.answers.report(report["id"])
    assert found == report
    assert drawing.startswith("<svg")
    assert asked.observed[-1][0].path == ""


async def test_a_problem_is_observed_and_still_raised() -> None:
    asked = Asked()
    with pytest.raises(UnknownAddress):
        async for _ in asked.answers.analyze(Question(address="nowhere")):
            pass
    ((_, answered),) = asked.observed
    assert (answered.status, answered.failed, answered.answer) == ("unknown-address", False, None)


@pytest.mark.parametrize(
    ("error", "status"),
    [(ServiceUnavailable("away"), "service-unavailable"), (ValueError("odd"), "internal")],
)
async def test_a_fault_of_ours_is_a_failure(error: Exception, status: str) -> None:
    class Away(TownClients):
        async def districts(self, municipality: str) -> Any:
            raise error

    asked = Asked(Away())
    with pytest.raises(type(error)):
        await asked.answers.districts(TOWN)
    ((_, answered),) = asked.observed
    assert (answered.status, answered.failed) == (status, True)


async def test_who_leaves_was_not_failed_and_whose_time_ran_out_was() -> None:
    begun = asyncio.Event()

    class Slow(TownClients):
        async def find_parcel(self, *asked: str) -> Any:
            begun.set()
            await asyncio.Event().wait()

        async def districts(self, municipality: str) -> Any:
            begun.set()
            await asyncio.Event().wait()

    asked = Asked(Slow())

    async def read() -> None:
        async for _ in asked.answers.analyze(Question(address=ADDRESS)):
            pass

    async def late() -> None:
        now = asyncio.get_running_loop().time()
        current_request.set(RequestContext("r", "b", deadline=now))
        await asked.answers.districts(TOWN)

    for work in (read(), asked.answers.districts(TOWN), late()):
        begun.clear()
        task = asyncio.ensure_future(work)
        await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    told = [(answered.status, answered.failed) for _, answered in asked.observed]
    assert told == [(LEFT, False), (LEFT, False), (DEADLINE, True)]


@pytest.mark.parametrize(
    ("error", "hurried", "left"),
    [
        (asyncio.CancelledError(), True, True),
        (DeadlineExceeded("late"), True, True),
        (asyncio.CancelledError(), False, False),
        (DeadlineExceeded("late"), False, False),
        (ServiceUnavailable("away"), True, False),
    ],
)
async def test_who_allows_less_time_than_we_do_was_not_failed(
    error: BaseException, hurried: bool, left: bool
) -> None:
    class Late(TownClients):
        async def districts(self, municipality: str) -> Any:
            raise error

    asked = Asked(Late())
    now = asyncio.get_running_loop().time()
    current_request.set(RequestContext("r", "b", deadline=now, hurried=hurried))
    with pytest.raises(type(error)):
        await asked.answers.districts(TOWN)
    ((_, answered),) = asked.observed
    assert (answered.status == LEFT, answered.failed) == (left, not left)


async def test_a_service_whose_own_time_ran_out_failed_however_little_its_caller_allows() -> None:
    class Late(TownClients):
        async def districts(self, municipality: str) -> Any:
            raise DeadlineExceeded("late")

    asked = Asked(Late())
    ends = asyncio.get_running_loop().time() + 5
    current_request.set(RequestContext("r", "b", deadline=ends, hurried=True))
    with pytest.raises(DeadlineExceeded):
        await asked.answers.districts(TOWN)
    assert asked.observed[0][1].failed
