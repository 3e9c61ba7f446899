"""``plotlot index``: generations of the search index, built beside the live one for bundles to name."""

from collections.abc import Sequence
from typing import Any

import click

from plotlot.cli.output import print_json, print_rows, progress
from plotlot.cli.session import open_session
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
    click.echo(f"To release it: plotlot bundle build --set index.generation={number}")
    return 0


async def run_list(settings: Settings, as_json: bool) -> int:
    """Every generation and what it holds."""
    async with open_session(settings) as session:
        document = await session.get(GENERATIONS)
    if as_json:
        print_json(document)
        return 0
    headings = ("Number", "Status", "Documents", "Municipalities", "Chunks", "Model", "Chunker", "Begun")
    rows = [
        (
            str(one["generation"]),
            one["status"],
            f"{one['documents']} of {one['documents_in_all']}",
            f"{one['municipalities']} of {one['municipalities_in_all']}",
            f"{one['chunks']:,}",
            f"{one['embedding_model']} ({one['dimensions']})",
            one["chunker"],
            one["created_at"][:16].replace("T", " "),
        )
        for one in document["generations"]
    ]
    nothing = "there is no index yet: the first document that is ingested makes one"
    print_rows(headings, rows, nothing, numbers=("Number", "Chunks"))
    return 0


async def run_change(settings: Settings, number: int, change: str, as_json: bool) -> int:
    """``use`` or ``retire`` a generation."""
    async with open_session(settings) as session:
        changed = await session.post(f"{GENERATIONS}/{number}/{change}", {})
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
