"""The page of a training's figures, written from them alone."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from plotlot.extraction.learned.evidence import FIELDS
from plotlot.training.charts import READERS, write_charts
from plotlot.training.joining import LEAST_ADDED, LEAST_PRECISION

IMAGES = "images/reader"
_ORDER = (
    "commonest value",
    "first number beside the name",
    *READERS,
    "both, if it joined everywhere",
)


def write_page(found: Mapping[str, Any], page: Path) -> None:
    """Write the page and, beside it, its charts."""
    write_charts(found, page.parent / IMAGES)
    page.write_text(page_of(found), encoding="utf-8")


def page_of(found: Mapping[str, Any]) -> str:
    """The page as Markdown."""
    parts = [
        _opening(found),
        "## By field, in towns held out\n",
        _fields(found),
        f"![F1 by field for three ways of reading]({IMAGES}/fields.svg)\n",
        _joins(found),
        "## Against baselines\n",
        _baselines(found),
        "## Where the two readers agree\n",
        _agreement(found),
        "## What its confidence is worth\n",
        "Values shown in the towns held out, by the confidence shown with them; the numbers are counts.\n",
        f"![Share of right values by confidence]({IMAGES}/calibration.svg)\n",
        "## What more towns would bring\n",
        f"![Figures by the number of towns learned from]({IMAGES}/curve.svg)\n",
        _curve(found),
        "## What it looks at\n",
        f"![The features with the largest share of the gain]({IMAGES}/importance.svg)\n",
        _gold(found),
        _made(found),
    ]
    return "\n".join(part for part in parts if part).rstrip() + "\n"


def _opening(found: Mapping[str, Any]) -> str:
    reach, labelled = found["reach"], found["labelled"]
    return f"""# The learned reader

Written by `plotlot train reader --page`; do not edit.

A small model (gradient-boosted trees, {found["model_bytes"] / 1e6:.1f} MB as ONNX, run by onnxruntime alone) scores candidates: a number of
the code as the value of a field in a district, described by the words and the layout around it. It was trained on {found["towns"]["seen"]}
towns of the Vermont Zoning Atlas' coding, whose rows are silver: nobody checked them one by one. The {len(found["towns"]["unseen"])} other towns
were held out; no label, parameter, threshold or calibration was chosen on them, except that a field joins the ensemble only where
it is read better there too. A town and the village within it are always on the same side. What the model looks at was designed by
looking at towns on both sides.

Of {found["candidates"]:,} candidates {labelled["right"]:,} were labelled right, {labelled["wrong"]:,} wrong; for the rest no row says.
Rows marked suspect, derived densities and overlays were left out; acres that were rounded count by the printed number.

In the towns held out {reach["values"]:.0f} values for a one-family house are coded. The district of {reach["district found"]:.1%} was found,
and {reach["among the candidates"]:.1%} stand among the candidates: no scoring can read the rest.
"""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|---:" * (len(heads) - 1) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _figures(one: Mapping[str, float]) -> list[str]:
    return [f"{one[metric]:.3f}" for metric in ("precision", "recall", "f1")]


def _fields(found: Mapping[str, Any]) -> str:
    unseen = found["unseen"]
    heads = ["field", "values", *(f"{reader} {metric}" for reader in READERS for metric in ("P", "R", "F1"))]
    rows = []
    for name in ["micro", *(one for one in FIELDS if one in unseen["deterministic"])]:
        of_field = unseen["deterministic"][name]
        shown = [cell for reader in READERS for cell in _figures(unseen[reader][name])]
        rows.append(["all" if name == "micro" else f"`{name}`", f"{of_field['values']:.0f}", *shown])
    return _table(heads, rows)


def _joins(found: Mapping[str, Any]) -> str:
    if not found["joins"]:
        return (
            "No field is read better than by the deterministic reader both in the folds and in the towns held out (a higher F1, and a\n"
            f"precision no lower or at least {LEAST_PRECISION:.2f}): the model joins the ensemble nowhere, and is heard only where a bundle names it as\n"
            "its engine. What it would add where the deterministic reader is silent stands in the next table.\n"
        )
    rows = [
        (f"`{name}`", f"{found['thresholds'][name]:.2f}", f"{least:.2f}")
        for name, least in sorted(found["joins"].items())
    ]
    return (
        "Both: what the deterministic reader shows, and where it shows nothing what the model shows of the fields that it joins.\n"
        "A field joins where it is read better than by rules, in the folds and in the towns held out: its F1 is higher, and its\n"
        f"precision no lower (or at least {LEAST_PRECISION:.2f}). It joins from the confidence on at which, in the folds, at least {LEAST_ADDED:.0%} of what it\n"
        "adds to the rules was right.\n\n"
        + _table(("joins", "shown from confidence", "joins from confidence"), rows)
    )


def _baselines(found: Mapping[str, Any]) -> str:
    first = [name for name in _ORDER if name in found["unseen"]]
    rows = [(name, *_figures(found["unseen"][name]["micro"])) for name in first]
    return _table(("reader", "precision", "recall", "F1"), rows)


def _agreement(found: Mapping[str, Any]) -> str:
    rows = [
        (key, f"{one['values']:.0f}", f"{one['rules right']:.3f}", f"{one['model right']:.3f}")
        for key, one in found["agreement"].items()
        if key != "neither"
    ]
    return _table(("shown by", "values", "deterministic right", "learned right"), rows)


def _curve(found: Mapping[str, Any]) -> str:
    rows = [(f"{one['towns']:.0f}", *_figures(one)) for one in found["curve"]]
    return _table(("towns", "precision", "recall", "F1"), rows)


def _gold(found: Mapping[str, Any]) -> str:
    gold = found["gold"]
    if not gold:
        return ""
    names = [name for name in gold["rules"] if name == "micro" or ", " in name]
    rows = [
        (
            "all" if name == "micro" else name,
            *(cell for by in ("rules", "learned", "both") for cell in _figures(gold[by][name])),
        )
        for name in names
    ]
    heads = ["town", *(f"{reader} {metric}" for reader in READERS for metric in ("P", "R", "F1"))]
    citations = gold["citations"]
    return (
        "## Beyond the towns it was taught on\n\n"
        "Values that people checked in other places, of the fields that the model knows; nothing was learned or chosen on them.\n\n"
        + _table(heads, rows)
        + f"\nCitations of the model that verify: {citations['verified']} of {citations['shown']}.\n"
    )


def _made(found: Mapping[str, Any]) -> str:
    parameters = ", ".join(f"`{name}` {value:.4g}" for name, value in sorted(found["parameters"].items()))
    return f"""## How it was made

`plotlot train reader --data {found["plan"]["data"]} --trials {found["plan"]["trials"]} --seed {found["seed"]}`; the same data, code and seed give the same file.

- model `{found["model_sha256"][:16]}`, engine `{found["engine"]}`; data `{found["data_sha256"][:16]}`; code `{found["code_version"]}`
- {parameters}
- the export and the trained trees differ by at most {found["apart"]:.1e} over every candidate of the towns held out
"""
