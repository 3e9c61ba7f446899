"""Why a build ended, in words."""

import asyncio

import pytest

from plotlot.domain.errors import StoreUnavailable
from plotlot.ingestion.builders import SAYS_SECONDS, SILENT_SECONDS, reason_of


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (StoreUnavailable("the database went away"), "the database went away"),
        (asyncio.CancelledError(), "its process was stopped"),
        (GeneratorExit(), "whoever asked for it went away"),
        (ValueError("of no use"), "ValueError: of no use"),
    ],
)
def test_why_a_build_ended_is_said(error: BaseException, said: str) -> None:
    assert said in reason_of(error)


def test_a_builder_is_not_given_up_for_a_word_that_comes_late() -> None:
    assert SILENT_SECONDS >= 6 * SAYS_SECONDS
