"""Every runbook is written so that it can be pasted, and run, as it stands."""

import re
import subprocess
from pathlib import Path

import pytest

from plotlot.drills.catalogue import DRILLS
from plotlot.drills.runbook import Runbook, read_runbook

FOLDER = Path(__file__).parents[4] / "runbooks"
PAGES = sorted([*FOLDER.glob("PlotLot*.md"), FOLDER / "FullRebuild.md"])
FIRST_LINE = "export NAMESPACE=${NAMESPACE:-plotlot} RELEASE=${RELEASE:-plotlot}\n"
CLUSTER_WIDE = re.compile(
    r"kubectl (get|describe|delete|cordon|uncordon|drain) nodes?\b|kubectl -n envoy-gateway-system "
)
WITHOUT_NAMESPACE = re.compile(r"\b(kubectl|helm)(?! (argo rollouts )?-n \$NAMESPACE)")
TO_BE_REPLACED = re.compile(r"(?<![\w$/{.=])(POD|NAME|PID|ID|URL|NODE)(?![\w=:])")


def read(path: Path) -> Runbook:
    return read_runbook(path.stem, path.read_text())


def scripts(runbook: Runbook) -> list[str]:
    return [*runbook.diagnosis, *(script for cause in runbook.causes for script in cause.scripts)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_is_a_program(path: Path) -> None:
    runbook = read(path)
    for script in scripts(runbook):
        done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
        assert not done.returncode, done.stderr
        assert not TO_BE_REPLACED.search(script), "a word that a person would have to replace"
        for line in script.splitlines():
            there = CLUSTER_WIDE.sub("", line)
            assert not WITHOUT_NAMESPACE.search(there), f"a command that is of no namespace: {line}"
    if scripts(runbook):
        assert runbook.diagnosis, "what Diagnosis prints decides what is run: it runs nothing"
        assert runbook.diagnosis[0].startswith(FIRST_LINE)
    always = [number for number, cause in enumerate(runbook.causes) if not cause.sign]
    assert always in ([], [len(runbook.causes) - 1]), "what fits always stands before what wants a sign"


@pytest.mark.parametrize("alert", sorted({drill.alert for drill in DRILLS}))
def test_the_runbook_of_each_drill_says_what_to_run(alert: str) -> None:
    runbook = read(FOLDER / f"{alert}.md")
    assert runbook.diagnosis
    assert any(cause.scripts for cause in runbook.causes)
