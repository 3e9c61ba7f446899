"""A scaling as a picture: the queue, the engines and how long answers took, over one time."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from cluster.scaling import Answered, Look, slow

from plotlot.training.charts import figure

BLUE, ORANGE, GREY = "#1864ab", "#c2410c", "#889"


def draw(
    path: Path,
    looks: Sequence[Look],
    answers: Sequence[Answered],
    moments: Mapping[str, float],
    objective_seconds: float,
) -> None:
    """Write the picture; time counts from the first look, and is shaded between the moments busy and quiet."""
    start = looks[0].at
    at = [look.at - start for look in looks]
    path.parent.mkdir(parents=True, exist_ok=True)
    with figure(path) as only:
        drawing = only.figure
        only.remove()
        drawing.set_size_inches(6.4, 5.0)
        queue, engines, seconds = drawing.subplots(3, 1, sharex=True)
        queue.plot(at, [look.queue for look in looks], color=BLUE)
        queue.set_ylabel("requests\nwaiting")
        engines.step(at, [look.wanted for look in looks], where="post", color=GREY, label="wanted")
        engines.step(at, [look.ready for look in looks], where="post", color=BLUE, label="ready")
        engines.set_ylabel("engines")
        engines.set_yticks(range(max(look.wanted for look in looks) + 2))
        engines.legend(frameon=False, loc="upper right")
        seconds.plot(at, [slow(answers, look.at) for look in looks], color=ORANGE)
        seconds.axhline(objective_seconds, color=GREY, linestyle="--", linewidth=1)
        seconds.set_ylabel("p95 of 10 s\nin seconds")
        seconds.set_ylim(bottom=0)
        seconds.set_xlabel("seconds")
        for axes in (queue, engines, seconds):
            axes.axvspan(moments["busy"] - start, moments["quiet"] - start, color=GREY, alpha=0.12)
