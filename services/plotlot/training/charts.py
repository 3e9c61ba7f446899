"""The figures of a training as SVG, byte for byte the same for the same figures."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plotlot.domain.errors import ServiceUnavailable
from plotlot.extraction.learned.evidence import FIELDS

READERS = ("deterministic", "learned", "both")
_COLOURS = ("#1864ab", "#c2410c", "#2b8a3e")
_STYLE: Any = {
    "svg.fonttype": "none",  # text stays text: small, and the same on every machine
    "svg.hashsalt": "plotlot",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def write_charts(found: Mapping[str, Any], folder: Path) -> list[Path]:
    """Four charts: F1 by field, calibration, learning curve, importances."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {
        "fields.svg": _fields,
        "calibration.svg": _calibration,
        "curve.svg": _curve,
        "importance.svg": _importance,
    }
    paths = []
    for name, draw in drawn.items():
        with figure(folder / name) as axes:
            draw(axes, found)
        paths.append(folder / name)
    return paths


@contextmanager
def figure(path: Path) -> Iterator[Any]:
    try:
        import matplotlib
    except ImportError as error:
        raise ServiceUnavailable(
            "charts need the extra `training`: pip install 'plotlot[training]'"
        ) from error
    matplotlib.use("svg")
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(6.4, 3.4), layout="tight")
        axes = figure.add_subplot()
        yield axes
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": "plotlot"})
    lines = (line.rstrip() for line in path.read_text(encoding="utf-8").splitlines())
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _fields(axes: Any, found: Mapping[str, Any]) -> None:
    names = [name for name in FIELDS if name in found["unseen"]["deterministic"]]
    width = 0.8 / len(READERS)
    for position, (reader, colour) in enumerate(zip(READERS, _COLOURS, strict=True)):
        values = [found["unseen"][reader][name]["f1"] for name in names]
        places = [place + (position - 1) * width for place in range(len(names))]
        axes.bar(places, values, width, label=reader, color=colour)
    axes.set_xticks(range(len(names)), [name.replace("_", "\n") for name in names], fontsize=7)
    axes.set_ylim(0, 1)
    axes.set_ylabel("F1 on towns not seen")
    axes.legend(frameon=False, ncols=len(READERS), loc="upper center", bbox_to_anchor=(0.5, 1.14))


def _calibration(axes: Any, found: Mapping[str, Any]) -> None:
    rows: Sequence[Mapping[str, float]] = found["calibration"]
    axes.plot([0, 1], [0, 1], linestyle="--", color="#889", linewidth=1)
    axes.plot(
        [row["confidence"] for row in rows], [row["right"] for row in rows], marker="o", color=_COLOURS[1]
    )
    for row in rows:
        axes.annotate(
            f"{row['values']:.0f}", (row["confidence"], row["right"]), (4, -10), textcoords="offset points"
        )
    axes.set_xlabel("confidence shown")
    axes.set_ylabel("share that was right")
    axes.set_xlim(0.4, 1)
    axes.set_ylim(0.4, 1.02)


def _curve(axes: Any, found: Mapping[str, Any]) -> None:
    rows = found["curve"]
    for metric, colour in zip(("precision", "recall", "f1"), _COLOURS, strict=True):
        axes.plot(
            [row["towns"] for row in rows],
            [row[metric] for row in rows],
            marker="o",
            color=colour,
            label=metric,
        )
    axes.set_xlabel("towns learned from")
    axes.set_ylim(0, 1)
    axes.legend(frameon=False, ncols=3, loc="lower right")


def _importance(axes: Any, found: Mapping[str, Any]) -> None:
    rows = found["importance"][::-1]
    axes.barh([row["feature"] for row in rows], [row["share"] for row in rows], color=_COLOURS[0])
    axes.set_xlabel("share of the gain")
    axes.tick_params(axis="y", labelsize=7)
