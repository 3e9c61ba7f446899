"""A prompt: a text under a name and version that never changes; another wording is another version."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from plotlot.domain.errors import InvalidRequest

NAME = re.compile(r"[a-z][a-z_]*/[1-9]\d*")
_PART = re.compile(r"^# (?P<name>[a-z]+)\n", re.MULTILINE)
_PLACE = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Prompt:
    """The text of a prompt, ``standards/1`` say; its parts each stand below a heading of one word."""

    name: str
    text: str

    @cached_property
    def parts(self) -> Mapping[str, str]:
        """Each part by its heading; a text without headings is one part, ``system``."""
        pieces = _PART.split(self.text)
        if len(pieces) == 1:
            return {"system": self.text.strip()}
        return {name: text.strip() for name, text in zip(pieces[1::2], pieces[2::2], strict=True)}

    @property
    def digest(self) -> str:
        """The SHA-256 of the text."""
        return sha256(self.text.encode()).hexdigest()


def file_name(name: str) -> str:
    """The file that a prompt is kept in: ``standards-1.md``. Raises InvalidRequest for what is no name."""
    if not NAME.fullmatch(name):
        raise InvalidRequest(f"{name!r} is no prompt's name: standards/1 is one", field="prompt")
    return name.replace("/", "-") + ".md"


def name_in(file: str) -> str:
    """The prompt that a file keeps, empty where it keeps none."""
    name = "/".join(file.removesuffix(".md").rsplit("-", 1))
    return name if file.endswith(".md") and NAME.fullmatch(name) else ""


def version_of(name: str) -> tuple[str, int]:
    """A prompt's name without its version, and the version."""
    family, _, version = name.partition("/")
    return family, int(version)


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its ``{places}`` filled. What is filled in is not looked at: it may hold braces itself."""
    return _PLACE.sub(lambda match: values.get(match[1], match[0]), template)
