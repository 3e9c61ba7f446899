"""What happened in a drill, and when: the moments that count, and what the probes were answered."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

DETECTED_WITHIN_SECONDS = 120.0
RECOVERED_WITHIN_SECONDS = 300.0
MOMENTS = ("broken", "detected", "diagnosed", "mitigated", "recovered", "resolved")


@dataclass(frozen=True, slots=True)
class Probe:
    """How one request of the steady load ended; ``at`` is when it was sent, in seconds since the break.

    ``outcome`` is a status, or the kind of failure; ``harmed`` is whether its caller got no answer, or one too late.
    """

    at: float
    name: str
    outcome: str
    seconds: float
    harmed: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A script that was run, as it was printed, with what it said and its exit status."""

    what: str
    at: float
    seconds: float
    script: str
    output: str
    status: int


@dataclass
class Timeline:
    """A drill as it went; moments in seconds since the break, and only those that came."""

    drill: str
    alert: str
    summary: str
    began: str
    moments: dict[str, float] = field(default_factory=dict)
    cause: str = ""
    steps: list[Step] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)
    failure: str = ""

    @property
    def mended_in(self) -> float | None:
        """Seconds from the alert to the recovery, None where one of them did not come."""
        if "detected" not in self.moments or "recovered" not in self.moments:
            return None
        return self.moments["recovered"] - self.moments["detected"]

    @property
    def passed(self) -> bool:
        """Whether the alert came and the runbook mended it, both in time."""
        late = self.moments.get("detected", float("inf")) > DETECTED_WITHIN_SECONDS
        mended = self.mended_in
        return not self.failure and not late and mended is not None and mended <= RECOVERED_WITHIN_SECONDS

    def harmed(self) -> list[Probe]:
        """Probes since the break that got no answer in time."""
        return [probe for probe in self.probes if probe.harmed and probe.at >= 0]

    def document(self) -> dict[str, Any]:
        """All of it as JSON; of the probes those that were harmed, and the counts."""
        sent = [probe for probe in self.probes if probe.at >= 0]
        content = {name: value for name, value in asdict(self).items() if name != "probes"}
        content["moments"] = {name: round(at, 1) for name, at in self.moments.items()}
        counts = {"requests": len(sent), "harmed": len(self.harmed())}
        who = [[round(each.at, 1), each.name, each.outcome] for each in self.harmed()]
        return {
            **content,
            **counts,
            "outcomes": outcomes(self.harmed()),
            "harmed_at": who,
            "passed": self.passed,
        }


def outcomes(probes: Sequence[Probe]) -> dict[str, int]:
    """How many ended how."""
    found: dict[str, int] = {}
    for probe in probes:
        found[probe.outcome] = found.get(probe.outcome, 0) + 1
    return dict(sorted(found.items()))


def as_markdown(timeline: Timeline) -> str:
    """The timeline as a page: the moments, who was harmed, and each script with what it said."""
    document = timeline.document()
    ended = ", ".join(f"{count} x {outcome}" for outcome, count in document["outcomes"].items())
    lines = [
        f"# {timeline.drill}",
        "",
        f"{timeline.summary} Began {timeline.began}.",
        "",
        "| moment | after the break |",
        "|---|---|",
        *(f"| {name} | {timeline.moments[name]:.0f} s |" for name in MOMENTS if name in timeline.moments),
        "",
        f"Alert: {timeline.alert}. Cause found: {timeline.cause or 'none'}.",
        f"Requests harmed: {document['harmed']} of {document['requests']}{f' ({ended})' if ended else ''}.",
        *((f"Not passed: {timeline.failure}",) if timeline.failure else ()),
    ]
    for step in timeline.steps:
        lines += [
            "",
            f"## {step.what}",
            "",
            f"After {step.at:.0f} s, for {step.seconds:.1f} s, ended with {step.status}.",
            "",
        ]
        lines += ["```", step.script.strip(), "```", "", "```", step.output.strip() or "(nothing)", "```"]
    return "\n".join(lines) + "\n"
