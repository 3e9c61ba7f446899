"""``plotlot index``: generations of the search index, built beside the live one, checked, and put in its place."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from plotlot.cli.command import ANSWERED, FAILED, IN_PART
from plotlot.cli.output import echo, print_json, print_rows, progress
from plotlot.cli.session import open_session
from plotlot.domain.generation_checks import PARTS
from plotlot.settings import Settings

GENERATIONS = "/v1/index/generations"


async def run_build(settings: Settings, municipalities: Sequence[str], as_json: bool) -> int:
    """Build a generation beside the live one."""
    async with open_session(settings) as session:
        with progress("index") as follow:
            built = await session.events(GENERATIONS, follow, json={"municipalities": list(municipalities)})
    if as_json:
        print_json(built)
        return 0
    number = built["generation"]
    click.echo(f"generation {number} is ready: {held(built)}")
    click.echo(f"To see whether it may serve: plotlot index check {number}")
    return 0


async def run_list(settings: Settings, as_json: bool) -> int:
    """Every generation and what it holds."""
    async with open_session(settings) as session:
        document = await session.get(GENERATIONS)
    if as_json:
        print_json(document)
    else:
        print_generations(document["generations"])
    return 0


def print_generations(generations: Sequence[dict[str, Any]]) -> None:
    """A row for each, then why those failed that did."""
    headings = (
        "Number",
        "Status",
        "Check",
        "Documents",
        "Municipalities",
        "Chunks",
        "Model",
        "Chunker",
        "Begun",
    )
    rows = [
        (
            str(one["generation"]),
            one["status"],
            one["check"],
            f"{one['documents']} of {one['documents_in_all']}",
            f"{one['municipalities']} of {one['municipalities_in_all']}",
            f"{one['chunks']:,}",
            f"{one['embedding_model']} ({one['dimensions']})",
            one["chunker"],
            one["created_at"][:16].replace("T", " "),
        )
        for one in generations
    ]
    nothing = "there is no index yet: the first document that is ingested makes one"
    print_rows(headings, rows, nothing, numbers=("Number", "Chunks"))
    for one in generations:
        if reason := one.get("reason"):  # a gateway of the release before tells none
            echo(f"generation {one['generation']} failed: {reason}")


async def run_check(
    settings: Settings,
    number: int,
    against: int | None,
    golden: Sequence[Path],
    results: int,
    sampled: int,
    as_json: bool,
) -> int:
    """Compare a generation with another: 0 where it may serve, 4 where some of what is looked at speaks against it, 1
    where all of it does."""
    asked = {
        "against": against,
        "questions": [question for file in golden for question in questions_of(file)],
        "results": results,
        "sampled": sampled,
    }
    async with open_session(settings) as session:
        with progress("check") as follow:
            check = await session.events(f"{GENERATIONS}/{number}/check", follow, json=asked)
    if as_json:
        print_json(check)
    else:
        print_check(check)
    return exit_code_of(check)


def exit_code_of(check: dict[str, Any]) -> int:
    """How ``plotlot index check`` ends."""
    failed = {failure["part"] for failure in check["failures"]}
    if not failed:
        return ANSWERED
    return FAILED if failed == set(PARTS) else IN_PART


def questions_of(file: Path) -> Iterator[dict[str, Any]]:
    """The golden questions of a file that say where the code answers. Raises InvalidRequest."""
    from plotlot.evaluation.golden import load_questions

    for question in load_questions([file]):
        evidence = [
            {"quote": each.quote}
            if each.quote
            else {"start": each.start, "end": each.end, "sha256": each.sha256}
            for each in question.evidence
            if each.quote or each.sha256
        ]
        if evidence:
            yield {
                "municipality": question.municipality,
                "question": question.question,
                "evidence": evidence,
            }


def print_check(check: dict[str, Any]) -> None:
    """What was found, in words: the towns that lack something, what all hold, what is found and cited."""
    headings = ("Town", "Documents", "Chunks", "Vectors", "Characters", "Held before")
    lacking = {failure["municipality"] for failure in check["failures"] if failure["part"] != "recall"}
    shown = [town for town in check["towns"] if town["municipality"] in lacking]
    rows = [town_row(town["municipality"] or "towns of tenants", [town]) for town in shown]
    rows.append(town_row(f"all {len(check['towns'])} towns", check["towns"]))
    print_rows(headings, rows, "", numbers=headings[1:])
    echo(recall_words(check["recall"]))
    citations = check["citations"]
    echo(
        f"Citations: {citations['checked']} quotes looked up, {citations['orphaned']} stand no more,"
        f" {citations['unindexed']} in no chunk"
    )
    number = check["generation"]
    for failure in check["failures"]:
        where = f"{failure['municipality']}: " if failure["municipality"] else ""
        echo(f"FAILED {failure['part']}: {where}{failure['words']}")
    for words in check.get("warnings", ()):  # a gateway of the release before tells none
        echo(f"WARNING {words}")
    if check["passed"]:
        echo(f"generation {number} may serve: plotlot index use {number}")
        echo(f"To release it by steps: plotlot bundle build --set index.generation={number}")


def town_row(name: str, towns: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """What is held of towns together, beside what is stored of them."""

    def held(field: str, where: str = "held") -> int:
        return sum(town[where][field] for town in towns if town[where] is not None)

    documents, characters = (sum(town[field] for town in towns) for field in ("documents", "characters"))
    compared = any(town["against"] is not None for town in towns)
    return (
        name,
        f"{held('documents')} of {documents}",
        f"{held('chunks'):,}",
        f"{held('vectors'):,}",
        f"{held('characters') / characters:.1%}" if characters else "",
        f"{held('characters', 'against') / characters:.1%}" if compared and characters else "",
    )


def recall_words(recall: dict[str, Any]) -> str:
    """What was found of what was asked for, beside the other generation."""
    asked = f"{recall['questions']} {'golden questions' if recall['golden'] else 'sections'}"
    if recall["skipped"]:
        asked += f" ({recall['skipped']} golden ones are about no code that is stored)"
    if recall["unmeasured"] or not recall["questions"]:
        return f"Recall: not measured; {asked}"
    words = []
    for name, label in (("fused", "fused"), ("vector", "by vectors")):
        before = recall[f"{name}_against"]
        words.append(f"{recall[name]:.1%} {label}" + ("" if before is None else f" (before {before:.1%})"))
    agreed = recall["agreement"]
    more = "" if agreed is None else f"; {agreed:.1%} of the other's results are found too"
    return f"Recall at {recall['results']} of {asked}: {', '.join(words)}{more}"


async def run_change(settings: Settings, number: int, change: str, anyway: int | None, as_json: bool) -> int:
    """``use`` or ``retire`` a generation; ``anyway`` is its number again."""
    body = {} if anyway is None else {"anyway": anyway}
    async with open_session(settings) as session:
        changed = await session.post(f"{GENERATIONS}/{number}/{change}", body)
    if as_json:
        print_json(changed)
    else:
        click.echo(f"generation {number} is {changed['status']}: {held(changed)}")
    return 0


def held(generation: dict[str, Any]) -> str:
    """What a generation holds, in words; what it lacks of what is stored is told."""
    if generation["status"] == "retired" and not generation["chunks"]:
        return "nothing"
    return (
        f"{generation['documents']} of {generation['documents_in_all']} documents,"
        f" {generation['municipalities']} of {generation['municipalities_in_all']} municipalities,"
        f" {generation['chunks']} chunks"
    )
