"""``plotlot bundle``."""

from pathlib import Path
from typing import Any

import click

from plotlot.cli.command import FILE, JSON, command
from plotlot.settings import Settings

PAIRS = "NAME=VALUE"


def name_and_value(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> Any:
    """Each NAME=VALUE as a pair."""
    pairs = [text.partition("=") for text in given]
    for name, sign, _ in pairs:
        if not name.strip() or not sign:
            raise click.BadParameter(f"{name!r} is not NAME=VALUE")
    return tuple((name.strip(), value) for name, _, value in pairs)


@click.group()
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
