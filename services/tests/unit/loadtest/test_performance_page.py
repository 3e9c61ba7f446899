from pathlib import Path
from typing import Any

import pytest
from performance import costs_of
from performance_page import write_page

KINDS = ("analyze", "ask", "search", "standards")
RANKS = {"p50_ms": 10.0, "p90_ms": 20.0, "p95_ms": 30.0, "p99_ms": 40.0, "max_ms": 50.0}


def figures(rate: float, p95: float = 30.0, **errors: int) -> dict[str, Any]:
    return {
        "requests": 100, "answered": 100 - sum(errors.values()), "errors": errors, "offered_per_second": rate,
        "throughput_per_second": rate, "latency": RANKS | {"p95_ms": p95},
    }  # fmt: skip


def report(knee: bool = True) -> dict[str, Any]:
    windows = [figures(rate) for rate in (10, 20, 40)]
    streamed = figures(5) | {"first_event": RANKS}
    found = {"all": figures(40), "operations": {"analyze-stages": streamed}, "windows": windows}
    return found | ({"knee": windows[-1]} if knee else {})


def agreement(p95: float) -> dict[str, Any]:
    sides = {
        side: [{"throughput": 25.0, "p50": 10.0, "p95": each, "errors": 0.0}]
        for side, each in (("go", 20.0), ("locust", p95))
    }
    return {"rate": 25, "seconds": 10, **sides}


def sample(seconds: float) -> dict[str, Any]:
    held = {"gateway-0": 130.0 + seconds / 36}
    return {
        "seconds": seconds,
        "megabytes": held,
        "sockets": {"gateway-0": 9},
        "connections": 4,
        "waiting": {},
    }


@pytest.fixture
def found() -> dict[str, Any]:
    """What a whole measurement finds, made up."""
    by_kind = {
        kind: {"gateway": 0.01, "inference": 0.0, "postgres": 0.005, "client": 0.001} for kind in KINDS
    }
    knees = {"report": report(), "expected": 60.0, "full": "cores", "replicas": 1}
    slope = {"per_hour": 100.0, "low": 90.0, "high": 110.0}
    return {
        "machine": {"cores": 2, "gigabytes": 8, "system": "Linux", "python": "3.11", "load": 0.1, "measured": "now"},
        "costs": {"made": {"by_kind": by_kind}, "kept": {"by_kind": by_kind}},
        "megabytes": {"gateway": 150.4},
        "bytes_per_analysis": 9000.4,
        "scenarios": {"made": {"steady": report()}, "kept": {"steady": report()}},
        "knees": {"one": knees, "three": knees | {"report": report(knee=False)}},
        "agree": {"gateway": agreement(20.5), "stalling": agreement(30.0)},
        "soak": {
            "rate": 42.0, "share": 0.7, "seconds": 1200, "report": report(),
            "samples": [sample(float(at)) for at in range(0, 1200, 60)], "failures": [],
            "slopes": {"memory gateway-0": slope}, "missed": ["memory gateway-0 grows"],
        },
    }  # fmt: skip


def test_the_page_has_every_section_and_its_pictures(found: dict[str, Any], tmp_path: Path) -> None:
    missed = write_page(found, tmp_path / "performance.md", tmp_path / "images" / "performance")
    text = (tmp_path / "performance.md").read_text()
    for picture in ("knee-one", "knee-three", "soak"):
        assert f"images/performance/{picture}.svg" in text
        assert (tmp_path / "images" / "performance" / f"{picture}.svg").stat().st_size > 1000
    assert (
        "| one replica, answers made anew | 40 a second | 10 ms | 30 ms | 60 a second | cores | 0.67 |"
        in text
    )
    assert "| three replicas, answers made anew | none was found |" in text
    assert "| steady | kept | analyze-stages |" in text
    assert "70% of the knee" in text
    assert [words.split(":")[0] for words in missed] == ["agree", "soak"]


def test_what_was_not_measured_has_no_section(found: dict[str, Any], tmp_path: Path) -> None:
    some = {"machine": found["machine"], "scenarios": {"made": {"steady": report()}}}
    assert write_page(some, tmp_path / "performance.md", tmp_path) == []
    assert "## Soak" not in (tmp_path / "performance.md").read_text()


def test_the_costs_that_scale_rests_on_are_rounded(found: dict[str, Any]) -> None:
    kept = costs_of(found)
    assert kept["megabytes"] == {"gateway": 150}
    assert kept["knees"]["three"] == {"measured": None, "expected": 60.0, "full": "cores"}
    assert set(kept["made"]) == set(KINDS)
