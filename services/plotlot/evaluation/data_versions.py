"""Versions of data: what DVC calls the folder that an evaluation reads, where somebody versions it with that.

DVC is not needed here: a ``.dvc`` file is YAML, and names a folder by a digest that is made of the folder's files.
"""

import json
from hashlib import md5
from pathlib import Path
from typing import Any

from plotlot.domain.errors import UnreadableDocument

PIECE_BYTES = 1 << 20


def dvc_versions(folder: Path) -> dict[str, str]:
    """What the .dvc files in a folder, and the one beside it, name by path: the digest that DVC knows each by.

    One whose files are others by now says so: that state is no version yet. Raises UnreadableDocument.
    """
    found: dict[str, str] = {}
    for file in sorted((*folder.glob("*.dvc"), *folder.parent.glob(f"{folder.name}.dvc"))):
        for output in _outputs(file):
            path = file.parent / str(output["path"])
            same = path.exists() and dvc_digest(path) == output["md5"]
            found[f"dvc:{path.name}"] = str(output["md5"]) if same else f"{output['md5']}, and changed since"
    return found


def dvc_digest(path: Path) -> str:
    """What DVC 3 calls a file or a folder: MD5 of its bytes, or of the sorted list of its files with ``.dir`` behind."""
    if path.is_file():
        return _md5_of(path)
    files = sorted(one for one in path.rglob("*") if one.is_file())
    listed = [{"md5": _md5_of(one), "relpath": one.relative_to(path).as_posix()} for one in files]
    listed.sort(key=lambda one: one["relpath"])
    return md5(json.dumps(listed, sort_keys=True).encode(), usedforsecurity=False).hexdigest() + ".dir"


def _outputs(file: Path) -> list[dict[str, Any]]:
    import yaml

    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        return [one for one in document["outs"] if {"md5", "path"} <= set(one)]
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as error:
        raise UnreadableDocument(f"{file} is not a file of DVC: {' '.join(str(error).split())}") from None


def _md5_of(file: Path) -> str:
    whole = md5(usedforsecurity=False)
    with file.open("rb") as opened:
        while piece := opened.read(PIECE_BYTES):
            whole.update(piece)
    return whole.hexdigest()
