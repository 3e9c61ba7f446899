"""A gateway and a judge in processes of their own: what is recorded is what people are told, and what they decide holds."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import httpx
import pytest
from fake_judge import CANDIDATE, STABLE
from integration.conftest import FreePort, announced, await_serving, plotlot, stopping

from plotlot.api.judge.v1 import judge_pb2 as pb
from plotlot.api.judge.v1.judge_pb2_grpc import JudgeServiceStub
from plotlot.domain.bundles import Bundle

BROKEN = pb.Outcome(seconds=0.2, scores={"citations": 0.0}, status="200", summary="The rear yard is 12 feet.")
WHOLE = pb.Outcome(seconds=0.2, scores={"citations": 1.0}, status="200", summary="The rear yard is 20 feet.")


@dataclass
class Judged:
    """A gateway's address, and a stub of the judge behind it."""

    url: str
    judge: JudgeServiceStub

    def opened(self, stable: Bundle, candidate: Bundle) -> str:
        """The release of two bundles, which were registered as gateways do."""
        for bundle in (stable, candidate):
            manifest = json.dumps(bundle.manifest())
            self.judge.RegisterBundle(pb.RegisterBundleRequest(bundle=bundle.id, manifest_json=manifest))
        return str(self.decide(stable, candidate).release)

    def decide(self, stable: Bundle, candidate: Bundle) -> pb.DecideResponse:
        """The verdict while the candidate is in the shadow."""
        return self.judge.Decide(pb.DecideRequest(stable=stable.id, candidate=candidate.id, stage="shadow"))

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """The command line against the gateway."""
        process = plotlot("release", *arguments, env={"PLOTLOT_URL": self.url})
        output, said = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, output, said)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judged]:
    data, address = tmp_path_factory.mktemp("data"), f"127.0.0.1:{FreePort()()}"
    judge = plotlot(
        "serve", "judge", "--port", "0", "--data", str(data), env={"PLOTLOT_GRPC_ADDRESS": address}
    )
    env = {"PLOTLOT_JUDGE_ADDRESS": address, "PLOTLOT_GRPC_ADDRESS": f"127.0.0.1:{FreePort()()}"}
    gateway = plotlot("serve", "gateway", "--port", "0", "--data", str(data), env=env)
    with stopping(judge, gateway), grpc.insecure_channel(address) as channel:
        url = announced(gateway, "serves http").split()[2].rstrip(";")
        await_serving(address)
        yield Judged(url, JudgeServiceStub(channel))


def candidate(depth: int) -> Bundle:
    """A candidate that no other test has."""
    parameters = replace(CANDIDATE.parameters, retrieval=replace(CANDIDATE.parameters.retrieval, depth=depth))
    return replace(CANDIDATE, parameters=parameters)


def test_what_broke_is_told_by_the_page_and_the_command(judged: Judged, tmp_path: Path) -> None:
    bad = candidate(7)
    release = judged.opened(STABLE, bad)
    asked = datetime.now(UTC) - timedelta(minutes=1)
    pairs = [
        pb.Pair(
            request_id=f"r-{n}", operation="ask", question=f"Question {n}?", source="shadow",
            stable=WHOLE, candidate=BROKEN if n % 3 == 0 else WHOLE, at=asked,
        )
        for n in range(120)
    ]  # fmt: skip
    assert judged.judge.RecordPairs(pb.RecordPairsRequest(release=release, pairs=pairs)).recorded == 120
    verdict = judged.decide(STABLE, bad)
    assert verdict.verdict == "rollback"
    page = httpx.get(f"{judged.url}/releases/{release}").text
    assert "Rolled back: citations got worse by 33.3 points" in page
    assert "<mark>12</mark>" in page
    assert "retrieval.depth" in page
    told = judged.run("explain", bad.id)
    assert "33.3% on the candidate" in told.stdout
    assert "candidate  The rear yard is 12 feet." in told.stdout
    assert judged.run("status", bad.id, "--watch").returncode == 3
    found = httpx.get(f"{judged.url}/v1/releases/{release}").json()
    assert found["reason"] == verdict.reason
    assert found["looks"]
    assert len(httpx.get(f"{judged.url}/v1/releases/{release}/pairs?limit=200").json()["pairs"]) == 40


def test_a_person_stops_the_shadow_and_aborts_for_good(judged: Judged) -> None:
    good = candidate(8)
    release = judged.opened(STABLE, good)
    plan = pb.GetPlanRequest(bundle=STABLE.id, gateway="one")
    assert judged.judge.GetPlan(plan).shadows
    assert judged.run("shadow", "stop").returncode == 0
    assert not judged.judge.GetPlan(plan).shadows
    assert "Its shadow is stopped" in httpx.get(f"{judged.url}/releases/{release}").text
    aborted = judged.run("abort", good.id, "--why", "the county changed its numbers", "--by", "jo", "--json")
    assert json.loads(aborted.stdout)["stage"] == "aborted"
    assert judged.decide(STABLE, good).verdict == "rollback"
    again = judged.run("promote", release, "--why", "on second thoughts")
    assert again.returncode == 2
    assert "is over" in again.stderr


def test_a_person_takes_the_next_step(judged: Judged) -> None:
    good = candidate(9)
    release = judged.opened(STABLE, good)
    promoted = judged.run("promote", release, "--why", "every pair was read", "--by", "jo")
    assert "when the rollout asks for its next verdict" in promoted.stdout
    verdict = judged.decide(STABLE, good)
    assert (verdict.verdict, verdict.reason) == ("promote", "promote: by hand: jo: every pair was read")


def test_a_bundle_is_told_as_it_was_registered(judged: Judged) -> None:
    judged.opened(STABLE, candidate(10))
    found = httpx.get(f"{judged.url}/v1/bundles/{STABLE.id}").json()
    assert found["manifest"] == STABLE.manifest()
    assert httpx.get(f"{judged.url}/v1/bundles/nothing").status_code == 404
