"""What Prometheus and Grafana are told to ask must be told by some service."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from plotlot.telemetry import LATENCY_BUCKETS, Metrics

TOP = Path(__file__).resolve().parents[3]
CHART = TOP / "charts" / "plotlot"
SERIES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
TOLD = {
    family.name + suffix for family in Metrics().registry.collect() for suffix in SERIES.get(family.type, ())
}
DASHBOARDS = sorted((CHART / "dashboards").glob("*.json"))
RULES = [
    CHART / "templates" / name
    for name in ("_causes.tpl", "_objectives.tpl", "autoscaling.yaml", "backups.yaml")
]


RECORDED = re.compile(r"\bplotlot:\w+(?::\w+)?")


def asked(text: str) -> set[str]:
    """The series of our processes that a text names."""
    return set(re.findall(r"\b(?:plotlot|process)_\w+", text))


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_every_panel_asks_for_what_some_service_tells(file: Path) -> None:
    dashboard = json.loads(file.read_text())
    queries = {target["expr"]: panel["title"] for panel in dashboard["panels"] for target in panel["targets"]}
    missing = {title: asked(query) - TOLD for query, title in queries.items() if asked(query) - TOLD}
    assert len(queries) >= len(dashboard["panels"]) > 0
    assert not missing, f"{file.name} asks for what nobody tells: {missing}"


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.name)
def test_every_rule_asks_for_what_some_service_tells(file: Path) -> None:
    text = file.read_text()
    assert asked(text)
    assert not asked(text) - TOLD


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_every_panel_asks_for_what_some_rule_records(file: Path) -> None:
    rules = " ".join((CHART / "templates" / name).read_text() for name in ("_causes.tpl", "objectives.yaml"))
    windows = {f"plotlot:objective_bad:ratio_rate{window}" for window in re.findall(r'"(\d+[mhd])"', rules)}
    missing = set(RECORDED.findall(file.read_text())) - set(RECORDED.findall(rules)) - windows
    assert not missing, f"{file.name} asks for what no rule records: {missing}"


def test_whatever_is_told_stands_on_some_dashboard() -> None:
    shown = asked(" ".join(file.read_text() for file in DASHBOARDS))
    families = [family for family in Metrics().registry.collect() if family.name.startswith("plotlot_")]
    unseen = [
        family.name
        for family in families
        if not shown & {family.name + suffix for suffix in SERIES[family.type]}
    ]
    assert not unseen


def test_the_dashboards_are_those_that_are_generated() -> None:
    made = subprocess.run(
        [sys.executable, TOP / "k8s" / "dashboards" / "generate", "--check"], capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr


def test_what_is_promised_of_latencies_is_a_bound_of_their_buckets() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    promised = schema["definitions"]["quickness"]["properties"]["seconds"]["enum"]
    assert set(promised) <= set(LATENCY_BUCKETS)
