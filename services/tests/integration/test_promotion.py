"""The branch that the cluster follows, as the workflows write it: real git, with an origin on this disk."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
WORKFLOWS = REPOSITORY / ".github" / "workflows"
SCRIPTS = (
    ".ci/bundles",
    "k8s/release",
    "k8s/settle",
    "k8s/rollback",
    "k8s/bundles.sh",
    "charts/plotlot/Chart.yaml",
)


class Checkout:
    """A clone of the origin, as a job has one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *command: str, code: int = 0) -> str:
        """What a command says."""
        env = {
            **os.environ, "APPLY": "no", "GITHUB_ACTOR": "jo", "GH_TOKEN": "none",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
        }  # fmt: skip
        done = subprocess.run(
            command, cwd=self.folder, env=env, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout.strip()

    def ids(self) -> dict[str, str]:
        """The bundles on the branch of the origin, by their role."""
        self.run("git", "fetch", "-q", "origin")
        found = {}
        for role in ("stable", "candidate", "previous"):
            text = self.run("git", "show", f"origin/deploy:k8s/bundles/{role}.json")
            found[role] = json.loads(text)["id"] if text else ""
        return found


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A clone of a repository with the scripts on main, and nothing released yet."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(tmp_path / "origin")], check=True)
    subprocess.run(
        ["git", "clone", "-q", str(tmp_path / "origin"), str(tmp_path / "clone")],
        check=True,
        capture_output=True,
    )
    made = Checkout(tmp_path / "clone")
    for script in SCRIPTS:
        (made.folder / script).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / script, made.folder / script)
    commit(made, "first")
    return made


def commit(checkout: Checkout, text: str) -> str:
    """A change on main."""
    checkout.run("git", "checkout", "-q", "-B", "main")
    (checkout.folder / "code.txt").write_text(text)
    checkout.run("git", "add", ".")
    checkout.run("git", "-c", "user.name=jo", "-c", "user.email=jo@example.test", "commit", "-q", "-m", text)
    checkout.run("git", "push", "-q", "origin", "main")
    return checkout.run("git", "rev-parse", "HEAD")


def release(checkout: Checkout, tmp_path: Path, id: str, commit: str, code: int = 0) -> None:
    """What release.yml does with a bundle."""
    file = tmp_path / f"{id}.json"
    file.write_text(json.dumps({"id": id, "manifest": {}}))
    checkout.run(".ci/bundles", "begin", commit)
    checkout.run("k8s/release", str(file), code=code)
    if code == 0:
        checkout.run(".ci/bundles", "push", f"Release {id}")


def test_a_bundle_goes_its_way_on_the_branch(checkout: Checkout, tmp_path: Path) -> None:
    release(checkout, tmp_path, "bundle-a", checkout.run("git", "rev-parse", "main"))
    assert checkout.ids() == {"stable": "bundle-a", "candidate": "", "previous": ""}
    release(checkout, tmp_path, "bundle-b", commit(checkout, "second"))
    assert checkout.ids() == {"stable": "bundle-a", "candidate": "bundle-b", "previous": ""}
    assert checkout.run("git", "show", "origin/deploy:code.txt") == "second"
    checkout.run(".ci/bundles", "begin")
    checkout.run(".ci/bundles", "candidate", "bundle-b")
    checkout.run("k8s/settle")
    checkout.run(".ci/bundles", "push", "Settle bundle-b")
    assert checkout.ids() == {"stable": "bundle-b", "candidate": "", "previous": "bundle-a"}
    checkout.run("k8s/rollback")
    checkout.run(".ci/bundles", "push", "Go back")
    assert checkout.ids() == {"stable": "bundle-b", "candidate": "bundle-a", "previous": "bundle-a"}


def test_a_candidate_that_is_turned_down_goes(checkout: Checkout, tmp_path: Path) -> None:
    first = checkout.run("git", "rev-parse", "main")
    release(checkout, tmp_path, "bundle-a", first)
    release(checkout, tmp_path, "bundle-b", first)
    checkout.run("k8s/rollback")
    checkout.run(".ci/bundles", "push", "Take back bundle-b")
    assert checkout.ids() == {"stable": "bundle-a", "candidate": "", "previous": ""}
    checkout.run(".ci/bundles", "candidate", "bundle-b", code=1)


def test_one_candidate_at_a_time(checkout: Checkout, tmp_path: Path) -> None:
    first = checkout.run("git", "rev-parse", "main")
    release(checkout, tmp_path, "bundle-a", first)
    release(checkout, tmp_path, "bundle-b", first)
    release(checkout, tmp_path, "bundle-c", first, code=1)
    assert checkout.ids()["candidate"] == "bundle-b"


def test_every_action_is_pinned_and_permissions_start_at_reading() -> None:
    files = sorted(WORKFLOWS.glob("*.yml"))
    assert {"build.yml", "release.yml", "promote.yml", "rollback.yml"} <= {file.name for file in files}
    for file in files:
        text = file.read_text()
        for action in re.findall(r"uses: (\S+)", text):
            assert action.startswith("./") or re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", action), (
                f"{file}: {action}"
            )
        assert "\npermissions:\n  contents: read\n" in text, file
        assert "\nconcurrency:\n" in text, file
        for script in re.findall(r"run: \|?\n?((?: {10}.*\n)+|.*)", text):
            assert "${{ inputs" not in script, f"{file}: what people type goes through the environment"
