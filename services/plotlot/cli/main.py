"""``plotlot``: the commands, their options and their exit codes."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from functools import wraps
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from plotlot.cli.problems import ProblemError
from plotlot.cli.stopping import stop_signals, until_terminated
from plotlot.domain.errors import InvalidRequest, NotFoundError, PlotLotError
from plotlot.settings import Settings

ANSWERED, FAILED, WRONG_USAGE, REFUSED, IN_PART = 0, 1, 2, 3, 4

MUNICIPALITY = click.option(
    "--municipality", "-m", default="", metavar="NAME", help="A municipality, e.g. 'Miami, FL'."
)
MUNICIPALITY_REQUIRED = click.option(
    "--municipality", "-m", required=True, metavar="NAME", help="The municipality, e.g. 'Miami, FL'."
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
DATA = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    metavar="DIR",
    help="Folder of the state; default: the user's data folder.",
)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)

Command = Callable[..., Coroutine[Any, Any, int]]


def command(function: Command) -> Callable[..., None]:
    """Run an asynchronous command with settings, and turn its errors into words and an exit code."""

    @wraps(function)
    def run(data: Path | None, **options: Any) -> None:
        try:
            settings = settings_with(data, options)
            logging.basicConfig(level=settings.log_level, format="%(levelname)s %(name)s: %(message)s")
            # The pool tells of each attempt to connect; our own log says once that the store is away.
            logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
            code = asyncio.run(until_terminated(function(settings, **options)))
        except ProblemError as error:
            code = complain(str(error), error.document.get("suggestions", ()), exit_code(error))
        except PlotLotError as error:
            code = complain(error.message, error.suggestions, exit_code_of(error))
        except ValidationError as error:
            code = complain(settings_complaint(error), (), WRONG_USAGE)
        except UnicodeEncodeError:  # arguments that are not in the terminal's encoding
            code = complain("what was given is not text in UTF-8: type it anew", (), WRONG_USAGE)
        except KeyboardInterrupt:
            code = 128 + signal.SIGINT
        except asyncio.CancelledError:
            code = 128 + signal.SIGTERM
        except BrokenPipeError:  # the reader of our output has gone, as `| head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = FAILED
        raise SystemExit(code)

    return DATA(run)


def settings_with(data: Path | None, options: dict[str, Any]) -> Settings:
    """The settings of the environment, under the options of the command line."""
    given: dict[str, Any] = {"data_dir": data} if data else {}
    for name in ("host", "port"):
        value = options.pop(name, None)
        if value is not None:
            given[name] = value
    return Settings(**given)


def settings_complaint(error: ValidationError) -> str:
    """What is wrong with a setting, by the name of its environment variable."""
    first = error.errors()[0]
    name = "_".join(str(part) for part in first["loc"]).upper()
    return f"PLOTLOT_{name} is not usable: {first['msg'].removeprefix('Value error, ')}"


def complain(message: str, suggestions: Any, code: int) -> int:
    """Say what is wrong and what was near on standard error."""
    click.echo(f"plotlot: {message}", err=True)
    for suggestion in suggestions:
        click.echo(f"  {suggestion}", err=True)
    return code


def exit_code(error: ProblemError) -> int:
    """The exit code for a problem that a gateway answered with."""
    if error.id == InvalidRequest.id:
        return WRONG_USAGE
    return REFUSED if error.id and error.status in (404, 409) else FAILED


def exit_code_of(error: PlotLotError) -> int:
    """The exit code for an error of this process."""
    if isinstance(error, NotFoundError):
        return REFUSED
    return WRONG_USAGE if isinstance(error, InvalidRequest) else FAILED


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="plotlot")
def main() -> None:
    """What may be built on this lot, and which paragraph of the code says so."""


@main.command()
@click.option("--host", default=None, help="Address to listen on; default 127.0.0.1.")
@click.option("--port", type=int, default=None, help="Port to listen on; default 8080, 0 picks one.")
@command
async def up(settings: Settings) -> int:
    """Everything in one process: the page and the REST API, until stopped."""
    with stop_signals() as asked:
        from plotlot.cli.serving import run_server
        from plotlot.runtime import SERVICES

        return await run_server(settings, SERVICES, asked)


@main.command()
@click.argument("service")
@click.option("--host", default=None, help="Address of the gateway's HTTP.")
@click.option("--port", type=int, default=None, help="Port of the gateway's HTTP.")
@command
async def serve(settings: Settings, service: str) -> int:
    """One service, on gRPC: gateway, retrieval, extraction, inference or ingestion."""
    with stop_signals() as asked:
        from plotlot.cli.serving import run_server

        return await run_server(settings, (service,), asked)


@main.command()
@JSON
@command
async def migrate(settings: Settings, as_json: bool) -> int:
    """Bring the database's schema up to date: all of it, or nothing. Safe to run again."""
    from plotlot.cli.commands import run_migrate

    return await run_migrate(settings, as_json)


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@MUNICIPALITY_REQUIRED
@JSON
@command
async def ingest(settings: Settings, paths: tuple[Path, ...], municipality: str, as_json: bool) -> int:
    """Ingest documents of a municipality's code: files, or folders of files."""
    from plotlot.cli.commands import run_ingest

    return await run_ingest(settings, paths, municipality, as_json)


@main.group()
def parcels() -> None:
    """The lots of a municipality."""


@parcels.command("import")
@click.argument("file", type=FILE)
@MUNICIPALITY_REQUIRED
@JSON
@command
async def import_parcels(settings: Settings, file: Path, municipality: str, as_json: bool) -> int:
    """Import parcels from GeoJSON or CSV, all or none."""
    from plotlot.cli.commands import run_import

    return await run_import(settings, file, municipality, as_json)


@main.command()
@MUNICIPALITY_REQUIRED
@click.option("--district", "-d", required=True, help="A zoning district, e.g. T3-R.")
@JSON
@command
async def standards(settings: Settings, municipality: str, district: str, as_json: bool) -> int:
    """Every standard of a district, with its quote."""
    from plotlot.cli.commands import run_standards

    return await run_standards(settings, municipality, district, as_json)


@main.command()
@click.argument("address", required=False, default="")
@click.option("--parcel", default="", metavar="ID", help="A parcel's id, instead of an address.")
@MUNICIPALITY
@JSON
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as a page.")
@command
async def analyze(
    settings: Settings, address: str, parcel: str, municipality: str, as_json: bool, html: Path | None
) -> int:
    """What may be built on the lot at an address."""
    from plotlot.cli.commands import run_analyze

    if bool(address.strip()) == bool(parcel.strip()):
        raise click.UsageError("give an address, or --parcel ID")
    return await run_analyze(settings, address, parcel, municipality, as_json, html)


@main.command()
@click.argument("question")
@MUNICIPALITY
@JSON
@command
async def ask(settings: Settings, question: str, municipality: str, as_json: bool) -> int:
    """Answer a question from the code, in quotes, or refuse."""
    from plotlot.cli.commands import run_ask

    return await run_ask(settings, question, municipality, as_json)


@main.command()
@click.argument("query")
@MUNICIPALITY
@click.option("-k", default=10, show_default=True, type=click.IntRange(1, 100), help="Results wanted.")
@JSON
@command
async def search(settings: Settings, query: str, municipality: str, k: int, as_json: bool) -> int:
    """Search the sections of the codes."""
    from plotlot.cli.commands import run_search

    return await run_search(settings, query, municipality, k, as_json)


@main.group("eval")
def evaluate() -> None:
    """Measure against checked values."""


@evaluate.command("extraction")
@click.option("--gold", required=True, type=FILE, help="JSON lines of checked values.")
@click.option("--documents", required=True, type=FOLDER, help="Folder that the rows' files are relative to.")
@JSON
@command
async def eval_extraction(settings: Settings, gold: Path, documents: Path, as_json: bool) -> int:
    """Standards read from codes, against checked values."""
    from plotlot.cli.evaluations import run_extraction

    return run_extraction(gold, documents, as_json)


@evaluate.command("retrieval")
@click.option("--dataset", required=True, type=FOLDER, help="A data set in BEIR form.")
@JSON
@command
async def eval_retrieval(settings: Settings, dataset: Path, as_json: bool) -> int:
    """Search, against judged queries."""
    from plotlot.cli.evaluations import run_retrieval

    return await run_retrieval(settings, dataset, as_json)


@main.command()
@JSON
@command
async def doctor(settings: Settings, as_json: bool) -> int:
    """What works on this machine, and what to do about the rest."""
    from plotlot.cli.doctor import run_doctor

    return await run_doctor(settings, as_json)
