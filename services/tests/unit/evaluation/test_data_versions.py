"""What DVC calls data, without DVC. The digests are those that DVC 3.67.1 wrote for the same files."""

from pathlib import Path

import pytest

from plotlot.domain.errors import UnreadableDocument
from plotlot.evaluation.data_versions import dvc_digest, dvc_versions
from plotlot.evaluation.runs import Run, read_run, run_json, write_run

FOLDER = "4dc3c547eb913f3f89c3f7c10fe68490.dir"
FILE = "5bbf5a52328e7439ae6e719dfe712200"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name, text in (("a/1.txt", "one\n"), ("ü b.txt", "zwei\n"), ("Z.txt", "x\n")):
        file = tmp_path / "data" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path / "data"


def test_digests_are_those_of_dvc(data: Path) -> None:
    assert dvc_digest(data) == FOLDER
    assert dvc_digest(data / "a/1.txt") == FILE


def test_data_that_dvc_versions_has_its_name_and_says_where_it_changed(data: Path) -> None:
    assert dvc_versions(data) == {}
    (data.parent / "data.dvc").write_text(
        f"outs:\n- md5: {FOLDER}\n  size: 11\n  nfiles: 3\n  hash: md5\n  path: data\n"
    )
    assert dvc_versions(data) == {"dvc:data": FOLDER}
    (data / "Z.txt").write_text("y\n")
    assert dvc_versions(data) == {"dvc:data": f"{FOLDER}, and changed since"}


@pytest.mark.parametrize("text", ["outs: 3", "[]", "outs:\n- 7\n", "{", ""])
def test_what_is_no_file_of_dvc_is_told(data: Path, text: str) -> None:
    (data / "parts.dvc").write_text(text)
    with pytest.raises(UnreadableDocument, match=r"parts\.dvc is not a file of DVC"):
        dvc_versions(data)


def test_runs_on_the_same_data_name_one_version(tmp_path: Path) -> None:
    def run(**data: str) -> Run:
        return Run("all", "", "deterministic", data, {}, [])

    one = run(a="1", b="2")
    assert one.data_version == run(b="2", a="1").data_version != run(a="1").data_version
    assert run_json(one)["data_version"] == one.data_version
    for whole in (True, False):
        write_run(one.named(), tmp_path / "run.json", whole)
        assert read_run(tmp_path / "run.json") == one.named()
