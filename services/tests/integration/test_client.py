"""The client for Python on the running stack."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from integration.conftest import EXAMPLE, REPOSITORY, TOWN, Stack

from plotlot.client import Client, Problem

PARCEL = json.loads((EXAMPLE / "parcels.geojson").read_text())["features"][0]["properties"]["parcel_id"]


def test_a_client_asks_all_that_people_ask(stack: Stack) -> None:
    with Client(stack.url) as client:
        stages: list[str] = []
        report = client.analyze(
            parcel_id=PARCEL, municipality=TOWN, on_stage=lambda name, milliseconds: stages.append(name)
        )
        assert stages == ["parcel", "standards", "envelope", "yield"]
        assert client.analysis(report["id"]) == report
        assert client.analyze(parcel_id=PARCEL, municipality=TOWN)["verdict"] == report["verdict"]
        assert client.search("rear yard", TOWN, limit=3)[0]["municipality"] == TOWN
        question = "How tall may a house in the R-1 district be?"
        told = list(client.ask_events(question, TOWN))
        assert told[-1][1]["answer"] == client.ask(question, TOWN)["answer"]
        assert TOWN in [town["name"] for town in client.municipalities()]
        (document,) = client.documents(TOWN)
        assert document["municipality"] == TOWN
        assert len(client.text(document["id"])) == document["characters"]
        cited = next(one["citation"] for one in report["standards"] if one["citation"])
        assert client.text(cited["document"], cited["start"], cited["end"]) == cited["quote"]
        assert client.addresses("100 S", TOWN, limit=1)[0]["parcel_id"] == "LK-012"
        assert client.map_geojson(report["id"])["features"][0]["properties"]["kind"] == "lot"
        assert [each["id"] for each in client.compare(report["id"])["analyses"]] == [report["id"]]
        remark = client.feedback("other", municipality=TOWN, comment="thanks")
        assert client.settle(remark, "dismissed")["status"] == "dismissed"
        assert client.ingest(EXAMPLE / "ordinance.md", TOWN)["changed"] is False
        assert client.import_parcels(EXAMPLE / "parcels.geojson", TOWN)["added"] == 0


def test_a_client_follows_a_batch_and_may_stop_it(stack: Stack) -> None:
    with Client(stack.url) as client:
        job = client.batch([{"ref": "a", "parcel_id": PARCEL, "municipality": TOWN}, {"address": "nowhere"}])
        found = list(client.results(job["id"]))
        assert [(each["row"], each["status"]) for each in found] == [(1, "answered"), (2, "refused")]
        assert client.job(job["id"])["status"] == client.cancel(job["id"])["status"] == "succeeded"
        assert job["id"] in [each["id"] for each in client.jobs()]


def test_a_refusal_names_the_field_and_what_was_near(stack: Stack, tmp_path: Path) -> None:
    with Client(stack.url) as client, pytest.raises(Problem) as raised:
        client.ask("How tall may a house be in R-1?", "Larkfeild, OH")
    assert (raised.value.id, raised.value.field) == ("unknown-municipality", "municipality")
    assert TOWN in raised.value.suggestions


def blocks(language: str) -> list[str]:
    """The examples of docs/api.md in a language."""
    text = (REPOSITORY / "docs" / "api.md").read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def test_the_examples_of_the_guide_work_as_they_are_pasted(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(REPOSITORY / "examples")
    script = "\n".join(["set -e -o pipefail", *blocks("bash")])
    script = script.replace("http://127.0.0.1:8080", stack.url).replace("curl -s", "curl --fail-with-body -s")
    shell = ["bash", "-c", script]
    done = subprocess.run(shell, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert "2,b,refused" in done.stdout
    assert "idempotency-replayed: true" in done.stdout.lower()
    (code,) = blocks("python")
    exec(code.replace("http://127.0.0.1:8080", stack.url), {})
