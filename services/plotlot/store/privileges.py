"""Postgres refuses to run as root: how a child process gives root up."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

UNPRIVILEGED = 65534


def server_owner(folder: Path) -> int | None:
    """The uid to run the server under, or None where we are not root: the folder's owner, else nobody."""
    if os.geteuid() != 0:
        return None
    owner = folder.stat().st_uid if folder.exists() else 0
    return owner or UNPRIVILEGED


def as_owner(command: Sequence[str], uid: int | None, paths: Sequence[Path]) -> list[str]:
    """The command, run under ``uid``.

    Root's own folders are closed to others, so where a path cannot be reached the child keeps the one
    capability to pass through them.
    """
    if uid is None:
        return list(command)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise FileNotFoundError("setpriv (of util-linux) is needed to run Postgres for root")
    drop = [setpriv, f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    if all(reachable(path) for path in paths):
        keep = ["--inh-caps=-all", "--ambient-caps=-all"]
    else:
        keep = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        keep.append("--securebits=+no_setuid_fixup")  # else access(2), which initdb asks, forgets it
    return [*drop, *keep, "--", *command]


def reachable(path: Path) -> bool:
    """Whether anybody may pass through every folder above the path."""
    return all(folder.stat().st_mode & 0o001 for folder in path.resolve().parents)
