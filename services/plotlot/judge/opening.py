"""Opens releases: both bundles must be known, and what must not get worse."""

import psycopg

from plotlot.domain.bundles import Shadow, guardrails_from, shadow_from
from plotlot.domain.errors import InvalidRequest
from plotlot.domain.verdicts import Stage
from plotlot.judge.questions import Question
from plotlot.judge.releases import Release, find_bundles, open_anew, register


async def open_release(connection: psycopg.AsyncConnection, question: Question) -> Release | str:
    """The release, opened; or why it is not. Whoever only watches takes no other release's place."""
    ids = [question.stable, question.candidate]
    bundles = await find_bundles(connection, ids)
    manifest = bundles[question.candidate].values() if question.candidate in bundles else {}
    guardrails = guardrails_from(manifest["guardrails"]) if "guardrails" in manifest else question.guardrails
    missing = [bundle for bundle in ids if bundle not in bundles]
    if missing and question.guardrails is None:
        return (
            f"{missing[0]} has not been seen: check that its gateways run, reach the judge, and do not log that "
            "it refused their bundle (elsewhere: register it, or give guardrails)"
        )
    if guardrails is None:
        raise InvalidRequest(
            f"{question.candidate} was registered without guardrails; give them here", field="guardrails"
        )
    if question.stage == Stage.WATCH and await _another_is_open(connection, question):
        return "another release of the stable bundle is open, and who watches does not take its place"
    for bundle in missing:
        await register(connection, bundle, "")
    shadow = shadow_from(manifest["shadow"]) if "shadow" in manifest else Shadow()
    return await open_anew(connection, question.stable, question.candidate, guardrails, shadow)


async def _another_is_open(connection: psycopg.AsyncConnection, question: Question) -> bool:
    cursor = await connection.execute(
        "SELECT FROM releases WHERE stable = %s AND candidate <> %s AND closed_at IS NULL",
        (question.stable, question.candidate),
    )
    return cursor.rowcount > 0


def refuse_other_guardrails(release: Release, question: Question) -> None:
    """Raise InvalidRequest where the caller's guardrails are not those that the release began with."""
    if question.guardrails not in (None, release.guardrails):
        raise InvalidRequest(
            "the guardrails of a release are fixed when it is opened: leave them as they were, or give the "
            "candidate another id",
            field="guardrails",
        )
