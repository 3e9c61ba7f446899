"""``plotlot bundle``: what is released, as a file that never changes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from plotlot.cli.commands import write_whole
from plotlot.cli.output import console, print_json
from plotlot.cli.session import Session, open_session
from plotlot.domain.bundle_changes import with_changes, with_code
from plotlot.domain.bundles import Bundle, bundle_of_file, differences, guardrails_from, leaves
from plotlot.domain.errors import InvalidBundle, UnknownBundle
from plotlot.runtime.bundles import bundle_in, own_bundle
from plotlot.runtime.process import SERVICES
from plotlot.settings import Settings

ID = "bundle-"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``holds`` is None where it could not be, or only deserves a word."""

    holds: bool | None
    about: str
    found: str


def run_build(
    settings: Settings,
    base: Path | None,
    changes: Sequence[tuple[str, str]],
    images: Sequence[tuple[str, str]],
    guardrails: Path | None,
    out: Path | None,
) -> int:
    """Write a bundle: to a file, or else to standard output."""
    code = own_bundle(settings)
    bundle = bundle_in(base) if base else code
    for service, _ in images:
        if service not in ("default", *SERVICES):
            known = ("default", *SERVICES)
            raise InvalidBundle(
                f"there is no service {service!r}; there are {', '.join(known)}", field="images"
            )
    if images:
        bundle = replace(bundle, images={**bundle.images, **dict(images)})
    if base and "default" in dict(images):
        bundle = with_code(bundle, code)
    if guardrails:
        bundle = replace(bundle, guardrails=guardrails_from(document_in(guardrails)))
    bundle = with_changes(bundle, changes)
    if out is None:
        click.echo(bundle.as_file(), nl=False)
    else:
        write_whole(out, bundle.as_file())
        click.echo(f"{bundle.id}  {out}")
    return 0


def document_in(path: Path) -> dict[str, Any]:
    """The JSON object in a file. Raises InvalidBundle."""
    try:
        document = json.loads(path.read_bytes())
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise InvalidBundle(f"{path} holds no JSON object", field="guardrails")
    return document


async def run_show(settings: Settings, wanted: str, as_json: bool) -> int:
    """Every value of a bundle."""
    (bundle,) = await bundles_of(settings, wanted)
    if as_json:
        print_json({"id": bundle.id, "manifest": bundle.manifest()})
        return 0
    click.echo(bundle.id)
    values = leaves(bundle)
    width = max(map(len, values))
    for name, value in sorted(values.items()):
        click.echo(f"  {name:{width}}  {'none' if value is None else value}")
    return 0


async def run_diff(settings: Settings, before: str, after: str, as_json: bool) -> int:
    """What changed from one bundle to another, a line each."""
    old, new = await bundles_of(settings, before, after)
    changed = list(differences(old, new))
    if as_json:
        print_json({"before": old.id, "after": new.id, "changes": changed})
    else:
        click.echo("\n".join(changed) or "no difference")
    return 0


async def bundles_of(settings: Settings, *wanted: str) -> list[Bundle]:
    """Bundles by their files, or by their ids from the gateway that knows them."""
    found = [bundle_in(Path(name)) if is_file(name) else None for name in wanted]
    if all(found):
        return [bundle for bundle in found if bundle]
    async with open_session(settings) as session:
        return [bundle or await registered(session, name) for name, bundle in zip(wanted, found, strict=True)]


def is_file(name: str) -> bool:
    """Whether a bundle is given by its file rather than by its id."""
    return Path(name).exists() or not name.startswith(ID)


async def registered(session: Session, bundle_id: str) -> Bundle:
    """A bundle that a gateway served once. Raises ProblemError, or UnknownBundle for what is not PlotLot's."""
    answer = await session.get(f"/v1/bundles/{bundle_id}")
    if not answer.get("manifest"):
        raise UnknownBundle(f"nobody said what {bundle_id} consists of", field="bundle")
    return bundle_of_file(json.dumps(answer))


async def run_verify(settings: Settings, file: Path, as_json: bool) -> int:
    """Whether a bundle can be served: by what it says, by this code, and by what is stored where it goes."""
    try:
        bundle = bundle_in(file)
    except InvalidBundle as error:
        checks = [Check(False, "manifest", error.message)]
        bundle_id = None
    else:
        checks = [Check(True, "manifest", "its id is its digest, and this code knows every parameter")]
        checks += [
            *code_checks(bundle, own_bundle(settings), settings),
            *await index_checks(settings, bundle),
        ]
        bundle_id = bundle.id
    holds = all(check.holds is not False for check in checks)
    if as_json:
        each = [{"about": one.about, "holds": one.holds, "found": one.found} for one in checks]
        print_json({"id": bundle_id, "file": str(file), "holds": holds, "checks": each})
    else:
        print_checks(bundle_id or str(file), checks)
    return 0 if holds else 1


def code_checks(bundle: Bundle, code: Bundle, settings: Settings) -> Iterator[Check]:
    """Whether this code is the bundle's; a bundle that names its images may well be of other code."""
    from plotlot.extraction.engines import NAMES
    from plotlot.extraction.prompts import Prompts
    from plotlot.inference.extractive import PROMPTS

    wanted, here = bundle.parameters, code.parameters
    known: dict[str, tuple[str, Sequence[str]]] = {
        # A bundle may name the very model of an engine: learned/1@3f0c is one of learned/1.
        "extraction.engine": (wanted.extraction.engine.partition("@")[0], NAMES),
        "extraction.prompt": (wanted.extraction.prompt, Prompts(settings.prompt_dir).names),
        "generation.model": (wanted.generation.model, (here.generation.model,)),
        "generation.prompt": (wanted.generation.prompt, PROMPTS),
    }
    for name, (asked, served) in known.items():
        if asked in ("", *served):
            yield Check(True, name, f"this code has {asked or served[0]}")
        else:
            lacks = f"{asked}, but this code has {', '.join(served)}"
            yield Check(None if bundle.images else False, name, f"{lacks}; the bundle's images must have it")
    versions = {"version": (bundle.version, code.version), "parser": (bundle.parser, code.parser)}
    for name, (other, own) in {**versions, "chunker": (bundle.chunker, code.chunker)}.items():
        if other != own:
            yield Check(None, name, f"{other}, where this code is {own}")


async def index_checks(settings: Settings, bundle: Bundle) -> list[Check]:
    """Whether the generation that the bundle names is stored whole, where the store can be reached."""
    number = bundle.parameters.index.generation
    reachable = settings.url or settings.database_url or (settings.data_dir / "postgres").exists()
    if not reachable:
        named = "the live one" if number is None else str(number)
        return [Check(None, "index.generation", f"{named}; set PLOTLOT_URL to look whether it is there")]
    async with open_session(settings) as session:
        document = await session.get("/v1/index/generations")
    return [generation_check(number, bundle.parameters.embedding_model, document["generations"])]


def generation_check(number: int | None, model: str, generations: Sequence[dict[str, Any]]) -> Check:
    """Whether a bundle can name a generation, None being the live one, and it holds every current document."""
    about = "index.generation"
    usable = {one["generation"]: one for one in generations if one["status"] in ("live", "ready")}
    if number is None:
        number = next((name for name, one in usable.items() if one["status"] == "live"), None)
    if number is None:
        return Check(None, about, "there is no index yet: the first document that is ingested makes one")
    if number not in usable:
        there = ", ".join(f"{name} ({one['status']})" for name, one in usable.items()) or "none"
        return Check(False, about, f"{number} cannot be searched; what can be: {there}")
    one = usable[number]
    if model not in ("", one["embedding_model"]):
        return Check(False, about, f"{number} has vectors of {one['embedding_model']}, not of {model}")
    if one["documents"] < one["documents_in_all"]:
        missing = f"{number} holds {one['documents']} of {one['documents_in_all']} documents"
        towns = f"{one['municipalities']} of {one['municipalities_in_all']} municipalities"
        return Check(False, about, f"{missing}, {towns}: build another with `plotlot index build`")
    return Check(True, about, f"{number} is {one['status']} and holds all {one['documents']} documents")


def print_checks(title: str, checks: Sequence[Check]) -> None:
    """A line for each check."""
    out = console()
    out.print(title)
    for check in checks:
        mark = {True: "[green]ok[/green]    ", False: "[red]FAILED[/red]", None: "[yellow]note[/yellow]  "}
        out.print(f"  {mark[check.holds]} {check.about}: {check.found}", soft_wrap=True)
