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
    prefix = "judge_" if options.get("service") == "judge" else ""
    for name in ("host", "port"):
        value = options.pop(name, None)
        if value is not None:
            given[prefix + name] = value
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
@click.option("--host", default=None, help="Address of the gateway's or the judge's HTTP.")
@click.option("--port", type=int, default=None, help="Port of the gateway's or the judge's HTTP.")
@command
async def serve(settings: Settings, service: str) -> int:
    """One service, on gRPC: gateway, retrieval, extraction, inference, ingestion or judge."""
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


PAIRS = "NAME=VALUE"


def name_and_value(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> Any:
    """Each NAME=VALUE as a pair."""
    pairs = [text.partition("=") for text in given]
    for name, sign, _ in pairs:
        if not name.strip() or not sign:
            raise click.BadParameter(f"{name!r} is not NAME=VALUE")
    return tuple((name.strip(), value) for name, _, value in pairs)


@main.group()
def bundle() -> None:
    """What is released: code, model, prompt, index and parameters, under one digest."""


@bundle.command("build")
@click.option("--from", "base", type=FILE, help="The bundle to start from; else this code and its settings.")
@click.option(
    "--set", "changes", multiple=True, metavar=PAIRS, callback=name_and_value,
    help="A value, e.g. retrieval.k1=1.2 or guardrails.citations.margin=0.03.",
)  # fmt: skip
@click.option(
    "--image", "images", multiple=True, metavar=PAIRS, callback=name_and_value,
    help="The image of a service, or of all others as default=IMAGE; that one brings this code's versions.",
)  # fmt: skip
@click.option("--guardrails", type=FILE, help="JSON of alpha, least_sessions, session_seconds and each.")
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@command
async def build_bundle(
    settings: Settings,
    base: Path | None,
    changes: tuple[tuple[str, str], ...],
    images: tuple[tuple[str, str], ...],
    guardrails: Path | None,
    out: Path | None,
) -> int:
    """Write a bundle's file: {"id": ..., "manifest": {...}}."""
    from plotlot.cli.bundles import run_build

    return run_build(settings, base, changes, images, guardrails, out)


@bundle.command("show")
@click.argument("bundle", metavar="FILE|ID")
@JSON
@command
async def show_bundle(settings: Settings, bundle: str, as_json: bool) -> int:
    """Every value of a bundle."""
    from plotlot.cli.bundles import run_show

    return await run_show(settings, bundle, as_json)


@bundle.command("diff")
@click.argument("before", metavar="FILE|ID")
@click.argument("after", metavar="FILE|ID")
@JSON
@command
async def diff_bundles(settings: Settings, before: str, after: str, as_json: bool) -> int:
    """What changed from one bundle to another, a line each."""
    from plotlot.cli.bundles import run_diff

    return await run_diff(settings, before, after, as_json)


@bundle.command("verify")
@click.argument("file", type=FILE)
@JSON
@command
async def verify_bundle(settings: Settings, file: Path, as_json: bool) -> int:
    """Whether a bundle is whole, and can be served by this code and what is stored."""
    from plotlot.cli.bundles import run_verify

    return await run_verify(settings, file, as_json)


@main.group("index")
def index_group() -> None:
    """Generations of the search index, which bundles name."""


@index_group.command("build")
@click.option(
    "--municipality", "-m", "municipalities", multiple=True, metavar="NAME",
    help="A municipality that it is to hold, again for each; else all.",
)  # fmt: skip
@JSON
@command
async def build_index(settings: Settings, municipalities: tuple[str, ...], as_json: bool) -> int:
    """Build a generation beside the live one, from the documents that are stored."""
    from plotlot.cli.index import run_build

    return await run_build(settings, municipalities, as_json)


@index_group.command("list")
@JSON
@command
async def list_index(settings: Settings, as_json: bool) -> int:
    """Every generation: its status, and how much of what is stored it holds."""
    from plotlot.cli.index import run_list

    return await run_list(settings, as_json)


@index_group.command("use")
@click.argument("generation", type=click.IntRange(min=1))
@JSON
@command
async def use_index(settings: Settings, generation: int, as_json: bool) -> int:
    """Make a ready generation the live one; the one that was live is ready from then on."""
    from plotlot.cli.index import run_change

    return await run_change(settings, generation, "use", as_json)


@index_group.command("retire")
@click.argument("generation", type=click.IntRange(min=1))
@JSON
@command
async def retire_index(settings: Settings, generation: int, as_json: bool) -> int:
    """Remove what a generation holds, also of one whose build was cut short."""
    from plotlot.cli.index import run_change

    return await run_change(settings, generation, "retire", as_json)


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


@main.group()
def release() -> None:
    """Releases: how they go, why, and a person's decision over the judge's."""


RELEASE = click.argument("id", required=False, default="", metavar="[ID]")
RELEASE_REQUIRED = click.argument("id", metavar="ID")
WHY = click.option("--why", required=True, metavar="TEXT", help="Why; it is kept with the release.")
BY = click.option("--by", default="", metavar="NAME", help="Who decides; default: your user's name.")


@release.command("list")
@JSON
@command
async def release_list(settings: Settings, as_json: bool) -> int:
    """Releases, the newest first."""
    from plotlot.cli.releases import run_list

    return await run_list(settings, as_json)


@release.command("status")
@RELEASE
@click.option("--watch", is_flag=True, help="Follow it until it is decided; wait for one that has not begun.")
@click.option(
    "--every", default=5.0, show_default=True, type=click.FloatRange(0.1, 3600), help="Seconds between looks."
)
@click.option(
    "--timeout", "limit", type=click.FloatRange(0), help="Seconds to follow it for; exit code 4 after them."
)
@JSON
@command
async def release_status(
    settings: Settings, id: str, watch: bool, every: float, limit: float | None, as_json: bool
) -> int:
    """How a release goes; exit code 3 where it was turned down.

    ID is the release's, its candidate's, or STABLE..CANDIDATE; without it, the newest.
    """
    from plotlot.cli.releases import run_status, run_watch

    if watch:
        return await run_watch(settings, id, as_json, every, limit)
    return await run_status(settings, id, as_json)


@release.command("explain")
@RELEASE
@JSON
@command
async def release_explain(settings: Settings, id: str, as_json: bool) -> int:
    """Why the verdict is what it is: each guardrail, the worst pairs, and what would decide it."""
    from plotlot.cli.releases import run_explain

    return await run_explain(settings, id, as_json)


@release.command("promote")
@RELEASE_REQUIRED
@WHY
@BY
@JSON
@command
async def release_promote(settings: Settings, id: str, why: str, by: str, as_json: bool) -> int:
    """Take the next step, whatever is not known yet: users meet the candidate, or more of them do."""
    from plotlot.cli.releases import run_steer

    return await run_steer(settings, id, "promote", by, why, as_json)


@release.command("abort")
@RELEASE_REQUIRED
@WHY
@BY
@JSON
@command
async def release_abort(settings: Settings, id: str, why: str, by: str, as_json: bool) -> int:
    """Send everyone back to the stable bundle, for good."""
    from plotlot.cli.releases import run_steer

    return await run_steer(settings, id, "abort", by, why, as_json)


@release.command("shadow")
@click.argument("action", type=click.Choice(("stop", "start")))
@RELEASE
@click.option("--why", default="", metavar="TEXT", help="Why; it is kept with the release.")
@BY
@JSON
@command
async def release_shadow(settings: Settings, action: str, id: str, why: str, by: str, as_json: bool) -> int:
    """Stop asking the candidate what users ask, at once, or start again."""
    from plotlot.cli.releases import run_steer

    return await run_steer(settings, id, f"{action}_shadow", by, why or f"shadow {action} by hand", as_json)


@release.command("gold")
@click.argument("file", type=FILE)
@JSON
@command
async def release_gold(settings: Settings, file: Path, as_json: bool) -> int:
    """Bring in questions whose answers are known."""
    from plotlot.cli.releases import run_gold

    return await run_gold(settings, file, as_json)


@main.group()
def judge() -> None:
    """The judge of releases."""


@judge.command("simulate")
@click.option(
    "--runs", default=2000, show_default=True, type=click.IntRange(10, 100_000), help="Runs of each."
)
@click.option(
    "--seed", default=20260705, show_default=True, type=click.IntRange(0), help="Seed of the chances."
)
@click.option(
    "--page", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures to this page."
)
@JSON
@command
async def judge_simulate(settings: Settings, runs: int, seed: int, page: Path | None, as_json: bool) -> int:
    """How often it is wrong, and how soon it is right, beside its bound and other rules."""
    from plotlot.cli.judge import run_simulate

    return await run_simulate(runs, seed, as_json, page)


@main.command()
@JSON
@command
async def doctor(settings: Settings, as_json: bool) -> int:
    """What works on this machine, and what to do about the rest."""
    from plotlot.cli.doctor import run_doctor

    return await run_doctor(settings, as_json)
