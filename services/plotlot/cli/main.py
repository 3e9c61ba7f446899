"""``plotlot``: the commands, their options; those with subcommands are in ``groups``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from plotlot.cli.command import FILE, JSON, MUNICIPALITY, MUNICIPALITY_REQUIRED, command
from plotlot.cli.groups.access import access
from plotlot.cli.groups.audit import audit
from plotlot.cli.groups.backup import backup
from plotlot.cli.groups.bench import bench
from plotlot.cli.groups.bundle import bundle
from plotlot.cli.groups.coverage import coverage, discover, refresh
from plotlot.cli.groups.drill import drill
from plotlot.cli.groups.evaluate import evaluate
from plotlot.cli.groups.feedback import feedback
from plotlot.cli.groups.index import index_group
from plotlot.cli.groups.judge import judge
from plotlot.cli.groups.key import key
from plotlot.cli.groups.prompt import prompt
from plotlot.cli.groups.release import release
from plotlot.cli.groups.train import train
from plotlot.cli.stopping import stop_signals
from plotlot.settings import Settings


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
        from plotlot.runtime.process import SERVICES

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
@click.option(
    "--ocr",
    type=click.Choice(("off", "auto", "on")),
    help="Read pages of a PDF by OCR: none, those without a text layer, or all; default PLOTLOT_OCR.",
)
@JSON
@command
async def ingest(
    settings: Settings, paths: tuple[Path, ...], municipality: str, ocr: str | None, as_json: bool
) -> int:
    """Ingest documents of a municipality's code: files, or folders of files."""
    from plotlot.cli.commands import run_ingest

    return await run_ingest(settings, paths, municipality, as_json, ocr or "")


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
@click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as a PDF.")
@click.option(
    "--fact", "facts", multiple=True, metavar="NAME=VALUE", help="A fact to take instead of the source's."
)
@command
async def analyze(
    settings: Settings,
    address: str,
    parcel: str,
    municipality: str,
    as_json: bool,
    html: Path | None,
    pdf: Path | None,
    facts: tuple[str, ...],
) -> int:
    """What may be built on the lot at an address."""
    from plotlot.cli.commands import run_analyze

    if bool(address.strip()) == bool(parcel.strip()):
        raise click.UsageError("give an address, or --parcel ID")
    files = {"html": html, "pdf": pdf}
    return await run_analyze(settings, address, parcel, municipality, facts_of(facts), as_json, files)


def facts_of(given: Sequence[str]) -> dict[str, float | str]:
    """Facts as they are written after ``--fact``. Raises UsageError."""
    from plotlot.domain.errors import InvalidRequest
    from plotlot.domain.stated_facts import NAMES, facts_in

    named = dict(each.partition("=")[::2] for each in given)
    if bare := [name for name, value in named.items() if not value.strip()]:
        raise click.UsageError(f"--fact {bare[0]}: say what it is, as in lot_kind=corner")
    if unknown := sorted(set(named) - set(NAMES)):
        raise click.UsageError(
            f"there is no fact {unknown[0]!r}: give {', '.join(NAMES)}, as in lot_kind=corner"
        )
    try:
        return facts_in(named).given
    except InvalidRequest as error:
        raise click.UsageError(error.message.removeprefix("facts.")) from error


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
@click.option("--method", type=click.Choice(("fused", "bm25", "vector")), help="The ranking; default fused.")
@click.option("--district", "-d", default="", help="Only sections that name this district.")
@click.option("--effective-by", default="", metavar="DAY", help="Only documents in force by then.")
@click.option("--effective-since", default="", metavar="DAY", help="Only documents that took effect since.")
@click.option("--neighbours", default=0, type=click.IntRange(0, 5), help="Chunks to show on each side.")
@click.option("--within-section", is_flag=True, help="Neighbours of the same section only.")
@JSON
@command
async def search(
    settings: Settings, query: str, municipality: str, k: int, as_json: bool, **refinements: Any
) -> int:
    """Search the sections of the codes."""
    from plotlot.cli.commands import run_search

    return await run_search(settings, query, municipality, k, refinements, as_json)


@main.command()
@click.option("--online", is_flag=True, help="Ask the sources of property data too whether they answer.")
@JSON
@command
async def doctor(settings: Settings, online: bool, as_json: bool) -> int:
    """What works on this machine, and what to do about the rest."""
    from plotlot.cli.doctor import run_doctor

    return await run_doctor(settings, as_json, online)


for group in (
    access,
    audit,
    backup,
    bench,
    bundle,
    coverage,
    discover,
    drill,
    evaluate,
    feedback,
    index_group,
    judge,
    key,
    prompt,
    refresh,
    release,
    train,
):
    main.add_command(group)
