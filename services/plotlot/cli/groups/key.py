"""``plotlot key``."""

import click

from plotlot.cli.command import JSON, command
from plotlot.settings import Settings

DAYS = click.option(
    "--days", type=click.FloatRange(0, 3650, min_open=True), help="Days until it expires; default never."
)
ID = click.argument("id", metavar="ID")


@click.group()
def key() -> None:
    """API keys: who may ask a gateway, and for what."""


@key.command("create")
@click.argument("name")
@click.option("--tenant", default="", metavar="NAME", help="Whose key it is; default: your own tenant.")
@click.option(
    "--role",
    default="analyst",
    show_default=True,
    type=click.Choice(("reader", "analyst", "operator", "admin")),
    help="What it may do.",
)
@click.option(
    "--scope", "scopes", multiple=True, metavar="RIGHT", help="Hold it to this right of its role; repeatable."
)
@DAYS
@JSON
@command
async def key_create(
    settings: Settings,
    name: str,
    tenant: str,
    role: str,
    scopes: tuple[str, ...],
    days: float | None,
    as_json: bool,
) -> int:
    """Make a key for NAME, and print it: once, for only a digest is kept."""
    from plotlot.cli.access import run_create

    wanted = {"name": name, "tenant": tenant, "role": role, "scopes": list(scopes) or None}
    return await run_create(settings, {**wanted, "expires_in_days": days}, as_json)


@key.command("list")
@JSON
@command
async def key_list(settings: Settings, as_json: bool) -> int:
    """Every key of the tenant, the newest first; never its secret."""
    from plotlot.cli.access import run_list

    return await run_list(settings, as_json)


@key.command("rotate")
@ID
@click.option(
    "--overlap",
    default=24.0,
    show_default=True,
    type=click.FloatRange(0, 2160),
    help="Hours for which the old key stays valid too.",
)
@click.option(
    "--days",
    type=click.FloatRange(0, 3650, min_open=True),
    help="Days until it expires; default as many as the old one was made for.",
)
@JSON
@command
async def key_rotate(settings: Settings, id: str, overlap: float, days: float | None, as_json: bool) -> int:
    """Make a key in the place of the one of this ID, and print it."""
    from plotlot.cli.access import run_rotate

    return await run_rotate(settings, id, {"overlap_hours": overlap, "expires_in_days": days}, as_json)


@key.command("revoke")
@ID
@JSON
@command
async def key_revoke(settings: Settings, id: str, as_json: bool) -> int:
    """Take a key back: gateways refuse it within seconds."""
    from plotlot.cli.access import run_revoke

    return await run_revoke(settings, id, as_json)
