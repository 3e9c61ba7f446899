"""``plotlot key``, ``plotlot access`` and ``plotlot audit``: who may ask, who signed in, and who did what."""

from typing import Any
from urllib.parse import quote, urlencode

import click

from plotlot.cli.output import echo, harmless_json, print_json, print_rows
from plotlot.cli.session import open_session
from plotlot.settings import Settings

KEYS, SIGN_INS, AUDIT = "/v1/keys", "/v1/sign-ins", "/v1/audit"

Json = dict[str, Any]


async def run_create(settings: Settings, wanted: Json, as_json: bool) -> int:
    """Make a key and show it once."""
    async with open_session(settings) as session:
        made = await session.post(KEYS, wanted)
    return show_key(made, as_json)


async def run_list(settings: Settings, as_json: bool) -> int:
    """Every key of the tenant."""
    async with open_session(settings) as session:
        document = await session.get(KEYS)
    if as_json:
        print_json(document)
        return 0
    headings = ("Id", "Tenant", "Name", "Role", "Scopes", "State", "Expires")
    rows = [
        (
            key["id"],
            key["tenant"],
            key["name"],
            key["role"],
            "all" if key["scopes"] is None else ", ".join(key["scopes"]),
            key["state"],
            (key["expires_at"] or "never")[:16].replace("T", " "),
        )
        for key in document["keys"]
    ]
    print_rows(headings, rows, "there is no key yet: plotlot key create NAME")
    return 0


async def run_rotate(settings: Settings, key: str, wanted: Json, as_json: bool) -> int:
    """Make a key in another's place."""
    async with open_session(settings) as session:
        made = await session.post(f"{KEYS}/{quote(key, safe='')}/rotate", wanted)
    if not as_json:
        click.echo(f"the key {key} is valid until {made['replaced_valid_until'][:16].replace('T', ' ')} UTC")
    return show_key(made, as_json)


async def run_revoke(settings: Settings, key: str, as_json: bool) -> int:
    """Take a key back."""
    async with open_session(settings) as session:
        revoked = await session.delete(f"{KEYS}/{quote(key, safe='')}")
    if as_json:
        print_json(revoked)
    else:
        echo(f"the key {revoked['id']} ({revoked['name']}) is revoked; gateways know within seconds")
    return 0


async def run_sign_ins(settings: Settings, wanted: Json, as_json: bool) -> int:
    """Browsers that are signed in."""
    async with open_session(settings) as session:
        document = await session.get(f"{SIGN_INS}?{urlencode(wanted)}")
    if as_json:
        print_json(document)
        return 0
    headings = ("Id", "Tenant", "Who", "Name", "Role", "Since", "Until")
    rows = [
        (
            each["id"],
            each["tenant"],
            each["who"],
            each["name"],
            each["role"],
            each["created_at"][:16].replace("T", " "),
            each["expires_at"][:16].replace("T", " "),
        )
        for each in document["sign_ins"]
    ]
    print_rows(headings, rows, "nobody is signed in")
    if document["next"]:
        echo(f"there are more than these {len(rows)}: name a subject or a tenant")
    return 0


async def run_end(settings: Settings, wanted: Json, as_json: bool) -> int:
    """End sign-ins."""
    async with open_session(settings) as session:
        document = await session.delete(f"{SIGN_INS}?{urlencode(wanted)}")
    if as_json:
        print_json(document)
    else:
        echo(f"sign-ins ended: {document['ended']:,}; gateways know within seconds")
    return 0


async def run_audit(settings: Settings, wanted: Json, lines: bool, as_json: bool) -> int:
    """Lines of the audit log, the newest first; all of them with ``lines``."""
    asked = {name: value for name, value in wanted.items() if value is not None and value != ""}
    path = f"{AUDIT}?{urlencode(asked)}"
    async with open_session(settings) as session:
        if lines:
            async for line in session.lines(path):
                click.echo(harmless_json(line))
            return 0
        document = await session.get(path)
    if as_json:
        print_json(document)
        return 0
    headings = ("When", "Tenant", "Who", "What", "On", "Status", "From")
    rows = [
        (
            entry["at"][:19].replace("T", " "),
            entry["tenant"],
            entry["who"],
            entry["action"],
            entry["target"],
            str(entry["status"]),
            entry["address"],
        )
        for entry in document["entries"]
    ]
    print_rows(headings, rows, "nothing of that is in the audit log")
    return 0


def show_key(made: Json, as_json: bool) -> int:
    """The key itself on standard output, and what to know of it beside."""
    if as_json:
        print_json(made)
        return 0
    click.echo(made["key"])
    until = (
        f"until {made['expires_at'][:16].replace('T', ' ')} UTC" if made["expires_at"] else "until revoked"
    )
    click.echo(
        f"plotlot: {made['role']} of {made['tenant']}, {until}; it is shown now and never again", err=True
    )
    return 0
