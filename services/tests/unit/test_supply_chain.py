"""What comes from others is pinned, and no secret is in the tree."""

import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[3]
WORKFLOWS = sorted((TOP / ".github" / "workflows").glob("*.yml"))
LOCKS = sorted((TOP / "requirements").glob("*.lock"))
PINNED = re.compile(r"(?:\./|docker://\S+@sha256:[0-9a-f]{64}|[\w.-]+/[\w./-]+@[0-9a-f]{40}\s+#\s+v?\d)")
SECRETS = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bxox[abprs]-\d{10,}-\w+"
    r"|\bAIza[0-9A-Za-z_-]{35}\b|\bsk-(?:proj-)?[A-Za-z0-9]{32,}\b|\bglpat-[\w-]{20}\b|\bpypi-AgEI[\w-]{50,}"
)
"""Shapes of secrets that nothing else has; `make secrets` looks for more."""


def test_every_action_is_pinned_by_its_commit() -> None:
    used = [
        (path.name, line.split("uses:", 1)[1].strip())
        for path in WORKFLOWS
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"\s*(?:-\s+)?uses:", line)
    ]
    assert len(used) > 10
    assert [one for one in used if not PINNED.match(one[1])] == []


def test_workflows_may_read_unless_they_say_what_they_write() -> None:
    for path in WORKFLOWS:
        assert re.search(r"^permissions:", path.read_text(encoding="utf-8"), re.MULTILINE), path.name


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_has_its_hashes(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    packages = re.findall(r"^[A-Za-z0-9][\w.\[\],-]*\s*(?:==|@)[^\\\n]*(?:\\\n[^\n]*)*", text, re.MULTILINE)
    assert packages, "a lock without packages locks nothing"
    assert [one.split()[0] for one in packages if "--hash=sha256:" not in one] == []


def test_no_file_holds_a_secret() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout of git: there is no list of its files")
    names = [name for name in listed.stdout.decode().split("\0") if name]
    held = []
    for name in names:
        path = TOP / name
        if path.is_file() and path.stat().st_size < 2_000_000:
            found = SECRETS.search(path.read_bytes().decode("utf-8", "replace"))
            held += [f"{name}: {found[0][:12]}"] if found else []
    assert held == []


def test_the_shapes_of_secrets_are_known() -> None:
    assert SECRETS.search("-----BEGIN RSA " + "PRIVATE KEY-----")
    assert SECRETS.search("AKIA" + "ABCDEFGHIJKLMNOP")
    assert not SECRETS.search("plk_made-up, password=placeholder")
