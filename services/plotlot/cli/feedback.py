"""``plotlot feedback``: remarks as they are kept, and as candidates for gold cases."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import click

from plotlot.cli.output import echo, print_json
from plotlot.cli.session import Session, open_session
from plotlot.settings import Settings

Json = dict[str, Any]


async def run_list(settings: Settings, municipality: str, as_json: bool) -> int:
    """Every remark in a line."""
    async with open_session(settings) as session:
        remarks = [remark async for remark in remarks_of(session, municipality)]
    if as_json:
        print_json({"feedback": remarks})
        return 0
    for remark in remarks:
        echo(line_of(remark))
    if not remarks:
        click.echo("nobody said anything yet")
    return 0


async def run_export(settings: Settings, municipality: str, output: Path | None) -> int:
    """Each gold case once, and how many remarks propose none."""
    async with open_session(settings) as session:
        remarks = [remark async for remark in remarks_of(session, municipality)]
    right = [remark for remark in remarks if remark["status"] != "dismissed"]
    cases = [json.dumps(remark["gold_case"], ensure_ascii=False) for remark in right if remark["gold_case"]]
    text = "".join(f"{case}\n" for case in dict.fromkeys(cases))
    if output is None:
        click.echo(text, nl=False)
    else:
        await asyncio.to_thread(output.write_text, text, "utf-8")
    others, wrong = sum(remark["gold_case"] is None for remark in right), len(remarks) - len(right)
    told = f"; {wrong} were dismissed" if wrong else ""
    click.echo(f"{len(set(cases))} cases; {others} remarks name no right value{told}", err=True)
    return 0


async def run_settle(settings: Settings, remark: str, outcome: str) -> int:
    """What became of a remark, and its line as it is now."""
    async with open_session(settings) as session:
        settled = await session.post(f"/v1/feedback/{quote(remark, safe='')}/settle", {"outcome": outcome})
    click.echo(f"{settled['status']}: {line_of(settled)}")
    return 0


async def remarks_of(session: Session, municipality: str) -> AsyncIterator[Json]:
    """Every remark, page by page."""
    following = f"/v1/feedback?{urlencode({'municipality': municipality, 'limit': 1000})}"
    while following:
        page = await session.get(following)
        for remark in page["feedback"]:
            yield remark
        following = page["next"] or ""


def line_of(remark: Json) -> str:
    """When, which, what, and where."""
    where = ", ".join(part for part in (remark["municipality"], remark["district"]) if part)
    right = "" if remark["expected"] is None else f", should be {remark['expected']:g}"
    what = f"{remark['kind'].replace('_', ' ')}: {remark['field'] or 'the answer'}{right}"
    said = f" — {remark['comment']}" if remark["comment"] else ""
    when = remark["created_at"][:16].replace("T", " ")
    settled = "" if remark["status"] == "open" else f" [{remark['status']}]"
    return f"{when}  {remark['id']}  {where}: {what}{said}{settled}"
