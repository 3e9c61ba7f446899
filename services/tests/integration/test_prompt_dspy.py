"""DSPy words prompts, PlotLot tries them: against the real library, where it is installed."""

from pathlib import Path
from typing import Any

import pytest
from unit.evaluation.prompting.test_search import CODE, right, row
from unit.extraction.fake_models import NONE, Scripted

from plotlot.domain.messages import Message
from plotlot.evaluation.prompting.cases import Case, cases_of
from plotlot.evaluation.prompting.proposing import proposed
from plotlot.evaluation.prompting.trials import Trials
from plotlot.extraction.prompts import Prompts

dspy = pytest.importorskip("dspy", exc_type=ImportError)
pytestmark = pytest.mark.filterwarnings("ignore")  # of DSPy and what it is built on


def closely(messages: "list[Message]") -> str:
    """Reads only where it is told to read closely."""
    return right(messages) if "closely" in messages[0].content else NONE


async def test_the_wording_that_reads_best_is_found(tmp_path: Path) -> None:
    (tmp_path / "ashby").mkdir()
    (tmp_path / "ashby" / "code.md").write_text(CODE.format(front=25))
    cases: list[Case] = cases_of([row("ashby", 25)], tmp_path, 1000)
    words: list[dict[str, Any]] = [
        {"proposed_instruction": wording, "proposed_prefix_for_output_field": "Claims:"}
        for wording in ("Read.", "Read closely.", "Look.", "Look again.")
    ]
    proposer = dspy.utils.DummyLM(words * 8)
    base = Prompts().named("standards/1")
    found = await proposed(Trials(Scripted(closely), "m"), base, "standards/2", cases, proposer, 3, 1)
    assert found.parts["system"] == "Read closely."
    assert {**found.parts, "system": ""} == {**base.parts, "system": ""}
