"""``plotlot access``."""

import click

from plotlot.cli.command import JSON, command
from plotlot.settings import Settings

WHO = click.option("--who", default="", metavar="WHO", help="Whoever signed in: token:SUBJECT, or key:ID.")
TENANT = click.option("--tenant", default="", metavar="NAME", help="All of a tenant.")


@click.group()
def access() -> None:
    """Browsers that are signed in."""


@access.command("list")
@WHO
@TENANT
@click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(1, 1000), help="At most so many."
)
@JSON
@command
async def access_list(settings: Settings, who: str, tenant: str, limit: int, as_json: bool) -> int:
    """Every sign-in that lasts, the newest first."""
    from plotlot.cli.access import run_sign_ins

    return await run_sign_ins(settings, {"who": who, "tenant": tenant, "limit": limit}, as_json)


@access.command("end")
@click.argument("id", metavar="[ID]", default="")
@WHO
@TENANT
@JSON
@command
async def access_end(settings: Settings, id: str, who: str, tenant: str, as_json: bool) -> int:
    """End the sign-in of this ID, or all of a subject or a tenant: gateways refuse them within seconds."""
    from plotlot.cli.access import run_end

    return await run_end(settings, {"id": id, "who": who, "tenant": tenant}, as_json)
