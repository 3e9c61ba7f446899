"""``plotlot audit``."""

import click

from plotlot.cli.command import JSON, command
from plotlot.settings import Settings


@click.command()
@click.argument("words", required=False, default="")
@click.option("--since", default="", metavar="TIME", help="From then on, e.g. 2026-05-01T12:00:00Z.")
@click.option("--until", default="", metavar="TIME", help="Before then.")
@click.option("--tenant", default="", metavar="NAME", help="Of this tenant only.")
@click.option("--who", default="", metavar="WHO", help="By key:ID, token:SUBJECT or owner only.")
@click.option("--action", default="", metavar="START", help="What begins so, e.g. key. or POST.")
@click.option(
    "-k", "limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="At most so many."
)
@click.option("--lines", is_flag=True, help="All of them, each as a line of JSON.")
@JSON
@command
async def audit(
    settings: Settings,
    words: str,
    since: str,
    until: str,
    tenant: str,
    who: str,
    action: str,
    limit: int,
    lines: bool,
    as_json: bool,
) -> int:
    """Who did what, the newest first; with WORDS, where the target or the details have them."""
    from plotlot.cli.access import run_audit

    wanted = {"words": words, "since": since, "until": until, "tenant": tenant, "who": who}
    return await run_audit(settings, {**wanted, "action": action, "limit": limit}, lines, as_json)
