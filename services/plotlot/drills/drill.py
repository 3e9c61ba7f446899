"""What a drill is: what it breaks, which alert has to notice, and how everything is put back."""

from collections.abc import Sequence
from dataclasses import dataclass

from plotlot.domain.errors import InvalidRequest


@dataclass(frozen=True)
class Drill:
    """One thing to break, as bash scripts that know ``$NAMESPACE`` and ``$RELEASE``.

    ``touches`` names the objects whose specification or data are put back as they were, as ``kind/name``. ``restores``
    puts back what is no object's; it must do no harm where the runbook did that already. ``loses`` says what cannot be
    had back. ``needs`` is a script that fails where the release has not what is to be broken; ``lacking`` says what.
    ``during`` runs from the break until the drill ends: what goes on by itself, as a flood of requests does.
    """

    name: str
    alert: str
    summary: str
    breaks: str
    touches: tuple[str, ...] = ()
    restores: str = ""
    loses: str = ""
    needs: str = ""
    lacking: str = ""
    during: str = ""


def chosen(drills: Sequence[Drill], names: Sequence[str]) -> list[Drill]:
    """The drills of these names, in their own order; ``all`` is every one. Raises InvalidRequest."""
    known = {drill.name: drill for drill in drills}
    if unknown := [name for name in names if name not in known and name != "all"]:
        raise InvalidRequest(f"there is no drill {unknown[0]!r}", suggestions=sorted(known))
    return [drill for drill in drills if drill.name in names or "all" in names]


def turn(drills: Sequence[Drill], number: int, count: int = 1) -> list[Drill]:
    """Those whose turn it is: with each number the next ``count``, round and round."""
    start = number * count
    return [drills[(start + each) % len(drills)] for each in range(min(count, len(drills)))]
