"""What people decide over the judge."""

from datetime import UTC, datetime
from typing import Any, get_args

from plotlot.domain.errors import InvalidRequest, UnknownRelease
from plotlot.domain.outcomes import LONGEST_TEXT, named
from plotlot.domain.texts import is_plain
from plotlot.domain.verdicts import Action, Decision, Verdict
from plotlot.judge.evidence import load
from plotlot.judge.history import keep
from plotlot.judge.reading import Summary, summaries
from plotlot.judge.releases import change, locked
from plotlot.judge.waiting import in_time
from plotlot.store.pool import Database

ACTIONS = get_args(Action)


class Steering:
    """Steers releases by hand."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_time
    async def steer(self, release: str, action: str, by: str, why: str) -> Summary:
        """Promote its stage, abort it for good, or stop or start its shadow. Raises UnknownRelease.

        One that is over stays as it was decided, but that one that was promoted may be aborted.
        """
        if action not in ACTIONS:
            raise InvalidRequest(f"an action is {', '.join(ACTIONS)}, not {action!r}", field="action")
        named(release=release, by=by)
        if len(why) > LONGEST_TEXT or not is_plain(why):
            raise InvalidRequest(f"why has at most {LONGEST_TEXT} characters of plain text", field="why")
        async with self._database.connection() as connection:
            found = await locked(connection, release)
            if found is None:
                raise UnknownRelease(f"there is no release {release!r} here", field="release")
            regretted = action == "abort" and found.stage == "promoted"
            if found.closed_at is not None and not regretted:
                raise InvalidRequest(
                    f"{release} is over, it was {found.stage.replace('_', ' ')}: build another bundle",
                    field="release",
                )
            told = f"{by}: {why}" if why else by
            steered = await change(connection, found, **_columns(action, told))
            if steered.closed_at is not None:
                decision = Decision(Verdict.ROLLBACK, steered.reason)
                await keep(connection, found, found.stage, decision, await load(connection, release))
            (summary,) = await summaries(connection, [steered])
            return summary


def _columns(action: str, told: str) -> dict[str, Any]:
    match action:
        case "promote":
            return {"promoted_by": told}
        case "abort":
            return {
                "stage": "aborted",
                "verdict": Verdict.ROLLBACK.value,
                "reason": f"rollback: aborted by {told}",
                "guardrail": "",
                "closed_at": datetime.now(UTC),
            }
        case _:
            return {"shadow_stopped": action == "stop_shadow"}
