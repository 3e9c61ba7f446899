"""What workflows say of errors, how often they try, and where they keep their state."""

import pytest

from plotlot.domain.errors import EgressRefused, ServiceUnavailable, SourceUnavailable
from plotlot.ingestion.publishers.publisher import PageGone
from plotlot.ingestion.refreshing.workflows import (
    ATTEMPTS,
    ATTEMPTS_AT_PUBLISHERS,
    LONGEST_PAUSE_SECONDS,
    database_url,
    reason_of,
    tried,
)


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (ServiceUnavailable("inference does not answer"), ATTEMPTS),
        (SourceUnavailable("away"), ATTEMPTS_AT_PUBLISHERS),
        (PageGone("not there"), 1),
        (EgressRefused("forbidden"), 1),
        (ValueError("ours"), 1),
    ],
)
async def test_only_what_may_pass_is_tried_again_and_the_last_error_is_told(
    error: Exception, attempts: int
) -> None:
    taken, pauses = [], []

    async def step() -> None:
        taken.append(1)
        raise error

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    with pytest.raises(type(error), match=str(error)):
        await tried(step, sleep)
    assert (len(taken), len(pauses)) == (attempts, attempts - 1)
    assert pauses == sorted(pauses)
    assert max(pauses, default=0.0) <= LONGEST_PAUSE_SECONDS


def test_reasons_are_words_whatever_way_they_came() -> None:
    assert reason_of(SourceUnavailable("codes.example is away")) == "codes.example is away"
    assert reason_of(ValueError("odd\n thing")) == "ValueError: odd thing"
    assert reason_of(type("PortableWorkflowError", (Exception,), {})("told before")) == "told before"


def test_connection_strings_of_sockets_and_hosts() -> None:
    socket = database_url("user=plotlot dbname=plotlot host='/tmp/a b/postgres'")
    assert socket == "postgresql+psycopg://plotlot@/plotlot?host=%2Ftmp%2Fa+b%2Fpostgres"
    assert (
        database_url("postgresql://u:p%40@db.example:6543/codes?sslmode=require")
        == "postgresql+psycopg://u:p%40@:6543/codes?host=db.example&sslmode=require"
    )
