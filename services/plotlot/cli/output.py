"""What commands print: one JSON document, or words for people. Progress goes to standard error."""

import json
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.table import Table

from plotlot.cli.session import OnProgress
from plotlot.domain.characters import UNSEEN
from plotlot.gateway.wording import plain

PLAIN_WIDTH = 120
_COMMANDS = re.compile(f"[\x7f-\x9f{UNSEEN}]")


class Terminal(Console):
    """A console on which what is printed commands nothing: names, addresses and quotes were written by others."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """What is printed, without controls and characters that nobody sees."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(plain(segment.text), segment.style)


def print_json(document: dict[str, Any]) -> None:
    """One JSON document and nothing else on standard output; what commands a terminal stands escaped in it."""
    click.echo(harmless_json(json.dumps(document, indent=2, ensure_ascii=False)))


def harmless_json(text: str) -> str:
    """JSON that says the same, with every character escaped that a terminal would obey or nobody sees."""
    return _COMMANDS.sub(lambda match: json.dumps(match[0])[1:-1], text)


def echo(text: str, err: bool = False) -> None:
    """Words in which something was written by others, a line or several."""
    click.echo(plain(text), err=err)


def console() -> Console:
    """Standard output for people: colours only on a terminal, wider lines where it is none."""
    return Terminal(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)


def print_rows(
    headings: Sequence[str], rows: Sequence[Sequence[str]], otherwise: str, numbers: Collection[str] = ()
) -> None:
    """A table, or what to say where it would have no rows; ``numbers`` are the headings of right-aligned columns."""
    if not rows:
        click.echo(otherwise)
        return
    table = Table(box=None, show_edge=False, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold", justify="right" if heading in numbers else "left")
    for row in rows:
        table.add_row(*map(escape, row))
    console().print(table)


@contextmanager
def progress(title: str) -> Iterator[OnProgress]:
    """A line on standard error that follows the stages; silent where that is no terminal."""
    screen = Console(stderr=True)
    if not screen.is_terminal:
        yield lambda name, data: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task(escape(title), total=None)

        def follow(name: str, data: dict[str, Any]) -> None:
            stage = data.get("stage") or data.get("name") or name
            bar.update(
                task,
                description=f"{escape(title)}: {stage}",
                completed=data.get("done", 0),
                total=data.get("total") or None,
            )

        yield follow


def print_standards(document: dict[str, Any]) -> None:
    """A district's standards with their quotes."""
    out = console()
    name = f" {document['district_name']}" if document.get("district_name") else ""
    out.print(
        f"[bold]{escape(document['district'])}[/bold]{escape(name)}, {escape(document['municipality'])}"
    )
    out.print(standards_table(document["standards"]))
    missing = [item["field"] for item in document["standards"] if item["status"] == "not_stated"]
    if missing:
        out.print(f"Not stated: {', '.join(missing)}")


def standards_table(standards: list[dict[str, Any]]) -> Table:
    """Every standard that says something, beside its quote and section."""
    table = Table(show_edge=False, pad_edge=False, box=None, header_style="bold")
    for heading in ("Standard", "Value", "When", "Quote", "Section"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("Standard", "Value"))
    for item in standards:
        if item["status"] == "not_stated":
            continue
        citation = item["citation"] or {}
        table.add_row(
            item["field"],
            value_text(item),
            escape(", ".join(f"{name}={value}" for name, value in item["conditions"].items())),
            escape(" ".join(citation.get("quote", "").split())),
            escape(citation.get("section", "")),
        )
    return table


def value_text(standard: dict[str, Any]) -> str:
    """A value with its unit, or the words that stand for one."""
    if standard["value"] is not None:
        text = f"{standard['value']:,.10g} {standard['unit']}"
    elif standard.get("formula"):
        formula = standard["formula"]
        text = f"{formula['percent']:g}% of {formula['of']}"
        text += f", at least {formula['minimum']:g} ft" if formula["minimum"] is not None else ""
        text += f", at most {formula['maximum']:g} ft" if formula["maximum"] is not None else ""
    else:
        text = "see the quote"
    return text if standard["status"] == "stated" else f"{text} ({standard['status']})"


def print_results(document: dict[str, Any]) -> None:
    """Search results, best first."""
    out = console()
    for number, result in enumerate(document["results"], start=1):
        where = " > ".join(filter(None, (result.get("municipality"), result["section"])))
        out.print(f"[bold]{number}.[/bold] {result['score']:.3f}  {escape(where)}")
        for distance, text in around(result):
            mark = "   " if distance == 0 else f"   {distance:+d} "
            out.print(f"{mark}{escape(' '.join(text.split())[:300])}", style=None if distance == 0 else "dim")
    if not document["results"]:
        out.print("Nothing found.")
    for warning in document.get("warnings", ()):
        echo(f"plotlot: {warning}", err=True)


def around(result: dict[str, Any]) -> list[tuple[int, str]]:
    """The texts of a result and of its neighbours, in the order of the document, by how far they are."""
    texts = {near["distance"]: near["text"] for near in result.get("neighbours", ())}
    return sorted({**texts, 0: result["text"]}.items())
