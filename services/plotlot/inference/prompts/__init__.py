"""Prompts as files, each under a version that never changes; another wording is another version."""

from functools import lru_cache
from importlib.resources import files

NAMES = ("quotes/1",)


@lru_cache(maxsize=len(NAMES))
def prompt(name: str) -> str:
    """The text of a prompt by its name and version, e.g. ``quotes/1``."""
    return files(__package__).joinpath(name.replace("/", "-") + ".md").read_text(encoding="utf-8").strip()
