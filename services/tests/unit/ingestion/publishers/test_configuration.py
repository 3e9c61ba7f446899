"""Which publishers are asked, as an operator writes it."""

import json
from pathlib import Path

import pytest

from plotlot.domain.errors import InvalidRequest
from plotlot.ingestion.publishers.configuration import PRESETS, publishers_of


def test_presets_come_by_name() -> None:
    found = publishers_of(", ".join(PRESETS))
    assert [each.name for each in found.made(1)] == list(PRESETS)
    assert found.hosts == {"api.municode.com:443", "codelibrary.amlegal.com:443", "ecode360.com:443"}


def test_a_file_may_add_to_presets_and_means_paths_from_itself(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "presets: [municode]\n"
        "publishers:\n"
        "  - {kind: folder, name: ours, path: towns}\n"
        "  - {kind: pages, name: sites, towns: {'Amberton, QX': 'https://amberton.example/code.pdf'}}\n"
    )
    found = publishers_of(str(tmp_path / "p.yaml"))
    assert [each.name for each in found.publishers] == ["ours", "sites", "municode"]
    assert found.publishers[0].path == tmp_path / "towns"  # type: ignore[union-attr]
    assert "amberton.example:443" in found.hosts
    assert found.states == {"QX"}, "its folder is not there yet"
    (tmp_path / "towns" / "dover_qy").mkdir(parents=True)
    assert found.states == {"QX", "QY"}


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("", "is empty"),
        ("nobody", "neither a file"),
        ("{", "neither YAML nor JSON"),
        ("{}", "publishers"),
        ('{"presets": ["x"]}', "no preset 'x'"),
        ('{"publishers": [{"kind": "odd"}]}', "publishers.0"),
        (
            '{"publishers": [{"kind": "municode", "name": "m", "url": "ftp://x", "site": "https://x"}]}',
            "https://host",
        ),
        ('{"publishers": [{"kind": "pages", "name": "p"}]}', "name an index"),
        ('{"publishers": [{"kind": "pages", "name": "p", "index": "https://x/{state}"}]}', "go together"),
    ],
)
def test_what_is_wrong_is_said(setting: str, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        publishers_of(setting)


def test_two_publishers_of_one_name_are_refused() -> None:
    entry = {"kind": "folder", "name": "ours", "path": "/x"}
    with pytest.raises(InvalidRequest, match="one name"):
        publishers_of(json.dumps({"publishers": [entry, entry]}))
