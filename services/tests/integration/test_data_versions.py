"""Golden sets in a real DVC repository, with a remote in a folder; skipped where the program is not installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from plotlot.evaluation.data_versions import dvc_versions

GOLDEN = Path(__file__).resolve().parents[3] / "evals" / "golden"


@pytest.mark.skipif(shutil.which("dvc") is None, reason="DVC is not installed: uv tool install 'dvc[s3]'")
def test_a_golden_set_that_dvc_pulled_has_the_name_that_it_was_pushed_by(tmp_path: Path) -> None:
    def run(*command: str, folder: Path) -> None:
        subprocess.run(command, cwd=folder, check=True, capture_output=True)

    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    shutil.copytree(GOLDEN, first / "golden")
    run("git", "init", "--quiet", folder=first)
    run("dvc", "init", "--quiet", folder=first)
    run("dvc", "remote", "add", "--default", "store", str(tmp_path / "remote"), folder=first)
    run("dvc", "add", "--quiet", "golden", folder=first)
    run("dvc", "push", "--quiet", folder=first)
    (version,) = dvc_versions(first / "golden").values()
    assert "changed" not in version

    shutil.copytree(first, second, ignore=shutil.ignore_patterns("golden", "cache", "tmp"))
    run("dvc", "pull", "--quiet", folder=second)
    assert dvc_versions(second / "golden") == {"dvc:golden": version}
    (second / "golden" / "more.jsonl").write_text("\n")
    assert dvc_versions(second / "golden") == {"dvc:golden": f"{version}, and changed since"}
