"""A cluster is broken only on somebody's word, and its objects get back what they had."""

import json
import os
from pathlib import Path

import pytest

from plotlot.domain.errors import InvalidRequest, ServiceUnavailable
from plotlot.drills.place import Place, find_place, kept, put_back, refuse_unnamed, without_restarts

KUBECTL = """#!/usr/bin/env python3
import json, pathlib, sys
folder = pathlib.Path(__file__).parent
words = sys.argv[1:]
(folder / "log").open("a").write(json.dumps(words) + "\\n")
if words[:2] == ["config", "current-context"]:
    print("kind-trial")
elif "patch" in words:
    pass
else:
    name = words[words.index("get") + 1].replace("/", "-")
    if name == "namespace":
        name = "namespace-" + words[words.index("get") + 2]
    file = folder / f"{name}.json"
    if file.exists():
        print(file.read_text())
    elif "--ignore-not-found" not in words:
        sys.exit(f"Error: {name} not found")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a kubectl whose objects are the files beside it."""
    (tmp_path / "kubectl").write_text(KUBECTL)
    (tmp_path / "kubectl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


@pytest.mark.parametrize(
    ("named", "label", "words"),
    [
        ("", "", "--context kind-trial"),
        ("another", "", "current context is kind-trial, not another"),
        ("another", "allowed", "current context is kind-trial, not another"),
        ("kind-trial", "never", "no drill is held in it"),
    ],
)
def test_a_cluster_that_nobody_named_is_left_alone(named: str, label: str, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        refuse_unnamed("kind-trial", named, "plotlot", label)


@pytest.mark.parametrize(("named", "label"), [("kind-trial", ""), ("", "allowed")])
def test_a_cluster_that_was_named_is_taken(named: str, label: str) -> None:
    refuse_unnamed("kind-trial", named, "plotlot", label)


async def test_the_label_of_a_namespace_is_its_word(folder: Path) -> None:
    (folder / "namespace-mine.json").write_text('{"metadata": {"labels": {"plotlot.dev/drills": "allowed"}}}')
    (folder / "namespace-theirs.json").write_text('{"metadata": {}}')
    assert await find_place("mine", "plotlot", "") == Place("kind-trial", "mine", "plotlot")
    with pytest.raises(InvalidRequest, match="kubectl label namespace theirs"):
        await find_place("theirs", "plotlot", "")
    with pytest.raises(ServiceUnavailable, match="namespace-nowhere not found"):
        await find_place("nowhere", "plotlot", "")


async def test_what_changed_is_put_back_and_nothing_else(folder: Path) -> None:
    place = Place("kind-trial", "mine", "plotlot")
    before = {"spec": {"replicas": 2, "template": {"metadata": {}}}, "status": {"replicas": 2}}
    (folder / "deployment-plotlot-judge.json").write_text(json.dumps(before))
    (folder / "secret-plain.json").write_text('{"data": {"key": "b2xk"}}')
    names = ("deployment/$RELEASE-judge", "secret/plain", "deployment/$RELEASE-absent")
    objects = await kept(place, names)
    assert objects == {
        "deployment/plotlot-judge": {"spec": before["spec"]},
        "secret/plain": {"data": {"key": "b2xk"}},
    }
    (folder / "deployment-plotlot-judge.json").write_text('{"spec": {"replicas": 0}}')
    assert await put_back(place, objects) == ["deployment/plotlot-judge"]
    (last,) = (each for each in map(json.loads, (folder / "log").read_text().splitlines()) if "patch" in each)
    assert last[:4] == ["-n", "mine", "patch", "deployment/plotlot-judge"]
    assert json.loads(last[-1]) == [{"op": "replace", "path": "/spec", "value": before["spec"]}]


def test_a_restart_is_no_change() -> None:
    before = {"template": {"metadata": {"labels": {"a": "b"}}}}
    restarted = {"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z"}
    after = {"template": {"metadata": {"labels": {"a": "b"}, "annotations": restarted}}}
    assert without_restarts(after) == without_restarts(before)
    other = {"template": {"metadata": {"labels": {"a": "b"}, "annotations": {**restarted, "mine": "1"}}}}
    assert without_restarts(other) != without_restarts(before)
