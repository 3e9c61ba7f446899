"""The search for a prompt: it learns in some towns, chooses by others, and shows nothing that is not better."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from unit.extraction.fake_models import NONE, Scripted, claim, claims

from plotlot.cli.prompt_search import next_version, write_candidate
from plotlot.domain.bundles import Bundle, bundle_of_file
from plotlot.domain.messages import Message
from plotlot.domain.prompts import Prompt
from plotlot.evaluation.prompting.cases import Case, cases_of, divided
from plotlot.evaluation.prompting.examples import with_examples, with_task
from plotlot.evaluation.prompting.search import Found, search
from plotlot.evaluation.prompting.trials import Trials
from plotlot.extraction.prompts import Prompts

CODE = """# Zoning Ordinance

The town has an R-1 Single-Family District and an R-2 Two-Family District.

## R-1 District

The front yard shall be at least {front} feet.

## R-2 District

The front yard shall be at least 15 feet.
"""
FRONTS = {"ashby": 25, "burley": 35}
BASE = Prompts().named("standards/1")


def row(town: str, front: float) -> dict[str, Any]:
    place = {"municipality": town, "file": f"{town}/code.md", "district": "R-1"}
    return {**place, "field": "front_setback", "status": "stated", "value": front, "unit": "ft"}


@pytest.fixture
def cases(tmp_path: Path) -> list[Case]:
    """A question about each of two towns."""
    for town, front in FRONTS.items():
        (tmp_path / town).mkdir()
        (tmp_path / town / "code.md").write_text(CODE.format(front=front))
    return cases_of([row(town, front) for town, front in FRONTS.items()], tmp_path, 1000)


def right(messages: Sequence[Message]) -> str:
    """The answer that the question's code bears out."""
    front = next(front for front in FRONTS.values() if f"least {front} feet" in messages[-1].content)
    return claims(claim(f"The front yard shall be at least {front} feet.", "front_setback", front))


def needs_an_example(messages: Sequence[Message]) -> str:
    """Reads the first town; the second only where an example shows how."""
    taught = any(one.role == "assistant" for one in messages)
    return right(messages) if taught or "least 25 feet" in messages[-1].content else NONE


def files_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def found_by(model: Scripted, cases: Sequence[Case], proposed: Prompt | None = None) -> Found:
    learning, choosing = divided(cases)
    return await search(
        Trials(model, "m"), BASE, "standards/2", learning, choosing, 3, seed=1, proposed=proposed
    )


def test_a_case_is_a_question_about_a_district_with_its_rows(cases: list[Case]) -> None:
    assert [(case.town, case.question.district.code, case.question.group.name) for case in cases] == [
        ("ashby", "R-1", "yards"),
        ("burley", "R-1", "yards"),
    ]
    learning, choosing = divided(cases)
    assert ([case.town for case in learning], [case.town for case in choosing]) == (["ashby"], ["burley"])


async def test_examples_that_help_in_a_town_not_seen_make_the_candidate(cases: list[Case]) -> None:
    found = await found_by(Scripted(needs_an_example), cases)
    assert found.best is not None
    assert (found.base.scores["f1"], found.best.scores["f1"]) == (0.0, 1.0)
    prompt = found.best.prompt
    assert prompt.name == "standards/2"
    assert {**prompt.parts, "examples": ""} == {**BASE.parts, "examples": ""}
    (line,) = prompt.parts["examples"].splitlines()
    shown = json.loads(line)
    (made,) = json.loads(shown["assistant"])["claims"]
    assert (made["quote"], made["value"], made["unit"]) == (
        "The front yard shall be at least 25 feet.",
        25,
        "ft",
    )
    assert made["quote"] in shown["user"]
    assert "35 feet" not in prompt.text  # of the town that it is chosen by


async def test_nothing_is_found_where_nothing_is_better(cases: list[Case], tmp_path: Path) -> None:
    """Also where the base prompt has no right answer to learn from, or is always right."""
    for says in (right, lambda messages: NONE):
        found = await found_by(Scripted(says), cases)
        assert found.best is None
        assert write_candidate(found, tmp_path / "out", Bundle("1", "p", "c")) is None
    assert files_in(tmp_path) == sorted(FRONTS)


async def test_another_wording_that_does_better_is_taken(cases: list[Case]) -> None:
    worded = with_task(BASE, "standards/2", "Read closely.\n# question\nnot a part")

    def says(messages: Sequence[Message]) -> str:
        return right(messages) if messages[0].content.startswith("Read closely.") else NONE

    found = await found_by(Scripted(says), cases, worded)
    assert found.best is not None
    assert found.best.prompt == worded
    assert worded.parts["question"] == BASE.parts["question"]


async def test_the_candidate_is_a_bundle_that_names_the_prompt(cases: list[Case], tmp_path: Path) -> None:
    found = await found_by(Scripted(needs_an_example), cases)
    bundle = write_candidate(found, tmp_path / "out", Bundle("1", "p", "c"))
    assert bundle is not None
    assert bundle_of_file((tmp_path / "out" / "bundle.json").read_text()) == bundle
    assert bundle.parameters.extraction.prompt == "standards/2"
    assert bundle.parameters.extraction.engine == "model/1"
    assert found.best is not None
    assert Prompts(tmp_path / "out").named("standards/2") == found.best.prompt


def test_versions_go_on_from_all_that_are_known() -> None:
    assert next_version(BASE, []) == "standards/2"
    assert next_version(BASE, ["standards/7", "quotes/9"]) == "standards/8"
    assert "examples" not in with_examples(BASE, "standards/2", []).parts
