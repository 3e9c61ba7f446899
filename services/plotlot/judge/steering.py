"""What people decide over the judge."""

from datetime import UTC, datetime
from typing import Any

from plotlot.domain.errors import InvalidRequest, UnknownRelease
from plotlot.domain.outcomes import named, short
from plotlot.domain.verdicts import Verdict
from plotlot.judge.reading import Summary, summaries
from plotlot.judge.releases import Release, change, locked
from plotlot.store.pool import Database

ACTIONS = ("promote", "abort", "stop_shadow", "start_shadow")


class Steering:
    """Steers open releases by hand."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def steer(self, release: str, action: str, by: str, why: str) -> Summary:
        """Promote its stage, abort it for good, or stop or start its shadow. Raises UnknownRelease."""
        if action not in ACTIONS:
            raise InvalidRequest(f"an action is {', '.join(ACTIONS)}, not {action!r}", field="action")
        named(by=by)
        short(why=why[:200])
        async with self._database.connection() as connection:
            found = await locked(connection, release)
            if found is None:
                raise UnknownRelease(f"there is no release {release!r} here", field="release")
            if found.closed_at is not None:
                raise InvalidRequest(
                    f"{release} is over, it was {found.stage.replace('_', ' ')}: build another bundle",
                    field="release",
                )
            (summary,) = await summaries(
                connection, [await change(connection, found, **_columns(found, action, f"{by}: {why}"))]
            )
            return summary


def _columns(release: Release, action: str, told: str) -> dict[str, Any]:
    match action:
        case "promote":
            return {"promoted_by": told}
        case "abort":
            reason = f"rollback: aborted by {told}"
            return {
                "stage": "aborted",
                "verdict": Verdict.ROLLBACK.value,
                "reason": reason,
                "guardrail": "",
                "closed_at": datetime.now(UTC),
            }
        case _:
            return {"shadow_stopped": action == "stop_shadow"}
