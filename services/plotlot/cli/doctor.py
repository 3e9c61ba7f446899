"""``plotlot doctor``: what works on this machine, and what to do about the rest."""

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

import httpx

from plotlot.cli.output import console, print_json
from plotlot.cli.serving import listen
from plotlot.domain.errors import PlotLotError
from plotlot.settings import Settings

ENOUGH_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check; ``advice`` says what to do where it failed."""

    check: str
    works: bool
    detail: str
    advice: str = ""


Check = Callable[[Settings], Awaitable[Finding]]


async def run_doctor(settings: Settings, as_json: bool, online: bool = False) -> int:
    """Every check, and 0 where all of them work. Only where ``online`` is anyone outside asked."""
    findings = [await check(settings) for check in (python, disk, database, model, engine, port, gateway)]
    findings += await property_sources(settings, online)
    if as_json:
        print_json({"checks": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            mark = "[green]works[/green]" if finding.works else "[red]fails[/red]"
            console().print(f"{mark}  {finding.check}: {finding.detail}")
            if finding.advice:
                console().print(f"       {finding.advice}")
    return 0 if all(finding.works for finding in findings) else 1


async def python(settings: Settings) -> Finding:
    """The interpreter's version."""
    return Finding("python", sys.version_info >= (3, 11), sys.version.split()[0])


async def disk(settings: Settings) -> Finding:
    """Room in the data folder."""
    folder = settings.data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    advice = "" if free >= ENOUGH_BYTES else "make room, or choose another folder with --data"
    return Finding("disk", not advice, f"{free / 1e9:.1f} GB free for {settings.data_dir}", advice)


async def database(settings: Settings) -> Finding:
    """The store starts, and has its schema."""
    from plotlot.store.migrate import migrate
    from plotlot.store.server import postgres_server

    server = postgres_server(settings)
    try:
        conninfo = await asyncio.to_thread(server.start)
        await asyncio.to_thread(migrate, conninfo)
    except PlotLotError as error:
        return Finding("database", False, "does not start", error.message)
    finally:
        await asyncio.to_thread(server.stop)
    return Finding("database", True, "by PLOTLOT_DATABASE_URL" if settings.database_url else "embedded")


async def model(settings: Settings) -> Finding:
    """The embedding model answers."""
    from plotlot.inference.engines import embedder

    try:
        embedded = await asyncio.to_thread(embedder(settings).embed, ["a lot and its yards"])
    except PlotLotError as error:
        return Finding("embedding model", False, settings.embedding_model, error.message)
    return Finding(
        "embedding model", True, f"{settings.embedding_model}, {embedded.vectors.shape[1]} dimensions"
    )


async def engine(settings: Settings) -> Finding:
    """The engine that writes is there, knows its model, and keeps to a schema; every replica of it."""
    from plotlot.inference.engines import tried
    from plotlot.telemetry import Metrics

    if settings.generation_url is None:
        return Finding("engine", True, "none is set, so answers are quotes; PLOTLOT_GENERATION_URL names one")
    try:
        trials = await tried(settings, Metrics())
    except PlotLotError as error:
        return Finding("engine", False, settings.generation_url, error.message)
    failed = [trial for trial in trials if trial.advice]
    if failed:
        shown = "; ".join(f"{trial.endpoint} {trial.detail}" for trial in failed)
        return Finding("engine", False, shown, failed[0].advice)
    return Finding("engine", True, "; ".join(trial.detail for trial in trials))


async def port(settings: Settings) -> Finding:
    """The gateway's port is free."""
    try:
        listen(settings.host, settings.port).close()
    except PlotLotError as error:
        return Finding("port", False, f"{settings.host}:{settings.port}", error.message)
    return Finding("port", True, f"{settings.host}:{settings.port} is free")


async def gateway(settings: Settings) -> Finding:
    """The gateway that the command line calls, where one is set."""
    if not settings.url:
        return Finding("gateway", True, "commands run the services in their own process")
    try:
        async with httpx.AsyncClient(base_url=settings.url, timeout=5) as client:
            answer = await client.get("/readyz")
    except httpx.HTTPError as error:
        advice = "start it with 'plotlot up', or unset PLOTLOT_URL"
        return Finding("gateway", False, f"{settings.url}: {type(error).__name__}", advice)
    return Finding("gateway", answer.is_success, f"{settings.url} answers {answer.status_code}")


async def property_sources(settings: Settings, online: bool) -> list[Finding]:
    """Where parcels are looked up, and, where ``online``, whether each of them answers and has the fields asked for."""
    from plotlot.ingestion.property.configuration import egress_client, sources_of
    from plotlot.ingestion.property.trying import tried
    from plotlot.telemetry import Metrics

    check = "property sources"
    try:
        sources = sources_of(settings.property_sources)
    except PlotLotError as error:
        return [Finding(check, False, settings.property_sources, error.message)]
    if sources is None:
        return [
            Finding(check, True, "none are set, so parcels are imported; PLOTLOT_PROPERTY_SOURCES names them")
        ]
    if not online:
        named = ", ".join(region.name for region in sources.regions)
        return [
            Finding(check, True, f"{named}: {len(sources.servers)} servers, not asked; --online asks them")
        ]
    async with egress_client(sources, settings, Metrics()) as client:
        trials = await tried(sources, client)
    return [
        Finding(
            f"{check}: {trial.server}",
            not trial.problem,
            f"{trial.host} answers" if not trial.problem else trial.host,
            trial.problem,
        )
        for trial in trials
    ]
