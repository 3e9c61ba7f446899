"""What each command does with its session, and the exit code it ends with."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from plotlot.cli.output import echo, print_json, print_results, print_standards, progress
from plotlot.cli.problems import ProblemError
from plotlot.cli.report import print_analysis, print_answer
from plotlot.cli.session import Session, district_path, districts_path, open_session
from plotlot.domain.errors import UnreadableDocument
from plotlot.settings import Settings


async def run_migrate(settings: Settings, as_json: bool) -> int:
    """Apply the migrations that the database lacks."""
    from plotlot.store.migrate import migrate
    from plotlot.store.server import postgres_server

    server = postgres_server(settings)
    try:
        conninfo = await asyncio.to_thread(server.start)
        applied = await asyncio.to_thread(migrate, conninfo)
    finally:
        await asyncio.to_thread(server.stop)
    if as_json:
        print_json({"applied": applied})
    else:
        click.echo(f"migrations applied: {applied}" if applied else "the schema is up to date")
    return 0


async def run_ingest(
    settings: Settings, paths: Sequence[Path], municipality: str, as_json: bool, ocr: str = ""
) -> int:
    """Ingest every file; one that cannot be read does not stop the others."""
    files = list(found_files(paths))
    results: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    async with open_session(settings) as session:
        for path, name in files:
            try:
                results.append(await ingest_file(session, path, name, municipality, ocr))
            except ProblemError as error:
                failed.append({"name": name, "problem": error.document})
                echo(f"plotlot: {naming(name, str(error))}", err=True)
            except OSError as error:
                failed.append({"name": name, "problem": {"detail": error.strerror}})
                echo(f"plotlot: {name}: {error.strerror}", err=True)
        districts = await session.get(districts_path(municipality)) if results else {"districts": []}
    found = [district["code"] for district in districts["districts"]]
    document = {"municipality": municipality, "documents": results, "failed": failed, "districts": found}
    print_json(document) if as_json else print_ingested(document)
    return 0 if not failed else 4 if results else 1


def naming(name: str, message: str) -> str:
    """The message, which says once which file it is about."""
    return message if message.startswith(name) else f"{name}: {message}"


def found_files(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Every file with the name it is stored under: files as they are called, folders by relative path."""
    for path in paths:
        if path.is_dir():
            inside = sorted(
                file for file in path.rglob("*") if file.is_file() and not file.name.startswith(".")
            )
            if not inside:
                raise UnreadableDocument(f"{path} holds no files: give a file, or a folder of files")
            for file in inside:
                yield file, file.relative_to(path).as_posix()
        elif path.exists():
            yield path, path.name
        else:
            raise UnreadableDocument(f"there is no file {path}: check the path")


async def ingest_file(
    session: Session, path: Path, name: str, municipality: str, ocr: str = ""
) -> dict[str, Any]:
    """Ingest one file; ``ocr`` is off, auto or on, or empty for what the gateway does without it."""
    with path.open("rb") as content, progress(name) as follow:
        return await session.events(
            "/v1/documents",
            follow,
            files={"file": (name, content)},
            data={"municipality": municipality, "ocr": ocr},
        )


def print_ingested(document: dict[str, Any]) -> None:
    """What was ingested, in words."""
    for result in document["documents"]:
        counts = f"{result['sections']} sections, {result['tables']} tables, {result['chunks']} chunks"
        state = "" if result["changed"] else " (already here)"
        echo(f"{result['name']}: {counts}{state}")
        for warning in result["warnings"]:
            echo(f"  {warning}")
    if document["districts"]:
        echo(
            f"{document['municipality']} defines {len(document['districts'])} districts: "
            f"{', '.join(document['districts'])}"
        )


async def run_import(settings: Settings, file: Path, municipality: str, as_json: bool) -> int:
    """Import parcels."""
    async with open_session(settings) as session:
        result = await session.upload("/v1/parcels", file, file.name, municipality)
    if as_json:
        print_json(result)
        return 0
    click.echo(
        f"{municipality}: {result['added']} parcels added, {result['replaced']} replaced,"
        f" {result['unchanged']} unchanged"
    )
    for warning in result["warnings"]:
        echo(f"  {warning}")
    return 0


async def run_standards(settings: Settings, municipality: str, district: str, as_json: bool) -> int:
    """The standards of a district."""
    async with open_session(settings) as session:
        document = await session.get(district_path(municipality, district))
    print_json(document) if as_json else print_standards(document)
    return 0 if any(item["status"] != "not_stated" for item in document["standards"]) else 4


async def run_analyze(
    settings: Settings,
    address: str,
    parcel: str,
    municipality: str,
    facts: dict[str, Any],
    as_json: bool,
    files: dict[str, Path | None],
) -> int:
    """What may be built on a lot, by facts that are stated; ``files`` are to be written, by their kind, html or pdf."""
    request: dict[str, Any] = {"address": address, "parcel_id": parcel, "municipality": municipality}
    request |= {"facts": facts} if facts else {}
    async with open_session(settings) as session:
        with progress(address or parcel) as follow:
            report = await session.events("/v1/analyses", follow, json=request)
        for kind, path in files.items():
            if path is not None:
                write_whole(path, await session.file(f"/analyses/{report['id']}/report.{kind}"))
    print_json(report) if as_json else print_analysis(report)
    return 4 if report["verdict"] == "unknown" else 0


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it is either the old one or the new one, never half."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        scratch.write_bytes(content.encode() if isinstance(content, str) else content)
        scratch.replace(path)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise click.FileError(str(path), hint=error.strerror or str(error)) from error


async def run_ask(settings: Settings, question: str, municipality: str, as_json: bool) -> int:
    """Answer a question in quotes."""
    async with open_session(settings) as session:
        answer = await session.post("/v1/ask", {"question": question, "municipality": municipality})
    print_json(answer) if as_json else print_answer(answer)
    return 3 if answer["refused"] else 0


async def run_search(
    settings: Settings, query: str, municipality: str, k: int, refinements: dict[str, Any], as_json: bool
) -> int:
    """Search the sections; of the refinements only those given are sent."""
    body = {"query": query, "municipality": municipality, "k": k}
    body |= {name: value for name, value in refinements.items() if value}
    async with open_session(settings) as session:
        document = await session.post("/v1/search", body)
    print_json(document) if as_json else print_results(document)
    return 0 if document["results"] else 3
