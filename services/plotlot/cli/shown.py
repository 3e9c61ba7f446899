"""What the command line prints of documents, as text: for whoever looks whether it could command a terminal."""

import contextlib
import io
from collections.abc import Callable, Mapping
from typing import Any

from plotlot.cli.commands import print_ingested
from plotlot.cli.feedback import line_of
from plotlot.cli.output import echo, print_json, print_results, print_rows, print_standards
from plotlot.cli.report import print_analysis, print_answer

Json = dict[str, Any]


def printers() -> Mapping[str, Callable[[Any], str]]:
    """What is printed of a document of each kind, in words and as JSON."""
    ways: Mapping[str, Callable[[Json], None]] = {
        "analysis": print_analysis,
        "answer": print_answer,
        "standards": print_standards,
        "search": print_results,
        "ingested": print_ingested,
        "feedback": _print_feedback,
        "keys": lambda document: _print_values(document["keys"]),
        "audit": lambda document: _print_values(document["entries"]),
    }
    return {name: _as_text(way) for name, way in ways.items()}


def _as_text(way: Callable[[Json], None]) -> Callable[[Any], str]:
    def shown(document: Json) -> str:
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            way(document)
            print_json(document)
        return text.getvalue()

    return shown


def _print_feedback(document: Json) -> None:
    for remark in document["feedback"]:
        echo(line_of(remark))


def _print_values(entries: list[Json]) -> None:
    print_rows(("Values",), [(str(value),) for entry in entries for value in entry.values()], "none")
