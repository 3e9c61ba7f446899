"""The table of drills in ``runbooks/README.md``, written from what they measured."""

from collections.abc import Mapping
from typing import Any

from plotlot.drills.timeline import DETECTED_WITHIN_SECONDS, RECOVERED_WITHIN_SECONDS
from plotlot.evaluation.page_parts import Part

PART = Part("drills", "plotlot drill run")
HEAD = "| drill | alert | fires after | cause found | mended after | in all | requests harmed | measured |\n|---|---|---|---|---|---|---|---|"
INTRODUCTION = f"""## Drills

`plotlot drill run NAME --page runbooks/README.md` breaks something in a running cluster, waits for the alert, runs the runbook's
own commands, puts everything back, and writes its row here; `k8s/drills/up IMAGE` makes a release for it, in the namespace `drills`. A cluster is broken only where it
was named (`--context`), or where its namespace says `plotlot.dev/drills=allowed`. Aimed at: an alert within {DETECTED_WITHIN_SECONDS / 60:g} minutes of the break, and well again within
{RECOVERED_WITHIN_SECONDS / 60:g} of the alert. Harmed is who got no answer, or one too late (a second; three for questions), from the break until all was well.
"""


def page(documents: Mapping[str, dict[str, Any]], before: str) -> str:
    """The page with a row for each drill of these; rows of others stay, and so does what stands around the table."""
    lines = [
        line
        for line in PART.text(before).splitlines()
        if line.startswith("| ") and line not in HEAD.splitlines()
    ]
    rows = {line.split("|")[1].strip(): line for line in lines}
    rows |= {name: row(document) for name, document in documents.items()}
    return PART.within(before, "\n".join((INTRODUCTION, HEAD, *(rows[name] for name in sorted(rows)))))


def row(document: Mapping[str, Any]) -> str:
    """One drill's row; a target that it missed stands in bold."""
    moments = document["moments"]
    detected, recovered = moments.get("detected"), moments.get("recovered")
    mended = recovered - detected if detected is not None and recovered is not None else None
    cells = (
        str(document["drill"]),
        f"[{document['alert'].removeprefix('PlotLot')}]({document['alert']}.md)",
        shown(detected, DETECTED_WITHIN_SECONDS),
        document["cause"] or "**none**",
        shown(mended, RECOVERED_WITHIN_SECONDS),
        shown(recovered, DETECTED_WITHIN_SECONDS + RECOVERED_WITHIN_SECONDS),
        f"{document['harmed']} of {document['requests']}",
        str(document["began"])[:10],
    )
    return f"| {' | '.join(cells)} |"


def shown(seconds: float | None, most: float) -> str:
    """Seconds as they stand in a cell."""
    if seconds is None:
        return "**never**"
    return f"{seconds:.0f} s" if seconds <= most else f"**{seconds:.0f} s**"
